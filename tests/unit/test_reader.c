/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/reader.h: nothing reaches a person that its origin did not sign, or was not allowed to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/reader.h"
#include "make_entry.h"

#define SEEN_MAX 16
#define BUFFER_MAX (4 * SIAGA_BATCH_MAX)

/* One reader, its roster of one principal, and what came of a reading. */
struct fixture {
	struct siaga_roster roster;
	struct siaga_member member;
	struct siaga_principal principal;
	struct siaga_roster_key key;
	struct reader *reader;
	size_t entries;
	uint64_t numbers[SEEN_MAX];
	uint64_t oseqs[SEEN_MAX];
	uint8_t leaves[SEEN_MAX][SIAGA_HASH_BYTES];
	uint8_t log_leaves[SEEN_MAX][SIAGA_HASH_BYTES];
	size_t bad;
	uint64_t bad_number;
	int bad_error;
	uint8_t items[BUFFER_MAX];
	struct siaga_writer writer;
};

static void
s_on_entry (void *arg, const struct reader_entry *entry)
{
	struct fixture *self = arg;
	assert_true (self->entries < SEEN_MAX);
	assert_ptr_equal (entry->principal, &self->principal);
	self->numbers[self->entries] = entry->number;
	self->oseqs[self->entries] = entry->oseq;
	memcpy (self->leaves[self->entries], entry->leaf, SIAGA_HASH_BYTES);
	memcpy (self->log_leaves[self->entries], entry->log_leaf, SIAGA_HASH_BYTES);
	self->entries++;
}

static void
s_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct fixture *self = arg;
	assert_true (words[0] != '\0');
	self->bad++;
	self->bad_number = number;
	self->bad_error = error;
}

static const struct reader_events s_events = {s_on_entry, s_on_bad};

static int
s_setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	uint8_t secret[64];
	strcpy (self->roster.network, MAKE_NETWORK);
	strcpy (self->roster.hub, "kpu/hub");
	strcpy (self->member.name, "bssn");
	strcpy (self->principal.name, MAKE_ORIGIN);
	self->principal.roles = SIAGA_ROLE_PUBLISH;
	self->principal.member = &self->member;
	self->principal.keys = &self->key;
	self->principal.key_count = 1;
	make_keys (self->key.card.sign, secret);
	strcpy (self->key.card.principal, MAKE_ORIGIN);
	siaga_key_id (self->key.key_id, self->key.card.sign);
	self->roster.members = &self->member;
	self->roster.member_count = 1;
	self->roster.principals = &self->principal;
	self->roster.principal_count = 1;
	self->reader = reader_new (&self->roster, &s_events, self);
	siaga_writer_init (&self->writer, self->items, sizeof self->items);
	*state = self;
	return 0;
}

static int
s_teardown (void **state)
{
	struct fixture *self = *state;
	reader_destroy (&self->reader);
	free (self);
	return 0;
}

/* A batch of `count` numbered entries, in `out`. */
static struct siaga_bytes
s_batch (uint8_t *out, uint64_t first_oseq, size_t count)
{
	static uint8_t room[8][SIAGA_ENTRY_MAX];
	struct siaga_bytes entries[8];
	for (size_t i = 0; i < count; i++)
		entries[i] =
			make_numbered_entry (room[i], sizeof room[i], (uint8_t) (first_oseq + i));
	return make_batch (out, SIAGA_BATCH_MAX, first_oseq, entries, count);
}

static int
s_take (struct fixture *self, uint64_t number, struct siaga_bytes batch, uint64_t from)
{
	struct siaga_delivery delivery = {number, MAKE_TIME_US + 5, batch};
	siaga_writer_init (&self->writer, self->items, sizeof self->items);
	siaga_writer_array (&self->writer, 1);
	siaga_delivery_write (&self->writer, &delivery);
	assert_int_equal (self->writer.error, 0);
	return reader_take (self->reader, (struct siaga_bytes){self->items, self->writer.size},
			    from);
}

static void
test_reader_hands_over_every_entry_of_a_batch (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	uint8_t expected[SIAGA_HASH_BYTES];
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 3), 0), 0);
	assert_int_equal (self->entries, 3);
	assert_int_equal (self->bad, 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal (self->numbers[i], 100 + i);
		assert_int_equal (self->oseqs[i], 7 + i);
		siaga_log_leaf (expected, MAKE_TIME_US + 5, self->leaves[i]);
		assert_memory_equal (self->log_leaves[i], expected, SIAGA_HASH_BYTES);
	}
}

static void
test_reader_passes_over_entries_below_from (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 3), 102), 0);
	assert_int_equal (self->entries, 1);
	assert_int_equal (self->numbers[0], 102);
	assert_int_equal (self->oseqs[0], 9);
}

static void
test_reader_numbers_a_single_form_by_its_index (void **state)
{
	struct fixture *self = *state;
	static struct siaga_batch batch;
	uint8_t out[SIAGA_BATCH_MAX];
	uint8_t single[SIAGA_BATCH_MAX];
	struct siaga_writer writer;
	assert_int_equal (siaga_batch_read (s_batch (out, 7, 5), &batch), 0);
	siaga_writer_init (&writer, single, sizeof single);
	assert_int_equal (siaga_batch_write_single (&writer, &batch, 3), 0);
	assert_int_equal (s_take (self, 100, (struct siaga_bytes){single, writer.size}, 0), 0);
	assert_int_equal (self->entries, 1);
	assert_int_equal (self->numbers[0], 103);
	assert_int_equal (self->oseqs[0], 10);
	assert_memory_equal (self->leaves[0], batch.slots[3].leaf, SIAGA_HASH_BYTES);
}

static void
test_reader_passes_over_hidden_slots (void **state)
{
	struct fixture *self = *state;
	static struct siaga_batch batch;
	static const bool shown[] = {false, true, false};
	uint8_t out[SIAGA_BATCH_MAX];
	uint8_t partial[SIAGA_BATCH_MAX];
	struct siaga_writer writer;
	assert_int_equal (siaga_batch_read (s_batch (out, 7, 3), &batch), 0);
	siaga_writer_init (&writer, partial, sizeof partial);
	assert_int_equal (siaga_batch_write_full (&writer, &batch, shown), 0);
	assert_int_equal (s_take (self, 100, (struct siaga_bytes){partial, writer.size}, 0), 0);
	assert_int_equal (self->entries, 1);
	assert_int_equal (self->numbers[0], 101);
	assert_int_equal (self->bad, 0);
}

/* Every single byte changed anywhere in a batch: never shown as an entry. */
static void
test_reader_believes_no_changed_byte (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	struct siaga_bytes batch = s_batch (out, 7, 2);
	assert_int_equal (s_take (self, 100, batch, 0), 0); /* its head is remembered now */
	for (size_t at = 0; at < batch.size; at++) {
		out[at] ^= 0x01;
		self->entries = self->bad = 0;
		assert_int_equal (s_take (self, 100, batch, 0), 0);
		assert_int_equal (self->entries, 0);
		assert_int_equal (self->bad, 1);
		assert_int_equal (self->bad_number, 100);
		out[at] ^= 0x01;
	}
}

static void
test_reader_refuses_a_principal_it_does_not_know (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	strcpy (self->principal.name, "bssn/soc-2");
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 1), 0), 0);
	assert_int_equal (self->entries, 0);
	assert_int_equal (self->bad_error, SIAGA_EUNKNOWN);
}

static void
test_reader_judges_a_key_at_the_hubs_time (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	self->key.until_us = MAKE_TIME_US + 6;
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 1), 0), 0);
	assert_int_equal (self->entries, 1);
	self->key.until_us = MAKE_TIME_US + 5;
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 1), 0), 0);
	assert_int_equal (self->entries, 1);
	assert_int_equal (self->bad_error, SIAGA_EREVOKED);
}

static void
test_reader_refuses_what_the_roster_does_not_let_the_origin_say (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	self->principal.roles = SIAGA_ROLE_READ;
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 2), 0), 0);
	assert_int_equal (self->entries, 0);
	assert_int_equal (self->bad, 2);
	assert_int_equal (self->bad_number, 101);
	assert_int_equal (self->bad_error, SIAGA_EROLE);
}

static void
test_reader_refuses_an_entry_under_another_name (void **state)
{
	struct fixture *self = *state;
	struct siaga_header header;
	struct siaga_body body;
	uint8_t room[SIAGA_ENTRY_MAX];
	uint8_t out[SIAGA_BATCH_MAX];
	make_alert (&header, &body);
	header.origin = siaga_text ("kpu/sari");
	struct siaga_bytes entry = make_entry (room, sizeof room, &header, &body);
	assert_int_equal (s_take (self, 100, make_batch (out, sizeof out, 7, &entry, 1), 0), 0);
	assert_int_equal (self->entries, 0);
	assert_int_equal (self->bad_error, SIAGA_EORIGIN);
}

static void
test_reader_refuses_another_network (void **state)
{
	struct fixture *self = *state;
	uint8_t out[SIAGA_BATCH_MAX];
	strcpy (self->roster.network, "demo-2026");
	assert_int_equal (s_take (self, 100, s_batch (out, 7, 1), 0), 0);
	assert_int_equal (self->entries, 0);
	assert_int_equal (self->bad_error, SIAGA_ENETWORK);
}

static void
test_reader_goes_on_behind_what_it_does_not_believe (void **state)
{
	struct fixture *self = *state;
	uint8_t out[2][SIAGA_BATCH_MAX];
	struct siaga_delivery first = {100, MAKE_TIME_US, s_batch (out[0], 7, 1)};
	struct siaga_delivery second = {101, MAKE_TIME_US, s_batch (out[1], 8, 1)};
	out[0][first.batch.size - 1] ^= 1;
	siaga_writer_array (&self->writer, 2);
	siaga_delivery_write (&self->writer, &first);
	siaga_delivery_write (&self->writer, &second);
	struct siaga_bytes items = {self->items, self->writer.size};
	assert_int_equal (reader_take (self->reader, items, 0), 0);
	assert_int_equal (self->bad, 1);
	assert_int_equal (self->entries, 1);
	assert_int_equal (self->numbers[0], 101);
}

static void
test_reader_tells_a_broken_array (void **state)
{
	struct fixture *self = *state;
	static const uint8_t broken[] = {0x82, 0x83, 0x01};
	static const uint8_t more[] = {0x80, 0x00};
	struct siaga_bytes items = {broken, sizeof broken};
	assert_int_equal (reader_take (self->reader, items, 0), SIAGA_EMALFORMED);
	items = (struct siaga_bytes){more, sizeof more};
	assert_int_equal (reader_take (self->reader, items, 0), SIAGA_EMALFORMED);
	items = (struct siaga_bytes){NULL, 0};
	assert_int_equal (reader_take (self->reader, items, 0), SIAGA_EMALFORMED);
	assert_int_equal (self->entries, 0);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
	const struct CMUnitTest tests[] = {
		TEST (test_reader_hands_over_every_entry_of_a_batch),
		TEST (test_reader_passes_over_entries_below_from),
		TEST (test_reader_numbers_a_single_form_by_its_index),
		TEST (test_reader_passes_over_hidden_slots),
		TEST (test_reader_believes_no_changed_byte),
		TEST (test_reader_refuses_a_principal_it_does_not_know),
		TEST (test_reader_judges_a_key_at_the_hubs_time),
		TEST (test_reader_refuses_what_the_roster_does_not_let_the_origin_say),
		TEST (test_reader_refuses_an_entry_under_another_name),
		TEST (test_reader_refuses_another_network),
		TEST (test_reader_goes_on_behind_what_it_does_not_believe),
		TEST (test_reader_tells_a_broken_array),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
