/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog in all its heads, what is known of well-known programs, and what is urgent enough to be told.
 */
#include "parser_fixture.h"

#include "agent/syslog_known.h"
#include "agent/syslog_line.h"

PARSER_SETUP (&parser_syslog, SOURCE_SYSLOG, NULL)

static void
assert_head (const char *line, int priority, const char *time, const char *host,
	     const char *program, const char *pid, const char *message)
{
	struct syslog_line read;
	if (!syslog_line_read (&read, siaga_text (line), NOW_US))
		fail_msg ("not read: %s", line);
	assert_int_equal (read.priority, priority);
	if (time)
		assert_time (read.time_us, time);
	else
		assert_int_equal (read.time_us, 0);
	assert_text (read.host, host);
	assert_text (read.program, program);
	assert_text (read.pid, pid);
	assert_text (read.message, message);
}

static void
test_agent_syslog_reads_rfc5424 (void **state)
{
	struct syslog_line line;
	struct siaga_text rest, id = {NULL, 0}, name, value;
	(void) state;
	assert_head ("<34>1 2026-11-24T15:00:00.003+07:00 web1 su 12 ID47 - 'su root' failed", 2,
		     "2026-11-24T08:00:00.003000Z", "web1", "su", "12", "'su root' failed");
	assert_head ("<165>1 - - - - - - \xef\xbb\xbfwords", 5, NULL, "", "", "", "words");
	assert_true (syslog_line_read (
		&line,
		siaga_text ("<13>1 - h a - - [ex@32473 iut=\"3\" s=\"a\\\"]b\"][b x=\"\"] m"),
		NOW_US));
	assert_text (line.message, "m");
	rest = line.data;
	assert_true (syslog_data_next (&rest, &id, &name, &value));
	assert_text (id, "ex@32473");
	assert_text (name, "iut");
	assert_text (value, "3");
	assert_true (syslog_data_next (&rest, &id, &name, &value));
	assert_text (value, "a\\\"]b");
	assert_true (syslog_data_next (&rest, &id, &name, &value));
	assert_text (id, "b");
	assert_text (value, "");
	assert_false (syslog_data_next (&rest, &id, &name, &value));
}

static void
test_agent_syslog_reads_rfc3164 (void **state)
{
	(void) state;
	assert_head ("<38>Nov 24 07:59:59 web1 sshd[812]: words: more", 6,
		     "2026-11-24T07:59:59.000000Z", "web1", "sshd", "812", "words: more");
	assert_head ("<38>Nov 24 07:59:59 sshd[812]: words", 6, "2026-11-24T07:59:59.000000Z", "",
		     "sshd", "812", "words");
	assert_head ("Nov  4 07:59:59 web1 kernel: words", -1, "2026-11-04T07:59:59.000000Z",
		     "web1", "kernel", "", "words");
	assert_head ("2026-11-24T15:00:00+07:00 web1 CRON[1]: x", -1, "2026-11-24T08:00:00.000000Z",
		     "web1", "CRON", "1", "x");
	assert_head ("<13>only words", 5, NULL, "", "", "", "only words");
	assert_head ("<13>tag: words", 5, NULL, "", "tag", "", "words");
}

static void
test_agent_syslog_finds_the_year (void **state)
{
	struct syslog_line line;
	(void) state;
	assert_true (syslog_line_read (&line, siaga_text ("Dec 31 23:59:59 h p: m"), NOW_US));
	assert_time (line.time_us, "2025-12-31T23:59:59.000000Z");
	assert_true (syslog_line_read (&line, siaga_text ("Nov 24 20:00:00 h p: m"), NOW_US));
	assert_time (line.time_us, "2026-11-24T20:00:00.000000Z"); /* a clock may be fast */
}

static void
test_agent_syslog_reads_programs_own_logs (void **state)
{
	(void) state;
	assert_head ("2026/11/24 08:00:00 [error] 1#0: *2 words", -1, "2026-11-24T08:00:00.000000Z",
		     "", "nginx", "", "[error] 1#0: *2 words");
	assert_head (
		"2026-11-24 08:00:00,123 fail2ban.actions        [99]: NOTICE  [sshd] Ban 192.0.2.1",
		-1, "2026-11-24T08:00:00.000000Z", "", "fail2ban.actions", "",
		"NOTICE  [sshd] Ban 192.0.2.1");
}

static void
test_agent_syslog_refuses_what_is_none (void **state)
{
	static const char *const lines[] = {
		"",
		"words",
		"<",
		"<>x",
		"<192>x",
		"<13",
		"<1x>y",
		"<13>1 yesterday h a - - - m",
		"<13>1 - h a - - [ m",
		"<13>1 - h a - - [x y=\"",
		"Nov 24",
		"2026-11-24 08:00:00 nothing",
	};
	struct syslog_line line;
	(void) state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (i != 5 && i != 4 && syslog_line_read (&line, siaga_text (lines[i]), NOW_US))
			fail_msg ("read: %s", lines[i]);
	assert_int_equal (map_string ("words"), SIAGA_EFORMAT);
	assert_true (s_words[0]);
}

static void
test_agent_syslog_tells_who_failed_to_log_in (void **state)
{
	(void) state;
	assert_int_equal (
		map_string (
			"<38>Nov 24 08:00:00 web1 sshd[1]: Failed password for invalid user x from 6.6.6.6 port 1 "
			"from 203.0.113.9 port 40022 ssh2"),
		0);
	assert_text (s_event.body.title,
		     "SSH login failed for unknown user x from 6.6.6.6 port 1 from 203.0.113.9");
	assert_text (s_event.body.source[0].ip, "203.0.113.9"); /* not what the client wrote */
	assert_int_equal (s_event.body.source[0].port, 40022);
	assert_text (s_event.body.target[0].user, "x from 6.6.6.6 port 1");
	assert_text (s_event.body.target[0].host, "web1");
	assert_text (s_event.header.category, "intrusion-attempts/brute-force");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_LOW);
	assert_text (s_event.body.detector.tool, "sshd");
	assert_text (s_event.body.detector.rule_id, "sshd-unknown-user");
	assert_text (s_event.body.detector.native_severity, "info");
	assert_valid_entry ();
}

static void
assert_known (const char *line, const char *title, const char *category,
	      enum siaga_severity severity)
{
	int rc = map_string (line);
	if (rc)
		fail_msg ("%s: %s", line, s_words);
	assert_text (s_event.body.title, title);
	assert_text (s_event.header.category, category);
	assert_int_equal (s_event.header.severity, severity);
	assert_valid_entry ();
}

static void
test_agent_syslog_knows_programs (void **state)
{
	(void) state;
	s_source.priority = 6;
	assert_known (
		"Nov 24 08:00:00 w sshd[1]: Failed publickey for root from 2001:DB8::1 port 4 ssh2",
		"SSH login failed for root from 2001:DB8::1", "intrusion-attempts/brute-force",
		SIAGA_SEVERITY_LOW);
	assert_text (s_event.body.source[0].ip, "2001:db8::1");
	assert_known (
		"Nov 24 08:00:00 w sshd-session[1]: Accepted publickey for dewi from 10.1.2.3 port 4 ssh2",
		"SSH login of dewi from 10.1.2.3", "other/other", SIAGA_SEVERITY_INFO);
	assert_known (
		"Nov 24 08:00:00 w sudo:    budi : user NOT in sudoers ; TTY=pts/0 ; COMMAND=/bin/ls",
		"budi may not use sudo and tried", "fraud/unauthorised-use-of-resources",
		SIAGA_SEVERITY_MEDIUM);
	assert_known ("Nov 24 08:00:00 w sudo: budi : 3 incorrect password attempts ; TTY=pts/0",
		      "Wrong password for sudo by budi", "intrusion-attempts/brute-force",
		      SIAGA_SEVERITY_LOW);
	assert_known ("Nov 24 08:00:00 w su: FAILED SU (to root) budi on pts/1",
		      "budi failed to become root with su", "intrusion-attempts/brute-force",
		      SIAGA_SEVERITY_LOW);
	assert_known ("Nov 24 08:00:00 w fail2ban.actions[9]: NOTICE [http-get-dos] Ban 192.0.2.1",
		      "Fail2ban banned 192.0.2.1 from http-get-dos", "availability/dos",
		      SIAGA_SEVERITY_LOW);
	assert_known (
		"2026/11/24 08:00:00 [crit] 1#0: *2 open() \"/x\" failed (13: Permission denied), client: 192.0.2.7, "
		"server: kpu.example, request: \"GET /x?a=1 HTTP/1.1\", host: \"kpu.example\"",
		"nginx: open() \"/x\" failed (13: Permission denied)", "other/undetermined",
		SIAGA_SEVERITY_HIGH);
	assert_text (s_event.body.source[0].ip, "192.0.2.7");
	assert_text (s_event.body.target[0].host, "kpu.example");
	assert_text (s_event.body.target[0].url, "/x?a=1");
	for (size_t i = 0; syslog_known_at (i); i++)
		assert_true (!syslog_known_at (i)->category ||
			     siaga_category_is_valid (siaga_text (syslog_known_at (i)->category)));
}

static void
test_agent_syslog_passes_over_what_is_not_urgent (void **state)
{
	(void) state;
	assert_int_equal (map_string ("<14>Nov 24 08:00:00 w app: words"),
			  SIAGA_ENOTFOUND);				       /* info */
	assert_int_equal (map_string ("<12>Nov 24 08:00:00 w app: words"), 0); /* warning */
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_LOW);
	assert_text (s_event.body.title, "app: words");
	assert_int_equal (s_event.body.description.size, 0);
	assert_int_equal (map_string ("Nov 24 08:00:00 w app: words"),
			  SIAGA_ENOTFOUND); /* who knows */
	assert_int_equal (
		map_string (
			"<38>Nov 24 08:00:00 w sshd[1]: Accepted password for a from 10.0.0.1 port 4"),
		SIAGA_ENOTFOUND);
	s_source.priority = 6;
	assert_int_equal (map_string ("<14>Nov 24 08:00:00 w app: words"), 0);
	assert_int_equal (map_string ("Nov 24 08:00:00 w app: words"), 0);
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_INFO);
	assert_int_equal (map_string ("<8>Nov 24 08:00:00 w app: words"), 0);
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_CRITICAL);
}

static void
test_agent_syslog_fields_are_there_for_rules (void **state)
{
	(void) state;
	assert_int_equal (map_string ("<11>1 2026-11-24T08:00:00Z h app 7 ID [ex@1 k=\"v\"] words"),
			  0);
	assert_string_equal (json_string_value (event_field (s_event.fields, "program")), "app");
	assert_string_equal (json_string_value (event_field (s_event.fields, "pid")), "7");
	assert_string_equal (json_string_value (event_field (s_event.fields, "msgid")), "ID");
	assert_string_equal (json_string_value (event_field (s_event.fields, "message")), "words");
	assert_string_equal (json_string_value (event_field (s_event.fields, "data.ex@1.k")), "v");
	assert_int_equal (json_integer_value (event_field (s_event.fields, "priority")), 3);
	assert_int_equal (json_integer_value (event_field (s_event.fields, "facility")), 1);
}

static void
test_agent_syslog_survives_long_and_broken_lines (void **state)
{
	char *long_line = make_long ("<11>Nov 24 08:00:00 w app: ", "x\xff", 50000, "");
	char *tag = make_long ("<11>Nov 24 08:00:00 ", "x", 50000, ": m");
	char *user = make_long ("Nov 24 08:00:00 w sshd[1]: Failed password for ",
				" from 1.2.3.4 port", 2000, "");
	(void) state;
	s_source.priority = 7;
	assert_int_equal (map_string (long_line), 0);
	assert_valid_entry ();
	assert_int_equal (map_string (tag), 0);
	assert_valid_entry ();
	assert_int_equal (map_string (user), 0);
	assert_valid_entry ();
	free (long_line);
	free (tag);
	free (user);
}

static void
test_agent_journal_maps_its_fields (void **state)
{
	(void) state;
	end_parser ();
	begin_parser (&parser_journal, SOURCE_JOURNAL, NULL);
	assert_int_equal (
		map_string (
			"{\"MESSAGE\":\"Failed password for root from 203.0.113.9 port 4 ssh2\",\"PRIORITY\":\"6\","
			"\"SYSLOG_IDENTIFIER\":\"sshd\",\"_HOSTNAME\":\"web1\",\"_PID\":\"1\","
			"\"__REALTIME_TIMESTAMP\":\"1795507200000000\",\"__CURSOR\":\"s=1\"}"),
		0);
	assert_text (s_event.body.title, "SSH login failed for root from 203.0.113.9");
	assert_text (s_event.body.target[0].host, "web1");
	assert_time (s_event.header.detected_us, "2026-11-24T08:00:00.000000Z");
	assert_text (s_event.body.raw,
		     "web1 sshd: Failed password for root from 203.0.113.9 port 4 ssh2");
	assert_valid_entry ();
	assert_int_equal (map_string ("{\"MESSAGE\":\"words\",\"PRIORITY\":\"6\"}"),
			  SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("{\"PRIORITY\":\"0\"}"), SIAGA_ENOTFOUND);
	assert_int_equal (
		map_string ("{\"MESSAGE\":\"words\",\"PRIORITY\":\"3\",\"_COMM\":\"app\"}"), 0);
	assert_text (s_event.body.title, "app: words");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PARSER_TEST (test_agent_syslog_reads_rfc5424),
		PARSER_TEST (test_agent_syslog_reads_rfc3164),
		PARSER_TEST (test_agent_syslog_finds_the_year),
		PARSER_TEST (test_agent_syslog_reads_programs_own_logs),
		PARSER_TEST (test_agent_syslog_refuses_what_is_none),
		PARSER_TEST (test_agent_syslog_tells_who_failed_to_log_in),
		PARSER_TEST (test_agent_syslog_knows_programs),
		PARSER_TEST (test_agent_syslog_passes_over_what_is_not_urgent),
		PARSER_TEST (test_agent_syslog_fields_are_there_for_rules),
		PARSER_TEST (test_agent_syslog_survives_long_and_broken_lines),
		PARSER_TEST (test_agent_journal_maps_its_fields),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
