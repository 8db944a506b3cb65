/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each condition by a clock of the test's own: what opens it, what closes it, whom it is told, and that clocks
 * that are set, restarts and strangers change nothing.
 */
#include "hub_fixture.h"

#include "hub/hub_conf.h"
#include "hub/presence_private.h"

#define AGENT "bssn/soc-1"
#define HOUR 3600

static struct hub *s_hub;
static struct hub_conf s_conf;
static uint64_t s_mono_ms;
static int64_t s_set_us; /* how much the hub's clock was set ahead */

static uint64_t
fake_now (void *context)
{
	(void) context;
	return 1795507200000000 + s_mono_ms * 1000 + (uint64_t) s_set_us;
}

static uint64_t
fake_mono (void *context)
{
	(void) context;
	return s_mono_ms;
}

static void
be_ready (void)
{
	hub_gate_says (s_hub, PACKET_READY, 0, NULL,
		       (struct siaga_bytes){(const uint8_t *) "tcp://*:7766", 12});
}

static int
begin (void **state)
{
	static const struct clock_source source = {fake_now, fake_mono, NULL};

	(void) state;
	s_mono_ms = 1000000;
	s_set_us = 0;
	clock_set (&source);
	s_hub = hub_new ();
	memset (&s_conf, 0, sizeof s_conf);
	assert_int_equal (presence_conf_default (&s_conf.presence), 0);
	core_configure (s_hub->core, &s_conf, NULL);
	be_ready ();
	hub_settle (s_hub);
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

/* --- time goes by ---------------------------------------------------------------------------------------- */

/* What the agent on a connection says in its heartbeats. */
struct beat {
	uint64_t conn; /* 0: nobody says anything */
	int64_t clock_off_us;
	uint64_t waiting;
	uint64_t waits_us;
	uint64_t lines; /* of its source */
	bool has_lines; /* a new one each time */
};

static void
send_beat (struct beat *beat)
{
	static uint8_t sources[512];
	struct siaga_message *message = hub_message (SIAGA_STATUS);
	uint64_t now_us = fake_now (NULL) + (uint64_t) beat->clock_off_us;
	struct siaga_source source = {.name = siaga_text ("suricata"), .error = siaga_text ("")};
	struct siaga_writer writer;

	beat->lines += beat->has_lines;
	source.lines = beat->lines;
	siaga_writer_init (&writer, sources, sizeof sources);
	siaga_writer_array (&writer, 1);
	siaga_source_write (&writer, &source);
	message->status.now_us = now_us;
	message->status.sources = (struct siaga_bytes){writer.data, writer.size};
	message->status.waiting = beat->waiting;
	message->status.oldest_us = beat->waiting ? now_us - beat->waits_us : 0;
	hub_says (s_hub, beat->conn, message);
}

static void
tick (void)
{
	s_mono_ms += HUB_TICK_MS;
	core_on_tick (s_hub->core);
	hub_settle (s_hub);
	while (hub_take (s_hub, 63)) /* empties the queue */
		continue;
}

/* So many seconds, with a heartbeat every ten of them for each of `beats`. */
static void
pass_with (unsigned seconds, struct beat *beats, size_t count)
{
	for (unsigned i = 0; i < seconds * 1000 / HUB_TICK_MS; i++) {
		for (size_t k = 0; k < count && i % (10000 / HUB_TICK_MS) == 0; k++)
			send_beat (&beats[k]);
		tick ();
	}
}

static void
pass (unsigned seconds)
{
	pass_with (seconds, NULL, 0);
}

/* --- what the hub said ----------------------------------------------------------------------------------- */

struct said {
	unsigned opened;
	unsigned closed;
	enum siaga_tlp tlp;
	enum siaga_severity severity;
	char audience[128]; /* of the last one */
	char title[SIAGA_TITLE_MAX];
	uint8_t opened_id[SIAGA_ID_BYTES];
};

static void
take_down (struct said *said, const struct siaga_header *header, const struct siaga_body *body)
{
	bool is_over = siaga_text_is (body->detector.rule, "closed");

	assert_int_equal (header->kind, SIAGA_KIND_SYSTEM);
	assert_int_equal (header->status, SIAGA_STATUS_SYSTEM);
	said->audience[0] = '\0';
	for (size_t i = 0; i < header->audience_count; i++)
		snprintf (said->audience + strlen (said->audience), 40, "%.*s ",
			  (int) header->audience[i].size, header->audience[i].data);
	snprintf (said->title, sizeof said->title, "%.*s", (int) body->title.size,
		  body->title.data);
	said->tlp = header->tlp;
	said->severity = header->severity;
	if (is_over) { /* refers to what opened it */
		assert_int_equal (header->ref_count, 1);
		assert_memory_equal (header->refs[0].id, said->opened_id, SIAGA_ID_BYTES);
		said->closed++;
	} else {
		memcpy (said->opened_id, header->id, SIAGA_ID_BYTES);
		assert_true (body->instruction.size > 0);
		said->opened++;
	}
}

/* All that the log has of one kind. */
static struct said
said (enum condition_kind kind)
{
	struct said said = {.opened = 0};
	struct siaga_header header;
	struct siaga_body body;
	const struct record *record;

	for (uint64_t number = 0; number < s_hub->core->head; number += record->count) {
		assert_int_equal (record_cache_get (s_hub->core->cache, number, &record), 0);
		for (uint32_t i = 0; i < record->count; i++) {
			struct siaga_bytes entry = record->batch->slots[i].entry;
			assert_int_equal (siaga_entry_read (entry, &header, &body), 0);
			if (siaga_text_is (body.detector.rule_id, condition_facts[kind].id))
				take_down (&said, &header, &body);
		}
	}
	return said;
}

static void
assert_said (enum condition_kind kind, unsigned opened, unsigned closed)
{
	struct said it = said (kind);

	assert_int_equal (it.opened, opened);
	assert_int_equal (it.closed, closed);
}

/* Nothing of any kind but one. */
static void
assert_only (enum condition_kind kind)
{
	for (int other = 0; other < CONDITION_KINDS; other++)
		if (other != (int) kind)
			assert_said (other, 0, 0);
}

static struct hub_lane s_lane;

static struct beat
connect_agent (uint64_t conn)
{
	hub_lane_open (s_hub, &s_lane, conn, AGENT);
	return (struct beat){.conn = conn, .has_lines = true};
}

/* A new process over the same journal. */
static void
restart (void)
{
	struct journal *writing = NULL, *reading = NULL, *keeper = s_hub->core->journal;

	assert_int_equal (journal_memory_writer (keeper, &writing), 0);
	assert_int_equal (journal_memory_reader (writing, &reading), 0);
	core_destroy (&s_hub->core);
	assert_int_equal (core_new (&s_hub->core, &s_hub->trust, &writing, &reading), 0);
	core_configure (s_hub->core, &s_conf, NULL);
	core_start (s_hub->core);
	hub_gate_says (s_hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
	be_ready ();
	hub_settle (s_hub);
}

/* --- an agent falls silent -------------------------------------------------------------------------------- */

static void
test_agent_that_dies_is_silent_once_and_back_once (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	pass_with (300, &beat, 1);
	assert_said (CONDITION_SILENT, 0, 0);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	pass (49); /* its last heartbeat was up to ten seconds ago */
	assert_said (CONDITION_SILENT, 0, 0);
	pass (600);
	assert_said (CONDITION_SILENT, 1, 0);
	struct said it = said (CONDITION_SILENT);
	assert_string_equal (it.audience, "bssn ");
	assert_int_equal (it.severity, SIAGA_SEVERITY_HIGH);
	assert_non_null (strstr (it.title, "agent bssn/soc-1 is silent since 20"));
	beat = connect_agent (1);
	pass_with (120, &beat, 1);
	assert_said (CONDITION_SILENT, 1, 1);
	assert_non_null (strstr (said (CONDITION_SILENT).title, "over: agent bssn/soc-1"));
	assert_only (CONDITION_SILENT);
}

/* Operators of other members than the hub's are addressed too; the TLP is the least that all of them may see. */
static void
test_operators_of_other_members_are_told (void **state)
{
	struct siaga_principal *rina = (struct siaga_principal *) siaga_roster_principal (
		s_hub->trust.roster, siaga_text ("brin/rina"));
	struct beat beat = connect_agent (1);

	(void) state;
	rina->roles |= SIAGA_ROLE_OPERATE;
	pass_with (30, &beat, 1);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	pass (90);
	struct said it = said (CONDITION_SILENT);
	assert_string_equal (it.audience, "brin bssn ");
	assert_int_equal (it.tlp, SIAGA_TLP_GREEN);
}

static void
test_agent_that_hangs_is_silent_while_connected (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	s_conf.presence.silent_after_us = 1000000;
	core_configure (s_hub->core, &s_conf, NULL);
	pass_with (300, &beat, 1);
	assert_said (CONDITION_SILENT, 0, 0);
	pass (40);
	assert_said (CONDITION_SILENT, 1, 0);
}

static void
test_person_who_leaves_is_not_silent (void **state)
{
	(void) state;
	hub_open (s_hub, 1, "polri/dewi", NULL);
	struct siaga_message *message = hub_message (SIAGA_STATUS);
	message->status.now_us = fake_now (NULL);
	hub_says (s_hub, 1, message);
	pass (10);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	pass (1000);
	assert_int_equal (s_hub->core->head, 1); /* the roster's entry */
}

static void
test_silence_is_found_across_a_restart (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	pass_with (20, &beat, 1);
	restart ();
	pass (59);
	assert_said (CONDITION_SILENT, 0, 0);
	pass (61);
	assert_said (CONDITION_SILENT, 1, 0);
	for (unsigned i = 0; i < 3; i++) {
		restart ();
		pass (300);
		assert_said (CONDITION_SILENT, 1, 0);
	}
	beat = connect_agent (1);
	pass_with (29, &beat, 1);
	restart ();
	beat = connect_agent (1);
	pass_with (300, &beat, 1);
	restart ();
	pass (30);
	assert_said (CONDITION_SILENT, 1, 1);
	assert_only (CONDITION_SILENT);
}

static void
test_agent_that_flaps_is_not_told_each_time (void **state)
{
	(void) state;
	for (unsigned i = 0; i < 30; i++) {
		struct beat beat = connect_agent (1);
		pass_with (60, &beat, 1);
		hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
		pass (70);
	}
	assert_in_range (said (CONDITION_SILENT).opened, 1, 4);
}

/* --- clocks ---------------------------------------------------------------------------------------------- */

static void
test_clock_that_is_off_is_told_and_taken_back (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	beat.clock_off_us = 9000000;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_CLOCK, 0, 0);
	beat.clock_off_us = -11000000;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_CLOCK, 1, 0);
	beat.clock_off_us = 0;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_CLOCK, 1, 1);
	assert_only (CONDITION_CLOCK);
}

/* Four agents under one name serve as four clocks. */
static void
test_hub_clock_that_is_set_blames_nobody_and_silences_nobody (void **state)
{
	static const char *const names[] = {"bssn/soc-1", "polri/dewi", "brin/rina", "kpu/ops"};
	struct beat beats[4];

	(void) state;
	for (size_t i = 0; i < 4; i++) {
		hub_open (s_hub, i + 1, names[i], NULL);
		beats[i] = (struct beat){.conn = i + 1, .has_lines = true};
	}
	pass_with (60, beats, 4);
	s_set_us = (int64_t) HOUR * 1000000;
	for (size_t i = 0; i < 4; i++)
		beats[i].clock_off_us = -s_set_us;
	pass_with (300, beats, 4);
	assert_said (CONDITION_HUB_CLOCK, 1, 0);
	assert_only (CONDITION_HUB_CLOCK);
	s_set_us = -(int64_t) HOUR * 1000000;
	for (size_t i = 0; i < 4; i++)
		beats[i].clock_off_us = -s_set_us;
	pass_with (300, beats, 4);
	s_set_us = 0;
	for (size_t i = 0; i < 4; i++)
		beats[i].clock_off_us = 0;
	pass_with (300, beats, 4);
	assert_said (CONDITION_HUB_CLOCK, 1, 1);
	assert_only (CONDITION_HUB_CLOCK);
	/* Nor is anybody's silence missed meanwhile. */
	s_set_us = -(int64_t) HOUR * 1000000;
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	for (size_t i = 0; i < 4; i++)
		beats[i].clock_off_us = -s_set_us;
	pass_with (100, beats + 1, 3);
	assert_said (CONDITION_SILENT, 1, 0);
}

static void
test_time_in_which_the_hub_did_not_run_is_not_theirs (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	pass_with (120, &beat, 1);
	s_mono_ms += HOUR * 1000;
	pass_with (30, &beat, 1);
	assert_said (CONDITION_SILENT, 0, 0);
}

static void
test_nobody_is_missed_while_the_gate_does_not_listen (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	pass_with (120, &beat, 1);
	hub_gate_says (s_hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
	pass (HOUR);
	assert_said (CONDITION_SILENT, 0, 0);
	be_ready ();
	pass (61);
	assert_said (CONDITION_SILENT, 1, 0);
}

/* --- sources and outbox ----------------------------------------------------------------------------------- */

static void
test_source_is_stale_beyond_its_own_rhythm (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	/* A line every six minutes. */
	for (unsigned i = 0; i < 12; i++) {
		beat.lines++;
		beat.has_lines = false;
		pass_with (360, &beat, 1);
	}
	pass_with (4 * 360 - 400, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 0, 0);
	pass_with (500, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 1, 0);
	assert_non_null (strstr (said (CONDITION_SOURCE_STALE).title, "(suricata)"));
	/* Neither a restart nor the agent's absence ends it, and the rhythm is remembered. */
	restart ();
	pass (50);
	beat = (struct beat){.lines = beat.lines, .conn = 1};
	hub_lane_open (s_hub, &s_lane, 1, AGENT);
	pass_with (120, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 1, 0);
	beat.has_lines = true;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 1, 1);
	assert_only (CONDITION_SOURCE_STALE);
}

static void
test_source_whose_rhythm_is_not_known_is_not_stale (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	pass_with (30, &beat, 1);
	beat.has_lines = false;
	pass_with (4 * HOUR, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 0, 0);
}

static void
test_source_is_stale_beyond_a_configured_limit (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	s_conf.presence.source_quiet_us = 120 * 1000000ull;
	core_configure (s_hub->core, &s_conf, NULL);
	pass_with (30, &beat, 1);
	beat.has_lines = false;
	pass_with (90, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 0, 0);
	pass_with (60, &beat, 1);
	assert_said (CONDITION_SOURCE_STALE, 1, 0);
}

static void
test_outbox_is_told_when_old (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	beat.waiting = 3;
	beat.waits_us = 599 * 1000000ull;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_OUTBOX, 0, 0);
	beat.waits_us = 600 * 1000000ull;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_OUTBOX, 1, 0);
	beat.waiting = 0;
	pass_with (120, &beat, 1);
	assert_said (CONDITION_OUTBOX, 1, 1);
	assert_only (CONDITION_OUTBOX);
}

static void
test_outbox_is_told_when_it_grows_and_grows (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	for (unsigned i = 0; i < 28; i++) {
		beat.waiting += 10;
		pass_with (10, &beat, 1);
	}
	beat.waiting -= 5; /* it does drain */
	pass_with (10, &beat, 1);
	for (unsigned i = 0; i < 29; i++) {
		beat.waiting += 10;
		pass_with (10, &beat, 1);
	}
	assert_said (CONDITION_OUTBOX, 0, 0);
	beat.waiting += 10;
	pass_with (10, &beat, 1);
	assert_said (CONDITION_OUTBOX, 1, 0);
}

/* --- readers ---------------------------------------------------------------------------------------------- */

static void
publish_one (void)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	hub_add (&s_lane, &header, "x");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
}

/* A reader without credit does not read. */
static void
test_reader_that_does_not_keep_up_is_told (void **state)
{
	struct beat beat = connect_agent (1);
	struct siaga_message *message;

	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_subscribe (s_hub, 2, NULL, s_hub->core->head, 1);
	struct beat beats[2] = {beat, {.conn = 2}};
	for (unsigned i = 0; i < 3; i++) {
		publish_one ();
		pass_with (10, beats, 2);
	}
	pass_with (560, beats, 2);
	assert_said (CONDITION_READER_BEHIND, 0, 0);
	pass_with (60, beats, 2);
	assert_said (CONDITION_READER_BEHIND, 1, 0);
	assert_string_equal (said (CONDITION_READER_BEHIND).audience, "polri ");
	message = hub_message (SIAGA_CREDIT);
	message->credit.id = 1;
	message->credit.more = 1 << 19;
	hub_says (s_hub, 2, message);
	pass_with (60, beats, 2);
	assert_said (CONDITION_READER_BEHIND, 1, 1);
}

static void
test_reader_that_keeps_up_under_load_is_not_behind (void **state)
{
	struct beat beat = connect_agent (1);

	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_subscribe (s_hub, 2, NULL, s_hub->core->head, SIAGA_CREDIT_MAX);
	struct beat beats[2] = {beat, {.conn = 2}};
	for (unsigned i = 0; i < 130; i++) {
		publish_one ();
		pass_with (10, beats, 2);
	}
	assert_said (CONDITION_READER_BEHIND, 0, 0);
}

static void
test_absence_is_told_only_of_who_is_expected (void **state)
{
	static char name[] = "polri/dewi";
	char *items[] = {name};
	unsigned lines[] = {1};

	(void) state;
	s_conf.expected = (struct conf_strings){1, items, lines};
	core_configure (s_hub->core, &s_conf, NULL);
	pass (290);
	assert_said (CONDITION_ABSENT, 0, 0);
	pass (20);
	assert_said (CONDITION_ABSENT, 1, 0);
	assert_string_equal (said (CONDITION_ABSENT).audience, "polri ");
	hub_open (s_hub, 2, "polri/dewi", NULL);
	struct beat beat = {.conn = 2};
	hub_subscribe (s_hub, 2, NULL, 0, SIAGA_CREDIT_MAX);
	pass_with (60, &beat, 1);
	assert_said (CONDITION_ABSENT, 1, 1);
	assert_only (CONDITION_ABSENT);
}

/* --- another roster ---------------------------------------------------------------------------------------- */

/* The fixture's roster without brin/rina, and with the others the other way round. */
static struct siaga_roster *
other_roster (void)
{
	static char text[FIXTURE_TEXT_MAX];
	static char source[sizeof hub_roster];
	struct siaga_roster *roster = NULL;
	struct conf_error error = {""};

	memcpy (source, hub_roster, sizeof source);
	char *from = strstr (source, ",\n  { name = \"brin/rina\"");
	memset (from, ' ', (size_t) (strstr (from, "\n);") - from));
	fixture_expand (text, source);
	if (roster_parse ("roster", (struct siaga_bytes){(uint8_t *) text, strlen (text)}, &roster,
			  &error) != 0)
		fail_msg ("%s", error.words);
	for (size_t i = 0; i < roster->principal_count / 2; i++) {
		struct siaga_principal *a = &roster->principals[i];
		struct siaga_principal *b = &roster->principals[roster->principal_count - 1 - i];
		struct siaga_principal former = *a;
		*a = *b;
		*b = former;
	}
	assert_int_equal (siaga_roster_index (roster), 0);
	return roster;
}

static void
test_another_roster_keeps_what_is_known_of_who_stays (void **state)
{
	struct beat beats[2] = {connect_agent (1), {.conn = 2, .has_lines = true}};
	struct siaga_roster *old = s_hub->trust.roster;
	size_t count;

	(void) state;
	hub_open (s_hub, 2, "brin/rina", NULL);
	pass_with (120, beats, 2);
	s_hub->trust.roster = other_roster ();
	presence_on_roster (s_hub->core->presence);
	/* Sessions that end now still know the former roster. */
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	hub_gate_says (s_hub, PACKET_GONE, 2, NULL, NO_BYTES);
	siaga_roster_destroy (&old);
	const struct peer *peers = presence_peers (s_hub->core->presence, &count);
	assert_int_equal (count, 4);
	assert_string_equal (peers[1].name, AGENT);
	assert_true (peers[1].is_agent);
	assert_true (peers[1].heard_us > 0);
	assert_false (peers[0].is_agent);
	pass (120);
	assert_said (CONDITION_SILENT, 1, 0); /* who is gone is not missed */
}

static void
test_silence_of_who_leaves_the_roster_is_over (void **state)
{
	struct beat beat = {.conn = 2, .has_lines = true};
	struct siaga_roster *old = s_hub->trust.roster;
	struct siaga_principal *rina =
		(struct siaga_principal *) siaga_roster_principal (old, siaga_text ("brin/rina"));

	(void) state;
	rina->roles |= SIAGA_ROLE_PUBLISH;
	hub_open (s_hub, 2, "brin/rina", NULL);
	pass_with (30, &beat, 1);
	hub_gate_says (s_hub, PACKET_GONE, 2, NULL, NO_BYTES);
	pass (120);
	assert_said (CONDITION_SILENT, 1, 0);
	s_hub->trust.roster = other_roster ();
	presence_on_roster (s_hub->core->presence);
	siaga_roster_destroy (&old);
	pass (60);
	assert_said (CONDITION_SILENT, 1, 1);
}

/* --- ends, and what others tell --------------------------------------------------------------------------- */

static void
test_roster_near_its_end_is_told_to_all (void **state)
{
	struct siaga_roster *roster = (struct siaga_roster *) s_hub->trust.roster;
	uint64_t end_us = roster->expires_us;

	(void) state;
	roster->expires_us = fake_now (NULL) + 15 * 86400 * 1000000ull;
	pass (100);
	assert_said (CONDITION_ROSTER_EXPIRY, 0, 0);
	roster->expires_us = fake_now (NULL) + 13 * 86400 * 1000000ull;
	pass (100);
	assert_said (CONDITION_ROSTER_EXPIRY, 1, 0);
	assert_string_equal (said (CONDITION_ROSTER_EXPIRY).audience, "");
	roster->expires_us = end_us;
	pass (100);
	assert_said (CONDITION_ROSTER_EXPIRY, 1, 1);
	assert_only (CONDITION_ROSTER_EXPIRY);
}

static void
test_last_key_near_its_end_is_told (void **state)
{
	struct siaga_principal *principal = (struct siaga_principal *) siaga_roster_principal (
		s_hub->trust.roster, siaga_text ("brin/rina"));
	struct siaga_roster_key *key = (struct siaga_roster_key *) &principal->keys[0];

	(void) state;
	key->until_us = fake_now (NULL) + 13 * 86400 * 1000000ull;
	pass (100);
	assert_said (CONDITION_KEY_EXPIRY, 1, 0);
	struct said it = said (CONDITION_KEY_EXPIRY);
	assert_string_equal (it.audience, "brin ");
	assert_int_equal (it.tlp, SIAGA_TLP_GREEN); /* its member may see no more */
	assert_only (CONDITION_KEY_EXPIRY);
}

static void
test_quota_is_told_while_it_is_refused (void **state)
{
	(void) state;
	for (unsigned i = 0; i < 100; i++) {
		presence_on_quota (s_hub->core->presence, AGENT);
		pass (1);
	}
	assert_said (CONDITION_QUOTA, 1, 0);
	pass (100);
	assert_said (CONDITION_QUOTA, 1, 1);
	assert_only (CONDITION_QUOTA);
}

static void
test_damaged_journal_is_told_until_it_is_well (void **state)
{
	(void) state;
	presence_on_journal (s_hub->core->presence, false, "tile 0/3 does not fit its leaves");
	pass (10);
	assert_said (CONDITION_JOURNAL, 1, 0);
	assert_int_equal (said (CONDITION_JOURNAL).severity, SIAGA_SEVERITY_CRITICAL);
	restart ();
	pass (100);
	assert_said (CONDITION_JOURNAL, 1, 0);
	presence_on_journal (s_hub->core->presence, true, "");
	pass (100);
	assert_said (CONDITION_JOURNAL, 1, 1);
	assert_only (CONDITION_JOURNAL);
}

static void
test_disk_that_gets_full_is_told (void **state)
{
	(void) state;
	s_conf.presence.disk_low_bytes = UINT64_MAX / 2;
	core_configure (s_hub->core, &s_conf, "/");
	pass (60);
	assert_said (CONDITION_DISK, 1, 0);
	s_conf.presence.disk_low_bytes = 1;
	core_configure (s_hub->core, &s_conf, "/");
	pass (60);
	assert_said (CONDITION_DISK, 1, 1);
	assert_only (CONDITION_DISK);
}

/* More than fit a batch, one after the other. */
static void
test_many_conditions_at_once_are_all_told (void **state)
{
	char name[32];

	(void) state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf (name, sizeof name, "polri/p-%u", i);
		presence_on_quota (s_hub->core->presence, name);
	}
	pass (20);
	assert_int_equal (said (CONDITION_QUOTA).opened, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_agent_that_dies_is_silent_once_and_back_once),
		TEST (test_operators_of_other_members_are_told),
		TEST (test_agent_that_hangs_is_silent_while_connected),
		TEST (test_person_who_leaves_is_not_silent),
		TEST (test_silence_is_found_across_a_restart),
		TEST (test_agent_that_flaps_is_not_told_each_time),
		TEST (test_clock_that_is_off_is_told_and_taken_back),
		TEST (test_hub_clock_that_is_set_blames_nobody_and_silences_nobody),
		TEST (test_time_in_which_the_hub_did_not_run_is_not_theirs),
		TEST (test_nobody_is_missed_while_the_gate_does_not_listen),
		TEST (test_source_is_stale_beyond_its_own_rhythm),
		TEST (test_source_whose_rhythm_is_not_known_is_not_stale),
		TEST (test_source_is_stale_beyond_a_configured_limit),
		TEST (test_outbox_is_told_when_old),
		TEST (test_outbox_is_told_when_it_grows_and_grows),
		TEST (test_reader_that_does_not_keep_up_is_told),
		TEST (test_reader_that_keeps_up_under_load_is_not_behind),
		TEST (test_absence_is_told_only_of_who_is_expected),
		TEST (test_another_roster_keeps_what_is_known_of_who_stays),
		TEST (test_silence_of_who_leaves_the_roster_is_over),
		TEST (test_roster_near_its_end_is_told_to_all),
		TEST (test_last_key_near_its_end_is_told),
		TEST (test_quota_is_told_while_it_is_refused),
		TEST (test_damaged_journal_is_told_until_it_is_well),
		TEST (test_disk_that_gets_full_is_told),
		TEST (test_many_conditions_at_once_are_all_told),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
