/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many sessions of one hostile peer, and what it asks in them: for greedy.c, flooder.c and churn.c.
 */
#ifndef SIAGA_TESTS_GREEDY_H
#define SIAGA_TESTS_GREEDY_H

#include <fcntl.h>

#include "scene.h"

struct session {
	struct raw raw;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	unsigned in_flight;
	uint64_t acked; /* oseq */
	uint64_t done;	/* batches */
	bool rewinds;	/* something was refused: after the last answer it goes on from there */
	bool is_over;
};

struct greedy {
	struct scene *scene;
	struct peer *peer;
	struct session *sessions;
	size_t count;
	struct siaga_message message;
};

static inline struct siaga_message *
greedy_message (struct greedy *self, enum siaga_message_type type)
{
	memset (&self->message, 0, offsetof (struct siaga_message, bad));
	self->message.type = type;
	return &self->message;
}

static inline void
greedy_say (struct greedy *self, struct session *session)
{
	if (!session->is_over)
		session->is_over = raw_say (&session->raw, &self->message) != 0;
}

/* Opens COUNT sessions; those that are refused are left out. */
static inline void
greedy_open (struct greedy *self, struct scene *scene, size_t count, bool publishes)
{
	self->scene = scene;
	self->peer = scene->peer;
	self->sessions = scene_new (count, sizeof *self->sessions);
	for (size_t i = 0; i < count; i++) {
		struct session *session = &self->sessions[self->count];
		randombytes_buf (session->epoch, sizeof session->epoch);
		if (raw_session (&session->raw, self->peer, publishes ? session->epoch : NULL) == 0)
			self->count++;
		else
			raw_close (&session->raw);
	}
}

static inline void
greedy_subscribe (struct greedy *self, struct session *session, uint64_t id, const char *origin)
{
	struct siaga_subscribe *subscribe = &greedy_message (self, SIAGA_SUBSCRIBE)->subscribe;

	subscribe->id = id;
	subscribe->credit = SIAGA_CREDIT_MAX;
	if (origin) {
		subscribe->filter.origins.count = 1;
		subscribe->filter.origins.items[0] = siaga_text (origin);
	}
	greedy_say (self, session);
}

static inline void
greedy_ask (struct greedy *self, struct session *session, uint64_t what, uint64_t number)
{
	struct siaga_query *query = &greedy_message (self, SIAGA_QUERY)->query;

	query->id = 1;
	query->what = what;
	query->has_number = true;
	query->number = number;
	greedy_say (self, session);
}

#endif
