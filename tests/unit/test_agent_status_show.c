/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `siaga-agent --status` prints: words of the hub and names of files do nothing to a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/status_socket.h"

/* The text of these facts, the caller's. */
static char *
print (json_t *facts)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);

	assert_non_null (facts);
	assert_non_null (out);
	status_print (out, facts);
	fclose (out);
	json_decref (facts);
	return text;
}

static void
test_words_of_the_hub_are_escaped (void **state)
{
	(void) state;
	char *text = print (json_pack ("{s:{s:s}}", "link", "last_error",
				       "a\x1b[2J\xc2\x9b"
				       "b\xe2\x80\xae"
				       "c"));
	assert_non_null (strstr (text, "last error: a\\u{1b}[2J\\u{9b}b\\u{202e}c\n"));
	free (text);
}

static void
test_names_of_files_are_escaped (void **state)
{
	(void) state;
	char *text = print (json_pack ("{s:[{s:s, s:s, s:s}]}", "sources", "name", "ids", "path",
				       "/log/\xc2\x9b"
				       "a",
				       "error", "b\rc"));
	assert_non_null (strstr (text, " /log/\\u{9b}a\n"));
	assert_non_null (strstr (text, "  error: b\\u{d}c\n"));
	free (text);
}

static void
test_facts_that_are_none_print_all_the_same (void **state)
{
	(void) state;
	char *text = print (json_pack ("{s:[i], s:i, s:s}", "sources", 1, "link", 2, "clock", "x"));
	assert_non_null (strstr (text, "agent    -"));
	free (text);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_words_of_the_hub_are_escaped),
		cmocka_unit_test (test_names_of_files_are_escaped),
		cmocka_unit_test (test_facts_that_are_none_print_all_the_same),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
