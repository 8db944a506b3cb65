/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each mistake in rules, redactions and networks is refused with file, line and the way to it.
 */
#include "rules_fixture.h"

#include <unistd.h>

#include "agent/agent_conf.h"

static const struct {
	const char *text, *words;
} s_mistakes[] = {
	{"rules = 5;", "agent.conf:1: rules: must be a list of groups"},
	{"rules = (\n{drp = true;});",
	 "agent.conf:2: rules[0].drp: unknown key, did you mean \"drop\"?"},
	{"rules = (\n{when = 5;});", "agent.conf:2: rules[0].when: must be a group"},
	{"rules = ({drop = true;},\n{when = {};});",
	 "agent.conf:2: rules[1].when: one of field, all, any, not must be given"},
	{"rules = (\n{when = {field = \"a\";\n};});",
	 "agent.conf:2: rules[0].when: says nothing of its field"},
	{"rules = (\n{when = {equals = 1;};});",
	 "agent.conf:2: rules[0].when: field: must be given"},
	{"rules = (\n{when = {feld = \"a\"; equals = 1;};});",
	 "agent.conf:2: rules[0].when.feld: unknown key, did you mean \"field\"?"},
	{"rules = (\n{when = {field = \"a\"; equal = 1;};});",
	 "agent.conf:2: rules[0].when.equal: unknown key, did you mean \"equals\"?"},
	{"rules = ({when = {field = \"a.\";\nequals = 1;};});",
	 "agent.conf:1: rules[0].when.field: \"a.\" is not a path"},
	{"rules = ({when = {field = \"a..b\"; equals = 1;};});",
	 "rules[0].when.field: \"a..b\" is not a path"},
	{"rules = ({when = {field = \"\"; equals = 1;};});",
	 "rules[0].when.field: \"\" is not a path"},
	{"rules = ({when = {\nfield = \".sverity\"; equals = 1;};});",
	 "agent.conf:2: rules[0].when.field: \".sverity\" names nothing of an alert"},
	{"rules = (\n{when = {field = \".severity\"; equals = \"hgih\";};});",
	 "agent.conf:2: rules[0].when: equals: unknown value \"hgih\": one of \"info\", \"low\""},
	{"rules = ({when = {field = \".severity\"; in = [\"high\", \"x\"];};});",
	 "rules[0].when: in: unknown value \"x\""},
	{"rules = ({when = {field = \".tlp\"; greater = \"x\";};});",
	 "rules[0].when: greater: unknown value \"x\""},
	{"rules = ({when = {field = \".severity\"; less = 3;};});",
	 "rules[0].when: less: unknown value \"3\""},
	{"rules = ({when = {field = \"a\"; less = \"x\";};});",
	 "rules[0].when: less: must be a number"},
	{"rules = ({when = {field = \"a\"; greater = true;};});",
	 "rules[0].when: greater: must be a number"},
	{"rules = ({when = {field = \"a\"; less = 0.5;};});", "a number with a fraction"},
	{"rules = ({when = {field = \"a\";\nequals = {};};});",
	 "agent.conf:2: rules[0].when.equals: must be text in quotes, a number, true or false"},
	{"rules = ({when = {field = \"a\"; in = [];};});",
	 "rules[0].when.in: must have 1 to 256 items"},
	{"rules = ({when = {field = \"a\"; in = (\n[1]);};});",
	 "agent.conf:2: rules[0].when.in: must be text"},
	{"rules = ({when = {field = \"a\"; contains = 5;};});",
	 "rules[0].when.contains: must be a list"},
	{"rules = ({when = {field = \"a\"; contains = \"\";};});",
	 "rules[0].when.contains: must not be empty"},
	{"rules = ({when = {field = \"a\"; prefix = [\"x\", \"\"];};});",
	 "rules[0].when.prefix: must not be empty"},
	{"rules = ({when = {field = \"a\"; regex = [\n\"x\",\n\"(\"];};});",
	 "agent.conf:3: rules[0].when.regex: not a regular expression: missing closing parenthesis at its byte 2"},
	{"rules = ({when = {field = \"a\"; cidr = [\"10.0.0.0/8\",\n\"10.47.3.7/24\"];};});",
	 "agent.conf:2: rules[0].when.cidr: \"10.47.3.7/24\" is no range"},
	{"rules = ({when = {field = \"a\"; exists = \"yes\";};});",
	 "rules[0].when.exists: must be true or false"},
	{"rules = ({when = {all = ();};});", "rules[0].when.all: must have 1 to 256 items"},
	{"rules = ({when = {any = ({field = \"a\"; exists = true;},\n{not = {field = \"b\"; regex = \"[\";};});};});",
	 "agent.conf:2: rules[0].when.any[1].not.regex: not a regular expression"},
	{"rules = ({when = {not = {all = ({field = \"a\"; equals = 1;},\n{});};};});",
	 "agent.conf:2: rules[0].when.not.all[1]: one of field, all, any, not must be given"},
	{"rules = (\n{drop = \"yes\";});", "agent.conf:2: rules[0].drop: must be true or false"},
	{"rules = (\n{drop = true; raise = 1;});",
	 "agent.conf:2: rules[0]: drop: nothing else is done"},
	{"rules = (\n{drop = true; set = {tlp = \"red\";};});",
	 "agent.conf:2: rules[0]: drop: nothing else"},
	{"rules = (\n{raise = 1; lower = 1;});",
	 "agent.conf:2: rules[0]: raise and lower: only one"},
	{"rules = (\n{raise = 1; set = {severity = \"high\";};});",
	 "agent.conf:2: rules[0]: set.severity is final"},
	{"rules = (\n{raise = 5;});", "agent.conf:2: rules[0].raise: must be from 1 to 4"},
	{"rules = (\n{lower = 0;});", "agent.conf:2: rules[0].lower: must be from 1 to 4"},
	{"rules = (\n{raw = \"hide\";});",
	 "agent.conf:2: rules[0].raw: unknown value \"hide\": one of \"keep\", \"strip\""},
	{"rules = (\n{name = \"\";});", "agent.conf:2: rules[0].name: must not be empty"},
	{"rules = (\n{name = \"a\\nb\";});", "agent.conf:2: rules[0].name: a control character"},
	{"rules = ({set = {\ncategory = \"intrusions\";};});",
	 "agent.conf:2: rules[0].set.category: \"intrusions\""},
	{"rules = ({set = {\nseverity = \"severe\";};});",
	 "agent.conf:2: rules[0].set.severity: unknown value"},
	{"rules = ({set = {\nsystem = \"SIPOL\";};});",
	 "agent.conf:2: rules[0].set.system: \"SIPOL\""},
	{"rules = ({set = {\ntlp = \"pink\";};});",
	 "agent.conf:2: rules[0].set.tlp: unknown value"},
	{"rules = ({set = {\naudience = [\"B S\"];};});",
	 "agent.conf:2: rules[0].set.audience: \"B S\""},
	{"rules = ({set = {\ntitle = \"{a\";};});",
	 "agent.conf:2: rules[0].set.title: braces must hold a path"},
	{"rules = ({set = {\ntitle = \"a}\";};});",
	 "agent.conf:2: rules[0].set.title: a closing brace"},
	{"rules = ({set = {title = \"{}\";};});", "rules[0].set.title: braces must hold a path"},
	{"rules = ({set = {title = \"{.nothing}\";};});",
	 "rules[0].set.title: \".nothing\" names nothing"},
	{"rules = ({set = {titel = \"x\";};});",
	 "rules[0].set.titel: unknown key, did you mean \"title\"?"},
	{"rules = ({observables = (\n{path = \"a\";});});",
	 "agent.conf:2: rules[0].observables[0].as: must be given"},
	{"rules = ({observables = (\n{as = \"source.ip\";});});",
	 "agent.conf:2: rules[0].observables[0].path: must be given"},
	{"rules = ({observables = (\n{path = \"a\"; as = \"source.name\";});});",
	 "agent.conf:2: rules[0].observables[0].as: \"source.name\" is not"},
	{"rules = ({redact = (\n{with = \"x\";});});",
	 "agent.conf:2: rules[0].redact[0]: one of pattern and path must be given"},
	{"redact = (\n{pattern = \"a\"; path = \"b\";});",
	 "agent.conf:2: redact[0]: one of pattern and path"},
	{"redact = (\n{pattern = \"a*\";});",
	 "agent.conf:2: redact[0].pattern: matches the empty text"},
	{"redact = ({path = \"a\";},\n{pattern = \"a(\";});",
	 "agent.conf:2: redact[1].pattern: not a regular expression"},
	{"redact = (\n{pattern = \"\\x41\";});", "agent.conf:2: a \\x escape"},
	{"redact = (\n{path = \".title\";});",
	 "agent.conf:2: redact[0].path: \".title\" is of the alert"},
	{"networks = (\n{system = \"sipol\";});",
	 "agent.conf:2: networks[0].addresses: must be given"},
	{"networks = (\n{addresses = \"10.0.0.0/8\";});",
	 "agent.conf:2: networks[0].system: must be given"},
	{"networks = (\n{system = \"Sipol\"; addresses = \"10.0.0.0/8\";});",
	 "agent.conf:2: networks[0].system: \"Sipol\""},
	{"networks = ({system = \"sipol\"; addresses = [\"10.0.0.0/8\",\n\"10.0.0.0/33\"];});",
	 "agent.conf:2: networks[0].addresses: \"10.0.0.0/33\" is no range"},
};

static void
test_agent_rules_mistakes_name_file_and_line (void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof s_mistakes / sizeof *s_mistakes; i++) {
		struct rules *rules = NULL;
		assert_int_equal (rules_of (&rules, s_mistakes[i].text), SIAGA_ECONF);
		assert_null (rules);
		if (!strstr (s_error.words, s_mistakes[i].words))
			fail_msg ("\"%s\": \"%s\" lacks \"%s\"", s_mistakes[i].text, s_error.words,
				  s_mistakes[i].words);
	}
}

static void
test_agent_rules_brackets_too_deep_are_refused (void **state)
{
	struct rules *rules = NULL;
	(void) state;
	assert_int_equal (
		rules_of (&rules,
			  "rules = ({when = {not = {not = {not = {not = {not = {field = \"a\";\n"
			  "in = [1];};};};};};};});"),
		SIAGA_ECONF);
	assert_string_equal (s_error.words, "agent.conf:2: brackets nested too deep");
}

static void
test_agent_rules_none_are_needed (void **state)
{
	struct rules *rules = good_rules ("");
	(void) state;
	rules_destroy (&rules);
	assert_null (rules);
	rules_destroy (&rules);
}

#define AGENT                                                                                      \
	"network = \"pemilu.example\";\n"                                                          \
	"roots = [\"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"];\n"                \
	"roster = \"roster.conf\"; identity = \"/etc/siaga/id\";\n"                                \
	"sources = ({name = \"ids\"; type = \"eve\"; path = \"/e\";}, {type = \"stdin\";});\n"

static int
load (const char *text)
{
	char path[] = "/tmp/siaga-agent-rules-XXXXXX";
	struct agent_conf conf;
	int fd = mkstemp (path);
	assert_true (fd >= 0);
	assert_int_equal (write (fd, text, strlen (text)), strlen (text));
	close (fd);
	s_error.words[0] = '\0';
	int rc = agent_conf_load (&conf, path, &s_error);
	if (!rc)
		agent_conf_free (&conf);
	unlink (path);
	return rc;
}

static void
test_agent_rules_for_sources_there_are (void **state)
{
	(void) state;
	assert_int_equal (load (AGENT "rules = ({sources = [\"ids\", \"stdin\"];});"), 0);
	assert_int_equal (
		load (AGENT "rules = ({drop = true;},\n{sources = [\"ids\",\n\"isd\"];});"),
		SIAGA_ECONF);
	assert_non_null (
		strstr (s_error.words, ":7: rules[1].sources: \"isd\" is the name of no source"));
}

static void
test_agent_rules_mistakes_in_agent_conf (void **state)
{
	(void) state;
	assert_int_equal (load (AGENT "rules = ({when = {field = \"a\";\nregex = \"(\";};});"),
			  SIAGA_ECONF);
	assert_non_null (strstr (s_error.words, ":6: rules[0].when.regex: not a regular"));
}

static void
test_agent_rules_example_is_valid (void **state)
{
	struct agent_conf conf;
	const char *directory = getenv ("SIAGA_SOURCE_DIR");
	struct rules *rules = NULL;
	char path[4096];
	(void) state;
	snprintf (path, sizeof path, "%s/doc/examples/agent-rules.conf",
		  directory ? directory : ".");
	if (agent_conf_load (&conf, path, &s_error) ||
	    rules_new (&rules, &conf.rules, path, &s_error))
		fail_msg ("%s", s_error.words);
	assert_int_equal (conf.rules.rules.count, 4);
	rules_destroy (&rules);
	agent_conf_free (&conf);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_rules_mistakes_name_file_and_line),
		cmocka_unit_test (test_agent_rules_brackets_too_deep_are_refused),
		cmocka_unit_test (test_agent_rules_none_are_needed),
		cmocka_unit_test (test_agent_rules_for_sources_there_are),
		cmocka_unit_test (test_agent_rules_mistakes_in_agent_conf),
		cmocka_unit_test (test_agent_rules_example_is_valid),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
