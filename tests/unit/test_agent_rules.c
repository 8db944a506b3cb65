/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: every operator, over values of every type, and their combinations; which rule is the first.
 */
#include "rules_fixture.h"

#define EVENT                                                                                          \
	"{'alert': {'severity': 2, 'signature': 'ET SCAN Nmap', 'signature_id': 2000537, 'rare': 0.5," \
	" 'metadata': {'tag': ['a', 'b', 7]}, 'empty': '', 'none': null, 'yes': true},"                \
	" 'rule': {'level': '12', 'groups': ['sshd', 'pam']}, 'id.orig_h': '192.0.2.1',"               \
	" 'flow_id': 9007199254740993, 'src_ip': '203.0.113.9', 'port': '0080', 'dest_ip': '::ffff:10.47.3.7'}"

/* Does a rule with this condition match the event? */
static bool
holds_for (const char *when, const char *json, const char *more)
{
	static struct event event;
	struct rules_result result;
	char text[4096];
	snprintf (text, sizeof text, "rules = ({when = {%s};}); %s", when, more);
	struct rules *rules = good_rules (text);
	make_event (&event, json);
	rules_match (rules, &event, &result);
	json_decref (event.fields);
	rules_destroy (&rules);
	return result.rule != NULL;
}

static void
assert_when (bool expected, const char *when)
{
	if (holds_for (when, EVENT, "") != expected)
		fail_msg ("%s: should %sbe", when, expected ? "" : "not ");
}

#define yes(when) assert_when (true, when)
#define no(when) assert_when (false, when)

static void
test_agent_rules_equals (void **state)
{
	(void) state;
	yes ("field = \"alert.severity\"; equals = 2;");
	yes ("field = \"alert.severity\"; equals = \"2\";");
	no ("field = \"alert.severity\"; equals = 3;");
	yes ("field = \"alert.signature\"; equals = \"ET SCAN Nmap\";");
	no ("field = \"alert.signature\"; equals = \"ET SCAN\";");
	no ("field = \"alert.signature\"; equals = \"et scan nmap\";");
	yes ("field = \"alert.yes\"; equals = true;");
	no ("field = \"alert.yes\"; equals = false;");
	yes ("field = \"id.orig_h\"; equals = \"192.0.2.1\";");
	no ("field = \"nothing.there\"; equals = \"\";");
	yes ("field = \"alert.empty\"; equals = \"\";");
	no ("field = \"alert\"; equals = \"\";");
	no ("field = \"alert.none\"; equals = \"\";");
}

static void
test_agent_rules_numbers_and_texts_that_are_numbers (void **state)
{
	(void) state;
	yes ("field = \"rule.level\"; equals = 12;");
	yes ("field = \"rule.level\"; equals = \"12\";");
	yes ("field = \"port\"; equals = 80;");
	no ("field = \"port\"; equals = \"80\";");
	yes ("field = \"flow_id\"; equals = 9007199254740993L;");
	no ("field = \"flow_id\"; equals = 9007199254740992L;");
	yes ("field = \"alert.rare\"; equals = \"0.5\";");
	yes ("field = \"rule.level\"; less = 13; greater = 11;");
	no ("field = \"rule.level\"; less = 12;");
	no ("field = \"rule.level\"; greater = 12;");
	yes ("field = \"alert.rare\"; less = \"0.6\"; greater = \"0.4\";");
	yes ("field = \"alert.rare\"; greater = -1;");
	no ("field = \"alert.signature\"; less = 100;");
	no ("field = \"alert.signature\"; greater = 0;");
	no ("field = \"alert.none\"; less = 1;");
}

static void
test_agent_rules_in (void **state)
{
	(void) state;
	yes ("field = \"alert.severity\"; in = [1, 2];");
	yes ("field = \"alert.severity\"; in = (1, \"2\");");
	yes ("field = \"alert.severity\"; in = 2;");
	no ("field = \"alert.severity\"; in = [1, 3];");
	yes ("field = \"alert.signature\"; in = [\"x\", \"ET SCAN Nmap\"];");
}

static void
test_agent_rules_contains_and_prefix (void **state)
{
	(void) state;
	yes ("field = \"alert.signature\"; contains = \"SCAN\";");
	no ("field = \"alert.signature\"; contains = \"scan\";");
	yes ("field = \"alert.signature\"; contains = [\"DOS\", \"Nmap\"];");
	yes ("field = \"alert.signature_id\"; contains = \"005\";");
	yes ("field = \"alert.signature\"; prefix = \"ET \";");
	no ("field = \"alert.signature\"; prefix = \"SCAN\";");
	yes ("field = \"alert.signature\"; prefix = [\"GPL \", \"ET \"];");
	no ("field = \"alert.signature\"; prefix = \"ET SCAN Nmap and more\";");
	no ("field = \"alert.empty\"; contains = \"x\";");
}

static void
test_agent_rules_regex (void **state)
{
	(void) state;
	yes ("field = \"alert.signature\"; regex = \"^ET \\\\w+ Nmap$\";");
	yes ("field = \"alert.signature\"; regex = \"^ET \\w+ Nmap$\";"); /* libconfig keeps the \ */
	yes ("field = \"alert.signature\"; regex = \"(?i)nmap\";");
	no ("field = \"alert.signature\"; regex = \"nmap\";");
	yes ("field = \"alert.signature\"; regex = [\"DOS\", \"SCAN\"];");
	yes ("field = \"alert.empty\"; regex = \"^$\";");
	yes ("field = \"alert.severity\"; regex = \"^[12]$\";");
}

static void
test_agent_rules_cidr (void **state)
{
	(void) state;
	yes ("field = \"src_ip\"; cidr = \"203.0.113.0/24\";");
	yes ("field = \"dest_ip\"; cidr = [\"192.0.2.0/24\", \"10.47.0.0/16\"];");
	no ("field = \"src_ip\"; cidr = \"203.0.114.0/24\";");
	no ("field = \"alert.signature\"; cidr = \"0.0.0.0/0\";");
	yes ("field = \".source.ip\"; cidr = \"2001:db8::/32\";");
}

static void
test_agent_rules_exists (void **state)
{
	(void) state;
	yes ("field = \"alert\"; exists = true;");
	yes ("field = \"alert.severity\"; exists = true;");
	no ("field = \"alert.none\"; exists = true;");
	no ("field = \"alert.empty\"; exists = true;");
	yes ("field = \"http\"; exists = false;");
	no ("field = \"alert\"; exists = false;");
	yes ("field = \"src_ip\"; exists = true; prefix = \"203.\";");
	no ("field = \".system\"; exists = true;");
	yes ("field = \".detector.tool\"; exists = true;");
}

static void
test_agent_rules_any_item_of_an_array_will_do (void **state)
{
	(void) state;
	yes ("field = \"rule.groups\"; equals = \"pam\";");
	yes ("field = \"rule.groups.0\"; equals = \"sshd\";");
	no ("field = \"rule.groups\"; equals = \"sudo\";");
	yes ("not = { field = \"rule.groups\"; equals = \"sudo\"; };");
	yes ("field = \"alert.metadata.tag\"; greater = 6; less = 8;");
	yes ("field = \"alert.metadata.tag\"; in = [\"z\", \"b\"];");
}

static void
test_agent_rules_of_the_mapped_alert (void **state)
{
	(void) state;
	yes ("field = \".severity\"; equals = \"high\";");
	yes ("field = \".severity\"; in = [\"high\", \"critical\"];");
	yes ("field = \".severity\"; greater = \"medium\";");
	no ("field = \".severity\"; greater = \"high\";");
	yes ("field = \".severity\"; less = \"critical\";");
	yes ("field = \".certainty\"; greater = \"possible\";");
	yes ("field = \".tlp\"; less = \"amber+strict\";");
	yes ("field = \".status\"; equals = \"actual\";");
	yes ("field = \".category\"; prefix = \"intrusion-attempts/\";");
	yes ("field = \".title\"; equals = \"A title\";");
	yes ("field = \".source.ip\"; equals = \"2001:db8::9\";");
	yes ("field = \".source.port\"; equals = 4711;");
	yes ("field = \".target.port\"; in = [80, 443];");
	no ("field = \".source.port\"; equals = 443;");
	yes ("field = \".detector.tool\"; equals = \"suricata\";");
	no ("field = \".audience\"; exists = true;");
	no ("field = \".count\"; exists = true;");
	no ("field = \".system\"; equals = \"sipol\";");
}

static void
test_agent_rules_system_is_what_the_address_gives (void **state)
{
	static const char networks[] =
		"networks = ({system = \"sipol\"; addresses = \"10.47.3.0/24\";});";
	(void) state;
	assert_true (holds_for ("field = \".system\"; equals = \"sipol\";", EVENT, networks));
	assert_false (holds_for ("field = \".system\"; exists = false;", EVENT, networks));
	assert_false (holds_for ("field = \".system\"; equals = \"silon\";", EVENT, networks));
}

static void
test_agent_rules_and_or_not (void **state)
{
	(void) state;
	yes ("all = ({field = \"alert.severity\"; equals = 2;}, {field = \"src_ip\"; exists = true;});");
	no ("all = ({field = \"alert.severity\"; equals = 2;}, {field = \"http\"; exists = true;});");
	yes ("any = ({field = \"alert.severity\"; equals = 1;}, {field = \"src_ip\"; exists = true;});");
	no ("any = ({field = \"alert.severity\"; equals = 1;}, {field = \"http\"; exists = true;});");
	yes ("not = {field = \"alert.severity\"; equals = 1;};");
	no ("not = {field = \"alert.severity\"; equals = 2;};");
	yes ("not = {not = {field = \"alert.severity\"; equals = 2;};};");
	/* all that stands in one pair of braces must hold */
	yes ("field = \"alert.severity\"; less = 3; not = {field = \"http\"; exists = true;};"
	     "any = ({field = \"a\"; exists = true;}, {field = \"src_ip\"; exists = true;});");
	no ("field = \"alert.severity\"; less = 3; not = {field = \"http\"; exists = true;};"
	    "any = ({field = \"a\"; exists = true;}, {field = \"b\"; exists = true;});");
	/* as deep as the brackets go */
	yes ("all = ({any = ({field = \"alert.severity\"; in = [2];});});");
}

static const char *
first_of (const char *text, const char *source, struct rules_result *result)
{
	static struct event event;
	static char name[RULE_NAME_MAX + 1];
	struct rules *rules = good_rules (text);
	make_event (&event, EVENT);
	event.source = source;
	rules_match (rules, &event, result);
	snprintf (name, sizeof name, "%s", result->rule ? result->rule : "-");
	result->rule = name;
	json_decref (event.fields);
	rules_destroy (&rules);
	return name;
}

static void
test_agent_rules_first_match_wins (void **state)
{
	struct rules_result result;
	(void) state;
	assert_string_equal (first_of ("", "ids", &result), "-");
	assert_false (result.drop);
	assert_string_equal (
		first_of ("rules = (\n"
			  "{name = \"no\"; when = {field = \"a\"; exists = true;};},\n"
			  "{when = {field = \"src_ip\"; exists = true;}; drop = true;},\n"
			  "{name = \"late\";});",
			  "ids", &result),
		"rules[1]");
	assert_true (result.drop);
	assert_int_equal (result.line, 3);
	assert_string_equal (
		first_of (
			"rules = ({name = \"all\"; raw = \"strip\";}, {name = \"b\"; drop = true;});",
			"ids", &result),
		"all");
	assert_false (result.drop);
	assert_true (result.strip_raw);
	assert_false (result.keep_raw);
}

static void
test_agent_rules_for_some_sources (void **state)
{
	static const char text[] =
		"rules = ({name = \"w\"; sources = \"wazuh\";}, {name = \"i\"; sources = [\"x\", \"ids\"];});";
	struct rules_result result;
	(void) state;
	assert_string_equal (first_of (text, "ids", &result), "i");
	assert_string_equal (first_of (text, "wazuh", &result), "w");
	assert_string_equal (first_of (text, "zeek", &result), "-");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_rules_equals),
		cmocka_unit_test (test_agent_rules_numbers_and_texts_that_are_numbers),
		cmocka_unit_test (test_agent_rules_in),
		cmocka_unit_test (test_agent_rules_contains_and_prefix),
		cmocka_unit_test (test_agent_rules_regex),
		cmocka_unit_test (test_agent_rules_cidr),
		cmocka_unit_test (test_agent_rules_exists),
		cmocka_unit_test (test_agent_rules_any_item_of_an_array_will_do),
		cmocka_unit_test (test_agent_rules_of_the_mapped_alert),
		cmocka_unit_test (test_agent_rules_system_is_what_the_address_gives),
		cmocka_unit_test (test_agent_rules_and_or_not),
		cmocka_unit_test (test_agent_rules_first_match_wins),
		cmocka_unit_test (test_agent_rules_for_some_sources),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
