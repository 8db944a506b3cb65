/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libconfig would misread is refused before it sees it; what only looks like it is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "common/conf_scan.h"

#define TEXT(string) string, sizeof (string) - 1

static const struct {
	const char *text;
	size_t size;
	unsigned line; /* 0: good */
	const char *words;
} cases[] = {
	{TEXT (""), 0, NULL},
	{TEXT ("a = 1;\nb = \"x\";\n"), 0, NULL},
	/* includes */
	{TEXT ("a = 1;\n@include \"x\"\n"), 2, "@include"},
	{TEXT ("  @include \"x\""), 1, "@include"},
	{TEXT ("a = \"@include\"; # @include \"x\"\n// @include\n/*\n@include */"), 0, NULL},
	{TEXT ("/*/ @include */"), 0, NULL},
	{TEXT ("/**/ @include"), 1, "@include"},
	/* numbers */
	{TEXT ("a = 2147483647; b = -2147483648; c = 0x7fffffff;"), 0, NULL},
	{TEXT ("a = 2147483648;"), 1, "beyond 32 bits"},
	{TEXT ("a = -2147483649;"), 1, "beyond 32 bits"},
	{TEXT ("a = 4294967297;"), 1, "beyond 32 bits"},
	{TEXT ("a = 0xFFFFFFFF;"), 1, "beyond 32 bits"},
	{TEXT ("a = 4294967297L; b = 0xFFFFFFFFLL;"), 0, NULL},
	{TEXT ("a = 9223372036854775808L;"), 1, "beyond 64 bits"},
	{TEXT ("a = 0xFFFFFFFFFFFFFFFFL;"), 1, "beyond 64 bits"},
	{TEXT ("a = 99999999999999999999999999999999999999999999;"), 1, "too many digits"},
	{TEXT ("a = 4294967297e1 = 3;"), 1, "malformed number"},
	{TEXT ("a = 4294967297bL = 3;"), 1, "malformed number"},
	{TEXT ("a = 1LLL;"), 1, "malformed number"},
	{TEXT ("a = 1.5;"), 1, "fraction"},
	{TEXT ("a = +;"), 1, "malformed number"},
	{TEXT ("soc-4294967297 = 1; x_99999999999 = 2;"), 0, NULL},
	/* strings */
	{TEXT ("a = \"4294967297 { ( [ @include\";"), 0, NULL},
	{TEXT ("a = \"kpu\\x00evil\";"), 1, "\\x"},
	{TEXT ("a = \"\\X41\";"), 1, "\\x"},
	{TEXT ("a = \"\\\\x41 \\\" \\d\";"), 0, NULL},
	{TEXT ("a = \"\\\\\\x41\";"), 1, "\\x"},
	{TEXT ("a = 1;\nb = \"x\ny\";"), 2, "without an end on its line"},
	{TEXT ("a = \"x"), 1, "without an end"},
	{TEXT ("a = \"x\\"), 1, "without an end"},
	{TEXT ("a = \"x\\\""), 1, "without an end"},
	{TEXT ("/* x"), 1, "comment without an end"},
	/* bytes */
	{TEXT ("a = 1;\0b = 2;"), 1, "control"},
	{TEXT ("a = \"\x1b[2J\";"), 1, "control"},
	{TEXT ("# \x01"), 1, "control"},
	{TEXT ("\n/* \x7f */"), 2, "control"},
	{TEXT ("a = 1;\r\nb\t= 2;\r\n"), 0, NULL},
	{TEXT ("a = 1;\rb = 2;"), 1, "control"},
	{TEXT ("a = \"\xc3\xa9\";"), 0, NULL},
	{TEXT ("a = 1;\n\nb = \"\xff\";\n"), 3, "UTF-8"},
	{TEXT ("a = 1;\n\nb = \"\xc3"), 3, "without an end"},
	/* nesting */
	{TEXT ("a = ((((((((1))))))));"), 0, NULL},
	{TEXT ("a = (((((((((1)))))))));"), 1, "nested too deep"},
	{TEXT ("a={b={c={d={e={f={g=(\n[1,2],[3]);};};};};};};"), 0, NULL},
	{TEXT ("a={b={c={d={e={f={g=(\n{h=[1];});};};};};};};"), 2, "nested too deep"},
	{TEXT (")))))))))))) a = 1;"), 0, NULL},
};

static void
test_conf_scan_refuses_with_line_and_words (void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned line = 0;
		const char *words = conf_scan (cases[i].text, cases[i].size, &line);

		if (cases[i].line == 0 && words == NULL)
			continue;
		if (cases[i].line == 0 || words == NULL || strstr (words, cases[i].words) == NULL ||
		    line != cases[i].line)
			fail_msg ("%zu: %s: line %u: %s", i, cases[i].text, line,
				  words != NULL ? words : "passed");
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_conf_scan_refuses_with_line_and_words)};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
