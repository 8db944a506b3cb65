/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tricks: each is one wrong thing said in a connection of its own, and what the hub answered is told in a line,
 * `<trick> <answers, with commas> open|cut`. With COUNT connections at once, which must all get the same. For words.c,
 * forms.c, batches.c and replays.c: ROSTER IDENTITY SCENARIO COUNT.
 */
#ifndef SIAGA_TESTS_LIAR_H
#define SIAGA_TESTS_LIAR_H

#include "scene.h"

#define LIAR_SESSIONS 60 /* at once */

enum liar_stage {
	LIAR_READY, /* the connection is there, nothing was said */
	LIAR_OPEN,
	LIAR_PUBLISHES, /* in the liar's epoch */
};

struct liar {
	struct scene *scene;
	struct peer *peer;
	struct raw *raw; /* the connection being played on */
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	struct siaga_message message;
	uint8_t bytes[2 * SIAGA_MESSAGE_MAX];
	struct siaga_writer writer; /* to `bytes` */
};

struct trick {
	const char *name; /* NULL: the table's end */
	enum liar_stage stage;
	void (*play) (struct liar *self);
	unsigned answers; /* that come sooner or later, before anything else is asked */
};

struct liar_connection {
	struct raw raw;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	bool is_refused; /* it did not come to the trick */
	char said[256];
};

static inline struct siaga_message *
liar_message (struct liar *self, enum siaga_message_type type)
{
	memset (&self->message, 0, offsetof (struct siaga_message, bad));
	self->message.type = type;
	return &self->message;
}

static inline void
liar_say (struct liar *self)
{
	raw_say (self->raw, &self->message);
}

/* A fresh writer into self->bytes, for what no writer of messages would make. */
static inline struct siaga_writer *
liar_writer (struct liar *self)
{
	siaga_writer_init (&self->writer, self->bytes, sizeof self->bytes);
	return &self->writer;
}

static inline void
liar_send (struct liar *self, size_t size)
{
	raw_send (self->raw, 0, self->bytes, size);
}

/* The answer in a word; NULL: none to the trick. */
static inline const char *
liar_answer (const struct siaga_message *in)
{
	switch (in->type) {
	case SIAGA_REFUSED:
		return siaga_error_id (in->refused.bad_count ? in->refused.bad[0].code
							     : in->refused.code);
	case SIAGA_BYE:
	case SIAGA_ACK:
	case SIAGA_RESULT:
	case SIAGA_WELCOME:
	case SIAGA_CHALLENGE:
		return siaga_message_name (in->type);
	default:
		return NULL;
	}
}

static inline void
liar_note (struct liar_connection *connection, const char *answer)
{
	size_t used = strlen (connection->said);

	if (used < sizeof connection->said - 32)
		snprintf (connection->said + used, 32, "%s%s", used ? "," : "", answer);
}

/* What the hub answers until it answers a heartbeat, or cuts; first the answers that take their time. What is there is
   read before anything is said: to say something to who has closed makes the kernel forget what it has received. */
static inline void
liar_hear (struct liar *self, const struct trick *trick, struct liar_connection *connection)
{
	const struct siaga_message *in = &self->peer->in;
	unsigned answers = 0;
	bool is_open = false, is_asked = false;

	do {
		if (!is_asked && answers >= trick->answers &&
		    !scene_has_news (&connection->raw, 0)) {
			liar_message (self, SIAGA_STATUS)->status.now_us = 1;
			raw_say (&connection->raw, &self->message);
			is_asked = true;
		}
		if (raw_hear (&connection->raw, self->peer) != 0)
			break;
		const char *answer = liar_answer (in);
		is_open = in->type == SIAGA_PONG;
		answers += answer != NULL;
		if (answer)
			liar_note (connection, answer);
	} while (!is_open);
	if (!connection->said[0])
		liar_note (connection, "silence");
	snprintf (connection->said + strlen (connection->said), 16, is_open ? " open" : " cut");
}

static inline void
liar_open (struct liar *self, struct liar_connection *connection, enum liar_stage stage)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);

	randombytes_buf (connection->epoch, sizeof connection->epoch);
	int error = stage == LIAR_READY
			    ? raw_open (&connection->raw, self->peer, metadata, size)
			    : raw_session (&connection->raw, self->peer,
					   stage == LIAR_PUBLISHES ? connection->epoch : NULL);
	connection->is_refused = error != 0;
}

/* One line for each kind of answer: one, when all got the same. */
static inline void
liar_report (const struct trick *trick, struct liar_connection *connections, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t first = 0;
		while (strcmp (connections[first].said, connections[i].said) != 0)
			first++;
		if (first == i)
			printf ("%s %s\n", trick->name, connections[i].said);
	}
}

static inline void
liar_play (struct liar *self, const struct trick *trick, struct liar_connection *connections,
	   size_t count)
{
	for (size_t i = 0; i < count; i++)
		liar_open (self, &connections[i], trick->stage);
	for (size_t i = 0; i < count; i++) {
		self->raw = &connections[i].raw;
		memcpy (self->epoch, connections[i].epoch, sizeof self->epoch);
		memcpy (self->peer->epoch, self->epoch, sizeof self->epoch);
		if (!connections[i].is_refused)
			trick->play (self);
	}
}

static inline void
liar_end (struct liar *self, const struct trick *trick, struct liar_connection *connections,
	  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		liar_hear (self, trick, &connections[i]);
		raw_close (&connections[i].raw);
	}
	liar_report (trick, connections, count);
}

/* As many tricks at once as a principal has sessions for: most of the time is waiting for the cut. */
static inline void
liar_run (struct scene *scene, const struct trick *tricks)
{
	struct liar *self = scene_new (1, sizeof *self);
	size_t count = scene_number (scene, 0);
	size_t group = LIAR_SESSIONS > count ? LIAR_SESSIONS / count : 1;

	self->scene = scene;
	self->peer = scene->peer;
	while (tricks->name) {
		struct liar_connection *all = scene_new (group * count, sizeof *all);
		size_t played = 0;
		for (; played < group && tricks[played].name; played++)
			liar_play (self, &tricks[played], all + played * count, count);
		for (size_t i = 0; i < played; i++)
			liar_end (self, &tricks[i], all + i * count, count);
		tricks += played;
		free (all);
	}
	free (self);
}

#endif
