/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_story.c: who did what, in words; and that words from outside stay words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>

#include "common/render_story.h"
#include "render_fixture.h"

static struct render_fixture s_fixture;

static int
begin (void **state)
{
	(void) state;
	render_fixture_init (&s_fixture);
	make_response (&s_fixture.header, &s_fixture.body);
	return 0;
}

static void
expect (enum siaga_action action, const char *words)
{
	s_fixture.header.action = action;
	char *text = render_deed (&s_fixture.entry, "it");
	assert_string_equal (text, words);
	free (text);
}

static void
test_render_deed_has_words_for_every_action (void **state)
{
	(void) state;
	s_fixture.body.member = siaga_text ("brin");
	s_fixture.body.outcome = SIAGA_OUTCOME_BENIGN;
	expect (SIAGA_ACTION_ACKNOWLEDGE, "acknowledged it");
	expect (SIAGA_ACTION_TAKE, "took it");
	expect (SIAGA_ACTION_ASSIST, "assists with it");
	expect (SIAGA_ACTION_HANDOVER, "handed it over to brin");
	expect (SIAGA_ACTION_COMMENT, "commented on it");
	expect (SIAGA_ACTION_RESOLVE, "resolved it: benign");
	expect (SIAGA_ACTION_REOPEN, "reopened it");
	s_fixture.body.outcome = SIAGA_OUTCOME_DUPLICATE;
	s_fixture.header.ref_count = 2;
	s_fixture.header.refs[1] = s_fixture.header.refs[0];
	s_fixture.header.refs[1].id[15] = 0xcd;
	expect (SIAGA_ACTION_RESOLVE, "resolved it: duplicate of 0708cd");
	s_fixture.header.kind = SIAGA_KIND_CANCEL;
	expect (SIAGA_ACTION_NONE, "CANCELLED it");
	s_fixture.header.kind = SIAGA_KIND_UPDATE;
	s_fixture.header.severity = SIAGA_SEVERITY_CRITICAL;
	expect (SIAGA_ACTION_NONE, "updated it: now critical");
	s_fixture.header.kind = SIAGA_KIND_SYSTEM;
	expect (SIAGA_ACTION_NONE, "");
}

static void
test_render_story_is_a_line_with_time_and_words (void **state)
{
	const struct render_style style = {.zone = RENDER_ZONE_WITA, .dates = true};
	(void) state;
	s_fixture.header.action = SIAGA_ACTION_TAKE;
	s_fixture.body.description = siaga_text ("Mulai\n#1  bohong\x1b[2J");
	char *text = render_story (&s_fixture.entry, &style);
	assert_non_null (strstr (text, "16:00:01 WITA  polri/dewi      took it\n         Mulai"));
	assert_null (strstr (text, "\n#1"));
	assert_null (strchr (text, '\x1b'));
	free (text);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup (test_render_deed_has_words_for_every_action, begin),
		cmocka_unit_test_setup (test_render_story_is_a_line_with_time_and_words, begin),
	};
	setlocale (LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests (tests, NULL, NULL);
}
