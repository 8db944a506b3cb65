/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending in good order: nothing more is taken in, what is in the log goes out to whoever reads it, and then it is time
 * to stop. Also: ending the sessions of one principal.
 */
#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"

void
core_drain (struct core *self)
{
	if (self->draining)
		return;
	log_info ("draining", "no more publishes are taken; %zu sessions",
		  session_table_count (self->sessions));
	self->draining = true;
	self->drain_ms = self->drain_moved_ms = clock_mono_ms ();
	presence_save (self->presence);
}

/* How far all readers are together; whether one that could read more is not at the head. */
static uint64_t
s_places (const struct core *self, bool *are_behind)
{
	uint64_t sum = 0;

	*are_behind = false;
	for (const struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++) {
			const struct subscription *it = session->subscriptions[i];
			if (!it)
				continue;
			sum += it->next;
			*are_behind = *are_behind || it->next < self->head;
		}
	return sum;
}

bool
core_is_drained (struct core *self, uint64_t patience_ms)
{
	uint64_t now_ms = clock_mono_ms ();
	bool are_behind;

	if (!self->draining || self->jobs > 0 || self->parked)
		return false;
	uint64_t places = s_places (self, &are_behind);
	if (places != self->drain_places || core_has_work (self) ||
	    !packet_queue_is_empty (&self->out))
		self->drain_moved_ms = now_ms;
	self->drain_places = places;
	if (now_ms - self->drain_ms >= patience_ms ||
	    (are_behind && now_ms - self->drain_moved_ms >= HUB_DRAIN_STUCK_MS))
		return true;
	return !are_behind && !core_has_work (self) && packet_queue_is_empty (&self->out);
}

unsigned
core_kick (struct core *self, const char *principal)
{
	struct session *session = session_table_next (self->sessions, NULL);
	unsigned count = 0;

	while (session) {
		struct session *next = session_table_next (self->sessions, session);
		if (session->state == SESSION_OPEN &&
		    strcmp (session->principal->name, principal) == 0) {
			core_bye_and_cut (self, &session, 0);
			count++;
		}
		session = next;
	}
	return count;
}
