/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub says of deadlines, by a clock of the test's own: to whom and when, once whatever dies, and nothing to
 * who may not see the alert.
 */
#include "escalation_fixture.h"

static void
test_escalation_goes_through_the_chain_in_order (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	pass (4000);
	assert_int_equal (read_said (), 5);
	assert_said (0, "escalation", "1/3", 300);
	assert_string_equal (s_said[0].audience, "polri ");
	assert_int_equal (s_said[0].severity, SIAGA_SEVERITY_CRITICAL);
	assert_string_equal (s_said[0].title,
			     "Not answered (escalation 1 of 3): Web shell on Sipol");
	assert_non_null (strstr (s_said[0].description, "kpu leads by the playbook and was to "
							"acknowledge it by "));
	assert_non_null (strstr (s_said[0].description, "step 1 of 3: it goes to polri."));
	assert_non_null (strstr (s_said[0].instruction, "Take it (siaga take "));
	assert_non_null (strstr (s_said[0].instruction, "First: Look."));
	assert_said (1, "escalation", "2/3", 420);
	assert_string_equal (s_said[1].audience, "brin ");
	assert_true (s_said[1].brin_sees);
	assert_false (s_said[1].kpu_sees);
	assert_said (2, "escalation", "3/3", 540);
	assert_string_equal (s_said[2].audience, "");
	assert_non_null (strstr (s_said[2].title, "NOBODY HAS TAKEN THIS"));
	assert_said (3, "take-overdue", "", 1200);
	assert_string_equal (s_said[3].audience, "bssn kpu ");
	assert_said (4, "resolve-overdue", "", 3600);
	assert_int_equal (escalation_count (s_hub->core->escalation), 0);
}

static void
test_escalation_tells_nobody_who_may_not_see_it (void **state)
{
	(void) state;
	publish (SIAGA_TLP_AMBER);
	pass (4000);
	assert_int_equal (read_said (), 5);
	for (size_t i = 0; i < 5; i++) {
		assert_false (s_said[i].brin_sees);
		assert_int_equal (s_said[i].tlp, SIAGA_TLP_AMBER);
	}
	assert_string_equal (s_said[1].audience, "bssn kpu ");
	assert_non_null (
		strstr (s_said[1].description, "Passed over, as it may not see the alert: brin"));
}

/* Not even the hub's own member, in an audience that leaves it out. */
static void
test_escalation_is_hidden_from_the_hubs_member_too (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.audience_count = 1;
	header.audience[0] = siaga_text ("bssn");
	publish_as (header);
	pass (4000);
	assert_int_equal (read_said (), 5);
	for (size_t i = 0; i < 5; i++) {
		assert_false (s_said[i].kpu_sees);
		assert_string_equal (s_said[i].audience, "bssn ");
	}
}

static void
test_escalation_stops_where_somebody_takes_it (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	pass (310);
	assert_int_equal (read_said (), 1);
	respond (SIAGA_ACTION_ACKNOWLEDGE);
	pass (200); /* the second step waits two minutes longer */
	assert_int_equal (read_said (), 1);
	pass (60);
	assert_said (1, "escalation", "2/3", 540);
	assert_string_equal (s_said[1].title,
			     "STILL NOT TAKEN (escalation 2 of 3): Web shell on Sipol");
	respond (SIAGA_ACTION_TAKE);
	pass (3500);
	assert_int_equal (read_said (), 3);
	assert_said (2, "resolve-overdue", "", 3600);
	assert_string_equal (s_said[2].audience, "bssn kpu polri ");
	assert_non_null (strstr (s_said[2].description, "polri has it"));
	respond (SIAGA_ACTION_RESOLVE);
	respond (SIAGA_ACTION_REOPEN);
	s_published_ms = s_mono_ms;
	pass (301);
	assert_said (3, "escalation", "1/3", 300);
	respond (SIAGA_ACTION_TAKE);
	respond (SIAGA_ACTION_RESOLVE);
	pass (8000);
	assert_int_equal (read_said (), 4);
	assert_int_equal (escalation_count (s_hub->core->escalation), 0);
}

static void
test_escalation_honours_expires (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.expires_us = header.created_us + UINT64_C (360) * 1000000;
	publish_as (header);
	pass (4000);
	assert_int_equal (read_said (), 1);
}

static void
test_escalation_of_an_exercise_is_one (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.status = SIAGA_STATUS_EXERCISE;
	publish_as (header);
	pass (310);
	assert_int_equal (read_said (), 1);
	assert_int_equal (s_said[0].status, SIAGA_STATUS_EXERCISE);
}

static void
test_escalation_follows_only_what_a_play_covers (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.severity = SIAGA_SEVERITY_LOW;
	publish_as (header);
	assert_int_equal (escalation_count (s_hub->core->escalation), 0);
	pass (1000);
	assert_int_equal (read_said (), 0);
	update (SIAGA_SEVERITY_MEDIUM); /* from now on */
	s_published_ms = s_mono_ms;
	pass (310);
	assert_said (0, "escalation", "1/3", 300);
	assert_int_equal (s_said[0].severity, SIAGA_SEVERITY_HIGH);
	update (SIAGA_SEVERITY_CRITICAL);
	pass (120);
	assert_said (1, "escalation", "2/3", 420);
	update (SIAGA_SEVERITY_LOW); /* no play any more */
	pass (4000);
	assert_int_equal (read_said (), 2);
}

/* An agent's program goes on counting: that is no other alert, whatever dies. */
static void
test_escalation_of_a_raised_alert_is_said_once (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.severity = SIAGA_SEVERITY_LOW;
	publish_as (header);
	for (unsigned i = 0; i < 60; i++) {
		update (SIAGA_SEVERITY_MEDIUM);
		pass (100);
		if (i % 7 == 0)
			restart ();
	}
	assert_int_equal (read_said (), 5);
	assert_int_equal (escalation_count (s_hub->core->escalation), 1);
	respond (SIAGA_ACTION_TAKE);
	respond (SIAGA_ACTION_RESOLVE);
	update (SIAGA_SEVERITY_MEDIUM);
	pass (4000);
	assert_int_equal (read_said (), 5);
	assert_int_equal (escalation_count (s_hub->core->escalation), 0);
}

/* A hub that dies right behind it knows again who acknowledged what was raised. */
static void
test_escalation_of_a_raised_alert_survives_a_restart_at_once (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	header.severity = SIAGA_SEVERITY_LOW;
	publish_as (header);
	update (SIAGA_SEVERITY_MEDIUM);
	respond (SIAGA_ACTION_ACKNOWLEDGE);
	restart ();
	pass (418);
	assert_int_equal (read_said (), 0);
	pass (3);
	assert_said (0, "escalation", "1/3", 420);
}

/* A restart at every second: each is said once, in its time. */
static void
test_escalation_survives_any_restart (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	for (unsigned i = 0; i < 3700; i += 7) {
		pass (7);
		restart ();
	}
	assert_int_equal (read_said (), 5);
	assert_in_range (s_said[0].seconds, 300, 308);
	assert_in_range (s_said[1].seconds, 420, 428);
	assert_in_range (s_said[2].seconds, 540, 548);
	assert_in_range (s_said[3].seconds, 1200, 1208);
	assert_in_range (s_said[4].seconds, 3600, 3608);
}

/* As when a hub remembers what it comes upon again behind its last save. */
static void
test_escalation_follows_what_it_remembers_once (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
	struct siaga_header other = hub_header (&s_lane, SIAGA_TLP_GREEN);
	struct escalation *escalation = s_hub->core->escalation;
	struct escalation_entry entry = {.header = &header, .number = 7, .accepted_us = 1};

	(void) state;
	escalation_look (escalation, &entry);
	escalation_look (escalation, &entry);
	assert_int_equal (escalation_count (escalation), 1);
	entry.header = &other;
	entry.number = 6;
	escalation_look (escalation, &entry);
	escalation_look (escalation, &entry);
	assert_int_equal (escalation_count (escalation), 2);
}

/* Down while two steps were due: one entry to both, and the third follows. */
static void
test_escalation_missed_while_down_is_said_once (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	pass (10);
	respond (SIAGA_ACTION_ACKNOWLEDGE);
	s_mono_ms += 560000;
	restart ();
	pass (5);
	assert_int_equal (read_said (), 1);
	assert_said (0, "escalation", "2/3", 571);
	assert_string_equal (s_said[0].audience, "brin polri ");
	assert_non_null (strstr (s_said[0].description, "Steps 1 to 2 are said together"));
	pass (100);
	assert_said (1, "escalation", "3/3", 660);
}

/* The hub's clock is set, far and near and back, while it runs: nothing comes sooner or later. */
static void
test_escalation_does_not_mind_a_clock_that_is_set (void **state)
{
	static const int64_t steps_us[] = {INT64_C (86400000000), -INT64_C (864000000000),
					   3600000000};

	(void) state;
	publish (SIAGA_TLP_GREEN);
	for (size_t i = 0; i < 3; i++) {
		pass (90);
		s_set_us += steps_us[i];
		pass (2);
		restart ();
	}
	s_set_us = 0;
	pass (20);
	assert_int_equal (read_said (), 0);
	pass (6);
	assert_int_equal (read_said (), 1);
}

static void
test_escalation_takes_the_terms_of_a_new_roster (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	pass (310);
	adopt ("playbook = ({ lead = \"bssn\"; acknowledge_within = \"5m\"; escalate_every = \"30m\";\n"
	       "  escalation = [\"polri\", \"kpu\"]; });\n");
	pass (2000);
	assert_int_equal (read_said (), 2);
	assert_said (1, "escalation", "2/2", 2100);
	assert_string_equal (s_said[1].audience, "kpu ");
}

/* More than can be followed: the least severe go, the severe one stays, and an operator is told. */
static void
test_escalation_is_bounded (void **state)
{
	struct siaga_header header;
	size_t done = 0;

	(void) state;
	publish (SIAGA_TLP_GREEN);
	while (done < HUB_FOLLOWED_MAX + 500) {
		for (size_t i = 0; i < 100; i++, done++) {
			header = hub_header (&s_lane, SIAGA_TLP_GREEN);
			header.severity = SIAGA_SEVERITY_MEDIUM;
			hub_add (&s_lane, &header, "many");
		}
		assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	}
	struct escalation *escalation = s_hub->core->escalation;
	assert_int_equal (escalation_count (escalation), HUB_FOLLOWED_MAX);
	assert_int_equal (escalation->table.dropped, done + 1 - HUB_FOLLOWED_MAX);
	assert_memory_equal (followed_table_next (&escalation->table, NULL)->id, s_alert.id,
			     SIAGA_ID_BYTES);
	pass (1);
	assert_non_null (conditions_find (presence_conditions (s_hub->core->presence),
					  CONDITION_FOLLOWED, "", ""));
	restart ();
	assert_int_equal (escalation_count (s_hub->core->escalation), HUB_FOLLOWED_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		CASE (test_escalation_goes_through_the_chain_in_order),
		CASE (test_escalation_tells_nobody_who_may_not_see_it),
		CASE (test_escalation_is_hidden_from_the_hubs_member_too),
		CASE (test_escalation_stops_where_somebody_takes_it),
		CASE (test_escalation_honours_expires),
		CASE (test_escalation_of_an_exercise_is_one),
		CASE (test_escalation_follows_only_what_a_play_covers),
		CASE (test_escalation_of_a_raised_alert_is_said_once),
		CASE (test_escalation_of_a_raised_alert_survives_a_restart_at_once),
		CASE (test_escalation_survives_any_restart),
		CASE (test_escalation_follows_what_it_remembers_once),
		CASE (test_escalation_missed_while_down_is_said_once),
		CASE (test_escalation_does_not_mind_a_clock_that_is_set),
		CASE (test_escalation_takes_the_terms_of_a_new_roster),
		CASE (test_escalation_is_bounded),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
