/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_text.h and common/escape.h: what a person sees, and what a hostile text cannot make them see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>

#include "common/escape.h"
#include "common/render_json.h"
#include "common/render_text.h"
#include "render_fixture.h"

static const struct render_style s_plain = {.zone = RENDER_ZONE_WIB};

static char *
s_escape (const char *data, size_t size)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream (&text, &length);
	escape_write (out, (struct siaga_text){data, size});
	fclose (out);
	return text;
}

static void
s_assert_escaped (const char *data, size_t size, const char *expected)
{
	char *text = s_escape (data, size);
	assert_string_equal (text, expected);
	free (text);
}

static void
test_escape_shows_controls_instead_of_obeying_them (void **state)
{
	(void) state;
	s_assert_escaped ("\x1b[31mred\x1b[0m", 12, "\\u{1b}[31mred\\u{1b}[0m");
	s_assert_escaped ("a\r\n\tb\0\x7f", 7, "a\\u{d}\\u{a}\\u{9}b\\u{0}\\u{7f}");
	s_assert_escaped ("\xc2\x9b\x33\x31m", 5, "\\u{9b}31m"); /* CSI as C1 */
}

static void
test_escape_shows_bidirectional_controls (void **state)
{
	(void) state;
	s_assert_escaped ("\xe2\x80\xaa\xe2\x80\xae", 6, "\\u{202a}\\u{202e}");
	s_assert_escaped ("\xe2\x81\xa6\xe2\x81\xa9", 6, "\\u{2066}\\u{2069}");
	s_assert_escaped ("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", 8, "\\u{200e}\\u{200f}\\u{61c}");
	s_assert_escaped ("\xf3\xa0\x81\x81", 4, "\\u{e0041}"); /* a tag character */
}

static void
test_escape_keeps_what_is_text (void **state)
{
	(void) state;
	static const char text[] = "Situs KPU diretas – \xe6\x97\xa5\xf0\x9f\x9a\xa8 \\ \"";
	s_assert_escaped (text, sizeof text - 1, text);
}

static void
test_escape_shows_bytes_that_are_not_utf8 (void **state)
{
	(void) state;
	s_assert_escaped ("\xff\x80", 2, "\\x{ff}\\x{80}");
	s_assert_escaped ("\xe2\x80", 2, "\\x{e2}\\x{80}");
	s_assert_escaped ("\xed\xa0\x80", 3, "\\x{ed}\\x{a0}\\x{80}"); /* a surrogate */
}

static void
test_escape_cut_never_exceeds_its_columns (void **state)
{
	(void) state;
	static const struct siaga_text hostile = {"ab\x1b\xe6\x97\xa5yz", 8};
	for (size_t columns = 0; columns < 20; columns++) {
		char *text = NULL;
		size_t length = 0;
		FILE *out = open_memstream (&text, &length);
		size_t used = escape_write_cut (out, hostile, columns);
		fclose (out);
		assert_true (used <= columns);
		assert_int_equal (used, escape_columns (siaga_text (text)));
		free (text);
	}
}

static void
test_render_text_puts_the_columns_of_an_alert_in_one_line (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.severity = SIAGA_SEVERITY_HIGH;
	fixture.header.system = siaga_text ("sirekap");
	fixture.header.tlp = SIAGA_TLP_AMBER;
	fixture.body.source_count = 2;
	fixture.body.source[0].ip = siaga_text ("10.0.0.1");
	fixture.body.source[0].port = 4444;
	fixture.body.target_count = 1;
	fixture.body.target[0].ip = siaga_text ("2001:db8::1");
	fixture.body.target[0].port = 443;
	char *text = render_text (&fixture.entry, &fixture.roster, &s_plain);
	assert_string_equal (text, "#4711    15:00:01 WIB  HIGH      bssn/soc-1      "
				   "intrusion-attempts/brute-force  [sirekap]    Brute force  "
				   "10.0.0.1:4444 (+1) -> [2001:db8::1]:443  TLP:AMBER\n"
				   "         lead: kpu  support: bssn, brin\n");
	free (text);
}

static void
test_render_text_marks_what_is_not_real (void **state)
{
	(void) state;
	struct render_style colour = {.zone = RENDER_ZONE_UTC, .colour = true, .columns = 160};
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.status = SIAGA_STATUS_EXERCISE;
	char *text = render_text (&fixture.entry, NULL, &s_plain);
	assert_non_null (strstr (text, "WIB   *** EXERCISE ***   INFO"));
	free (text);
	fixture.header.status = SIAGA_STATUS_TEST;
	text = render_text (&fixture.entry, NULL, &colour);
	assert_non_null (strstr (text, "\033[7m *** TEST *** \033[0m"));
	free (text);
}

/* The longest run of columns without a newline, colours not counted. */
static size_t
s_widest (const char *text)
{
	size_t widest = 0;
	while (*text) {
		size_t size = strcspn (text, "\n");
		size_t columns = escape_columns ((struct siaga_text){text, size});
		widest = columns > widest ? columns : widest;
		text += size + (text[size] == '\n');
	}
	return widest;
}

static void
test_render_text_fits_the_terminal (void **state)
{
	(void) state;
	static const size_t widths[] = {80, 100, 119, 120, 140, 200};
	struct render_fixture fixture;
	char title[SIAGA_TITLE_MAX + 1];
	render_fixture_init (&fixture);
	memset (title, 'x', SIAGA_TITLE_MAX);
	title[SIAGA_TITLE_MAX] = '\0';
	fixture.body.title = siaga_text (title);
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct render_style style = {.zone = RENDER_ZONE_WIT, .columns = widths[i]};
		char *text = render_text (&fixture.entry, NULL, &style);
		assert_true (s_widest (text) <= widths[i]);
		assert_non_null (strstr (text, "TLP:CLEAR\n"));
		free (text);
	}
}

static void
test_render_text_hostile_fields_make_no_new_line_and_no_escape (void **state)
{
	(void) state;
	static const char evil[] = "x\n#1  CRITICAL\x1b]0;t\x07\xe2\x80\xae";
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.body.title = fixture.header.category = siaga_text (evil);
	fixture.body.source_count = fixture.body.target_count = 1;
	fixture.body.source[0].host = siaga_text (evil);
	fixture.body.target[0].url = siaga_text (evil);
	for (size_t columns = 0; columns < 200; columns += 40) {
		struct render_style style = {.zone = RENDER_ZONE_UTC, .columns = columns};
		char *text = render_text (&fixture.entry, NULL, &style);
		assert_null (strchr (text, '\x1b'));
		assert_null (strchr (text, '\x07'));
		assert_null (strstr (text, "\n#1"));
		assert_null (strstr (text, "\xe2\x80\xae"));
		free (text);
	}
}

static void
test_render_text_response_says_what_it_is_about (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	make_response (&fixture.header, &fixture.body);
	char *text = render_text (&fixture.entry, &fixture.roster, &s_plain);
	assert_non_null (strstr (text, "polri/dewi      resolve"));
	assert_non_null (strstr (text, "Alamat diblokir true-positive  about "
				       "01a20c91-a000-7001-8203-040506070809"));
	free (text);
}

static void
test_render_clock_knows_the_zones_of_indonesia (void **state)
{
	(void) state;
	struct render_style style = {.zone = RENDER_ZONE_UTC, .dates = true};
	char text[RENDER_CLOCK_TEXT];
	render_clock (text, UINT64_C (1795507200000000) + UINT64_C (43200000000), &style);
	assert_string_equal (text, "2026-11-24 20:00:00 UTC");
	style.zone = RENDER_ZONE_WIT;
	render_clock (text, UINT64_C (1795507200000000) + UINT64_C (43200000000), &style);
	assert_string_equal (text, "2026-11-25 05:00:00 WIT");
	style.dates = false;
	style.zone = RENDER_ZONE_WITA;
	render_clock (text, UINT64_C (1795507200000000), &style);
	assert_string_equal (text, "16:00:00 WITA");
}

static void
test_render_text_fields_lists_every_member_and_no_forged_one (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	make_full_header (&fixture.header);
	make_full_body (&fixture.body);
	fixture.body.raw = siaga_text ("one\nverified      no\n\x1b[1mtwo");
	json_t *object = render_json (&fixture.entry, fixture.log_id, &fixture.roster);
	char *text = render_text_fields (object, &s_plain);
	assert_memory_equal (text, " *** EXERCISE *** \nnumber        4711\n", 37);
	assert_non_null (strstr (text, "\nverified      yes\n"));
	assert_null (strstr (text, "\nverified      no"));
	assert_non_null (strstr (text, "\nraw           one\n              verified      no\n"
				       "              \\u{1b}[1mtwo\n"));
	assert_non_null (strstr (text, "\nsource        ip 203.0.113.7  port 50022  host "));
	assert_non_null (strstr (text, "\n              ip 2001:db8::1\n"));
	assert_non_null (strstr (text, "\naudience      kpu, polri\n"));
	free (text);
	json_decref (object);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_escape_shows_controls_instead_of_obeying_them),
		cmocka_unit_test (test_escape_shows_bidirectional_controls),
		cmocka_unit_test (test_escape_keeps_what_is_text),
		cmocka_unit_test (test_escape_shows_bytes_that_are_not_utf8),
		cmocka_unit_test (test_escape_cut_never_exceeds_its_columns),
		cmocka_unit_test (test_render_text_puts_the_columns_of_an_alert_in_one_line),
		cmocka_unit_test (test_render_text_marks_what_is_not_real),
		cmocka_unit_test (test_render_text_fits_the_terminal),
		cmocka_unit_test (test_render_text_hostile_fields_make_no_new_line_and_no_escape),
		cmocka_unit_test (test_render_text_response_says_what_it_is_about),
		cmocka_unit_test (test_render_clock_knows_the_zones_of_indonesia),
		cmocka_unit_test (test_render_text_fields_lists_every_member_and_no_forged_one),
	};
	setlocale (LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests (tests, NULL, NULL);
}
