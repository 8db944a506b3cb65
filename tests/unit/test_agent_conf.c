/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.conf: defaults, every key, and that each mistake names file, line and field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent_conf.h"
#include "siaga/error.h"

#define TRUST                                                                                      \
	"network = \"pemilu.example\";\n"                                                          \
	"roots = [\"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"];\n"                \
	"roster = \"roster.conf\"; identity = \"/etc/siaga/id\";\n"

static struct conf_error s_error;

static int
load (struct agent_conf *conf, const char *text)
{
	char path[] = "/tmp/siaga-agent-conf-XXXXXX";
	int fd = mkstemp (path);
	assert_true (fd >= 0);
	assert_int_equal (write (fd, text, strlen (text)), strlen (text));
	close (fd);
	s_error.words[0] = '\0';
	int rc = agent_conf_load (conf, path, &s_error);
	unlink (path);
	return rc;
}

/* Refused, and the words have all of "<line>: <field>: " and `why` in them. */
static void
assert_refused (const char *text, const char *where, const char *why)
{
	struct agent_conf conf;
	assert_int_equal (load (&conf, text), SIAGA_ECONF);
	if (!strstr (s_error.words, where) || !strstr (s_error.words, why) ||
	    strncmp (s_error.words, "/tmp/siaga-agent-conf-", 22) != 0)
		fail_msg ("\"%s\" lacks \"%s\" or \"%s\"", s_error.words, where, why);
}

static void
test_agent_conf_defaults (void **state)
{
	struct agent_conf conf;
	struct alert_defaults defaults;
	(void) state;
	assert_int_equal (
		load (&conf, TRUST
		      "sources = ({type = \"eve\"; path = \"eve.json\";}, {type = \"stdin\";});"),
		0);
	assert_string_equal (conf.state, "/var/lib/siaga-agent");
	assert_null (conf.hub);
	assert_int_equal (conf.status, SIAGA_STATUS_ACTUAL);
	assert_int_equal (conf.outbox.max_bytes, 256 << 20);
	assert_int_equal (conf.outbox.keep_us, UINT64_C (86400000000));
	assert_int_equal (conf.outbox.keep_bytes, 64 << 20);
	assert_int_equal (conf.sources.count, 2);
	const struct source_conf *source = agent_conf_source (&conf, 0);
	assert_string_equal (source->name, "eve");
	assert_int_equal (source->type, SOURCE_EVE);
	assert_string_equal (source->path, "/tmp/eve.json");
	assert_int_equal (source->from, SOURCE_FROM_END);
	assert_null (source->system);
	assert_int_equal (source->tlp, SIAGA_TLP_AMBER);
	assert_int_equal (source->audience.count, 0);
	assert_true (source->keep_raw);
	assert_false (source->keep_payload);
	assert_string_equal (agent_conf_source (&conf, 1)->name, "stdin");
	agent_conf_defaults (&conf, source, &defaults);
	assert_int_equal (defaults.tlp, SIAGA_TLP_AMBER);
	assert_int_equal (defaults.system.size, 0);
	assert_int_equal (defaults.audience_count, 0);
	agent_conf_free (&conf);
}

static void
test_agent_conf_every_key (void **state)
{
	struct agent_conf conf;
	struct alert_defaults defaults;
	(void) state;
	assert_int_equal (
		load (&conf, TRUST
		      "state = \"/s\"; hub = \"tcp://hub.kpu.example:7766\"; status = \"exercise\";\n"
		      "outbox = { max_size = \"1M\"; keep_acknowledged = \"7d\"; keep_size = \"2M\"; };\n"
		      "sources = ({name = \"ids\"; type = \"eve\"; path = \"/e\"; from = \"start\"; system = \"sipol\";\n"
		      "tlp = \"red\"; audience = [\"polri\", \"bssn\"]; keep_raw = false; keep_payload = true;},\n"
		      "{type = \"socket\"; path = \"/a.sock\";});"),
		0);
	assert_string_equal (conf.state, "/s");
	assert_string_equal (conf.hub, "tcp://hub.kpu.example:7766");
	assert_int_equal (conf.outbox.max_bytes, 1 << 20);
	assert_int_equal (conf.outbox.keep_us, UINT64_C (7) * 86400000000);
	assert_int_equal (conf.outbox.keep_bytes, 2 << 20);
	const struct source_conf *source = agent_conf_source (&conf, 0);
	assert_string_equal (source->name, "ids");
	assert_int_equal (source->from, SOURCE_FROM_START);
	assert_false (source->keep_raw);
	assert_true (source->keep_payload);
	assert_string_equal (agent_conf_source (&conf, 1)->name, "socket");
	agent_conf_defaults (&conf, source, &defaults);
	assert_int_equal (defaults.status, SIAGA_STATUS_EXERCISE);
	assert_int_equal (defaults.tlp, SIAGA_TLP_RED);
	assert_true (siaga_text_is (defaults.system, "sipol"));
	assert_int_equal (defaults.audience_count, 2);
	assert_true (siaga_text_is (defaults.audience[0], "bssn"));
	agent_conf_free (&conf);
}

static void
test_agent_conf_damper_and_bounds (void **state)
{
	struct agent_conf conf;
	(void) state;
	assert_int_equal (load (&conf, TRUST "sources = ({type = \"stdin\";});"), 0);
	assert_true (conf.damper.enabled);
	assert_int_equal (conf.damper.window_us, UINT64_C (600000000));
	assert_int_equal (conf.damper.rate, 1000);
	assert_int_equal (conf.damper.key.count, 0); /* rule, source, system */
	assert_int_equal (conf.outbox.max_age_us, UINT64_C (30) * 86400000000);
	assert_null (conf.accept_log);
	agent_conf_free (&conf);
	assert_refused (TRUST "sources = ({type = \"stdin\";});\ndamper = {key = [\"colour\"];};",
			":5: damper.key", "none of rule");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\ndamper = {window = \"2d\";};",
			":5: damper.window", "");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\ndamper = {rate = -1;};",
			":5: damper.rate", "");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\naccept_log = \"abc\";",
			":5: accept_log", "32 hexadecimal");
}

static void
test_agent_conf_mistakes_name_line_and_field (void **state)
{
	(void) state;
	assert_refused (TRUST, "sources", "must be given");
	assert_refused (TRUST "sources = ();", ":4: sources", "");
	assert_refused (TRUST "sources = (\n{type = \"eve\";});", ":5: sources[0].path",
			"must be given");
	assert_refused (TRUST "sources = (\n{type = \"stdin\"; path = \"/x\";});",
			":5: sources[0].path", "has none");
	assert_refused (TRUST "sources = (\n{type = \"nonsense\"; path = \"/x\";});",
			":5: sources[0].type", "");
	assert_refused (TRUST "sources = (\n{type = \"stdin\"; taip = 1;});", ":5: sources[0].taip",
			"");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\nstatus = \"system\";",
			":5: status", "");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\nhub = \"hub:1\";", ":5: hub",
			"tcp://");
	assert_refused (TRUST "sources = (\n{type = \"stdin\"; name = \"A b\";});",
			":5: sources[0].name", "");
	assert_refused (TRUST "sources = (\n{type = \"stdin\"; tlp = \"pink\";});",
			":5: sources[0].tlp", "");
	assert_refused (TRUST "sources = (\n{type = \"stdin\"; audience = [\"B S\"];});",
			":5: sources[0].audience", "");
	assert_refused (TRUST "sources = ({type = \"stdin\";});\noutbox = {max_size = \"1K\";};",
			":5: outbox.max_size", "");
}

static void
test_agent_conf_names_and_inputs_are_unique (void **state)
{
	(void) state;
	assert_refused (
		TRUST
		"sources = (\n{type = \"eve\"; path = \"/a\";},\n{type = \"eve\"; path = \"/b\";});",
		":6: sources[1].name", "\"eve\"");
	assert_refused (TRUST
			"sources = ({type = \"stdin\";},\n{type = \"stdin\"; name = \"other\";});",
			":5: sources[1].path", "sources[0]");
	assert_refused (
		TRUST
		"sources = ({type = \"eve\"; path = \"/a\";},\n{name = \"b\"; type = \"eve\"; path = \"/a\";});",
		":5: sources[1].path", "sources[0]");
}

/* One source with these keys. */
static void
assert_source_refused (const char *keys, const char *field, const char *why)
{
	char text[2048], where[64];
	snprintf (text, sizeof text, TRUST "sources = (\n{%s});", keys);
	snprintf (where, sizeof where, ":5: sources[0].%s: ", field);
	assert_refused (text, where, why);
}

static void
test_agent_conf_each_type_has_its_keys (void **state)
{
	(void) state;
	assert_source_refused ("type = \"eve\";", "path", "must be given");
	assert_source_refused ("type = \"lines\"; path = \"/x\";", "pattern", "must be given");
	assert_source_refused ("type = \"lines\"; path = \"/x\"; pattern = \"(\";", "pattern", "");
	assert_source_refused ("type = \"eve\"; path = \"/x\"; pattern = \"x\";", "pattern",
			       "has none");
	assert_source_refused ("type = \"eve\"; path = \"/x\"; min_priority = \"err\";",
			       "min_priority", "has none");
	assert_source_refused ("type = \"zeek\"; path = \"/x\"; listen = \"unix:/y\";", "listen",
			       "has none");
	assert_source_refused ("type = \"syslog\";", "path", "one of path and listen");
	assert_source_refused ("type = \"syslog\"; path = \"/x\"; listen = \"unix:/y\";", "path",
			       "one of path and listen");
	assert_source_refused ("type = \"syslog\"; path = \"/x\"; min_priority = \"bad\";",
			       "min_priority", "emerg");
	assert_source_refused ("type = \"exec\";", "command", "must be given");
	assert_source_refused ("type = \"exec\"; command = [\"ls\"];", "command", "whole path");
	assert_source_refused ("type = \"exec\"; command = [\"/ls\"]; format = \"xml\";", "format",
			       "json, eve");
	assert_source_refused ("type = \"exec\"; command = [\"/ls\"]; format = \"lines\";",
			       "pattern", "must be given");
	assert_source_refused ("type = \"exec\"; command = [\"/ls\"]; pattern = \"x\";", "pattern",
			       "only the format lines");
	assert_source_refused ("type = \"exec\"; command = [\"/ls\"]; path = \"/x\";", "path",
			       "has none");
	assert_source_refused ("type = \"journal\"; units = [\"=x\"];", "units", "neither a unit");
	assert_source_refused ("type = \"journal\"; path = [\"/x\", \"/y\"];", "path", "only one");
	assert_source_refused ("type = \"socket\"; path = [\"/x\", \"/y\"];", "path", "only one");
	static const char *const addresses[] = {
		"udp://127.0.0.1",
		"udp://localhost:514",
		"udp://127.0.0.1:0",
		"udp://127.0.0.1:65536",
		"udp://[::1]",
		"udp://::1:514",
		"unix:",
		"unix:relative",
		"tcp://127.0.0.1:514",
		"unix-stream:",
		"",
	};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		char keys[128];
		snprintf (keys, sizeof keys, "type = \"syslog\"; listen = \"%s\";", addresses[i]);
		assert_source_refused (keys, "listen", "");
	}
}

static void
test_agent_conf_paths_are_one_or_many (void **state)
{
	struct agent_conf conf;
	(void) state;
	assert_int_equal (
		load (&conf, TRUST
		      "sources = ({type = \"wazuh\"; path = [\"/a*\", \"b\"];},\n"
		      "{type = \"syslog\"; listen = \"udp://[::1]:514\"; min_priority = \"err\";},\n"
		      "{type = \"journal\"; units = \"ssh.service\";},\n"
		      "{type = \"exec\"; command = [\"/bin/x\", \"y\"]; format = \"zeek\";});"),
		0);
	const struct source_conf *source = agent_conf_source (&conf, 0);
	assert_int_equal (source->paths.count, 2);
	assert_string_equal (source->path, "/a*");
	assert_string_equal (source->paths.items[1], "/tmp/b");
	assert_int_equal (source->priority, 4);
	assert_int_equal (agent_conf_source (&conf, 1)->priority, 3);
	assert_null (agent_conf_source (&conf, 1)->path);
	assert_string_equal (agent_conf_source (&conf, 2)->units.items[0], "ssh.service");
	assert_int_equal (agent_conf_source (&conf, 3)->format_number, FORMAT_ZEEK);
	agent_conf_free (&conf);
}

static void
test_agent_conf_missing_file_is_said (void **state)
{
	struct agent_conf conf;
	(void) state;
	assert_int_equal (agent_conf_load (&conf, "/nonexistent/agent.conf", &s_error),
			  SIAGA_ENOTFOUND);
	assert_non_null (strstr (s_error.words, "/nonexistent/agent.conf"));
}

static void
test_agent_conf_example_is_valid (void **state)
{
	struct agent_conf conf;
	const char *directory = getenv ("SIAGA_SOURCE_DIR");
	char path[4096];
	(void) state;
	snprintf (path, sizeof path, "%s/doc/examples/agent.conf", directory ? directory : ".");
	if (agent_conf_load (&conf, path, &s_error))
		fail_msg ("%s", s_error.words);
	assert_int_equal (conf.sources.count, 2);
	agent_conf_free (&conf);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_conf_defaults),
		cmocka_unit_test (test_agent_conf_every_key),
		cmocka_unit_test (test_agent_conf_damper_and_bounds),
		cmocka_unit_test (test_agent_conf_mistakes_name_line_and_field),
		cmocka_unit_test (test_agent_conf_names_and_inputs_are_unique),
		cmocka_unit_test (test_agent_conf_each_type_has_its_keys),
		cmocka_unit_test (test_agent_conf_paths_are_one_or_many),
		cmocka_unit_test (test_agent_conf_missing_file_is_said),
		cmocka_unit_test (test_agent_conf_example_is_valid),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
