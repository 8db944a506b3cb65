/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of escalation: a hub with a playbook, a clock of the test's own, one who publishes and one who answers, and
 * what the hub says of deadlines.
 */
#ifndef SIAGA_TESTS_ESCALATION_FIXTURE_H
#define SIAGA_TESTS_ESCALATION_FIXTURE_H

#include "hub_fixture.h"

#include "hub/escalation_private.h"

#define SAID_MAX 64
#define RULES                                                                                      \
	"playbook = ({ lead = \"kpu\"; min_severity = \"medium\"; first_action = \"Look.\";\n"     \
	"  acknowledge_within = \"5m\"; escalate_every = \"2m\"; take_within = \"20m\";\n"         \
	"  resolve_within = \"60m\"; escalation = [\"polri\", \"brin\", \"everyone\"]; });\n"

static struct hub *s_hub;
static uint64_t s_mono_ms;
static int64_t s_set_us; /* how much the hub's clock was set ahead */
static struct hub_lane s_lane, s_dewi;

static inline uint64_t
fake_now (void *context)
{
	(void) context;
	return 1795507200000000 + s_mono_ms * 1000 + (uint64_t) s_set_us;
}

static inline uint64_t
fake_mono (void *context)
{
	(void) context;
	return s_mono_ms;
}

static inline void
adopt (const char *rules)
{
	static char text[FIXTURE_TEXT_MAX];

	snprintf (text, sizeof text, "%.*s%s", (int) (strstr (hub_roster, "playbook") - hub_roster),
		  hub_roster, rules);
	hub_adopt (s_hub, text);
	hub_settle (s_hub);
}

static inline int
begin (void **state)
{
	static const struct clock_source source = {fake_now, fake_mono, NULL};

	(void) state;
	s_mono_ms = 1000000;
	s_set_us = 0;
	clock_set (&source);
	s_hub = hub_new ();
	hub_settle (s_hub);
	adopt (RULES);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_lane_open (s_hub, &s_dewi, 2, "polri/dewi");
	return 0;
}

static inline int
end (void **state)
{
	(void) state;
	clock_set (NULL);
	hub_destroy (&s_hub);
	return 0;
}

/* A new process over the same journal, whose lanes begin anew. */
static inline void
restart (void)
{
	struct journal *writing = NULL, *reading = NULL, *keeper = s_hub->core->journal;

	assert_int_equal (journal_memory_writer (keeper, &writing), 0);
	assert_int_equal (journal_memory_reader (writing, &reading), 0);
	core_destroy (&s_hub->core);
	assert_int_equal (core_new (&s_hub->core, &s_hub->trust, &writing, &reading), 0);
	core_start (s_hub->core);
	hub_gate_says (s_hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_lane_open (s_hub, &s_dewi, 2, "polri/dewi");
}

static inline void
pass (unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		s_mono_ms += 1000;
		core_on_tick (s_hub->core);
		hub_settle (s_hub);
		for (uint64_t conn = 1; conn <= 2; conn++) { /* they are there */
			struct siaga_message *message = hub_message (SIAGA_STATUS);
			message->status.now_us = fake_now (NULL);
			hub_says (s_hub, conn, message);
		}
		while (hub_take (s_hub, 63)) /* empties the queue */
			continue;
	}
}

/* --- what people do ------------------------------------------------------------------------------------- */

static struct siaga_header s_alert;
static struct siaga_ref s_ref;
static uint64_t s_published_ms;

static inline void
publish_as (struct siaga_header header)
{
	s_alert = header;
	s_ref = hub_add (&s_lane, &s_alert, "Web shell on Sipol");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	s_published_ms = s_mono_ms;
}

static inline void
publish (enum siaga_tlp tlp)
{
	publish_as (hub_header (&s_lane, tlp));
}

static inline void
respond (enum siaga_action action)
{
	static struct siaga_body body;
	struct siaga_header header = hub_header (&s_dewi, s_alert.tlp);
	struct siaga_writer writer;

	memset (&body, 0, sizeof body);
	header.kind = SIAGA_KIND_RESPONSE;
	header.category = (struct siaga_text){NULL, 0};
	header.action = action;
	header.status = s_alert.status;
	header.ref_count = 1;
	header.refs[0] = s_ref;
	if (action == SIAGA_ACTION_RESOLVE)
		body.outcome = SIAGA_OUTCOME_BENIGN;
	siaga_writer_init (&writer, s_dewi.room[0], sizeof s_dewi.room[0]);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	s_dewi.entries[s_dewi.count++] = (struct siaga_bytes){writer.data, writer.size};
	assert_int_equal (hub_publish (s_hub, &s_dewi), SIAGA_ACK);
}

static inline void
update (enum siaga_severity severity)
{
	struct siaga_header header = s_alert;

	randombytes_buf (header.id + 8, 7);
	header.id[8] = (uint8_t) (0x80 | (header.id[8] & 0x3f));
	header.kind = SIAGA_KIND_UPDATE;
	header.severity = severity;
	header.ref_count = 1;
	header.refs[0] = s_ref;
	hub_add (&s_lane, &header, "It spreads");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
}

/* --- what the hub said ---------------------------------------------------------------------------------- */

struct said {
	char rule_id[32];
	char rule[16];
	char audience[128];
	char title[SIAGA_TITLE_MAX];
	char description[SIAGA_TEXT_MAX];
	char instruction[SIAGA_TEXT_MAX];
	enum siaga_severity severity;
	enum siaga_status status;
	enum siaga_tlp tlp;
	unsigned seconds; /* after the alert's accepted */
	bool brin_sees;
	bool kpu_sees;
};

static struct said s_said[SAID_MAX];

static inline void
copy (char *out, size_t size, struct siaga_text text)
{
	snprintf (out, size, "%.*s", (int) text.size, text.size ? text.data : "");
}

static inline void
take_down (struct said *said, const struct siaga_header *header, const struct siaga_body *body)
{
	const struct siaga_roster *roster = s_hub->trust.roster;

	assert_int_equal (header->kind, SIAGA_KIND_SYSTEM);
	assert_int_equal (header->ref_count, 1);
	assert_memory_equal (&header->refs[0], &s_ref, sizeof s_ref);
	memset (said, 0, sizeof *said);
	copy (said->rule_id, sizeof said->rule_id, body->detector.rule_id);
	copy (said->rule, sizeof said->rule, body->detector.rule);
	copy (said->title, sizeof said->title, body->title);
	copy (said->description, sizeof said->description, body->description);
	copy (said->instruction, sizeof said->instruction, body->instruction);
	for (size_t i = 0; i < header->audience_count; i++)
		snprintf (said->audience + strlen (said->audience), 40, "%.*s ",
			  (int) header->audience[i].size, header->audience[i].data);
	said->severity = header->severity;
	said->status = header->status;
	said->tlp = header->tlp;
	said->brin_sees = siaga_may_see (siaga_roster_member (roster, siaga_text ("brin")), header);
	said->kpu_sees = siaga_may_see (siaga_roster_member (roster, siaga_text ("kpu")), header);
}

/* All that the log has of deadlines, into s_said. */
static inline size_t
read_said (void)
{
	static struct siaga_body body;
	struct siaga_header header;
	const struct record *record;
	size_t count = 0;

	for (uint64_t number = 0; number < s_hub->core->head; number += record->count) {
		assert_int_equal (record_cache_get (s_hub->core->cache, number, &record), 0);
		for (uint32_t i = 0; i < record->count; i++) {
			assert_int_equal (
				siaga_entry_read (record->batch->slots[i].entry, &header, &body),
				0);
			if (header.kind != SIAGA_KIND_SYSTEM || header.category.size == 0)
				continue;
			assert_true (count < SAID_MAX);
			take_down (&s_said[count], &header, &body);
			s_said[count++].seconds =
				(unsigned) ((record->accepted_us - 1795507200000000 -
					     (uint64_t) s_set_us) /
						    1000000 -
					    s_published_ms / 1000);
		}
	}
	return count;
}

static inline void
assert_said (size_t at, const char *rule_id, const char *rule, unsigned seconds)
{
	assert_true (read_said () > at);
	assert_string_equal (s_said[at].rule_id, rule_id);
	assert_string_equal (s_said[at].rule, rule);
	assert_in_range (s_said[at].seconds, seconds, seconds + 1);
}

#endif
