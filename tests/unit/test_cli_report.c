/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/report.c: everything article 15 asks for, from a story made by hand, in both languages and formats.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/report_words.h"
#include "playbook_fixture.h"

#define HOUR UINT64_C (3600000000)

static const char alert[] =
	"{\"number\":7,\"accepted\":\"2026-11-24T08:00:00.000000Z\",\"origin\":\"bssn/soc-1\","
	"\"id\":\"01a20c91-a000-7001-8203-040506070809\",\"log_id\":\"0011\",\"kind\":\"alert\","
	"\"status\":\"actual\",\"detected\":\"2026-11-24T07:30:00.000000Z\",\"severity\":\"high\","
	"\"category\":\"availability/ddos\",\"system\":\"sirekap\",\"tlp\":\"amber\",\"title\":\"Flood\","
	"\"description\":\"Two\\nlines\",\"source\":[{\"ip\":\"10.0.0.1\",\"port\":53},{\"ip\":\"::1\"}],"
	"\"detector\":{\"tool\":\"suricata\"},\"count\":12}";

static const char rest[] =
	",{\"number\":8,\"accepted\":\"2026-11-24T08:01:00.000000Z\",\"origin\":\"polri/dewi\","
	"\"kind\":\"response\",\"action\":\"acknowledge\",\"severity\":\"info\"}"
	",{\"number\":9,\"accepted\":\"2026-11-24T08:02:00.000000Z\",\"origin\":\"polri/dewi\","
	"\"kind\":\"response\",\"action\":\"handover\",\"member\":\"bssn\",\"severity\":\"info\"}"
	",{\"number\":12,\"accepted\":\"2026-11-24T09:00:00.000000Z\",\"origin\":\"bssn/a\","
	"\"kind\":\"response\",\"action\":\"resolve\",\"outcome\":\"true-positive\",\"severity\":\"info\","
	"\"description\":\"Filtered <upstream>\"}";

static struct siaga_roster *roster;

static int
setup (void **state)
{
	(void) state;
	roster = playbook_parse ("playbook = ({ lead = \"kpu\"; });\n");
	roster->systems[1].vital = true;
	return 0;
}

static int
teardown (void **state)
{
	(void) state;
	siaga_roster_destroy (&roster);
	return 0;
}

/* A story: the alert with the first `find` in it replaced, and what was said about it. */
static json_t *
make_story (const char *find, const char *replacement)
{
	char text[4096];
	const char *at = strstr (alert, find);

	assert_non_null (at);
	snprintf (text, sizeof text, "[%.*s%s%s%s]", (int) (at - alert), alert, replacement,
		  at + strlen (find), rest);
	json_t *story = json_loads (text, 0, NULL);
	assert_non_null (story);
	return story;
}

/* The report at so many hours after the alert was found; the caller's to free. */
static char *
write_report (const json_t *story, enum report_language language, bool html, uint64_t hours)
{
	struct report report = {
		.story = story,
		.roster = roster,
		.reporter = siaga_roster_principal (roster, siaga_text ("bssn/a")),
		.impact = "No votes were lost.",
		.now_us = FIXTURE_NOW_US - HOUR / 2 + hours * HOUR,
		.language = language,
		.html = html,
		.style = {.zone = RENDER_ZONE_WIB},
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);

	assert_non_null (out);
	report_write (out, &report);
	assert_int_equal (fclose (out), 0);
	return text;
}

static void
check_holds (const char *text, const char *const *lines)
{
	const char *at = text;

	for (; *lines != NULL; lines++) {
		at = strstr (at, *lines);
		if (at == NULL)
			fail_msg ("no \"%s\" (in its place) in:\n%s", *lines, text);
	}
}

static void
test_cli_report_has_what_article_15_asks_for (void **state)
{
	static const char *const lines[] = {
		"# Laporan Insiden Siber\n",
		"Peraturan BSSN Nomor 1 Tahun 2024, Pasal 15",
		"## 1. Kontak pelapor",
		"| Instansi | bssn |\n| Pelapor | bssn/a |\n| Telepon siaga | +62 2 |\n| Surel | b@x |\n",
		"## 2. Deskripsi insiden",
		"| Kejadian | Flood |\n| Uraian | Two<br>lines |\n| Kategori (RSIT) | availability/ddos |\n"
		"| Sistem | sirekap, infrastruktur informasi vital |\n| Tingkat keparahan | tinggi |\n"
		"| Terdeteksi | 2026-11-24 14:30:00 WIB |\n| Dilaporkan oleh | bssn/soc-1 |\n"
		"| TLP | amber |\n| Sumber | ip 10.0.0.1, port 53<br>ip ::1 |\n"
		"| Pendeteksi | tool suricata |\n| Jumlah kejadian | 12 |\n",
		"## 3. Kronologi",
		"| 2026-11-24 15:00:00 WIB | bssn/soc-1 | peringatan dikirim: Flood | 7 |\n"
		"| 2026-11-24 15:01:00 WIB | polri/dewi | diterima | 8 |\n"
		"| 2026-11-24 15:02:00 WIB | polri/dewi | diserahkan kepada bssn | 9 |\n"
		"| 2026-11-24 16:00:00 WIB | bssn/a | diselesaikan (insiden nyata): Filtered &lt;upstream&gt; | "
		"12 |\n",
		"## 4. Dampak\n\nNo votes were lost.\n",
		"## 5. Batas waktu",
		"| Ditemukan | 2026-11-24 14:30:00 WIB |\n"
		"| Paling lambat dilaporkan | 2026-11-25 14:30:00 WIB |\n| Sisa waktu | 21 jam 0 menit |\n",
		"## 6. Bukti",
		"| Peringatan | 01a20c91-a000-7001-8203-040506070809 |\n| Log | 0011 |\n",
		NULL,
	};
	json_t *story = make_story ("\"number\":7", "\"number\":7");
	char *text = write_report (story, REPORT_INDONESIAN, false, 3);

	(void) state;
	check_holds (text, lines);
	assert_null (strstr (text, "tidak tercatat"));
	free (text);
	json_decref (story);
}

static void
test_cli_report_writes_english_and_html (void **state)
{
	static const char *const lines[] = {
		"<html lang=\"en\">",
		"<h1>Cyber Incident Report</h1>",
		"<h2>1. Contact of the reporter</h2>",
		"<tr><td>Duty phone</td><td>+62 2</td></tr>",
		"<td>Two<br>lines</td>",
		"<td>resolved (true positive): Filtered &lt;upstream&gt;</td>",
		"<p>No votes were lost.</p>",
		"<tr><td>Overdue by</td><td>1 h 0 min</td></tr>",
		NULL,
	};
	json_t *story = make_story ("\"number\":7", "\"number\":7");
	char *text = write_report (story, REPORT_ENGLISH, true, 25);

	(void) state;
	check_holds (text, lines);
	free (text);
	json_decref (story);
}

static void
test_cli_report_says_when_it_is_not_asked_for (void **state)
{
	json_t *story = make_story ("\"severity\":\"high\"", "\"severity\":\"medium\"");
	char *text = write_report (story, REPORT_ENGLISH, false, 1);

	(void) state;
	assert_false (report_is_wanted (story));
	assert_non_null (strstr (text, "does not ask for this report"));
	assert_null (strstr (text, "Time left"));
	free (text);
	/* Its origin raised it later. */
	json_array_append_new (story, json_pack ("{s:s, s:s, s:s}", "kind", "update", "severity",
						 "critical", "accepted", "2026-11-24T10:00:00Z"));
	assert_true (report_is_wanted (story));
	text = write_report (story, REPORT_ENGLISH, false, 1);
	assert_non_null (strstr (text, "| Severity | critical |"));
	assert_non_null (strstr (text, "Time left | 23 h 0 min"));
	free (text);
	json_decref (story);
	story = make_story ("\"system\":\"sirekap\"", "\"system\":\"sipol\"");
	text = write_report (story, REPORT_ENGLISH, false, 1);
	assert_non_null (strstr (text, "does not list this system as vital"));
	free (text);
	json_decref (story);
}

static void
test_cli_report_of_an_exercise_can_not_be_taken_for_the_real_thing (void **state)
{
	json_t *story =
		make_story ("\"status\":\"actual\"", "\"status\":\"exercise\",\"exercise\":true");
	char *text = write_report (story, REPORT_INDONESIAN, true, 1);

	(void) state;
	assert_non_null (strstr (text, "<div class=\"banner\">LATIHAN: bukan insiden nyata</div>"));
	assert_false (report_is_wanted (story));
	free (text);
	json_decref (story);
}

static void
test_cli_report_found_is_never_after_the_hub_knew (void **state)
{
	json_t *story = make_story ("T07:30", "T09:30");

	(void) state;
	assert_int_equal (report_due_us (story), FIXTURE_NOW_US + 24 * HOUR);
	json_decref (story);
	story = make_story ("\"detected\":\"2026-11-24T07:30:00.000000Z\",", "");
	assert_int_equal (report_due_us (story), FIXTURE_NOW_US + 24 * HOUR);
	json_decref (story);
}

static void
test_cli_report_has_every_word_in_every_language (void **state)
{
	(void) state;
	for (int word = 0; word < REPORT_WORDS; word++)
		for (int language = 0; language < REPORT_LANGUAGES; language++)
			assert_non_null (report_word ((enum report_language) language,
						      (enum report_word) word));
	for (unsigned i = 1; i < siaga_action_names.count; i++)
		assert_string_not_equal (report_event_word (REPORT_INDONESIAN, "response",
							    siaga_action_names.names[i]),
					 siaga_action_names.names[i]);
	assert_string_equal (report_event_word (REPORT_ENGLISH, "void", ""), "void");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_cli_report_has_what_article_15_asks_for),
		cmocka_unit_test (test_cli_report_writes_english_and_html),
		cmocka_unit_test (test_cli_report_says_when_it_is_not_asked_for),
		cmocka_unit_test (
			test_cli_report_of_an_exercise_can_not_be_taken_for_the_real_thing),
		cmocka_unit_test (test_cli_report_found_is_never_after_the_hub_knew),
		cmocka_unit_test (test_cli_report_has_every_word_in_every_language),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, setup, teardown) != 0;
}
