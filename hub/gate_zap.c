/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A REP socket in the gate's own loop. Each question gets its answer, whatever it was: a handshake that
 * waits for one hangs.
 */
#include "hub/gate_zap.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

struct gate_zap {
	zsock_t *socket;
	struct zap_keys keys;
	uint64_t logged_ms;
	unsigned refused; /* since then */
};

struct gate_zap *
gate_zap_new (void)
{
	struct gate_zap *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->socket = zsock_new (ZMQ_REP);
	if (!self->socket || zmq_bind (zsock_resolve (self->socket), ZAP_ENDPOINT) != 0)
		gate_zap_destroy (&self);
	return self;
}

void
gate_zap_destroy (struct gate_zap **self_p)
{
	struct gate_zap *self = *self_p;

	if (!self)
		return;
	zsock_destroy (&self->socket);
	zap_keys_finish (&self->keys);
	free (self);
	*self_p = NULL;
}

zsock_t *
gate_zap_socket (struct gate_zap *self)
{
	return self->socket;
}

const struct zap_keys *
gate_zap_keys (const struct gate_zap *self)
{
	return &self->keys;
}

void
gate_zap_put (struct gate_zap *self, struct zap_keys *keys)
{
	zap_keys_finish (&self->keys);
	self->keys = *keys;
	memset (keys, 0, sizeof *keys);
}

/* Strangers knock as often as they like: one line a second tells of them. */
static void
s_log_refusal (struct gate_zap *self, const struct zap_answer *answer)
{
	uint64_t now_ms = clock_mono_ms ();

	self->refused++;
	if (self->logged_ms != 0 && now_ms - self->logged_ms < 1000)
		return;
	log_warn ("key-refused", "%s: %u handshakes refused", answer->text, self->refused);
	self->logged_ms = now_ms;
	self->refused = 0;
}

/* The frames of the question as borrowed bytes; returns how many, at most ZAP_FRAMES + 1. */
static size_t
s_question_frames (zmsg_t *question, struct siaga_bytes *frames)
{
	size_t count = 0;

	for (zframe_t *frame = zmsg_first (question); frame && count <= ZAP_FRAMES;
	     frame = zmsg_next (question)) {
		frames[count].data = zframe_data (frame);
		frames[count].size = zframe_size (frame);
		count++;
	}
	return count;
}

static void
s_reply (struct gate_zap *self, struct siaga_bytes request_id, const struct zap_answer *answer)
{
	zmsg_t *message = zmsg_new ();

	zmsg_addstr (message, "1.0");
	zmsg_addmem (message, request_id.data, request_id.size);
	zmsg_addstr (message, answer->status);
	zmsg_addstr (message, answer->text);
	zmsg_addstr (message, answer->user_id);
	zmsg_addmem (message, "", 0); /* no metadata */
	zmsg_send (&message, self->socket);
	zmsg_destroy (&message);
}

void
gate_zap_answer (struct gate_zap *self, uint64_t admission)
{
	struct siaga_bytes frames[ZAP_FRAMES + 1] = {{NULL, 0}};
	static const struct zap_keys nobody = {.known = false};
	struct zap_answer answer;
	zmsg_t *question = zmsg_recv (self->socket);

	if (!question)
		return;
	size_t count = s_question_frames (question, frames);
	zap_judge (admission ? &self->keys : &nobody, admission, frames, count, &answer);
	if (answer.user_id[0] == '\0' && self->keys.count > 0) /* not in the self-test */
		s_log_refusal (self, &answer);
	s_reply (self, frames[1], &answer);
	zmsg_destroy (&question);
}
