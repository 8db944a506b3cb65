/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/drill_score.c and drill.c: percentiles, deadlines kept and missed, who did not answer, and what counts not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/drill_report.h"
#include "playbook_fixture.h"
#include "render_fixture.h"

#define MINUTE UINT64_C (60000000)
#define BEGIN_US (MAKE_TIME_US + 1000000)

static struct siaga_roster *s_roster;
static struct render_fixture s_fixture;
static struct drill s_drill;
static struct drill_score s_score;

/* kpu, bssn, polri (one person each but kominfo, which has nobody to answer) */
static int
begin (void **state)
{
	static char text[FIXTURE_TEXT_MAX];
	struct conf_error error;
	(void) state;
	fixture_expand (
		text,
		"network = \"pemilu-2024\"; serial = 7;\n"
		"issued = \"2026-11-01T00:00:00Z\"; expires = \"2027-03-01T00:00:00Z\";\n"
		"hub = { principal = \"kpu/hub\"; addresses = [\"tcp://127.0.0.1:7766\"]; };\n"
		"principals = (\n"
		"  { name = \"kpu/hub\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/hub@\"; }); },\n"
		"  { name = \"kpu/s\"; roles = [\"respond\"]; keys = ({ card = \"@kpu/s@\"; }); },\n"
		"  { name = \"bssn/a\"; roles = [\"respond\"]; keys = ({ card = \"@bssn/a@\"; }); },\n"
		"  { name = \"polri/d\"; roles = [\"respond\"]; keys = ({ card = \"@polri/d@\"; }); }\n"
		");\n" PLAYBOOK_MEMBERS PLAYBOOK_SYSTEMS "playbook = ({ lead = \"kpu\"; });\n");
	int failed = roster_parse ("roster.conf", fixture_bytes (text), &s_roster, &error);
	if (failed)
		fprintf (stderr, "%s\n", error.words);
	assert_int_equal (failed, 0);
	render_fixture_init (&s_fixture);
	memset (s_fixture.header.id, 1, SIAGA_ID_BYTES);
	s_fixture.body.detector.tool = siaga_text (DRILL_TOOL);
	drill_init (&s_drill, s_fixture.header.id, s_roster);
	memset (&s_score, 0, sizeof s_score);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	drill_score_finish (&s_score);
	drill_finish (&s_drill);
	siaga_roster_destroy (&s_roster);
	return 0;
}

static void
add (uint64_t at_us)
{
	static uint64_t number;
	s_fixture.entry.number = ++number;
	s_fixture.entry.accepted_us = at_us;
	s_fixture.entry.bytes = (struct siaga_bytes){(const uint8_t *) "entry", 5};
	assert_int_equal (drill_add (&s_drill, &s_fixture.entry), 0);
}

static struct siaga_ref
add_alert (uint8_t id, const struct siaga_ref *about, const char *raw, uint64_t at_us)
{
	struct siaga_header *header = &s_fixture.header;
	struct siaga_ref ref;
	memset (header->id, id, SIAGA_ID_BYTES);
	memset (s_fixture.entry.leaf, id, SIAGA_HASH_BYTES);
	header->kind = SIAGA_KIND_ALERT;
	header->action = SIAGA_ACTION_NONE;
	header->origin = siaga_text ("kpu/s");
	header->status = SIAGA_STATUS_EXERCISE;
	header->audience_count = 0;
	header->tlp = SIAGA_TLP_AMBER;
	header->ref_count = about != NULL;
	if (about)
		header->refs[0] = *about;
	s_fixture.body.raw = siaga_text (raw);
	s_fixture.body.title = siaga_text ("<b>|Banjir|</b>");
	add (at_us);
	memcpy (ref.id, header->id, sizeof ref.id);
	memcpy (ref.leaf, s_fixture.entry.leaf, sizeof ref.leaf);
	return ref;
}

static void
add_response (const struct siaga_ref *about, const char *who, enum siaga_action action,
	      uint64_t at_us)
{
	static uint8_t id = 100;
	struct siaga_header *header = &s_fixture.header;
	memset (header->id, id++, SIAGA_ID_BYTES);
	header->kind = SIAGA_KIND_RESPONSE;
	header->action = action;
	header->origin = siaga_text (who);
	header->ref_count = 1;
	header->refs[0] = *about;
	s_fixture.body.outcome =
		action == SIAGA_ACTION_RESOLVE ? SIAGA_OUTCOME_BENIGN : SIAGA_OUTCOME_NONE;
	add (at_us);
}

static const char s_terms[] = "{\"lead\":\"bssn\",\"acknowledge_within_us\":300000000,"
			      "\"take_within_us\":600000000,\"resolve_within_us\":3600000000}";

static const struct drill_line *
line_of (const struct drill_line *lines, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp (lines[i].name, name) == 0)
			return &lines[i];
	fail_msg ("no line for %s", name);
	return NULL;
}

static void
test_spread_is_nearest_rank (void **state)
{
	uint64_t values[20];
	(void) state;
	for (uint64_t i = 0; i < 20; i++)
		values[i] = (20 - i) * 10;
	struct drill_spread spread = drill_spread (values, 20);
	assert_int_equal (spread.count, 20);
	assert_int_equal (spread.median_us, 100);
	assert_int_equal (spread.p95_us, 190);
	assert_int_equal (spread.slowest_us, 200);
	values[0] = 7;
	spread = drill_spread (values, 1);
	assert_int_equal (spread.median_us, 7);
	assert_int_equal (spread.p95_us, 7);
	assert_int_equal (drill_spread (values, 0).count, 0);
}

static void
test_spans_are_readable (void **state)
{
	char text[DRILL_SPAN_TEXT];
	(void) state;
	drill_span (text, 4100000);
	assert_string_equal (text, "4.10s");
	drill_span (text, 59 * 1000000);
	assert_string_equal (text, "59s");
	drill_span (text, 250 * UINT64_C (1000000));
	assert_string_equal (text, "4m 10s");
	drill_span (text, 7500 * UINT64_C (1000000));
	assert_string_equal (text, "2h 05m");
}

static void
test_a_drill_is_scored (void **state)
{
	(void) state;
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	struct siaga_ref first = add_alert (2, &opening, s_terms, BEGIN_US);
	struct siaga_ref second = add_alert (3, &opening, s_terms, BEGIN_US + MINUTE);
	add_response (&first, "polri/d", SIAGA_ACTION_ACKNOWLEDGE, BEGIN_US + MINUTE);
	add_response (&first, "bssn/a", SIAGA_ACTION_ACKNOWLEDGE, BEGIN_US + 4 * MINUTE);
	add_response (&first, "bssn/a", SIAGA_ACTION_TAKE, BEGIN_US + 11 * MINUTE);
	add_response (&first, "bssn/a", SIAGA_ACTION_RESOLVE, BEGIN_US + 30 * MINUTE);
	add_response (&second, "bssn/a", SIAGA_ACTION_TAKE, BEGIN_US + 3 * MINUTE);
	assert_int_equal (drill_score_make (&s_score, &s_drill, BEGIN_US + 40 * MINUTE), 0);
	assert_int_equal (s_drill.inject_count, 2);
	assert_int_equal (s_score.outcomes[0].acknowledge, DRILL_KEPT);
	assert_int_equal (s_score.outcomes[0].take, DRILL_MISSED);
	assert_int_equal (s_score.outcomes[0].resolve, DRILL_KEPT);
	assert_int_equal (s_score.outcomes[1].acknowledge, DRILL_KEPT);
	assert_int_equal (s_score.outcomes[1].resolve, DRILL_PENDING);
	const struct drill_line *bssn = line_of (s_score.members, s_score.member_count, "bssn");
	assert_int_equal (bssn->delivered, 2);
	assert_int_equal (bssn->acknowledged, 2);
	assert_int_equal (bssn->taken, 2);
	assert_int_equal (bssn->resolved, 1);
	assert_int_equal (bssn->led, 2);
	assert_int_equal (bssn->due, 5);
	assert_int_equal (bssn->missed, 1);
	assert_int_equal (bssn->percent, 86); /* 6 of 7 */
	assert_int_equal (bssn->acknowledge.median_us, 2 * MINUTE);
	assert_int_equal (bssn->acknowledge.slowest_us, 4 * MINUTE);
	assert_int_equal (bssn->take.slowest_us, 11 * MINUTE);
	const struct drill_line *polri = line_of (s_score.persons, s_score.person_count, "polri/d");
	assert_int_equal (polri->acknowledged, 1);
	assert_int_equal (polri->percent, 50);
	assert_int_equal (line_of (s_score.members, s_score.member_count, "kpu")->acknowledged, 0);
	assert_int_equal (s_score.member_count, 3); /* kominfo has nobody to answer */
	assert_int_equal (s_score.all.acknowledge.median_us, MINUTE);
}

static void
test_a_deadline_that_passed_in_silence_is_missed (void **state)
{
	(void) state;
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	add_alert (2, &opening, s_terms, BEGIN_US);
	assert_int_equal (drill_score_make (&s_score, &s_drill, BEGIN_US + 7 * MINUTE), 0);
	assert_int_equal (s_score.outcomes[0].acknowledge, DRILL_MISSED);
	assert_int_equal (s_score.outcomes[0].take, DRILL_PENDING);
	assert_int_equal (line_of (s_score.members, s_score.member_count, "bssn")->percent, 0);
}

static void
test_what_comes_after_the_end_does_not_count (void **state)
{
	(void) state;
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	struct siaga_ref first = add_alert (2, &opening, s_terms, BEGIN_US);
	s_fixture.header.kind = SIAGA_KIND_CANCEL;
	s_fixture.header.refs[0] = opening;
	s_fixture.header.ref_count = 1;
	add (BEGIN_US + 2 * MINUTE);
	assert_int_equal (s_drill.ended_us, BEGIN_US + 2 * MINUTE);
	add_response (&first, "bssn/a", SIAGA_ACTION_TAKE, BEGIN_US + 3 * MINUTE);
	assert_int_equal (drill_score_make (&s_score, &s_drill, BEGIN_US + 60 * MINUTE), 0);
	assert_int_equal (s_score.outcomes[0].acknowledge, DRILL_PENDING);
	assert_int_equal (s_score.all.acknowledged, 0);
	assert_int_equal (s_score.all.due, 0);
}

static void
test_others_add_no_injects (void **state)
{
	(void) state;
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	struct siaga_header *header = &s_fixture.header;
	memset (header->id, 9, SIAGA_ID_BYTES);
	header->ref_count = 1;
	header->refs[0] = opening;
	header->origin = siaga_text ("bssn/a");
	add (BEGIN_US);
	header->origin = siaga_text ("kpu/s");
	header->status = SIAGA_STATUS_ACTUAL;
	add (BEGIN_US);
	assert_int_equal (s_drill.inject_count, 0);
}

static void
test_another_alert_is_no_drill (void **state)
{
	(void) state;
	s_fixture.body.detector.tool = siaga_text ("suricata");
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	add_alert (2, &opening, s_terms, BEGIN_US);
	assert_false (s_drill.found);
	assert_int_equal (s_drill.inject_count, 0);
}

/* Also one of which nothing has been sent. */
static void
test_an_empty_drill_is_written (void **state)
{
	char *text = NULL;
	size_t size = 0;
	(void) state;
	add_alert (1, NULL, "", BEGIN_US);
	assert_int_equal (drill_score_make (&s_score, &s_drill, BEGIN_US), 0);
	struct drill_paper paper = {.drill = &s_drill, .score = &s_score, .until_us = BEGIN_US};
	for (int format = 0; format < DRILL_FORMATS; format++) {
		FILE *out = open_memstream (&text, &size);
		drill_report_write (out, &paper, (enum drill_format) format);
		assert_int_equal (fclose (out), 0);
		assert_non_null (strcasestr (text, "exercise"));
		assert_null (strstr (text, "nan"));
		free (text);
	}
}

static void
test_terms_that_are_not_understood_are_none (void **state)
{
	static const char *const raws[] = {"",
					   "x",
					   "[]",
					   "{\"lead\":7}",
					   "{\"lead\":\"../x\",\"take_within_us\":-1}",
					   "{\"take_within_us\":9223372036854775807}"};
	struct drill_terms terms;
	(void) state;
	for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
		struct siaga_body body = {.raw = siaga_text (raws[i])};
		drill_terms_read (&terms, &body);
		assert_string_equal (terms.lead, "");
		assert_int_equal (terms.within.take_within_us, 0);
	}
}

static void
test_titles_are_harmless_in_every_format (void **state)
{
	char *text = NULL;
	size_t size = 0;
	(void) state;
	struct siaga_ref opening = add_alert (1, NULL, "", BEGIN_US);
	add_alert (2, &opening, s_terms, BEGIN_US);
	assert_int_equal (drill_score_make (&s_score, &s_drill, BEGIN_US + MINUTE), 0);
	struct drill_paper paper = {
		.drill = &s_drill, .score = &s_score, .until_us = BEGIN_US + MINUTE};
	for (int format = 0; format < DRILL_FORMATS; format++) {
		FILE *out = open_memstream (&text, &size);
		assert_non_null (out);
		drill_report_write (out, &paper, (enum drill_format) format);
		assert_int_equal (fclose (out), 0);
		assert_true (size > 100);
		if (format == DRILL_FORMAT_HTML)
			assert_null (strstr (text, "<b>|"));
		if (format == DRILL_FORMAT_HTML || format == DRILL_FORMAT_MARKDOWN)
			assert_non_null (strstr (text, "&lt;b&gt;"));
		if (format == DRILL_FORMAT_MARKDOWN)
			assert_non_null (strstr (text, "\\|Banjir\\|"));
		assert_non_null (strcasestr (text, "exercise"));
		free (text);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_spread_is_nearest_rank),
		cmocka_unit_test (test_spans_are_readable),
		cmocka_unit_test_setup_teardown (test_a_drill_is_scored, begin, end),
		cmocka_unit_test_setup_teardown (test_a_deadline_that_passed_in_silence_is_missed,
						 begin, end),
		cmocka_unit_test_setup_teardown (test_what_comes_after_the_end_does_not_count,
						 begin, end),
		cmocka_unit_test_setup_teardown (test_others_add_no_injects, begin, end),
		cmocka_unit_test_setup_teardown (test_another_alert_is_no_drill, begin, end),
		cmocka_unit_test_setup_teardown (test_an_empty_drill_is_written, begin, end),
		cmocka_unit_test (test_terms_that_are_not_understood_are_none),
		cmocka_unit_test_setup_teardown (test_titles_are_harmless_in_every_format, begin,
						 end),
	};
	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
