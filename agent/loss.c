/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One note in the outbox, `loss`: [1, [lines by severity …], aged, total, first, last, id of the last report].
 * A report waits until the one before it is at the hub, so there is never a heap of them.
 */
#include "agent/loss.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define SEVERITIES (SIAGA_SEVERITY_CRITICAL + 1)
#define NOTE_NAME "loss"
#define NOTE_VERSION 1
#define NOTE_FIELDS 7
#define NOTE_MAX 256
#define EXPIRE_MAX 1000 /* entries dropped for their age in one transaction */
#define REPORT_ID_RANDOM_BYTES 10

struct loss_state {
	struct loss_counts counts;
	uint8_t report_id[SIAGA_ID_BYTES]; /* of the last one; zero: none */
};

struct loss {
	struct outbox *outbox;
	struct intake *intake;
	struct damper *damper;
	enum siaga_status status;
	struct loss_state now;
	struct loss_state saved;
	bool is_touched;
	bool aging; /* what is dropped now is dropped for its age */
	bool told;  /* the log knows that lines are being lost */
	uint64_t lost_ms;
	uint64_t reported_ms;
};

static int
s_write (struct loss *self)
{
	const struct loss_counts *counts = &self->now.counts;
	uint8_t buffer[NOTE_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, NOTE_FIELDS);
	siaga_writer_uint (&writer, NOTE_VERSION);
	siaga_writer_array (&writer, SEVERITIES);
	for (size_t i = 0; i < SEVERITIES; i++)
		siaga_writer_uint (&writer, counts->lines[i]);
	siaga_writer_uint (&writer, counts->aged);
	siaga_writer_uint (&writer, counts->total);
	siaga_writer_uint (&writer, counts->first_us);
	siaga_writer_uint (&writer, counts->last_us);
	siaga_writer_bytes (&writer, self->now.report_id, SIAGA_ID_BYTES);
	if (writer.error)
		return writer.error;
	return outbox_note_set (self->outbox, NOTE_NAME, (struct siaga_bytes){buffer, writer.size});
}

static int
s_read (struct loss *self)
{
	struct loss_state state = {.counts.total = 0};
	uint8_t buffer[NOTE_MAX];
	size_t size = 0;
	struct siaga_reader reader;
	int error = outbox_note_get (self->outbox, NOTE_NAME, buffer, sizeof buffer, &size);
	if (error)
		return error == SIAGA_ENOTFOUND ? 0 : error;
	siaga_reader_init (&reader, buffer, size);
	siaga_reader_array_of (&reader, NOTE_FIELDS);
	siaga_reader_uint_max (&reader, NOTE_VERSION);
	siaga_reader_array_of (&reader, SEVERITIES);
	for (size_t i = 0; i < SEVERITIES; i++)
		state.counts.lines[i] = siaga_reader_uint (&reader);
	state.counts.aged = siaga_reader_uint (&reader);
	state.counts.total = siaga_reader_uint (&reader);
	state.counts.first_us = siaga_reader_uint (&reader);
	state.counts.last_us = siaga_reader_uint (&reader);
	siaga_reader_fixed (&reader, state.report_id, SIAGA_ID_BYTES);
	if (siaga_reader_end (&reader))
		log_warn ("loss-note", "the note of lost lines cannot be read and begins anew");
	else
		self->now = state;
	return 0;
}

struct loss *
loss_new (struct outbox *outbox, struct intake *intake, struct damper *damper,
	  enum siaga_status status)
{
	struct loss *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->outbox = outbox;
	self->intake = intake;
	self->damper = damper;
	self->status = status;
	if (s_read (self)) {
		free (self);
		return NULL;
	}
	intake_set_loss (intake, self);
	return self;
}

void
loss_destroy (struct loss **self_p)
{
	if (*self_p)
		intake_set_loss ((*self_p)->intake, NULL);
	free (*self_p);
	*self_p = NULL;
}

void
loss_set_status (struct loss *self, enum siaga_status status)
{
	self->status = status;
}

static void
s_touch (struct loss *self)
{
	if (!self->is_touched)
		self->saved = self->now;
	self->is_touched = true;
}

void
loss_add (struct loss *self, enum siaga_severity severity, uint64_t lines)
{
	struct loss_counts *counts = &self->now.counts;
	s_touch (self);
	counts->last_us = clock_now_us ();
	if (loss_pending (self) == 0)
		counts->first_us = counts->last_us;
	counts->lines[severity < SEVERITIES ? severity : SIAGA_SEVERITY_CRITICAL] += lines;
	counts->total += lines;
	if (self->aging)
		counts->aged += lines;
	self->lost_ms = clock_mono_ms ();
}

static void
s_on_dropped (void *arg, const uint8_t id[SIAGA_ID_BYTES], enum siaga_severity severity,
	      uint64_t lines)
{
	struct loss *self = arg;
	if (lines == 0 || (self->damper && damper_dropped (self->damper, id)))
		return;
	loss_add (self, severity, lines);
}

int
loss_make_room (struct loss *self, uint64_t bytes, unsigned below)
{
	return outbox_shed (self->outbox, bytes, below, s_on_dropped, self);
}

int
loss_flush (struct loss *self)
{
	return self->is_touched ? s_write (self) : 0;
}

void
loss_committed (struct loss *self)
{
	if (self->is_touched && loss_pending (self) > 0 && !self->told) {
		log_error ("outbox-loss",
			   "alerts are being dropped, the least severe first: %s; how many will be "
			   "told as an alert (siaga-agent --status shows it now)",
			   self->now.counts.aged ? "they waited longer than outbox.max_age"
						 : "the outbox holds outbox.max_size");
		self->told = true;
	}
	self->is_touched = false;
}

void
loss_rollback (struct loss *self)
{
	if (self->is_touched)
		self->now = self->saved;
	self->is_touched = false;
}

/* -- reporting -- */

static bool
s_has_report (const struct loss *self)
{
	static const uint8_t none[SIAGA_ID_BYTES];
	return memcmp (self->now.report_id, none, sizeof none) != 0;
}

static bool
s_is_due (struct loss *self)
{
	uint64_t number, now_ms = clock_mono_ms ();
	if (loss_pending (self) == 0)
		return false;
	if (now_ms - self->lost_ms < LOSS_QUIET_MS && now_ms - self->reported_ms < LOSS_REPORT_MS)
		return false;
	return !s_has_report (self) ||
	       outbox_find (self->outbox, self->now.report_id, &number) != SIAGA_EAGAIN;
}

/* The worst of what was lost, medium at least. */
static enum siaga_severity
s_severity (const struct loss_counts *counts)
{
	unsigned severity = SIAGA_SEVERITY_CRITICAL;
	while (severity > SIAGA_SEVERITY_MEDIUM && counts->lines[severity] == 0)
		severity--;
	return (enum siaga_severity) severity;
}

static void
s_make_id (const struct loss *self, uint8_t id[SIAGA_ID_BYTES])
{
	uint8_t random[REPORT_ID_RANDOM_BYTES];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (id, self->now.counts.last_us / 1000, random);
}

static void
s_describe (const struct loss_counts *counts, uint64_t lines, char *text, size_t size)
{
	snprintf (
		text, size,
		"%" PRIu64 " because the outbox was full (outbox.max_size), %" PRIu64
		" because they had waited too long (outbox.max_age). By severity: critical %" PRIu64
		", high %" PRIu64 ", medium %" PRIu64 ", low %" PRIu64 ", info %" PRIu64 ".",
		lines - counts->aged, counts->aged, counts->lines[SIAGA_SEVERITY_CRITICAL],
		counts->lines[SIAGA_SEVERITY_HIGH], counts->lines[SIAGA_SEVERITY_MEDIUM],
		counts->lines[SIAGA_SEVERITY_LOW], counts->lines[SIAGA_SEVERITY_INFO]);
}

/* Adds the report and forgets what it tells, in one transaction. */
static int
s_put_report (struct loss *self)
{
	const struct loss_counts *counts = &self->now.counts;
	uint64_t lines = loss_pending (self);
	char title[128], description[512];
	struct siaga_header header = {
		.status = self->status,
		.detected_us = counts->last_us,
		.severity = s_severity (counts),
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.category = siaga_text ("other/undetermined"),
		.tlp = SIAGA_TLP_AMBER,
	};
	snprintf (title, sizeof title, "%" PRIu64 " %s dropped before they could be sent", lines,
		  lines == 1 ? "alert was" : "alerts were");
	s_describe (counts, lines, description, sizeof description);
	struct siaga_body body = {
		.title = siaga_text (title),
		.description = siaga_text (description),
		.detector = {.tool = siaga_text ("siaga-agent"), .rule_id = siaga_text ("loss")},
		.count = lines,
		.first_seen_us = counts->first_us,
		.last_seen_us = counts->last_us,
	};
	s_make_id (self, header.id);
	int error = intake_put_report (self->intake, &header, &body);
	if (error)
		return error;
	s_touch (self);
	self->now.counts = (struct loss_counts){.total = counts->total};
	memcpy (self->now.report_id, header.id, SIAGA_ID_BYTES);
	return 0;
}

static int
s_report (struct loss *self)
{
	uint64_t lines = loss_pending (self);
	int error = intake_begin (self->intake);
	if (!error)
		error = s_put_report (self);
	if (!error)
		error = intake_commit (self->intake);
	if (error) {
		intake_rollback (self->intake);
		return error;
	}
	self->reported_ms = clock_mono_ms ();
	self->told = false;
	log_warn ("loss-reported", "%" PRIu64 " lines were lost; the hub is being told", lines);
	return 0;
}

static int
s_expire (struct loss *self, uint64_t before_us, size_t *count)
{
	int error = intake_begin (self->intake);
	self->aging = true;
	if (!error)
		error = outbox_expire (self->outbox, before_us, EXPIRE_MAX, s_on_dropped, self,
				       count);
	self->aging = false;
	if (!error)
		error = intake_commit (self->intake);
	if (error)
		intake_rollback (self->intake);
	return error;
}

/* Looks before it begins to write. */
static int
s_expire_all (struct loss *self, uint64_t max_age_us)
{
	uint64_t now_us = clock_now_us ();
	struct outbox_counts counts = {0};
	size_t count = EXPIRE_MAX;
	int error = outbox_waiting (self->outbox) > 0 ? outbox_count (self->outbox, &counts) : 0;
	if (error || max_age_us == 0 || now_us < max_age_us || counts.oldest_us == 0 ||
	    counts.oldest_us >= now_us - max_age_us)
		return error;
	while (!error && count == EXPIRE_MAX)
		error = s_expire (self, now_us - max_age_us, &count);
	return error;
}

int
loss_tick (struct loss *self, uint64_t max_age_us, bool connected)
{
	int error = s_expire_all (self, max_age_us);
	if (!error && connected && s_is_due (self))
		error = s_report (self);
	return error;
}

const struct loss_counts *
loss_counts (const struct loss *self)
{
	return &self->now.counts;
}

uint64_t
loss_pending (const struct loss *self)
{
	uint64_t lines = 0;
	for (size_t i = 0; i < SEVERITIES; i++)
		lines += self->now.counts.lines[i];
	return lines;
}
