/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of JSON for which there is no memory is not one that cannot be read: it is read again later, not passed over.
 */
#include "parser_fixture.h"

#include "agent/map.h"

static size_t s_left; /* allocations until one fails */

static void *
s_malloc (size_t size)
{
	return s_left-- == 0 ? NULL : malloc (size);
}

/* `load` with each of its allocations failing in turn: SIAGA_ENOMEM, until none is left to fail. (When all fail from one on,
   jansson ends the process by an assertion.) */
static void
try_each (int (*load) (void))
{
	size_t count = 0;
	int rc;

	json_set_alloc_funcs (s_malloc, free);
	do {
		s_left = count++;
		rc = load ();
		if (rc != 0)
			assert_int_equal (rc, SIAGA_ENOMEM);
	} while (rc != 0);
	json_set_alloc_funcs (malloc, free);
	assert_true (count > 4);
}

static int
s_load (const char *line)
{
	static struct event event;
	char words[PARSER_WORDS];

	event_clear (&event);
	event.line = siaga_text (line);
	int rc = map_load (&event, words, sizeof words);
	event_clear (&event);
	return rc;
}

static int
load_plain (void)
{
	return s_load (
		"{\"alert\": {\"signature\": \"a\", \"list\": [1, 2.5, true, null]}, \"x\": \"y\"}");
}

static int
load_large_number (void)
{
	return s_load ("{\"n\": 18446744073709551616, \"alert\": {\"signature\": \"a\"}}");
}

static int
load_bad_utf8 (void)
{
	return s_load ("{\"n\": \"\xff\", \"alert\": {\"signature\": \"a\"}}");
}

static int
load_alert (void)
{
	char words[ALERT_JSON_WORDS];
	json_t *object = NULL;
	int rc = alert_json_load (
		siaga_text ("{\"title\": \"a\", \"target\": [{\"ip\": \"::1\"}]}"), &object, words);

	assert_true (rc == 0 || words[0] != '\0');
	json_decref (object);
	return rc;
}

static void
test_line_without_memory_is_no_bad_line (void **state)
{
	(void) state;
	try_each (load_plain);
	try_each (load_large_number);
	try_each (load_bad_utf8);
}

static void
test_alert_without_memory_is_no_bad_alert (void **state)
{
	(void) state;
	try_each (load_alert);
}

static void
test_bad_line_is_one (void **state)
{
	(void) state;
	assert_int_equal (s_load ("{\"a\": "), SIAGA_EFORMAT);
	assert_int_equal (s_load (""), SIAGA_EFORMAT);
	assert_int_equal (s_load ("\xff"), SIAGA_EFORMAT);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_line_without_memory_is_no_bad_line),
		cmocka_unit_test (test_alert_without_memory_is_no_bad_alert),
		cmocka_unit_test (test_bad_line_is_one),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
