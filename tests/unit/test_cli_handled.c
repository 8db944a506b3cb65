/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/handled.h and cli/cursor.h: what was handled, remembered; and where to go on, written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/cursor.h"
#include "roster_fixture.h"
#include "siaga/error.h"

static const uint8_t s_epoch[SIAGA_EPOCH_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t s_other[SIAGA_EPOCH_BYTES] = {9};

static bool
s_has (struct handled *handled, const char *origin, const uint8_t *epoch, uint64_t oseq)
{
	return handled_has (handled, siaga_text (origin), epoch, oseq);
}

static void
test_handled_knows_everything_up_to_the_highest (void **state)
{
	(void) state;
	struct handled *handled = handled_new ();
	assert_false (s_has (handled, "bssn/soc-1", s_epoch, 1));
	assert_int_equal (handled_add (handled, siaga_text ("bssn/soc-1"), s_epoch, 5), 0);
	assert_int_equal (handled_add (handled, siaga_text ("bssn/soc-1"), s_epoch, 3), 0);
	assert_true (s_has (handled, "bssn/soc-1", s_epoch, 1));
	assert_true (s_has (handled, "bssn/soc-1", s_epoch, 5));
	assert_false (s_has (handled, "bssn/soc-1", s_epoch, 6));
	assert_false (s_has (handled, "bssn/soc-1", s_other, 1));
	assert_false (s_has (handled, "bssn/soc-2", s_epoch, 1));
	handled_destroy (&handled);
	assert_null (handled);
	handled_destroy (&handled);
}

static void
test_handled_refuses_what_is_no_principal (void **state)
{
	(void) state;
	struct handled *handled = handled_new ();
	assert_int_equal (handled_add (handled, siaga_text ("nobody"), s_epoch, 1),
			  SIAGA_EMALFORMED);
	assert_int_equal (handled_add (handled, siaga_text (NULL), s_epoch, 1), SIAGA_EMALFORMED);
	assert_false (s_has (handled, "nobody", s_epoch, 1));
	handled_destroy (&handled);
}

static void
test_handled_forgets_the_epoch_not_heard_of_longest (void **state)
{
	(void) state;
	struct handled *handled = handled_new ();
	for (unsigned i = 0; i < HANDLED_EPOCHS_MAX; i++) {
		uint8_t epoch[SIAGA_EPOCH_BYTES] = {(uint8_t) i, (uint8_t) (i >> 8)};
		assert_int_equal (handled_add (handled, siaga_text ("a/b"), epoch, 1), 0);
	}
	uint8_t first[SIAGA_EPOCH_BYTES] = {0};
	uint8_t second[SIAGA_EPOCH_BYTES] = {1};
	assert_int_equal (handled_add (handled, siaga_text ("a/b"), first, 2), 0);
	uint8_t more[SIAGA_EPOCH_BYTES] = {0, 0, 1};
	assert_int_equal (handled_add (handled, siaga_text ("a/b"), more, 1), 0);
	assert_int_equal (handled_count (handled), HANDLED_EPOCHS_MAX);
	assert_true (s_has (handled, "a/b", first, 2));
	assert_false (s_has (handled, "a/b", second, 1));
	assert_true (s_has (handled, "a/b", more, 1));
	handled_destroy (&handled);
}

static void
test_handled_refuses_more_origins_than_a_roster_has (void **state)
{
	(void) state;
	struct handled *handled = handled_new ();
	char origin[SIAGA_PRINCIPAL_MAX];
	for (unsigned i = 0; i < HANDLED_ORIGINS_MAX; i++) {
		snprintf (origin, sizeof origin, "a/p%u", i);
		assert_int_equal (handled_add (handled, siaga_text (origin), s_epoch, 1), 0);
	}
	assert_int_equal (handled_add (handled, siaga_text ("b/c"), s_epoch, 1), SIAGA_ELIMIT);
	assert_int_equal (handled_add (handled, siaga_text ("a/p0"), s_other, 1), 0);
	handled_destroy (&handled);
}

static void
test_handled_survives_json (void **state)
{
	(void) state;
	struct handled *handled = handled_new ();
	struct handled *again = handled_new ();
	handled_add (handled, siaga_text ("bssn/soc-1"), s_epoch, 5);
	handled_add (handled, siaga_text ("bssn/soc-1"), s_other, SIAGA_OSEQ_MAX);
	handled_add (handled, siaga_text ("kpu/hub"), s_epoch, 1);
	json_t *array = handled_json (handled);
	assert_int_equal (handled_load (again, array), 0);
	assert_int_equal (handled_count (again), 3);
	assert_true (s_has (again, "bssn/soc-1", s_other, SIAGA_OSEQ_MAX));
	assert_false (s_has (again, "bssn/soc-1", s_epoch, 6));
	json_decref (array);
	handled_destroy (&handled);
	handled_destroy (&again);
}

static void
test_handled_load_refuses_what_it_did_not_write (void **state)
{
	(void) state;
	static const char *const texts[] = {
		"{}",
		"[1]",
		"[{\"origin\":\"a/b\",\"epoch\":\"0102030405060708\"}]",
		"[{\"origin\":\"a/b\",\"epoch\":\"01\",\"oseq\":1}]",
		"[{\"origin\":\"a\",\"epoch\":\"0102030405060708\",\"oseq\":1}]",
		"[{\"origin\":\"a/b\",\"epoch\":\"0102030405060708\",\"oseq\":-1}]",
		"[{\"origin\":\"a/b\",\"epoch\":\"0102030405060708\",\"oseq\":1.5}]",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct handled *handled = handled_new ();
		json_t *array = json_loads (texts[i], 0, NULL);
		assert_int_equal (handled_load (handled, array), SIAGA_EFORMAT);
		json_decref (array);
		handled_destroy (&handled);
	}
}

static struct siaga_cursor
s_cursor (void)
{
	struct siaga_cursor cursor = {.has_log = true, .next = 4712, .has_mark = true};
	memset (cursor.log_id, 0xa1, sizeof cursor.log_id);
	memset (cursor.mark, 0xb2, sizeof cursor.mark);
	return cursor;
}

static void
test_cursor_survives_its_text (void **state)
{
	(void) state;
	struct siaga_cursor cursor = s_cursor ();
	struct siaga_cursor again = {0};
	char text[CURSOR_TEXT];
	cursor_write (text, &cursor);
	assert_int_equal (cursor_parse (siaga_text (text), &again), 0);
	assert_memory_equal (&cursor, &again, sizeof cursor);
	cursor.has_mark = false;
	memset (cursor.mark, 0, sizeof cursor.mark);
	cursor_write (text, &cursor);
	assert_string_equal (text, "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1:4712:");
	assert_int_equal (cursor_parse (siaga_text (text), &again), 0);
	assert_memory_equal (&cursor, &again, sizeof cursor);
}

static void
test_cursor_parse_refuses_other_text (void **state)
{
	(void) state;
#define LOG_ID "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
	static const char *const texts[] = {
		"",
		":",
		"::",
		LOG_ID,
		LOG_ID ":1",
		LOG_ID "::",
		LOG_ID ":-1:",
		LOG_ID ":+1:",
		LOG_ID ": 1:",
		LOG_ID ":9007199254740992:",
		LOG_ID ":99999999999999999999:",
		LOG_ID ":1:zz",
		LOG_ID ":1:b2",
		LOG_ID ":0:b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2",
		"a1:1:",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct siaga_cursor cursor;
		assert_int_equal (cursor_parse (siaga_text (texts[i]), &cursor), SIAGA_EFORMAT);
	}
}

static void
test_cursor_file_survives_and_refuses_garbage (void **state)
{
	(void) state;
	char directory[64];
	struct handled *handled = handled_new ();
	struct handled *again = handled_new ();
	struct cursor_file file = {
		.cursor = s_cursor (), .accepted_from_us = 7, .restored_from_us = 8};
	struct cursor_file loaded = {0};
	fixture_enter (directory);
	assert_int_equal (cursor_file_load ("c", &loaded, again), SIAGA_ENOTFOUND);
	handled_add (handled, siaga_text ("a/b"), s_epoch, 3);
	assert_int_equal (cursor_file_save ("c", &file, handled), 0);
	assert_int_equal (cursor_file_load ("c", &loaded, again), 0);
	assert_memory_equal (&loaded.cursor, &file.cursor, sizeof file.cursor);
	assert_int_equal (loaded.accepted_from_us, 7);
	assert_int_equal (loaded.restored_from_us, 8);
	assert_true (s_has (again, "a/b", s_epoch, 3));
	fixture_write ("c", "{\"cursor\": \"x\"}");
	assert_int_equal (cursor_file_load ("c", &loaded, again), SIAGA_EFORMAT);
	fixture_write ("c", "");
	assert_int_equal (cursor_file_load ("c", &loaded, again), SIAGA_EFORMAT);
	assert_int_equal (cursor_file_save ("no/c", &file, handled), SIAGA_ENOTFOUND);
	fixture_leave (directory);
	handled_destroy (&handled);
	handled_destroy (&again);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_handled_knows_everything_up_to_the_highest),
		cmocka_unit_test (test_handled_refuses_what_is_no_principal),
		cmocka_unit_test (test_handled_forgets_the_epoch_not_heard_of_longest),
		cmocka_unit_test (test_handled_refuses_more_origins_than_a_roster_has),
		cmocka_unit_test (test_handled_survives_json),
		cmocka_unit_test (test_handled_load_refuses_what_it_did_not_write),
		cmocka_unit_test (test_cursor_survives_its_text),
		cmocka_unit_test (test_cursor_parse_refuses_other_text),
		cmocka_unit_test (test_cursor_file_survives_and_refuses_garbage),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
