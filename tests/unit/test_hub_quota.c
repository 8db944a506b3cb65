/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas: the buckets by hand, their part of the configuration, and what a core makes of them, with the test's clock.
 */
#include "hub/hub_conf.h"
#include "hub_fixture.h"

#define SECOND_US UINT64_C (1000000)

static uint64_t s_now_ms = 100000;

static uint64_t
now_us (void *context)
{
	(void) context;
	return UINT64_C (1795507200000000) + __atomic_load_n (&s_now_ms, __ATOMIC_RELAXED) * 1000;
}

static uint64_t
mono_ms (void *context)
{
	(void) context;
	return __atomic_load_n (&s_now_ms, __ATOMIC_RELAXED);
}

static void
pass (uint64_t ms)
{
	__atomic_add_fetch (&s_now_ms, ms, __ATOMIC_RELAXED);
}

/* --- buckets -------------------------------------------------------------------------------------------------- */

static void
test_bucket_gives_its_burst_then_its_rate (void **state)
{
	const struct quota_limit limit = {.entries = 100, .burst_us = 5 * SECOND_US};
	struct quota_bucket bucket = {0};
	uint64_t taken = 0, now_ms = 60000;

	(void) state;
	for (; quota_wait_ms (&bucket, now_ms) == 0; taken += 10)
		quota_take (&bucket, &limit, now_ms, 10, 1000);
	assert_in_range (taken, 500, 510);
	assert_int_equal (quota_wait_ms (&bucket, now_ms), (taken - 500) * 10);
	/* Whoever comes every millisecond gets the rate and no more. */
	for (uint64_t end_ms = now_ms + 10000; now_ms < end_ms; now_ms++)
		if (quota_wait_ms (&bucket, now_ms) == 0) {
			quota_take (&bucket, &limit, now_ms, 10, 1000);
			taken += 10;
		}
	assert_in_range (taken, 500 + 990, 500 + 1020);
	/* However long it rests, it saves up one burst. */
	now_ms += 3600000;
	for (taken = 0; quota_wait_ms (&bucket, now_ms) == 0; taken += 10)
		quota_take (&bucket, &limit, now_ms, 10, 1000);
	assert_in_range (taken, 500, 510);
}

static void
test_bucket_of_bytes_is_another (void **state)
{
	const struct quota_limit limit = {
		.entries = 1000, .bytes = 1024, .burst_us = 10 * SECOND_US};
	struct quota_bucket bucket = {0};

	(void) state;
	quota_take (&bucket, &limit, 60000, 1, 10240 + 1024);
	assert_int_equal (quota_wait_ms (&bucket, 60000), 1000);
	assert_int_equal (quota_wait_ms (&bucket, 60999), 1);
	assert_int_equal (quota_wait_ms (&bucket, 61000), 0);
}

static void
test_largest_batch_passes_the_smallest_quota (void **state)
{
	const struct quota_limit limit = {.entries = 1, .bytes = 1024, .burst_us = SECOND_US};
	struct quota_bucket bucket = {0};

	(void) state;
	assert_int_equal (quota_wait_ms (&bucket, 60000), 0);
	quota_take (&bucket, &limit, 60000, SIAGA_BATCH_ENTRIES_MAX, SIAGA_BATCH_MAX);
	assert_int_equal (quota_wait_ms (&bucket, 60000), (SIAGA_BATCH_ENTRIES_MAX - 1) * 1000);
	assert_int_equal (quota_wait_ms (&bucket, 60000 + (SIAGA_BATCH_ENTRIES_MAX - 1) * 1000), 0);
}

static void
test_no_limit_takes_nothing (void **state)
{
	const struct quota_limit none = {.burst_us = SECOND_US};
	struct quota_bucket bucket = {0};

	(void) state;
	for (int i = 0; i < 1000; i++)
		quota_take (&bucket, &none, 1, SIAGA_BATCH_ENTRIES_MAX, SIAGA_BATCH_MAX);
	assert_int_equal (quota_wait_ms (&bucket, 1), 0);
	assert_int_equal (bucket.rested_ms, 0);
}

static void
test_machine_that_has_just_started_has_its_burst (void **state)
{
	const struct quota_limit limit = {.entries = 10, .burst_us = 3600 * SECOND_US};
	struct quota_bucket bucket = {0};

	(void) state;
	quota_take (&bucket, &limit, 1000, 5, 1);
	assert_int_equal (quota_wait_ms (&bucket, 1000), 0);
	quota_take (&bucket, &limit, 1000, 6, 1);
	assert_int_equal (quota_wait_ms (&bucket, 1000), 100);
}

/* --- configuration ---------------------------------------------------------------------------------------------- */

static int
load_conf (struct hub_conf *conf, const char *quota, struct conf_error *error)
{
	static const char head[] =
		"network = \"pemilu-2024\"; roster = \"r\"; identity = \"i\";\n"
		"roots = [\"RWQhg99/WU4KZ9WimQ3oFoSPiNdlQ2dBdjSotxiY5oplGWvAsRM4e8ho\"];\n"
		"listen = [\"tcp://*:1\"];\n";
	char text[2048];

	snprintf (text, sizeof text, "%s%s", head, quota);
	fixture_write ("hub.conf", text);
	return hub_conf_load (conf, "hub.conf", error);
}

static void
test_configuration_without_quotas_limits_nothing (void **state)
{
	struct conf_error error = {""};
	struct hub_conf conf;

	(void) state;
	assert_int_equal (load_conf (&conf, "", &error), 0);
	assert_int_equal (conf.quota.principal.entries, 0);
	assert_int_equal (conf.quota.principal.bytes, 0);
	assert_int_equal (quota_of_member (&conf.quota, "bssn")->entries, 0);
	hub_conf_finish (&conf);
}

static void
test_configuration_of_quotas (void **state)
{
	struct conf_error error = {""};
	struct hub_conf conf;

	(void) state;
	assert_int_equal (
		load_conf (&conf,
			   "quota = { principal = { entries = 2000; burst = \"30s\"; };\n"
			   " member = { bytes = \"8M\"; };\n"
			   " members = ( { name = \"brin\"; entries = 5; bytes = 2048; burst = "
			   "\"2s\"; } ); };\n",
			   &error),
		0);
	assert_int_equal (conf.quota.principal.entries, 2000);
	assert_int_equal (conf.quota.principal.burst_us, 30 * SECOND_US);
	assert_int_equal (quota_of_member (&conf.quota, "bssn")->bytes, 8 << 20);
	assert_int_equal (quota_of_member (&conf.quota, "bssn")->burst_us, 10 * SECOND_US);
	const struct quota_limit *brin = quota_of_member (&conf.quota, "brin");
	assert_int_equal (brin->entries, 5);
	assert_int_equal (brin->bytes, 2048);
	assert_int_equal (brin->burst_us, 2 * SECOND_US);
	hub_conf_finish (&conf);
}

static void
test_configuration_refuses_what_makes_no_sense (void **state)
{
	static const char *const cases[][2] = {
		{"quota = { principal = { entries = -1; }; };", "entries"},
		{"quota = { principal = { bytes = 100; }; };", "at least 1024"},
		{"quota = { principal = { burst = \"10ms\"; }; };", "burst"},
		{"quota = { nonsense = 1; };", "nonsense"},
		{"quota = { members = ( { entries = 1; } ); };", "name"},
		{"quota = { members = ( { name = \"brin\"; },\n { name = \"brin\"; } ); };",
		 "hub.conf:5: quota.members: brin is there already, on line 4"},
	};
	struct conf_error error;
	struct hub_conf conf;

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal (load_conf (&conf, cases[i][0], &error), SIAGA_ECONF);
		if (!strstr (error.words, cases[i][1]))
			fail_msg ("\"%s\" does not say \"%s\"", error.words, cases[i][1]);
	}
}

/* --- a core ------------------------------------------------------------------------------------------------------- */

static struct hub *s_hub;
static struct hub_lane s_lane;
static struct quota_conf s_quota;

static int
begin (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};

	(void) state;
	clock_set (&source);
	memset (&s_quota, 0, sizeof s_quota);
	s_quota.principal.burst_us = s_quota.member.burst_us = SECOND_US;
	s_hub = hub_new ();
	hub_settle (s_hub);
	core_set_quota (s_hub->core, &s_quota);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	return 0;
}

static int
end (void **state)
{
	(void) state;
	clock_set (NULL);
	hub_destroy (&s_hub);
	return 0;
}

/* Publishes a batch of so many; its answer's type. */
static int
publish (unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
		hub_add (&s_lane, &header, "x");
	}
	int type = hub_publish (s_hub, &s_lane);
	if (type == SIAGA_REFUSED)
		s_lane.oseq -= count;
	return type;
}

static void
refused_for (uint64_t ms)
{
	assert_int_equal (publish (10), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_PUBLISH);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EQUOTA);
	assert_int_equal (s_hub->in.refused.retry_ms, ms);
	assert_false (hub_is_cut (s_hub, 1));
}

static void
test_principal_over_its_rate_is_told_when_to_come_back (void **state)
{
	(void) state;
	s_quota.principal.entries = 100;
	for (int i = 0; i < 10; i++)
		assert_int_equal (publish (10), SIAGA_ACK);
	assert_int_equal (publish (10), SIAGA_ACK); /* overdrawn by as much */
	refused_for (100);
	pass (60);
	refused_for (40);
	pass (40);
	assert_int_equal (publish (10), SIAGA_ACK);
	refused_for (100);
}

static void
test_bytes_count_too (void **state)
{
	(void) state;
	s_quota.member.bytes = 1024;
	assert_int_equal (publish (10), SIAGA_ACK);
	size_t size = s_lane.batch_size;
	assert_true (size > 1024);
	refused_for ((size * 1000 / 1024 - 1000) + 1);
}

static void
test_other_sessions_and_cards_and_coming_back_do_not_pay (void **state)
{
	struct hub_lane first = s_lane;

	(void) state;
	s_quota.principal.entries = 10;
	assert_int_equal (publish (30), SIAGA_ACK);
	refused_for (2000);
	hub_lane_open (s_hub, &s_lane, 2, "bssn/soc-1");
	assert_int_equal (publish (10), SIAGA_REFUSED);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	hub_gate_says (s_hub, PACKET_GONE, 2, NULL, NO_BYTES);
	core_on_tick (s_hub->core);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	refused_for (2000);
	pass (2000);
	memcpy (s_lane.epoch, first.epoch, sizeof first.epoch);
	hub_open (s_hub, 1, "bssn/soc-1", first.epoch);
	s_lane.oseq = first.oseq + 30;
	assert_int_equal (publish (10), SIAGA_ACK);
}

static void
test_what_owes_nothing_is_forgotten (void **state)
{
	(void) state;
	s_quota.principal.entries = s_quota.member.entries = 10;
	assert_int_equal (publish (30), SIAGA_ACK);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	core_on_tick (s_hub->core);
	assert_false (LIST_EMPTY (&s_hub->core->accounts));
	pass (2900);
	core_on_tick (s_hub->core);
	assert_false (LIST_EMPTY (&s_hub->core->accounts));
	pass (200);
	core_on_tick (s_hub->core);
	assert_true (LIST_EMPTY (&s_hub->core->accounts));
}

/* polri's flood costs polri: bssn publishes as if it were alone. */
static void
test_one_members_flood_costs_others_nothing (void **state)
{
	struct hub_lane flooder;

	(void) state;
	s_quota.member.entries = 100;
	hub_lane_open (s_hub, &flooder, 2, "polri/dewi");
	core_take_quota (s_hub->core, session_table_find (s_hub->core->sessions, 2), 1000000, 0);
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);
	struct siaga_header header = hub_header (&flooder, SIAGA_TLP_GREEN);
	hub_add (&flooder, &header, "x");
	message->publish.batch = hub_batch (&flooder, 1);
	hub_says (s_hub, 2, message);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EQUOTA);
	assert_int_equal (s_hub->in.refused.retry_ms, HUB_RETRY_QUOTA_MAX_MS);
	for (int i = 0; i < 9; i++)
		assert_int_equal (publish (10), SIAGA_ACK);
}

static void
test_members_principals_share_its_quota_and_its_own_limit_counts (void **state)
{
	struct quota_member brin = {.name = (char *) "bssn",
				    .limit = {.entries = 10, .burst_us = SECOND_US}};

	(void) state;
	s_quota.member.entries = 1000000;
	s_quota.members = (struct conf_list){1, &brin};
	struct account *other = account_hold (&s_hub->core->accounts, "bssn/soc-2");
	struct session *session = session_table_find (s_hub->core->sessions, 1);
	assert_ptr_equal (other->member, session->account->member);
	account_release (&s_hub->core->accounts, &other);
	assert_int_equal (publish (20), SIAGA_ACK);
	refused_for (1000);
}

static void
test_who_does_not_wait_loses_its_session (void **state)
{
	(void) state;
	s_quota.principal.entries = 10;
	assert_int_equal (publish (20), SIAGA_ACK);
	for (int i = 0; i < HUB_QUOTA_PUSHES_MAX; i++) {
		assert_int_equal (publish (10), SIAGA_REFUSED);
		assert_true (s_hub->in.refused.retry_ms > 0);
		assert_false (s_hub->was_cut[1]);
	}
	pass (1000); /* who waited begins anew */
	assert_int_equal (publish (10), SIAGA_ACK);
	for (int i = 0; i < HUB_QUOTA_PUSHES_MAX; i++)
		assert_int_equal (publish (10), SIAGA_REFUSED);
	assert_false (hub_is_cut (s_hub, 1));
	assert_int_equal (publish (10), SIAGA_REFUSED);
	assert_true (hub_is_cut (s_hub, 1));
}

static char s_directory[64];

static int
enter (void **state)
{
	(void) state;
	fixture_enter (s_directory);
	return 0;
}

static int
leave (void **state)
{
	(void) state;
	fixture_leave (s_directory);
	return 0;
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
#define FILES(name) cmocka_unit_test_setup_teardown (name, enter, leave)
		cmocka_unit_test (test_bucket_gives_its_burst_then_its_rate),
		cmocka_unit_test (test_bucket_of_bytes_is_another),
		cmocka_unit_test (test_largest_batch_passes_the_smallest_quota),
		cmocka_unit_test (test_no_limit_takes_nothing),
		cmocka_unit_test (test_machine_that_has_just_started_has_its_burst),
		FILES (test_configuration_without_quotas_limits_nothing),
		FILES (test_configuration_of_quotas),
		FILES (test_configuration_refuses_what_makes_no_sense),
		TEST (test_principal_over_its_rate_is_told_when_to_come_back),
		TEST (test_bytes_count_too),
		TEST (test_other_sessions_and_cards_and_coming_back_do_not_pay),
		TEST (test_what_owes_nothing_is_forgotten),
		TEST (test_one_members_flood_costs_others_nothing),
		TEST (test_members_principals_share_its_quota_and_its_own_limit_counts),
		TEST (test_who_does_not_wait_loses_its_session),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
