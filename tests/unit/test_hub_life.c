/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub judges responses by the life of their alert: in the log's order, across batches of one group, across
 * batches that were refused, and the same after a restart. A race on `take`, a thousand times.
 */
#include "directory_fixture.h"
#include "hub_fixture.h"

#define RACES 1000

static struct hub *s_hub;
static struct hub_lane s_soc;  /* bssn/soc-1, publishes */
static struct hub_lane s_dewi; /* polri/dewi, responds */
static struct hub_lane s_rina; /* brin/rina, responds; cleared for green */

static void
open_lanes (void)
{
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_soc, 1, "bssn/soc-1");
	hub_lane_open (s_hub, &s_dewi, 2, "polri/dewi");
	hub_lane_open (s_hub, &s_rina, 3, "brin/rina");
}

static int
begin (void **state)
{
	(void) state;
	s_hub = hub_new ();
	open_lanes ();
	return 0;
}

static int
end (void **state)
{
	(void) state;
	hub_destroy (&s_hub);
	return 0;
}

/* What the last batch of the lane was answered, which stands in hub->in: 0 or the code of entry `index`. */
static int
answer (struct hub_lane *lane, int type, uint64_t oseq, uint32_t index)
{
	if (type == SIAGA_ACK)
		return 0;
	assert_int_equal (type, SIAGA_REFUSED);
	lane->oseq = oseq;
	const struct siaga_refused *refused = &s_hub->in.refused;
	assert_int_equal (refused->code, SIAGA_EMALFORMED);
	for (size_t i = 0; i < refused->bad_count; i++)
		if (refused->bad[i].index == index)
			return refused->bad[i].code;
	fail_msg ("entry %u was not at fault", index);
	return 0;
}

static int
publish (struct hub_lane *lane, uint32_t index)
{
	uint64_t oseq = lane->oseq;
	int type = hub_publish (s_hub, lane);
	return answer (lane, type, oseq, index);
}

static struct siaga_ref
alert (enum siaga_tlp tlp, const char *audience)
{
	struct siaga_header header = hub_header (&s_soc, tlp);
	header.audience_count = audience ? 1 : 0;
	header.audience[0] = siaga_text (audience);
	struct siaga_ref ref = hub_add (&s_soc, &header, "alert");
	assert_int_equal (publish (&s_soc, 0), 0);
	return ref;
}

/* Adds a response of the lane to its batch; `member` and the outcome as the action needs them. */
static void
add (struct hub_lane *lane, const struct siaga_ref *ref, enum siaga_action action,
     const char *member)
{
	static struct siaga_body body;
	struct siaga_header header = hub_header (lane, SIAGA_TLP_GREEN);
	struct siaga_writer writer;

	header.kind = SIAGA_KIND_RESPONSE;
	header.action = action;
	header.category = siaga_text (NULL);
	header.ref_count = 1;
	header.refs[0] = *ref;
	memset (&body, 0, sizeof body);
	body.member = siaga_text (member);
	body.outcome = action == SIAGA_ACTION_RESOLVE ? SIAGA_OUTCOME_BENIGN : SIAGA_OUTCOME_NONE;
	siaga_writer_init (&writer, lane->room[lane->count], sizeof lane->room[0]);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	lane->entries[lane->count++] = (struct siaga_bytes){writer.data, writer.size};
}

static int
respond (struct hub_lane *lane, const struct siaga_ref *ref, enum siaga_action action,
	 const char *member)
{
	add (lane, ref, action, member);
	return publish (lane, 0);
}

static void
test_hub_life_refuses_what_the_table_refuses (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_REOPEN, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_ACKNOWLEDGE, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_ACKNOWLEDGE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_ACKNOWLEDGE, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_COMMENT, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_ASSIST, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_COMMENT, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_REOPEN, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
}

static int
origin_says (const struct siaga_ref *ref, enum siaga_kind kind)
{
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	header.kind = kind;
	header.ref_count = 1;
	header.refs[0] = *ref;
	hub_add (&s_soc, &header, "more");
	return publish (&s_soc, 0);
}

static void
test_hub_life_origin_cancels_once_and_may_go_on_updating (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	assert_int_equal (origin_says (&ref, SIAGA_KIND_CANCEL), 0);
	assert_int_equal (origin_says (&ref, SIAGA_KIND_CANCEL), SIAGA_ESTATE);
	assert_int_equal (origin_says (&ref, SIAGA_KIND_UPDATE), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_REOPEN, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), 0);
}

static void
test_hub_life_an_alert_is_handed_to_a_member_that_may_see_it (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, "nobody"), SIAGA_EREF);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, NULL), SIAGA_EMALFORMED);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_HANDOVER, "brin"), SIAGA_ESTATE);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, "brin"), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
}

/* One TLP and audience for alert and responses: built here, where `add` is always green for all. */
static int
respond_as (struct hub_lane *lane, const struct siaga_ref *ref, enum siaga_action action,
	    enum siaga_tlp tlp, const char *audience, const char *member)
{
	static struct siaga_body body;
	struct siaga_header header = hub_header (lane, tlp);
	struct siaga_writer writer;

	header.kind = SIAGA_KIND_RESPONSE;
	header.action = action;
	header.category = siaga_text (NULL);
	header.ref_count = 1;
	header.refs[0] = *ref;
	header.audience_count = audience ? 1 : 0;
	header.audience[0] = siaga_text (audience);
	memset (&body, 0, sizeof body);
	body.member = siaga_text (member);
	siaga_writer_init (&writer, lane->room[0], sizeof lane->room[0]);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	lane->entries[0] = (struct siaga_bytes){writer.data, writer.size};
	lane->count = 1;
	return publish (lane, 0);
}

static void
test_hub_life_nothing_leaks_by_handing_over (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_RED, NULL);
	assert_int_equal (respond_as (&s_dewi, &ref, SIAGA_ACTION_TAKE, SIAGA_TLP_RED, NULL, NULL),
			  0);
	assert_int_equal (
		respond_as (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, SIAGA_TLP_RED, NULL, "brin"),
		SIAGA_EREF);
	ref = alert (SIAGA_TLP_GREEN, "polri");
	assert_int_equal (
		respond_as (&s_dewi, &ref, SIAGA_ACTION_TAKE, SIAGA_TLP_GREEN, "polri", NULL), 0);
	assert_int_equal (
		respond_as (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, SIAGA_TLP_GREEN, "polri", "kpu"),
		SIAGA_EREF);
	assert_int_equal (
		respond_as (&s_dewi, &ref, SIAGA_ACTION_HANDOVER, SIAGA_TLP_GREEN, "polri", "bssn"),
		SIAGA_EREF); /* it would not see that it leads */
}

static void
test_hub_life_a_refused_batch_has_done_nothing (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	add (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL);
	add (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL); /* twice in one batch */
	assert_int_equal (publish (&s_dewi, 1), SIAGA_ESTATE);
	assert_int_equal (s_hub->in.refused.bad_count, 1);
	alert (SIAGA_TLP_GREEN, NULL); /* takes the numbers the refused batch would have had */
	alert (SIAGA_TLP_GREEN, NULL);
	alert (SIAGA_TLP_GREEN, NULL);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), SIAGA_ESTATE);
}

static void
test_hub_life_a_batch_refused_for_another_entry_has_done_nothing (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	struct siaga_ref unknown = ref;
	unknown.id[15] ^= 1;
	add (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL);
	add (&s_dewi, &unknown, SIAGA_ACTION_TAKE, NULL);
	assert_int_equal (publish (&s_dewi, 1), SIAGA_EREF);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
}

static void
test_hub_life_a_batch_may_hold_a_whole_life (void **state)
{
	(void) state;
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	for (int i = 0; i < 3; i++) {
		add (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL);
		add (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL);
		add (&s_dewi, &ref, SIAGA_ACTION_REOPEN, NULL);
	}
	assert_int_equal (publish (&s_dewi, 0), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_REOPEN, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
}

/* What this batch has done to the first is not in the journal, and no longer kept, when it comes back to it. */
static void
test_hub_life_a_batch_may_answer_more_alerts_than_are_kept (void **state)
{
	static struct siaga_ref refs[HUB_LIFE_CACHE + 1];
	(void) state;
	for (size_t i = 0; i < HUB_LIFE_CACHE + 1; i++)
		refs[i] = alert (SIAGA_TLP_GREEN, NULL);
	for (size_t i = 0; i < HUB_LIFE_CACHE + 1; i++)
		add (&s_dewi, &refs[i], SIAGA_ACTION_TAKE, NULL);
	add (&s_dewi, &refs[0], SIAGA_ACTION_TAKE, NULL);
	assert_int_equal (publish (&s_dewi, HUB_LIFE_CACHE + 1), SIAGA_ESTATE);
	assert_int_equal (s_hub->in.refused.bad_count, 1);
	assert_int_equal (respond (&s_rina, &refs[0], SIAGA_ACTION_TAKE, NULL), 0);
}

/* More alerts than lives are kept, each twice, and the longest story the hub takes. */
static void
test_hub_life_is_derived_again_when_it_is_not_kept_and_is_bounded (void **state)
{
	static struct siaga_ref refs[2 * HUB_LIFE_CACHE];
	(void) state;
	for (size_t i = 0; i < 2 * HUB_LIFE_CACHE; i++) {
		refs[i] = alert (SIAGA_TLP_GREEN, NULL);
		assert_int_equal (respond (&s_dewi, &refs[i], SIAGA_ACTION_TAKE, NULL), 0);
	}
	for (size_t i = 0; i < 2 * HUB_LIFE_CACHE; i++)
		assert_int_equal (respond (&s_rina, &refs[i], SIAGA_ACTION_TAKE, NULL),
				  SIAGA_ESTATE);
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	for (unsigned deeds = 0; deeds < HUB_LIFE_DEEDS_MAX - 1; deeds += 3) {
		add (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL);
		add (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL);
		add (&s_dewi, &ref, SIAGA_ACTION_REOPEN, NULL);
		if (s_dewi.count + 3 > HUB_ENTRIES_MAX || deeds + 3 >= HUB_LIFE_DEEDS_MAX - 1)
			assert_int_equal (publish (&s_dewi, 0), 0);
	}
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ELIMIT);
	for (size_t i = 0; i < HUB_LIFE_CACHE; i++) /* out of the cache, and derived again */
		assert_int_equal (respond (&s_dewi, &refs[i], SIAGA_ACTION_RESOLVE, NULL), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_RESOLVE, NULL), SIAGA_ELIMIT);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_COMMENT, NULL), 0);
}

/* --- the race -------------------------------------------------------------------------------------------- */

/* Both publish before either is answered: sometimes one group has both, sometimes each has its own. */
static void
race (unsigned turn, unsigned won[2])
{
	struct hub_lane *lanes[2] = {&s_dewi, &s_rina};
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	uint64_t oseqs[2];
	unsigned leaders = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct hub_lane *lane = lanes[(turn + i) % 2];
		oseqs[(turn + i) % 2] = lane->oseq;
		add (lane, &ref, SIAGA_ACTION_TAKE, NULL);
		hub_publish_only (s_hub, lane);
	}
	struct pollfd results = {.fd = core_results_fd (s_hub->core), .events = POLLIN};
	while (s_hub->core->jobs > 0) {
		assert_int_equal (poll (&results, 1, 30000), 1);
		core_on_results (s_hub->core);
	}
	/* hub_take () drops what is others': the answers came in the order of the log. */
	for (unsigned i = 0; i < 2; i++) {
		unsigned which = (turn + i) % 2;
		int code = answer (lanes[which], hub_take (s_hub, lanes[which]->conn), oseqs[which],
				   0);
		assert_true (code == 0 || code == SIAGA_ESTATE);
		leaders += code == 0;
		won[which] += code == 0;
	}
	assert_int_equal (leaders, 1);
}

static void
test_hub_life_a_thousand_races_have_a_thousand_winners (void **state)
{
	unsigned won[2] = {0, 0};
	(void) state;
	for (unsigned turn = 0; turn < RACES; turn++)
		race (turn, won);
	assert_int_equal (won[0] + won[1], RACES);
	assert_true (won[0] > 0 && won[1] > 0);
}

/* --- at random ------------------------------------------------------------------------------------------- */

#define ALERTS (HUB_LIFE_CACHE + HUB_LIFE_CACHE / 2) /* more than are kept */
#define TURNS 3000

/* A response of the lane's person to an alert, as the life says it will be judged. */
static int
add_any (struct hub_lane *lane, const struct siaga_ref *ref, struct siaga_life *life)
{
	enum siaga_action action = 1 + (enum siaga_action) randombytes_uniform (7);
	const char *member = randombytes_uniform (2) ? "brin" : "polri";
	struct siaga_deed deed = {
		.what = action,
		.origin = siaga_text (lane->identity->card.principal),
		.member = siaga_text (member),
		.outcome = SIAGA_OUTCOME_BENIGN,
	};
	add (lane, ref, action, action == SIAGA_ACTION_HANDOVER ? member : NULL);
	hub_publish_only (s_hub, lane);
	return siaga_life_apply (life, &deed, 0);
}

/* Two at a time, so that groups have one or both: the hub judges each as if it had come alone. */
static void
test_hub_life_judges_as_the_table_does_whatever_comes (void **state)
{
	static struct siaga_ref refs[ALERTS];
	static struct siaga_life lives[ALERTS];
	struct hub_lane *lanes[2] = {&s_dewi, &s_rina};
	struct siaga_header header = {.origin = siaga_text ("bssn/soc-1")};
	unsigned taken = 0;
	(void) state;
	for (size_t i = 0; i < ALERTS; i++) {
		refs[i] = alert (SIAGA_TLP_GREEN, NULL);
		siaga_life_begin (&lives[i], &header, 0);
	}
	for (unsigned turn = 0; turn < TURNS; turn++) {
		/* Few alerts at a time, so that they get on with their lives. */
		size_t first = randombytes_uniform (2) ? randombytes_uniform (ALERTS) : turn % 3;
		uint64_t oseqs[2] = {s_dewi.oseq, s_rina.oseq};
		int expected[2];
		for (unsigned i = 0; i < 2; i++) {
			size_t which =
				randombytes_uniform (3) ? first : randombytes_uniform (ALERTS);
			expected[i] = add_any (lanes[i], &refs[which], &lives[which]);
		}
		hub_settle (s_hub);
		for (unsigned i = 0; i < 2; i++) {
			int type = hub_take (s_hub, lanes[i]->conn);
			assert_int_equal (answer (lanes[i], type, oseqs[i], 0), expected[i]);
			taken += expected[i] == 0;
		}
	}
	assert_in_range (taken, TURNS / 4, 2 * TURNS); /* and some of it was allowed */
}

/* --- restart --------------------------------------------------------------------------------------------- */

static void
restart_on (const char *path)
{
	struct journal *writing, *reading;
	char words[256];
	core_destroy (&s_hub->core);
	assert_int_equal (journal_open_sqlite (&writing, path, "pemilu-2024", JOURNAL_WRITE, words),
			  0);
	assert_int_equal (journal_open_sqlite (&reading, path, "pemilu-2024", JOURNAL_READ, words),
			  0);
	assert_int_equal (core_new (&s_hub->core, &s_hub->trust, &writing, &reading), 0);
	core_start (s_hub->core);
	hub_gate_says (s_hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
	open_lanes ();
}

static void
test_hub_life_a_restart_judges_alike (void **state)
{
	char directory[64];
	const char *path = "journal.db";
	(void) state;
	fixture_enter (directory);
	restart_on (path);
	struct siaga_ref ref = alert (SIAGA_TLP_GREEN, NULL);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_TAKE, NULL), 0);
	restart_on (path);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_ACTION_RESOLVE, NULL), 0);
	restart_on (path);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_TAKE, NULL), SIAGA_ESTATE);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_ACTION_REOPEN, NULL), 0);
	fixture_leave (directory);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		CASE (test_hub_life_refuses_what_the_table_refuses),
		CASE (test_hub_life_origin_cancels_once_and_may_go_on_updating),
		CASE (test_hub_life_an_alert_is_handed_to_a_member_that_may_see_it),
		CASE (test_hub_life_nothing_leaks_by_handing_over),
		CASE (test_hub_life_a_refused_batch_has_done_nothing),
		CASE (test_hub_life_a_batch_refused_for_another_entry_has_done_nothing),
		CASE (test_hub_life_a_batch_may_hold_a_whole_life),
		CASE (test_hub_life_a_batch_may_answer_more_alerts_than_are_kept),
		CASE (test_hub_life_is_derived_again_when_it_is_not_kept_and_is_bounded),
		CASE (test_hub_life_a_thousand_races_have_a_thousand_winners),
		CASE (test_hub_life_judges_as_the_table_does_whatever_comes),
		CASE (test_hub_life_a_restart_judges_alike),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
