/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See report_words.h. A word that is missing in a language is found by test_cli_report.
 */
#include "cli/report_words.h"

#include <string.h>

static const char *const s_words[REPORT_WORDS][REPORT_LANGUAGES] = {
	[REPORT_TITLE] = {"Laporan Insiden Siber", "Cyber Incident Report"},
	[REPORT_LAW] = {"Menurut Peraturan BSSN Nomor 1 Tahun 2024, Pasal 15.",
			"After BSSN Regulation 1/2024, article 15."},
	[REPORT_EXERCISE] = {"LATIHAN: bukan insiden nyata", "EXERCISE: not a real incident"},
	[REPORT_TEST] = {"UJI COBA: bukan insiden nyata", "TEST: not a real incident"},
	[REPORT_CONTACT] = {"1. Kontak pelapor", "1. Contact of the reporter"},
	[REPORT_AGENCY] = {"Instansi", "Agency"},
	[REPORT_PERSON] = {"Pelapor", "Reporter"},
	[REPORT_PHONE] = {"Telepon siaga", "Duty phone"},
	[REPORT_MAIL] = {"Surel", "Mail"},
	[REPORT_WRITTEN] = {"Laporan dibuat", "Report written"},
	[REPORT_DESCRIPTION] = {"2. Deskripsi insiden", "2. Description of the incident"},
	[REPORT_WHAT] = {"Kejadian", "What happened"},
	[REPORT_DETAILS] = {"Uraian", "Details"},
	[REPORT_CATEGORY] = {"Kategori (RSIT)", "Category (RSIT)"},
	[REPORT_SYSTEM] = {"Sistem", "System"},
	[REPORT_VITAL] = {"infrastruktur informasi vital", "vital information infrastructure"},
	[REPORT_SEVERITY] = {"Tingkat keparahan", "Severity"},
	[REPORT_DETECTED] = {"Terdeteksi", "Detected"},
	[REPORT_ORIGIN] = {"Dilaporkan oleh", "Raised by"},
	[REPORT_TLP] = {"TLP", "TLP"},
	[REPORT_SOURCE] = {"Sumber", "Source"},
	[REPORT_TARGET] = {"Sasaran", "Target"},
	[REPORT_DETECTOR] = {"Pendeteksi", "Detector"},
	[REPORT_COUNT] = {"Jumlah kejadian", "Number of events"},
	[REPORT_SEALED] = {"Isi peringatan ini disegel.", "The body of this alert is sealed."},
	[REPORT_CHRONOLOGY] = {"3. Kronologi", "3. Chronology"},
	[REPORT_WHEN] = {"Waktu", "When"},
	[REPORT_WHO] = {"Oleh", "Who"},
	[REPORT_EVENT] = {"Peristiwa", "What"},
	[REPORT_NUMBER] = {"Nomor log", "Log number"},
	[REPORT_IMPACT] = {"4. Dampak", "4. Impact"},
	[REPORT_BLANK] = {"(belum diisi)", "(to be filled in)"},
	[REPORT_CLOCK] = {"5. Batas waktu pelaporan (1 x 24 jam)",
			  "5. Time to report (1 x 24 hours)"},
	[REPORT_FOUND] = {"Ditemukan", "Found"},
	[REPORT_DUE] = {"Paling lambat dilaporkan", "To be reported by"},
	[REPORT_LEFT] = {"Sisa waktu", "Time left"},
	[REPORT_OVERDUE] = {"Terlambat", "Overdue by"},
	[REPORT_NOT_WANTED] =
		{"Pasal 15 tidak mewajibkan laporan ini: bukan insiden nyata dengan risiko "
		 "paling sedikit tinggi.",
		 "Article 15 does not ask for this report: it is not an actual incident of at "
		 "least high risk."},
	[REPORT_NOT_VITAL] =
		{"Sistem ini tidak tercatat sebagai infrastruktur informasi vital dalam "
		 "roster; batas 1 x 24 jam berlaku untuk yang vital.",
		 "The roster does not list this system as vital information infrastructure; "
		 "the 24 hours are for those that are."},
	[REPORT_EVIDENCE] = {"6. Bukti", "6. Evidence"},
	[REPORT_EVIDENCE_WORDS] =
		{"Setiap entri kronologi ditandatangani oleh pembuatnya dan telah "
		 "diverifikasi dengan kunci dalam roster.",
		 "Every entry of the chronology was signed by its author and has been "
		 "verified with the keys in the roster."},
	[REPORT_LOG] = {"Log", "Log"},
	[REPORT_ID] = {"Peringatan", "Alert"},
};

/* A word of the protocol and what it is called. */
struct named {
	const char *name;
	const char *words[REPORT_LANGUAGES];
};

static const struct named s_events[] = {
	{"alert", {"peringatan dikirim", "alert raised"}},
	{"update", {"diperbarui", "updated"}},
	{"cancel", {"dibatalkan oleh pengirimnya", "cancelled by its origin"}},
	{"acknowledge", {"diterima", "acknowledged"}},
	{"take", {"ditangani", "taken on"}},
	{"assist", {"dibantu", "assisted"}},
	{"handover", {"diserahkan kepada", "handed over to"}},
	{"comment", {"catatan", "comment"}},
	{"resolve", {"diselesaikan", "resolved"}},
	{"reopen", {"dibuka kembali", "reopened"}},
	{"system", {"hub", "hub"}},
	{NULL, {NULL}},
};

static const struct named s_severities[] = {
	{"info", {"info", "info"}},	      {"low", {"rendah", "low"}},
	{"medium", {"sedang", "medium"}},     {"high", {"tinggi", "high"}},
	{"critical", {"kritis", "critical"}}, {NULL, {NULL}},
};

static const struct named s_outcomes[] = {
	{"true-positive", {"insiden nyata", "true positive"}},
	{"false-positive", {"positif palsu", "false positive"}},
	{"benign", {"tidak berbahaya", "benign"}},
	{"duplicate", {"duplikat", "duplicate"}},
	{NULL, {NULL}},
};

const char *
report_word (enum report_language language, enum report_word word)
{
	return s_words[word][language];
}

static const char *
s_find (const struct named *list, enum report_language language, const char *name)
{
	for (; list->name; list++)
		if (strcmp (list->name, name) == 0)
			return list->words[language];
	return name;
}

const char *
report_event_word (enum report_language language, const char *kind, const char *action)
{
	return s_find (s_events, language, strcmp (kind, "response") == 0 ? action : kind);
}

const char *
report_severity_word (enum report_language language, const char *severity)
{
	return s_find (s_severities, language, severity);
}

const char *
report_outcome_word (enum report_language language, const char *outcome)
{
	return s_find (s_outcomes, language, outcome);
}
