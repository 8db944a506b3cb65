/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lifecycle's table, and the table of sessions.
 */
#include "hub/session.h"

#include <assert.h>
#include <stdlib.h>

#include "common/clock.h"
#include "hub/hub_limits.h"

#define BUCKETS 8192 /* a power of two */

LIST_HEAD (session_list, session);
TAILQ_HEAD (session_queue, session);

struct session_table {
	size_t count;
	struct session_queue all;
	struct session_list by_conn[BUCKETS];
};

/* PROTOCOL.md section 6; every cell not named is SESSION_REFUSE. */
static const enum session_verb s_lifecycle[SESSION_STATES][SIAGA_BYE + 1] = {
	[SESSION_NEW] =
		{
			[SIAGA_KNOCK] = SESSION_KNOCK,
			[SIAGA_BYE] = SESSION_BYE,
		},
	[SESSION_CHALLENGED] =
		{
			[SIAGA_HELLO] = SESSION_HELLO,
			[SIAGA_BYE] = SESSION_BYE,
		},
	[SESSION_OPEN] =
		{
			[SIAGA_PUBLISH] = SESSION_PUBLISH,
			[SIAGA_SUBSCRIBE] = SESSION_SUBSCRIBE,
			[SIAGA_CREDIT] = SESSION_CREDIT,
			[SIAGA_STATUS] = SESSION_STATUS,
			[SIAGA_QUERY] = SESSION_QUERY,
			[SIAGA_BYE] = SESSION_BYE,
		},
};

bool
session_is_pushing (struct patience *self, uint64_t wait_ms, unsigned max)
{
	uint64_t now_ms = clock_mono_ms ();

	if (now_ms >= self->until_ms)
		self->pushes = 0;
	self->until_ms = now_ms + wait_ms;
	return self->pushes++ >= max;
}

enum session_verb
session_verb (enum session_state state, enum siaga_message_type type)
{
	assert (state < SESSION_STATES);
	return (unsigned) type <= SIAGA_BYE ? s_lifecycle[state][type] : SESSION_REFUSE;
}

const char *
session_state_name (enum session_state state)
{
	static const char *const names[SESSION_STATES] = {"new", "challenged", "open"};

	return names[state];
}

const char *
session_name (const struct session *self)
{
	return self->principal ? self->principal->name : "?";
}

struct session_table *
session_table_new (void)
{
	struct session_table *self = calloc (1, sizeof *self);

	if (self)
		TAILQ_INIT (&self->all);
	return self;
}

void
session_table_destroy (struct session_table **self_p)
{
	struct session_table *self = *self_p;
	struct session *session;

	if (!self)
		return;
	while ((session = TAILQ_FIRST (&self->all)))
		session_table_remove (self, &session);
	free (self);
	*self_p = NULL;
}

struct session *
session_table_add (struct session_table *self, uint64_t conn, const uint8_t key[SIAGA_KEY_BYTES],
		   uint64_t now_ms)
{
	struct session *session;

	if (self->count == HUB_SESSIONS_MAX)
		return NULL;
	session = calloc (1, sizeof *session);
	if (!session)
		return NULL;
	session->conn = conn;
	session->opened_ms = now_ms;
	memcpy (session->key, key, sizeof session->key);
	LIST_INSERT_HEAD (&self->by_conn[conn & (BUCKETS - 1)], session, by_conn);
	TAILQ_INSERT_TAIL (&self->all, session, all);
	self->count++;
	return session;
}

void
session_keep_status (struct session *self, const struct siaga_status_message *status)
{
	uint8_t *copy = status->sources.size > 0 ? malloc (status->sources.size) : NULL;

	free ((uint8_t *) self->status.sources.data);
	self->status = *status;
	self->status.sources = (struct siaga_bytes){copy, copy ? status->sources.size : 0};
	if (copy)
		memcpy (copy, status->sources.data, status->sources.size);
}

void
session_table_remove (struct session_table *self, struct session **session_p)
{
	struct session *session = *session_p;

	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		assert (!session->subscriptions[i]);
	assert (!session->account);
	LIST_REMOVE (session, by_conn);
	TAILQ_REMOVE (&self->all, session, all);
	self->count--;
	free ((uint8_t *) session->status.sources.data);
	free (session);
	*session_p = NULL;
}

struct session *
session_table_find (const struct session_table *self, uint64_t conn)
{
	struct session *session;

	LIST_FOREACH (session, &self->by_conn[conn & (BUCKETS - 1)], by_conn)
	if (session->conn == conn)
		return session;
	return NULL;
}

struct session *
session_table_next (const struct session_table *self, const struct session *previous)
{
	return previous ? TAILQ_NEXT (previous, all) : TAILQ_FIRST (&self->all);
}

size_t
session_table_count (const struct session_table *self)
{
	return self->count;
}

struct session *
session_table_uplink (const struct session_table *self, const struct siaga_principal *principal,
		      const uint8_t epoch[SIAGA_EPOCH_BYTES])
{
	struct session *session;

	TAILQ_FOREACH (session, &self->all, all)
	if (session->state == SESSION_OPEN && session->principal == principal &&
	    session->has_epoch && memcmp (session->epoch, epoch, SIAGA_EPOCH_BYTES) == 0)
		return session;
	return NULL;
}
