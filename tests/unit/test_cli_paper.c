/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/paper.c: the two formats, and that no text from outside becomes a part of either.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

static const char *const s_heads[] = {"when", "who"};

/* A whole document whose every text is `text`; the caller's to free. */
static char *
write_paper (bool html, const char *text)
{
	const char *const cells[] = {text, NULL};
	char *written = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&written, &size);
	struct paper paper;

	assert_non_null (out);
	paper_begin (&paper, out, html, "id", text, text);
	paper_heading (&paper, text);
	paper_text (&paper, text);
	paper_table (&paper, 2, s_heads);
	paper_row (&paper, cells);
	paper_table_end (&paper);
	paper_end (&paper);
	assert_int_equal (fclose (out), 0);
	return written;
}

static void
test_cli_paper_writes_markdown (void **state)
{
	char *text = write_paper (false, "satu\ndua");

	(void) state;
	assert_string_equal (text,
			     "**\\*\\*\\* satu dua \\*\\*\\***\n\n# satu dua\n\n## satu dua\n\n"
			     "satu  \ndua\n\n| when | who |\n|---|---|\n| satu<br>dua |  |\n");
	free (text);
}

static void
test_cli_paper_writes_html (void **state)
{
	char *text = write_paper (true, "satu\ndua");
	const char *body = strstr (text, "<body>");

	(void) state;
	assert_memory_equal (text, "<!DOCTYPE html>\n<html lang=\"id\">", 32);
	assert_non_null (strstr (text, "<title>satu dua</title>"));
	assert_string_equal (body,
			     "<body>\n<div class=\"banner\">satu dua</div>\n<h1>satu dua</h1>\n"
			     "<h2>satu dua</h2>\n<p>satu\ndua</p>\n<table>\n<tr><th>when</th>"
			     "<th>who</th></tr>\n<tr><td>satu<br>dua</td><td></td></tr>\n"
			     "</table>\n</body>\n</html>\n");
	free (text);
}

static void
test_cli_paper_takes_no_orders_from_texts (void **state)
{
	static const char hostile[] = "<b onclick='x'>&\"|a`[x](y)*_~\\\n# h\n\xe2\x80\xae\x1b[1m";
	char *text = write_paper (true, hostile);

	(void) state;
	assert_null (strstr (text, "<b "));
	assert_non_null (strstr (text, "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;|a`[x](y)"));
	assert_null (strchr (text, '\x1b'));
	assert_null (strstr (text, "\xe2\x80\xae"));
	assert_non_null (strstr (text, "\\u{202e}\\u{1b}[1m"));
	free (text);
	text = write_paper (false, hostile);
	assert_null (strstr (text, "<b "));
	assert_non_null (
		strstr (text, "&lt;b onclick='x'&gt;&amp;\"\\|a\\`\\[x\\](y)\\*\\_\\~\\\\"));
	assert_null (strstr (text, "\n# h"));
	assert_null (strchr (text, '\x1b'));
	free (text);
}

static void
test_cli_paper_makes_plain_what_would_begin_a_block_or_a_link (void **state)
{
	static const struct {
		const char *text, *written;
	} lines[] = {
		{"# no", "\n\\# no\n"},
		{"    code", "\ncode\n"},
		{"- no", "\n\\- no\n"},
		{"12. no", "\n12\\. no\n"},
		{"1) no", "\n1\\) no\n"},
		{"yes - 1.5", "\nyes - 1.5\n"},
		{"===", "\n\\===\n"},
		{"a\n---", "\na  \n\\---\n"},
		{"https://x", "\nhttps\\://x\n"},
		{"wWw.x", "\nwWw\\.x\n"},
		{"15:00:01", "\n15:00:01\n"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *written = NULL;
		size_t size = 0;
		struct paper paper = {.out = open_memstream (&written, &size)};

		assert_non_null (paper.out);
		paper_text (&paper, lines[i].text);
		assert_int_equal (fclose (paper.out), 0);
		assert_string_equal (written, lines[i].written);
		free (written);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_cli_paper_writes_markdown),
		cmocka_unit_test (test_cli_paper_writes_html),
		cmocka_unit_test (test_cli_paper_takes_no_orders_from_texts),
		cmocka_unit_test (test_cli_paper_makes_plain_what_would_begin_a_block_or_a_link),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
