/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of fuzz_hub_dialogue.c: one byte says which, the next ones with what.
 */
#ifndef TESTS_DIALOGUE_VERBS_H
#define TESTS_DIALOGUE_VERBS_H

#include "dialogue.h"

static inline void
verb_open (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script);
	struct siaga_message *knock = hub_message (SIAGA_KNOCK);

	s_gone (peer);
	dialogue_settle ();
	peer->is_challenged = false;
	peer->made.count = 0;
	peer->conn = ++s_conn;
	peer->who = &s_people[how / 64 % PEOPLE];
	peer->lane = how % LANES;
	peer->made.identity = fixture_identity (peer->who->name);
	memset (peer->made.epoch, peer->who->name[0], sizeof peer->made.epoch);
	peer->made.epoch[0] = (uint8_t) peer->lane;
	hub_gate_says (s_hub, PACKET_OPEN, peer->conn,
		       fixture_identity (peer->who->name)->card.transport, NO_BYTES);
	knock->knock.min_version = how & 32 ? 7 : 1;
	knock->knock.max_version = 7;
	hub_says (s_hub, peer->conn, knock);
	s_hear ();
	s_hello (peer, how >> 2 & 7 ? how >> 2 & 1 : next_byte (script));
}

static inline void
verb_gone (struct script *script)
{
	s_gone (next_peer (script));
}

static inline void
verb_gate (struct script *script)
{
	(void) script;
	for (size_t i = 0; i < PEERS; i++)
		s_peers[i].conn = 0;
	hub_gate_says (s_hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
}

static inline void
verb_packet (struct script *script)
{
	struct guest *peer = next_peer (script);
	enum packet_type type = next_byte (script) % (PACKET_TYPES + 1);
	struct siaga_bytes payload = next_bytes (script);

	if (type == PACKET_GATE_UP) /* all are gone then, which verb_gate () knows */
		return;
	hub_gate_says (s_hub, type, peer->conn, fixture_identity ("brin/rina")->card.transport,
		       payload);
}

static inline void
verb_bytes (struct script *script)
{
	struct guest *peer = next_peer (script);
	struct siaga_bytes payload = next_bytes (script);

	if (peer->conn != 0 && core_wants_packets (s_hub->core))
		hub_gate_says (s_hub, PACKET_MESSAGE, peer->conn, NULL, payload);
}

/* --- publishing ------------------------------------------------------------------------------------------------- */

static inline void
s_audience (struct siaga_header *header, uint8_t mask)
{
	static const char *const members[] = {"brin", "bssn", "kpu", "polri"};

	for (unsigned i = 0; i < 4; i++)
		if (mask >> i & 1)
			header->audience[header->audience_count++] = siaga_text (members[i]);
}

static inline void
s_identify (struct siaga_header *header, uint8_t how)
{
	uint8_t random[10] = "seed";

	s_made++;
	memcpy (random + 2, &s_made, sizeof s_made);
	siaga_uuid_make (header->id, SAME_MS + s_made, random);
	if (how & 64 && s_ref_count > 0)
		memcpy (header->id, s_refs[how % s_ref_count].id, sizeof header->id);
}

/* As the alert it refers to has it, where `how` says so: tlp, audience and status must be the same in a response. */
static inline void
s_refer (struct siaga_header *header, struct script *script)
{
	uint8_t which = next_byte (script);

	if (s_ref_count == 0 || which == 255)
		return;
	header->refs[header->ref_count++] = s_refs[which % s_ref_count];
	if (which & 128 && s_ref_count > 1)
		header->refs[header->ref_count++] = s_refs[(which + 1u) % s_ref_count];
	if (which & 64)
		header->refs[0].leaf[5] ^= 1;
}

static inline void
s_add (struct guest *peer, const struct siaga_header *header, uint8_t how)
{
	static struct siaga_body body;
	struct siaga_writer writer;
	struct siaga_bytes *entry = &peer->made.entries[peer->made.count];

	memset (&body, 0, sizeof body);
	body.title = siaga_text (header->kind == SIAGA_KIND_RESPONSE ? NULL : "T");
	body.outcome = header->action == SIAGA_ACTION_RESOLVE ? how % 4 + 1u : 0;
	body.member = siaga_text (header->action != SIAGA_ACTION_HANDOVER ? NULL
				  : how & 1				  ? "brin"
									  : "polri");
	siaga_writer_init (&writer, peer->made.room[peer->made.count], sizeof peer->made.room[0]);
	if (siaga_entry_write (&writer, header, &body) != 0)
		return;
	*entry = (struct siaga_bytes){writer.data, writer.size};
	peer->made.count++;
	if (header->kind == SIAGA_KIND_RESPONSE)
		return;
	struct siaga_ref *ref = &s_refs[s_made % REFS_KEPT];
	memcpy (ref->id, header->id, sizeof ref->id);
	siaga_merkle_leaf (ref->leaf, entry->data, entry->size);
	s_ref_count = s_ref_count < REFS_KEPT && s_made % REFS_KEPT >= s_ref_count
			      ? s_made % REFS_KEPT + 1
			      : s_ref_count;
}

static inline void
verb_add (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t kind = next_byte (script), routing = next_byte (script), how = next_byte (script);
	struct siaga_header header = {.created_us = SAME_MS * 1000};

	if (peer->who == NULL || peer->made.count >= 8)
		return;
	header.origin = siaga_text (how & 128 ? "kpu/ops" : peer->who->name);
	header.kind = kind % 7;
	header.action = header.kind == SIAGA_KIND_RESPONSE ? kind / 7 % 7 + 1u : 0;
	header.status = kind / 128 ? SIAGA_STATUS_EXERCISE : SIAGA_STATUS_ACTUAL;
	header.severity = how % 5;
	header.tlp = routing % 5;
	if (header.kind <= SIAGA_KIND_CANCEL)
		header.category = siaga_text ("intrusion-attempts/brute-force");
	header.system = siaga_text (routing & 8 ? "sirekap" : NULL);
	header.expires_us = how & 32 ? SAME_MS * 1000 + 1 : 0;
	s_audience (&header, routing >> 4);
	if (header.kind != SIAGA_KIND_ALERT)
		s_refer (&header, script);
	s_identify (&header, how);
	s_add (peer, &header, how);
}

static inline void
s_publish_bytes (struct guest *peer, const uint8_t *data, size_t size)
{
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);

	message->publish.batch = (struct siaga_bytes){data, size};
	s_say (peer, message);
}

static inline void
verb_publish (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script);

	if (peer->who == NULL || peer->made.count == 0)
		return;
	struct lane *lane = &peer->who->lanes[peer->lane];
	uint64_t first = (how & 1 ? lane->cut : lane->acked) + 1 + (how & 2 ? how / 16 : 0);
	uint64_t last = first + peer->made.count - 1;
	hub_batch (&peer->made, first);
	peer->made.count = 0;
	memcpy (lane->batch, peer->made.batch, lane->batch_size = peer->made.batch_size);
	lane->cut = lane->cut > last ? lane->cut : last;
	s_publish_bytes (peer, lane->batch, lane->batch_size);
}

static inline void
verb_publish_again (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script), where = next_byte (script);

	if (peer->who == NULL || peer->who->lanes[peer->lane].batch_size == 0)
		return;
	struct lane *lane = &peer->who->lanes[peer->lane];
	if (how & 1) /* a copy, so that the right one may come yet */
		peer->made.batch[where * 3u % lane->batch_size] ^= (uint8_t) (how | 2);
	s_publish_bytes (peer, how & 1 ? peer->made.batch : lane->batch, lane->batch_size);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static inline void
verb_subscribe (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script), from = next_byte (script);
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);
	struct siaga_subscribe *subscribe = &message->subscribe;

	subscribe->id = how % 6;
	subscribe->credit = how & 8 ? SIAGA_CREDIT_MAX : from * 64u;
	subscribe->cursor.next = how & 16 ? s_hub->core->head : from;
	subscribe->cursor.has_log = (how & 32) != 0;
	if (how & 64)
		subscribe->filter.min_severity = from % 5;
	if (how & 128)
		subscribe->filter.kinds = from;
	s_say (peer, message);
}

static inline void
verb_credit (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script), more = next_byte (script);
	struct siaga_message *message = hub_message (SIAGA_CREDIT);

	message->credit.id = how % 6;
	message->credit.more = how & 8 ? more : (uint64_t) more << 12;
	message->credit.through = how & 16 ? s_hub->core->head : how >> 5;
	s_say (peer, message);
}

static inline void
verb_query (struct script *script)
{
	struct guest *peer = next_peer (script);
	uint8_t how = next_byte (script), which = next_byte (script);
	struct siaga_message *message = hub_message (SIAGA_QUERY);
	struct siaga_query *query = &message->query;

	query->what = how % 8;
	query->id = query->what; /* so the answer says what was asked */
	query->has_number = (how & 8) != 0;
	query->number = which;
	query->has_uuid = (how & 16) != 0 && s_ref_count > 0;
	if (query->has_uuid)
		memcpy (query->uuid, s_refs[which % s_ref_count].id, sizeof query->uuid);
	s_say (peer, message);
}

static inline void
verb_status (struct script *script)
{
	struct guest *peer = next_peer (script);
	struct siaga_message *message = hub_message (SIAGA_STATUS);

	message->status.now_us = (uint64_t) next_byte (script) << 44;
	message->status.waiting = next_byte (script);
	message->status.started_us = 1;
	s_say (peer, message);
}

static inline void
verb_bye (struct script *script)
{
	s_say (next_peer (script), hub_message (SIAGA_BYE));
}

/* --- the hub's own ---------------------------------------------------------------------------------------------- */

static inline void
verb_settle (struct script *script)
{
	(void) script;
	dialogue_settle ();
}

static inline void
verb_tick (struct script *script)
{
	(void) script;
	core_on_tick (s_hub->core);
	core_work (s_hub->core);
	s_hear ();
}

/* The other roster comes into force; deliveries under way are of before. */
static inline void
verb_roster (struct script *script)
{
	(void) script;
	dialogue_settle ();
	s_roster = !s_roster;
	s_rosters[s_roster]->serial = ++s_serial;
	s_hub->trust.roster = s_rosters[s_roster];
	core_on_roster (s_hub->core);
	dialogue_settle ();
}

static inline void
verb_kick (struct script *script)
{
	core_kick (s_hub->core, s_people[next_byte (script) % PEOPLE].name);
	s_hear ();
}

static inline void
verb_drain (struct script *script)
{
	if (next_byte (script) == 77)
		core_drain (s_hub->core);
}

static inline void
dialogue_verb (struct script *script)
{
	static void (*const verbs[]) (struct script *) = {
		verb_open,	verb_add,    verb_publish, verb_settle, verb_publish_again,
		verb_subscribe, verb_credit, verb_query,   verb_status, verb_bye,
		verb_gone,	verb_gate,   verb_packet,  verb_bytes,	verb_tick,
		verb_roster,	verb_kick,   verb_drain,
	};

	verbs[next_byte (script) % (sizeof verbs / sizeof *verbs)](script);
}

#endif
