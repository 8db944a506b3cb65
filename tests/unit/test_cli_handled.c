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
#include "cli/handled.h"
#include "roster_fixture.h"
#include "siaga/error.h"
#include "siaga/names.h"

/* The id of a number. */
static const uint8_t *
s_id (uint32_t number)
{
	static uint8_t id[SIAGA_ID_BYTES];
	uint8_t random[10] = {0};
	memcpy (random + 4, &number, sizeof number);
	siaga_uuid_make (id, 1795507200000, random);
	return id;
}

static void
test_handled_knows_every_id (void **state)
{
	(void) state;
	struct handled *handled = handled_new (0);
	assert_false (handled_has (handled, s_id (1)));
	for (uint32_t i = 1; i <= 10000; i++)
		assert_int_equal (handled_add (handled, s_id (i)), 0);
	assert_int_equal (handled_add (handled, s_id (1)), 0);
	assert_int_equal (handled_count (handled), 10000);
	for (uint32_t i = 1; i <= 10000; i++)
		assert_true (handled_has (handled, s_id (i)));
	assert_false (handled_has (handled, s_id (10001)));
	handled_destroy (&handled);
	assert_null (handled);
	handled_destroy (&handled);
}

static void
test_handled_with_a_bound_forgets_the_oldest (void **state)
{
	(void) state;
	struct handled *handled = handled_new (100);
	for (uint32_t i = 1; i <= 1000; i++) {
		assert_int_equal (handled_add (handled, s_id (i)), 0);
		assert_true (handled_count (handled) <= 200);
	}
	for (uint32_t i = 901; i <= 1000; i++)
		assert_true (handled_has (handled, s_id (i)));
	assert_false (handled_has (handled, s_id (700)));
	handled_destroy (&handled);
}

static void
test_handled_learns_the_id_of_a_line (void **state)
{
	(void) state;
	static const char *const texts[] = {"{}", "[]", "{\"id\":1}", "{\"id\":\"x\"}"};
	struct handled *handled = handled_new (0);
	char text[SIAGA_UUID_TEXT];
	siaga_uuid_text (text, s_id (7));
	json_t *line = json_pack ("{s:s}", "id", text);
	assert_int_equal (handled_load_one (handled, line), 0);
	assert_true (handled_has (handled, s_id (7)));
	json_decref (line);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		line = json_loads (texts[i], 0, NULL);
		assert_int_equal (handled_load_one (handled, line), SIAGA_EFORMAT);
		json_decref (line);
	}
	assert_int_equal (handled_count (handled), 1);
	handled_destroy (&handled);
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
	struct cursor_file file = {.cursor = s_cursor (),
				   .accepted_from_us = 7,
				   .restored_from_us = 8,
				   .restored = true};
	struct cursor_file loaded = {0};
	fixture_enter (directory);
	assert_int_equal (cursor_file_load ("c", &loaded), SIAGA_ENOTFOUND);
	assert_int_equal (cursor_file_save ("c", &file), 0);
	assert_int_equal (cursor_file_load ("c", &loaded), 0);
	assert_memory_equal (&loaded.cursor, &file.cursor, sizeof file.cursor);
	assert_int_equal (loaded.accepted_from_us, 7);
	assert_int_equal (loaded.restored_from_us, 8);
	assert_true (loaded.restored);
	fixture_write ("c", "{\"cursor\": \"x\"}");
	assert_int_equal (cursor_file_load ("c", &loaded), SIAGA_EFORMAT);
	fixture_write ("c", "");
	assert_int_equal (cursor_file_load ("c", &loaded), SIAGA_EFORMAT);
	assert_int_equal (cursor_file_save ("no/c", &file), SIAGA_ENOTFOUND);
	fixture_leave (directory);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_handled_knows_every_id),
		cmocka_unit_test (test_handled_with_a_bound_forgets_the_oldest),
		cmocka_unit_test (test_handled_learns_the_id_of_a_line),
		cmocka_unit_test (test_cursor_survives_its_text),
		cmocka_unit_test (test_cursor_parse_refuses_other_text),
		cmocka_unit_test (test_cursor_file_survives_and_refuses_garbage),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
