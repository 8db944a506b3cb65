/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules do to an alert: every action, and networks; it is a valid alert before and after.
 */
#include "rules_fixture.h"

static struct event s_event;

/* The event after the first rule that matches. */
static void
apply (const char *text, const char *json)
{
	struct rules_result result;
	struct rules *rules = good_rules (text);
	make_event (&s_event, json);
	rules_match (rules, &s_event, &result);
	rules_apply (rules, &result, &s_event);
	assert_valid (&s_event);
	json_decref (s_event.fields);
	/* the rules go later than the event in the agent; so here */
	s_event.fields = NULL;
	static struct rules *earlier;
	rules_destroy (&earlier);
	earlier = rules;
	if (!text[0])
		rules_destroy (&earlier);
}

static void
test_agent_set_nothing (void **state)
{
	(void) state;
	apply ("rules = ({name = \"as it is\";});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_HIGH);
	assert_text (s_event.body.title, "A title");
	assert_text (s_event.body.raw, "raw");
	assert_int_equal (s_event.header.system.size, 0);
}

static void
test_agent_set_everything (void **state)
{
	(void) state;
	apply ("rules = ({set = {category = \"availability/ddos\"; severity = \"critical\"; system = \"sipol\";"
	       "tlp = \"red\"; audience = [\"polri\", \"bssn\", \"polri\"]; title = \"A flood\";};});",
	       "{}");
	assert_text (s_event.header.category, "availability/ddos");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_CRITICAL);
	assert_text (s_event.header.system, "sipol");
	assert_int_equal (s_event.header.tlp, SIAGA_TLP_RED);
	assert_int_equal (s_event.header.audience_count, 2);
	assert_text (s_event.header.audience[0], "bssn");
	assert_text (s_event.header.audience[1], "polri");
	assert_text (s_event.body.title, "A flood");
}

static void
test_agent_set_severity_to_info_and_tlp_to_clear (void **state)
{
	(void) state;
	apply ("rules = ({set = {severity = \"info\"; tlp = \"clear\";};});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_INFO);
	assert_int_equal (s_event.header.tlp, SIAGA_TLP_CLEAR);
}

static void
test_agent_set_raise_and_lower_saturate (void **state)
{
	(void) state;
	apply ("rules = ({raise = 1;});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_CRITICAL);
	apply ("rules = ({raise = 4;});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_CRITICAL);
	apply ("rules = ({lower = 1;});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
	apply ("rules = ({lower = 4;});", "{}");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_INFO);
}

static void
title (const char *template, const char *json, const char *expected)
{
	char text[1024];
	snprintf (text, sizeof text, "rules = ({set = {title = \"%s\";};});", template);
	apply (text, json);
	assert_text (s_event.body.title, expected);
}

static void
test_agent_set_title_templates (void **state)
{
	static const char json[] =
		"{'alert': {'signature': 'ET SCAN', 'severity': 2, 'rate': 0.1}, 'g': ['a', 'b'],"
		" 'dest_ip': '10.0.0.1', 'bell': 'a\\u0000b', 'o': {}, 'yes': true, 'no': null}";
	(void) state;
	title ("{alert.signature} at {dest_ip}", json, "ET SCAN at 10.0.0.1");
	title ("{alert.severity}, {alert.rate}, {yes}", json, "2, 0.1, true");
	title ("{g}", json, "a, b");
	title ("{nothing}: {o} {no}", json, "?: ? ?");
	title ("{{{dest_ip}}}", json, "{10.0.0.1}");
	title ("{.severity} on {.target.ip}:{.target.port} from {.source.ip}", json,
	       "high on 10.47.3.7:443 from 203.0.113.9, 2001:db8::9");
	title ("{.title}!", json, "A title!");
	title ("{bell}", json,
	       "a\xef\xbf\xbd"
	       "b");
	title ("plain", json, "plain");
}

static void
test_agent_set_title_is_cut (void **state)
{
	char json[4096] = "{'a': '";
	size_t size = strlen (json);
	(void) state;
	for (size_t i = 0; i < 1000; i++)
		memcpy (json + size + 3 * i, "語", 3);
	strcpy (json + size + 3000, "'}");
	apply ("rules = ({set = {title = \"{a}{a}{a}\";};});", json);
	assert_int_equal (s_event.body.title.size, 510);
	assert_true (siaga_utf8_is_valid (s_event.body.title));
}

static void
test_agent_set_raw (void **state)
{
	struct rules_result result;
	(void) state;
	apply ("rules = ({raw = \"strip\";});", "{}");
	assert_int_equal (s_event.body.raw.size, 0);
	apply ("rules = ({raw = \"keep\";});", "{}");
	assert_text (s_event.body.raw, "raw");
	struct rules *rules = good_rules ("rules = ({raw = \"keep\";});");
	make_event (&s_event, "{}");
	rules_match (rules, &s_event, &result);
	assert_true (result.keep_raw);
	json_decref (s_event.fields);
	rules_destroy (&rules);
}

static void
test_agent_set_observables (void **state)
{
	(void) state;
	apply ("rules = ({observables = ({path = \"u\"; as = \"source.user\";}, {path = \"f\"; as = \"target.file\";},"
	       "{path = \"xff\"; as = \"source.ip\";}, {path = \"p\"; as = \"source.port\";});});",
	       "{'u': 'root', 'f': ['/etc/passwd', '/etc/shadow', '/etc/passwd'], 'xff': 'FE80:0::1', 'p': 99}");
	assert_int_equal (s_event.body.source_count, 3);
	assert_text (s_event.body.source[0].user, "root");
	assert_text (s_event.body.source[0].ip, "203.0.113.9");
	assert_text (s_event.body.source[2].ip, "fe80::1");
	assert_int_equal (s_event.body.source[0].port, 4711);
	assert_int_equal (s_event.body.target_count, 2);
	assert_text (s_event.body.target[0].file, "/etc/passwd");
	assert_text (s_event.body.target[1].file, "/etc/shadow");
}

static void
test_agent_set_observables_that_do_not_fit_are_left_out (void **state)
{
	(void) state;
	apply ("rules = ({observables = ({path = \"ip\"; as = \"target.ip\";}, {path = \"n\"; as = \"target.host\";},"
	       "{path = \"p\"; as = \"target.port\";}, {path = \"same\"; as = \"target.ip\";},"
	       "{path = \"many\"; as = \"target.hash\";});});",
	       "{'ip': 'not an address', 'p': 70000, 'same': '10.47.3.7',"
	       "'many': [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]}");
	assert_text (s_event.body.target[0].ip, "10.47.3.7");
	assert_int_equal (s_event.body.target[0].host.size, 0);
	assert_int_equal (s_event.body.target[0].port, 443);
	assert_int_equal (s_event.body.target_count, SIAGA_ENDPOINTS_MAX);
	assert_text (s_event.body.target[15].hash, "16");
}

#define NETWORKS                                                                                   \
	"networks = ({system = \"kpu\"; addresses = [\"10.0.0.0/8\", \"203.0.113.0/24\"];},"       \
	"{system = \"sipol\"; addresses = [\"10.47.3.0/24\", \"2001:db8::/32\"];});"

static void
test_agent_networks_give_the_system (void **state)
{
	(void) state;
	apply (NETWORKS, "{}"); /* the target's, by the longest prefix */
	assert_text (s_event.header.system, "sipol");
	apply (NETWORKS "rules = ({set = {system = \"web\";};});", "{}");
	assert_text (s_event.header.system, "web");
	apply ("networks = ({system = \"x\"; addresses = \"2001:db8::/32\";});",
	       "{}"); /* else the source's */
	assert_text (s_event.header.system, "x");
	apply ("networks = ({system = \"x\"; addresses = \"192.0.2.0/24\";});", "{}");
	assert_int_equal (s_event.header.system.size, 0);
}

static void
test_agent_networks_leave_the_sources_system (void **state)
{
	struct rules_result result;
	struct rules *rules = good_rules (NETWORKS);
	(void) state;
	make_event (&s_event, "{}");
	s_event.header.system = siaga_text ("silon");
	rules_match (rules, &s_event, &result);
	rules_apply (rules, &result, &s_event);
	assert_text (s_event.header.system, "silon");
	json_decref (s_event.fields);
	rules_destroy (&rules);
	apply ("", "{}"); /* lets the last rules go */
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_set_nothing),
		cmocka_unit_test (test_agent_set_everything),
		cmocka_unit_test (test_agent_set_severity_to_info_and_tlp_to_clear),
		cmocka_unit_test (test_agent_set_raise_and_lower_saturate),
		cmocka_unit_test (test_agent_set_title_templates),
		cmocka_unit_test (test_agent_set_title_is_cut),
		cmocka_unit_test (test_agent_set_raw),
		cmocka_unit_test (test_agent_set_observables),
		cmocka_unit_test (test_agent_set_observables_that_do_not_fit_are_left_out),
		cmocka_unit_test (test_agent_networks_give_the_system),
		cmocka_unit_test (test_agent_networks_leave_the_sources_system),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
