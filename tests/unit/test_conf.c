/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration through a schema: every type with its fallback, range and checker; every error with
 * its line and its way down; and nothing left to free after a failure (the address sanitizer
 * looks).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "common/conf.h"
#include "siaga/error.h"

struct source {
	unsigned line;
	char *path;
	int severity;
	struct conf_strings tags;
};

struct log_conf {
	unsigned line;
	int64_t level;
	char *words;
};

struct program {
	unsigned line;
	char *name;
	char *state;
	int64_t port;
	bool quiet;
	uint64_t every_us;
	uint64_t since_us;
	uint64_t room;
	int tlp;
	struct conf_strings addresses;
	struct log_conf log;
	struct conf_list sources;
};

static bool
source_check (const void *value, char reason[CONF_REASON_MAX])
{
	const struct source *source = value;

	if (source->severity != SIAGA_SEVERITY_CRITICAL || source->tags.count > 0)
		return true;
	snprintf (reason, CONF_REASON_MAX, "critical ones need tags");
	return false;
}

static const struct conf_field source_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct source, line)},
	CONF_FIELD ("path", CONF_PATH, struct source, path, .required = true),
	CONF_FIELD ("severity", CONF_ENUM, struct source, severity, .names = &siaga_severity_names,
		    .fallback = "low"),
	CONF_FIELD ("tags", CONF_STRING_LIST, struct source, tags, .check = conf_check_member),
};
static const struct conf_schema source_schema = CONF_SCHEMA (struct source, source_fields);

static const struct conf_field log_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct log_conf, line)},
	CONF_FIELD ("level", CONF_INT, struct log_conf, level, .fallback = "3", .min = 0, .max = 7),
	CONF_FIELD ("words", CONF_STRING, struct log_conf, words, .fallback = "plain"),
};
static const struct conf_schema log_schema = CONF_SCHEMA (struct log_conf, log_fields);

static const struct conf_field fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct program, line)},
	CONF_FIELD ("name", CONF_STRING, struct program, name, .required = true, .min = 2,
		    .max = 8),
	CONF_FIELD ("state", CONF_PATH, struct program, state, .fallback = "/var/lib/x"),
	CONF_FIELD ("port", CONF_INT, struct program, port, .fallback = "7766", .min = 1,
		    .max = 65535),
	CONF_FIELD ("quiet", CONF_BOOL, struct program, quiet, .fallback = "true"),
	CONF_FIELD ("every", CONF_DURATION, struct program, every_us, .fallback = "10s",
		    .min = 1000000, .max = 60000000),
	CONF_FIELD ("since", CONF_TIME, struct program, since_us),
	CONF_FIELD ("room", CONF_SIZE, struct program, room, .fallback = "16M"),
	CONF_FIELD ("tlp", CONF_ENUM, struct program, tlp, .names = &siaga_tlp_names,
		    .fallback = "amber"),
	CONF_FIELD ("addresses", CONF_STRING_LIST, struct program, addresses,
		    .check = conf_check_address),
	CONF_FIELD ("log", CONF_GROUP, struct program, log, .schema = &log_schema),
	CONF_FIELD ("sources", CONF_GROUP_LIST, struct program, sources, .schema = &source_schema,
		    .max = 3, .check = source_check),
};
static const struct conf_schema schema = CONF_SCHEMA (struct program, fields);

static int
parse (const char *file_name, const char *text, struct program *program, struct conf_error *error)
{
	return conf_parse (file_name, text, strlen (text), &schema, program, error);
}

static void
test_conf_fallbacks (void **state)
{
	struct program program;
	struct conf_error error;

	(void) state;
	assert_int_equal (parse ("/etc/x.conf", "name = \"xy\";", &program, &error), 0);
	assert_string_equal (error.words, "");
	assert_string_equal (program.name, "xy");
	assert_string_equal (program.state, "/var/lib/x");
	assert_int_equal (program.port, 7766);
	assert_true (program.quiet);
	assert_int_equal (program.every_us, 10000000);
	assert_int_equal (program.since_us, 0);
	assert_int_equal (program.room, 16 << 20);
	assert_int_equal (program.tlp, SIAGA_TLP_AMBER);
	assert_int_equal (program.addresses.count, 0);
	assert_int_equal (program.log.line, 0);
	assert_int_equal (program.log.level, 3);
	assert_string_equal (program.log.words, "plain");
	assert_int_equal (program.sources.count, 0);
	assert_int_equal (program.line, 1);
	conf_free (&schema, &program);
	assert_null (program.name);
	conf_free (&schema, &program);
}

static const char full[] = "name = \"abcd\"; state = \"lib\"; port = 1;\n"
			   "quiet = false; every = \"1500ms\"; since = \"1970-01-01T00:00:01Z\";\n"
			   "room = 4096; tlp = \"amber+strict\";\n"
			   "addresses = [\"tcp://a.b:1\", \"tcp://[::1]:65535\"];\n"
			   "log = { level = 7; };\n"
			   "sources = ( { path = \"/a\"; },\n"
			   "  { path = \"b\"; severity = \"critical\"; tags = (\"x\", \"y\"); },\n"
			   "  { path = \"c\"; tags = \"z\"; } );\n";

static void
test_conf_reads_every_type (void **state)
{
	struct program program;
	struct conf_error error;
	const struct source *sources;

	(void) state;
	assert_int_equal (parse ("/etc/x.conf", full, &program, &error), 0);
	assert_string_equal (program.state, "/etc/lib");
	assert_int_equal (program.port, 1);
	assert_false (program.quiet);
	assert_int_equal (program.every_us, 1500000);
	assert_int_equal (program.since_us, 1000000);
	assert_int_equal (program.room, 4096);
	assert_int_equal (program.tlp, SIAGA_TLP_AMBER_STRICT);
	assert_int_equal (program.addresses.count, 2);
	assert_string_equal (program.addresses.items[1], "tcp://[::1]:65535");
	assert_int_equal (program.addresses.lines[1], 4);
	assert_int_equal (program.log.line, 5);
	assert_int_equal (program.log.level, 7);
	assert_string_equal (program.log.words, "plain");
	assert_int_equal (program.sources.count, 3);
	sources = program.sources.items;
	assert_string_equal (sources[0].path, "/a");
	assert_int_equal (sources[0].severity, SIAGA_SEVERITY_LOW);
	assert_string_equal (sources[1].path, "/etc/b");
	assert_int_equal (sources[1].line, 7);
	assert_int_equal (sources[1].tags.count, 2);
	assert_string_equal (sources[2].tags.items[0], "z");
	conf_free (&schema, &program);
	assert_int_equal (parse ("x.conf", full, &program, &error), 0);
	assert_string_equal (program.state, "lib");
	conf_free (&schema, &program);
}

static const struct {
	const char *text, *words;
} mistakes[] = {
	{"", "x.conf: name: must be given"},
	{"name = \"a\";", "x.conf:1: name: must have 2 to 8 bytes"},
	{"name = \"\";", "x.conf:1: name: must not be empty"},
	{"name = \"abcdefghi\";", "x.conf:1: name: must have 2 to 8 bytes"},
	{"name = 5;", "x.conf:1: name: must be text in quotes"},
	{"name = \"ab\";\nstate = \"\";", "x.conf:2: state: must not be empty"},
	{"name = \"ab\";\nport = 0;", "x.conf:2: port: must be from 1 to 65535"},
	{"name = \"ab\";\nport = \"1\";", "x.conf:2: port: must be a number, without quotes"},
	{"name = \"ab\";\nport = 5000000000L;", "x.conf:2: port: must be from 1 to 65535"},
	{"name = \"ab\";\nport = 4294967297;", "x.conf:2: a number beyond 32 bits"},
	{"name = \"ab\";\nquiet = 1;", "x.conf:2: quiet: must be true or false"},
	{"name = \"ab\";\nquiet = \"true\";", "x.conf:2: quiet: must be true or false"},
	{"name = \"ab\";\nevery = \"1\";", "x.conf:2: every: must be a duration"},
	{"name = \"ab\";\nevery = \"61s\";",
	 "x.conf:2: every: must be from 1000000 to 60000000 micro"},
	{"name = \"ab\";\nevery = \"999ms\";", "x.conf:2: every: must be from"},
	{"name = \"ab\";\nevery = \"-1ms\";", "x.conf:2: every: must be a duration"},
	{"name = \"ab\";\nsince = \"today\";", "x.conf:2: since: must be a time"},
	{"name = \"ab\";\nroom = \"16X\";", "x.conf:2: room: must be a size"},
	{"name = \"ab\";\nroom = \"-16\";", "x.conf:2: room: must be a size"},
	{"name = \"ab\";\nroom = -1;", "x.conf:2: room: must not be negative"},
	{"name = \"ab\";\nroom = \"99999999999G\";", "x.conf:2: room: must be a size"},
	{"name = \"ab\";\ntlp = \"ambr\";",
	 "x.conf:2: tlp: unknown value \"ambr\", did you mean \"amber\"?"},
	{"name = \"ab\";\ntlp = \"secret\";",
	 "x.conf:2: tlp: unknown value \"secret\": one of \"clear\", "},
	{"name = \"ab\";\naddresses = 1;", "x.conf:2: addresses: must be a list"},
	{"name = \"ab\";\naddresses = [1];", "x.conf:2: addresses: must be text in quotes"},
	{"name = \"ab\";\naddresses = [\"tcp://a:1\",\n\"x\"];",
	 "x.conf:3: addresses: \"x\" is not an address"},
	{"name = \"ab\";\nlog = 1;", "x.conf:2: log: must be a group"},
	{"name = \"ab\";\nlog = {\nlevel = 8; };", "x.conf:3: log.level: must be from 0 to 7"},
	{"name = \"ab\";\nlog = {\nlvel = 8; };",
	 "x.conf:3: log.lvel: unknown key, did you mean \"level\"?"},
	{"name = \"ab\";\nsources = { };", "x.conf:2: sources: must be a list of groups"},
	{"name = \"ab\";\nsources = ( 1 );", "x.conf:2: sources: must be a group"},
	{"name = \"ab\";\nsources = ( { path = \"a\"; },\n{ severity = \"low\"; } );",
	 "x.conf:3: sources[1].path: must be given"},
	{"name = \"ab\";\nsources = ( { path = \"a\"; severity = \"critical\"; } );",
	 "x.conf:2: sources[0]: critical ones need tags"},
	{"name = \"ab\"; sources = ( {path=\"a\";}, {path=\"a\";}, {path=\"a\";}, {path=\"a\";} );",
	 "x.conf:1: sources: must have 0 to 3 items"},
	{"name = \"ab\";\ncolour = 1;", "x.conf:2: colour: unknown key"},
	{"name = \"ab\";\nname = \"cd\";", "x.conf:2: duplicate setting name"},
	{"name = \"ab\";\n\n= 3;", "x.conf:3: syntax error"},
	{"name = \"ab\";\n@include \"/etc/passwd\"", "x.conf:2: @include is not allowed"},
};

static void
test_conf_names_line_way_and_reason (void **state)
{
	struct program program;
	struct conf_error error;

	(void) state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		assert_int_equal (parse ("x.conf", mistakes[i].text, &program, &error),
				  SIAGA_ECONF);
		if (strncmp (error.words, mistakes[i].words, strlen (mistakes[i].words)) != 0)
			fail_msg ("%zu: \"%s\" is not \"%s\"", i, error.words, mistakes[i].words);
		assert_null (program.name);
	}
}

static void
collect (void *arg, const char *words)
{
	strcat (arg, words);
	strcat (arg, "\n");
}

static void
test_conf_reports_all_problems (void **state)
{
	static const char text[] = "x = 1;\nport = 0;\nsources = ( { paht = \"a\"; } );";
	struct program program;
	struct conf_report report;
	struct conf_error error;
	char all[2048] = "";

	(void) state;
	conf_report_init (&report, "x.conf", &error);
	report.each = collect;
	report.arg = all;
	assert_int_equal (conf_parse_report (&report, text, strlen (text), &schema, &program),
			  SIAGA_ECONF);
	assert_int_equal (report.count, 5);
	assert_string_equal (all, "x.conf:1: x: unknown key\n"
				  "x.conf: name: must be given\n"
				  "x.conf:2: port: must be from 1 to 65535\n"
				  "x.conf:3: sources[0].paht: unknown key, did you mean \"path\"?\n"
				  "x.conf:3: sources[0].path: must be given\n");
	assert_string_equal (error.words, "x.conf:1: x: unknown key");
}

static void
test_conf_open_schema_passes_unknown_keys (void **state)
{
	struct conf_schema open = schema;
	struct program program;
	struct conf_error error;
	static const char text[] = "name = \"ab\"; other = ( { a = 1; } );";

	(void) state;
	open.open = true;
	assert_int_equal (conf_parse ("x", text, strlen (text), &open, &program, &error), 0);
	conf_free (&open, &program);
}

static void
test_conf_load_says_what_cannot_be_read (void **state)
{
	struct program program;
	struct conf_error error;

	(void) state;
	assert_int_equal (conf_load ("/nonexistent/x.conf", &schema, &program, &error),
			  SIAGA_ENOTFOUND);
	assert_int_equal (strncmp (error.words, "/nonexistent/x.conf: cannot be read", 35), 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_conf_fallbacks),
		cmocka_unit_test (test_conf_reads_every_type),
		cmocka_unit_test (test_conf_names_line_way_and_reason),
		cmocka_unit_test (test_conf_reports_all_problems),
		cmocka_unit_test (test_conf_open_schema_passes_unknown_keys),
		cmocka_unit_test (test_conf_load_says_what_cannot_be_read),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
