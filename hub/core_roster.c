/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the roster in force means for the gate and for sessions, at the start of a gate and when a newer roster
 * takes its place.
 */
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "hub/hub_conf.h"
#include "siaga/error.h"

/* The next time after `now_us` at which a key is over. */
static void
s_note_end (uint64_t *end_us, const struct siaga_roster_key *key, uint64_t now_us)
{
	if (key->until_us > now_us && key->until_us < *end_us)
		*end_us = key->until_us;
	if (key->untrusted_from_us > now_us && key->untrusted_from_us < *end_us)
		*end_us = key->untrusted_from_us;
}

void
core_watch_keys (struct core *self)
{
	if (self->gate_is_up && clock_now_us () >= self->keys_end_us)
		core_send_keys (self);
}

/* Keys of everybody in the roster whose time is not over. */
void
core_send_keys (struct core *self)
{
	const struct siaga_roster *roster = self->trust->roster;
	struct packet packet = {.type = PACKET_KEYS_BEGIN, .generation = self->gate_generation};
	uint64_t now_us = clock_now_us ();
	size_t size = 0;

	self->keys_end_us = UINT64_MAX;
	packet_queue_push (&self->out, PACKET_CONTROL, &packet, NO_BYTES);
	packet.type = PACKET_KEYS;
	for (size_t i = 0; i < roster->principal_count; i++)
		for (size_t k = 0; k < roster->principals[i].key_count; k++) {
			const struct siaga_roster_key *key = &roster->principals[i].keys[k];
			s_note_end (&self->keys_end_us, key, now_us);
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

/* Who may no longer read is told so for each subscription and question: they were allowed when they began. */
static void
s_end_reading (struct core *self, struct session *session)
{
	if ((session->principal->roles & SIAGA_ROLE_READ) != 0)
		return;
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++) {
		if (!session->subscriptions[i])
			continue;
		core_refuse (self, session, SIAGA_SUBSCRIBE, SIAGA_EROLE, NULL,
			     session->subscriptions[i]->id);
		subscription_end (self, &session->subscriptions[i]);
	}
	result_take_back (self, session, SIAGA_EROLE);
}

/* An open session under the new roster: told of it, and holding nothing that it may no longer have. */
static void
s_adopt_session (struct core *self, struct session *session, enum siaga_tlp former_clearance)
{
	struct siaga_roster_notice *notice = &core_reply (self, SIAGA_ROSTER)->roster;

	notice->serial = self->trust->roster->serial;
	memcpy (notice->sha256, self->trust->roster->sha256, SIAGA_HASH_BYTES);
	core_say (self, session);
	s_end_reading (self, session);
	/* What was gathered under the former clearance: asked again, it is judged by the new one. */
	if (session->principal->member->clearance < former_clearance)
		result_take_back (self, session, SIAGA_ELATER);
}

void
core_on_roster (struct core *self)
{
	struct session *session = session_table_next (self->sessions, NULL);

	presence_on_roster (self->presence);
	escalation_on_roster (self->escalation);
	while (session) {
		struct session *next = session_table_next (self->sessions, session);
		/* The former roster is still there: see core_private.h. */
		enum siaga_tlp clearance = session->principal
						   ? session->principal->member->clearance
						   : SIAGA_TLP_CLEAR;
		if (!s_is_still_in (self, session))
			core_bye_and_cut (self, &session, SIAGA_EREVOKED);
		else if (session->state == SESSION_OPEN)
			s_adopt_session (self, session, clearance);
		session = next;
	}
	if (self->gate_is_up)
		core_send_keys (self);
	core_log_roster (self);
}

/* A refusal is one line; looking again and finding the same is none. */
static void
s_complain (struct core *self, const char *words, bool asked)
{
	if (!asked && strcmp (self->roster_words, words) == 0)
		return;
	log_error ("roster-reload", "%s", words);
	snprintf (self->roster_words, sizeof self->roster_words, "%s", words);
}

static void
s_reload (struct core *self, bool asked)
{
	struct siaga_roster *old = NULL;
	struct conf_error error = {""};
	int status = trust_reload (self->trust, clock_now_us (), &old, &error);
	unsigned long long serial = self->trust->roster->serial;

	if (old)
		log_info ("roster-reload", "roster %llu is in force", serial);
	else if (!status && asked)
		log_info ("roster-reload", "roster %llu is still in force", serial);
	/* Even a roster that is in force now may be one to complain about: it may not know this hub. */
	if (!status && old)
		status = hub_conf_check_principal (self->trust, &error);
	if (status)
		s_complain (self, error.words, asked);
	else
		self->roster_words[0] = '\0';
	if (old)
		core_on_roster (self);
	siaga_roster_destroy (&old);
}

void
core_reload (struct core *self)
{
	s_reload (self, true);
}

void
core_look_for_roster (struct core *self)
{
	s_reload (self, false);
}
