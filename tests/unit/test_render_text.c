/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_text.c: what a person sees, and what a hostile text cannot make them see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>

#include "common/escape.h"
#include "common/render_text.h"
#include "render_fixture.h"

static const struct render_style s_plain = {.zone = RENDER_ZONE_WIB};

static void
test_render_text_puts_the_columns_of_an_alert_in_one_line (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.id[15] = 0xab;
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
				   "10.0.0.1:4444 (+1) -> [2001:db8::1]:443  TLP:AMBER  0708ab\n"
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

static void
test_render_text_says_what_to_do_about_an_escalation (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.kind = SIAGA_KIND_SYSTEM;
	fixture.header.ref_count = 1;
	fixture.header.refs[0].id[15] = 0xab;
	fixture.body.title = siaga_text ("Not answered (escalation 1 of 3): Brute force");
	fixture.body.instruction = siaga_text ("Take it\033[2J.");
	char *text = render_text (&fixture.entry, &fixture.roster, &s_plain);
	assert_non_null (strstr (text, "  escalation                  "));
	assert_non_null (strstr (text, "Not answered (escalation 1 of 3): Brute force  "));
	assert_non_null (strstr (text, "  0000ab\n         Take it"));
	assert_null (strchr (text, '\033'));
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
	fixture.header.id[15] = 0xab;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct render_style style = {.zone = RENDER_ZONE_WIT, .columns = widths[i]};
		char *text = render_text (&fixture.entry, NULL, &style);
		assert_true (s_widest (text) <= widths[i]);
		assert_non_null (strstr (text, "TLP:CLEAR  0708ab\n"));
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
	struct render_style known = {.zone = RENDER_ZONE_WIB, .about = "Halaman depan diubah"};
	make_response (&fixture.header, &fixture.body);
	fixture.header.refs[0].id[15] = 0xab;
	char *text = render_text (&fixture.entry, &fixture.roster, &s_plain);
	assert_non_null (strstr (text, "polri/dewi      resolve"));
	assert_non_null (strstr (text, " resolved 0708ab: true-positive: Alamat diblokir  TLP:"));
	free (text);
	text = render_text (&fixture.entry, &fixture.roster, &known);
	assert_non_null (strstr (text, " resolved 0708ab: true-positive (Halaman depan diubah): "
				       "Alamat diblokir  TLP:"));
	free (text);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_render_text_puts_the_columns_of_an_alert_in_one_line),
		cmocka_unit_test (test_render_text_marks_what_is_not_real),
		cmocka_unit_test (test_render_text_says_what_to_do_about_an_escalation),
		cmocka_unit_test (test_render_text_fits_the_terminal),
		cmocka_unit_test (test_render_text_hostile_fields_make_no_new_line_and_no_escape),
		cmocka_unit_test (test_render_text_response_says_what_it_is_about),
	};
	setlocale (LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests (tests, NULL, NULL);
}
