/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole hub core under a sequence of messages that any bytes make: several principals on several connections open
 * sessions, publish well-signed batches in and out of order, answer alerts, subscribe, ask, speak nonsense, are cut, and
 * the gate, the roster and the time change under them (dialogue_verbs.h). What must hold:
 *
 *	whatever the hub says is a message of the hub's that can be read;
 *	nobody is shown what is not for him (his clearance, the audience), live or in replay;
 *	`through` and ACKs go forward, no two entries of a lane have one number, and no entry below what was asked for;
 *	all that was acknowledged is in the log at the end, and the core goes on.
 */
#include "dialogue_verbs.h"

/* --- what the hub says ---------------------------------------------------------------------------------------- */

static void
s_check_entry (const struct guest *peer, struct siaga_bytes entry)
{
	static struct siaga_header header;
	struct siaga_bytes body;

	must (siaga_header_read (entry, &header, &body) == 0);
	struct siaga_text member = siaga_member_of (siaga_text (peer->who->name));
	bool own = siaga_text_equal (siaga_member_of (header.origin), member) &&
		   !siaga_header_is_escalation (&header);
	bool named = header.audience_count == 0;
	for (size_t i = 0; i < header.audience_count; i++)
		named = named || siaga_text_equal (header.audience[i], member);
	must (own || (named && header.tlp <= peer->who->clearance[s_roster]));
}

static void
s_check_deliveries (const struct guest *peer, struct siaga_bytes items)
{
	static struct siaga_batch batch;
	struct siaga_delivery delivery;
	struct siaga_reader reader;

	siaga_reader_init (&reader, items.data, items.size);
	for (size_t left = siaga_deliveries_begin (&reader); left > 0; left--) {
		siaga_delivery_read (&reader, &delivery);
		must (siaga_batch_read (delivery.batch, &batch) == 0);
		must (delivery.number + batch.head.count <= s_hub->core->head);
		for (uint32_t i = 0; i < batch.slot_count; i++)
			if (batch.slots[i].entry.size > 0)
				s_check_entry (peer, batch.slots[i].entry);
	}
	must (siaga_reader_end (&reader) == 0);
}

static void
s_on_ack (struct guest *peer, const struct siaga_ack *ack)
{
	struct lane *lane = dialogue_lane (peer->who, ack->epoch);

	must (lane && ack->oseq <= lane->cut && ack->number < s_hub->core->head);
	must (ack->oseq <= lane->acked || ack->number > lane->number || lane->acked == 0);
	if (ack->oseq > lane->acked) {
		s_acked += ack->oseq - lane->acked;
		lane->acked = ack->oseq;
		lane->number = ack->number;
	}
}

static void
s_on_deliver (struct guest *peer, const struct siaga_deliver *deliver)
{
	must (deliver->has_mark == (deliver->through > 0));
	must (deliver->through <= s_hub->core->head);
	s_check_deliveries (peer, deliver->items);
}

static void
s_on_result (struct guest *peer, const struct siaga_result *result)
{
	must (result->part >= 1 && result->part <= result->of);
	if (result->of == 1 && result->id % 8 == SIAGA_QUERY_ENTRY)
		s_check_deliveries (peer, result->payload);
	if (result->of == 1 && result->id % 8 == SIAGA_QUERY_STORY)
		s_check_deliveries (peer, result->payload);
}

void
dialogue_heard (struct guest *peer, const struct siaga_message *message)
{
	switch (message->type) {
	case SIAGA_ACK:
		s_on_ack (peer, &message->ack);
		break;
	case SIAGA_DELIVER:
		s_on_deliver (peer, &message->deliver);
		break;
	case SIAGA_RESULT:
		s_on_result (peer, &message->result);
		break;
	case SIAGA_KNOCK:
	case SIAGA_HELLO:
	case SIAGA_PUBLISH:
	case SIAGA_SUBSCRIBE:
	case SIAGA_CREDIT:
	case SIAGA_STATUS:
	case SIAGA_QUERY:
		abort (); /* not the hub's to say */
	default:
		break;
	}
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

/* Every acknowledged entry has its place: the log has at least as many, and whoever reads it all gets to its head. */
static void
s_check_log (void)
{
	must (s_hub->core->head >= s_acked);
	must (core_status (s_hub->core) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	struct script script = {data, size};

	dialogue_begin ();
	for (unsigned verbs = 0; script.size > 0 && verbs < VERBS_MAX; verbs++)
		dialogue_verb (&script);
	dialogue_settle ();
	s_check_log ();
	dialogue_end ();
	return 0;
}
