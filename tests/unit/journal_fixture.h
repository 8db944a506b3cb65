/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the journal's tests share: signed batches of small alerts, as jobs, and a directory to lose.
 */
#ifndef TESTS_UNIT_JOURNAL_FIXTURE_H
#define TESTS_UNIT_JOURNAL_FIXTURE_H

#include <assert.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "hub/journal_writer.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#define FIXTURE_NETWORK "test.siaga"

/* One origin's epoch, and what it published last. */
struct fixture_lane {
	struct siaga_identity *identity;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq; /* of the last entry made */
};

/* What an entry shall be; zeroed: a new id, no reference. */
struct fixture_entry {
	uint8_t id[SIAGA_ID_BYTES];
	uint8_t ref[SIAGA_ID_BYTES];
	enum siaga_action action; /* a response's; else an alert, or with a ref an update */
};

static inline bool
fixture_is_zero (const uint8_t *id)
{
	return sodium_is_zero (id, SIAGA_ID_BYTES);
}

static inline void
fixture_id (uint8_t id[SIAGA_ID_BYTES])
{
	static uint64_t time_ms = 1700000000000;
	uint8_t random[10];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (id, time_ms++, random);
}

static inline void
fixture_lane_init (struct fixture_lane *lane, const char *principal)
{
	assert_int_equal (siaga_crypto_init (), 0);
	lane->identity = siaga_identity_new (siaga_text (principal));
	assert_non_null (lane->identity);
	randombytes_buf (lane->epoch, sizeof lane->epoch);
	lane->oseq = 0;
}

static inline void
fixture_lane_finish (struct fixture_lane *lane)
{
	siaga_identity_destroy (&lane->identity);
}

static inline size_t
fixture_write_entry (const struct fixture_lane *lane, const struct fixture_entry *entry,
		     uint8_t *out, size_t capacity)
{
	struct siaga_writer writer;
	struct siaga_header header = {
		.origin = siaga_text (lane->identity->card.principal),
		.kind = entry->action		       ? SIAGA_KIND_RESPONSE
			: fixture_is_zero (entry->ref) ? SIAGA_KIND_ALERT
						       : SIAGA_KIND_UPDATE,
		.action = entry->action,
		.created_us = 1700000000000000,
		.severity = SIAGA_SEVERITY_HIGH,
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.category = siaga_text (siaga_category_at (0)),
		.system = siaga_text ("sirekap"),
		.tlp = SIAGA_TLP_AMBER,
	};
	static const struct siaga_body body = {
		.title = {"Credential stuffing against the login page", 42},
		.description = {"Many failed logins from one address, then one that succeeded.",
				61},
		.source_count = 1,
		.source = {{.ip = {"192.0.2.17", 10}, .port = 51334}},
		.target_count = 1,
		.target = {{.ip = {"198.51.100.4", 12}, .port = 443}},
		.detector = {.tool = {"suricata", 8}, .rule_id = {"2019876", 7}},
		.count = 12,
	};
	memcpy (header.id, entry->id, SIAGA_ID_BYTES);
	if (fixture_is_zero (entry->id))
		fixture_id (header.id);
	if (!fixture_is_zero (entry->ref)) {
		header.ref_count = 1;
		memcpy (header.refs[0].id, entry->ref, SIAGA_ID_BYTES);
	}
	siaga_writer_init (&writer, out, capacity);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	return writer.size;
}

/* A signed batch at first_oseq; `entries` NULL: all new. */
static inline struct journal_job *
fixture_job_at (const struct fixture_lane *lane, uint64_t first_oseq,
		const struct fixture_entry *entries, size_t count)
{
	static const struct fixture_entry plain;
	struct siaga_bytes *parts = calloc (count, sizeof *parts);
	uint8_t *room = malloc (count * 1024);
	struct journal_job *job = journal_job_new ();
	struct siaga_writer writer;
	struct siaga_batch_head head = {
		.network = siaga_text (FIXTURE_NETWORK),
		.origin = siaga_text (lane->identity->card.principal),
		.first_oseq = first_oseq,
	};
	assert_true (parts && room && job);
	for (size_t i = 0; i < count; i++) {
		parts[i].data = room + i * 1024;
		parts[i].size = fixture_write_entry (lane, entries ? &entries[i] : &plain,
						     room + i * 1024, 1024);
	}
	siaga_key_id (head.key_id, lane->identity->card.sign);
	memcpy (head.epoch, lane->epoch, SIAGA_EPOCH_BYTES);
	job->data = malloc (SIAGA_BATCH_MAX);
	assert_non_null (job->data);
	siaga_writer_init (&writer, job->data, SIAGA_BATCH_MAX);
	assert_int_equal (
		siaga_batch_make (&writer, &head, parts, count, lane->identity->sign_secret), 0);
	job->size = writer.size;
	free (room);
	free (parts);
	struct siaga_bytes bytes = {job->data, job->size}, body;
	assert_int_equal (siaga_batch_read (bytes, &job->batch), 0);
	job->headers = calloc (count, sizeof *job->headers);
	assert_non_null (job->headers);
	for (size_t i = 0; i < count; i++)
		assert_int_equal (
			siaga_header_read (job->batch.slots[i].entry, &job->headers[i], &body), 0);
	return job;
}

/* The lane's next batch. */
static inline struct journal_job *
fixture_job (struct fixture_lane *lane, size_t count)
{
	struct journal_job *job = fixture_job_at (lane, lane->oseq + 1, NULL, count);
	lane->oseq += count;
	return job;
}

/* The same bytes once more. */
static inline struct journal_job *
fixture_job_copy (const struct journal_job *other)
{
	struct journal_job *job = journal_job_new ();
	struct siaga_bytes body;
	assert_non_null (job);
	job->size = other->size;
	job->data = malloc (job->size);
	memcpy (job->data, other->data, job->size);
	assert_int_equal (
		siaga_batch_read ((struct siaga_bytes){job->data, job->size}, &job->batch), 0);
	job->headers = calloc (job->batch.head.count, sizeof *job->headers);
	for (size_t i = 0; i < job->batch.head.count; i++)
		assert_int_equal (
			siaga_header_read (job->batch.slots[i].entry, &job->headers[i], &body), 0);
	return job;
}

static inline struct journal_batch
fixture_batch (const struct journal_job *job)
{
	return (struct journal_batch){
		.batch = &job->batch,
		.bytes = {job->data, job->size},
		.headers = job->headers,
	};
}

static inline void
fixture_directory_make (char out[256])
{
	const char *base = getenv ("TMPDIR");
	snprintf (out, 256, "%s/siaga-journal-XXXXXX", base ? base : "/tmp");
	assert_non_null (mkdtemp (out));
}

static inline int
fixture_remove_one (const char *path, const struct stat *status, int flag, struct FTW *where)
{
	(void) status;
	(void) flag;
	(void) where;
	return remove (path);
}

static inline void
fixture_directory_remove (const char *path)
{
	nftw (path, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
