/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the roster in force means for the gate and for sessions, at the start of a gate and when a newer roster
 * takes its place.
 */
#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"

/* Keys of everybody in the roster whose time is not over. */
void
core_send_keys (struct core *self)
{
	const struct siaga_roster *roster = self->trust->roster;
	struct packet packet = {.type = PACKET_KEYS_BEGIN, .generation = self->gate_generation};
	uint64_t now_us = clock_now_us ();
	size_t size = 0;

	packet_queue_push (&self->out, PACKET_CONTROL, &packet, NO_BYTES);
	packet.type = PACKET_KEYS;
	for (size_t i = 0; i < roster->principal_count; i++)
		for (size_t k = 0; k < roster->principals[i].key_count; k++) {
			const struct siaga_roster_key *key = &roster->principals[i].keys[k];
			if (siaga_roster_key_check (key, now_us) != 0)
				continue;
			memcpy (self->frame + size, key->card.transport, SIAGA_KEY_BYTES);
			size += SIAGA_KEY_BYTES;
			if (size < HUB_KEYS_PER_PACKET_MAX * SIAGA_KEY_BYTES)
				continue;
			packet_queue_push (&self->out, PACKET_CONTROL, &packet,
					   (struct siaga_bytes){self->frame, size});
			size = 0;
		}
	packet_queue_push (&self->out, PACKET_CONTROL, &packet,
			   (struct siaga_bytes){self->frame, size});
	packet.type = PACKET_KEYS_END;
	packet_queue_push (&self->out, PACKET_CONTROL, &packet, NO_BYTES);
}

/* Finds the session's principal in the new roster: false when it must end. */
static bool
s_is_still_in (struct core *self, struct session *session)
{
	const struct siaga_roster_key *key;
	const struct siaga_principal *principal =
		siaga_roster_by_transport (self->trust->roster, session->key, &key);

	if (!principal || siaga_roster_key_check (key, clock_now_us ()) != 0)
		return false;
	if (session->principal && strcmp (session->principal->name, principal->name) != 0)
		return false;
	if (session->principal)
		session->principal = principal;
	return true;
}

static void
s_adopt_sessions (struct core *self)
{
	struct session *session = session_table_next (self->sessions, NULL);

	while (session) {
		struct session *next = session_table_next (self->sessions, session);
		if (!s_is_still_in (self, session)) {
			core_bye_and_cut (self, &session, SIAGA_EREVOKED);
		} else if (session->state == SESSION_OPEN) {
			struct siaga_roster_notice *notice =
				&core_reply (self, SIAGA_ROSTER)->roster;
			notice->serial = self->trust->roster->serial;
			memcpy (notice->sha256, self->trust->roster->sha256, SIAGA_HASH_BYTES);
			core_say (self, session);
		}
		session = next;
	}
}

void
core_reload (struct core *self)
{
	struct siaga_roster *old = NULL;
	struct conf_error error = {""};
	int status = trust_reload (self->trust, clock_now_us (), &old, &error);

	if (status)
		log_error ("roster-reload", "%s", error.words);
	if (!old) {
		if (!status)
			log_info ("roster-reload", "roster %llu is still in force",
				  (unsigned long long) self->trust->roster->serial);
		return;
	}
	log_info ("roster-reload", "roster %llu is in force",
		  (unsigned long long) self->trust->roster->serial);
	s_adopt_sessions (self);
	siaga_roster_destroy (&old);
	if (self->gate_is_up)
		core_send_keys (self);
	core_log_roster (self);
}
