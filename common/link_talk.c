/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said on a link: KNOCK, CHALLENGE, HELLO, WELCOME, and whose each later message is. Everything from the
 * hub may be wrong; then the session is over, with the reason.
 */
#include "common/link_private.h"

#include <sodium.h>

#include "common/clock.h"
#include "siaga/error.h"
#include "siaga/version.h"

#define LINK_HELLO_MAX 1024 /* bytes of an encoded HELLO */

/* Words of the hub, fit for a terminal and one line: what is not plain ASCII is "?". */
static const char *
s_foreign (struct siaga_text text, char out[SIAGA_WORDS_MAX + 1])
{
	size_t size = text.size < SIAGA_WORDS_MAX ? text.size : SIAGA_WORDS_MAX;
	for (size_t i = 0; i < size; i++)
		out[i] = text.data[i] >= ' ' && text.data[i] <= '~' ? text.data[i] : '?';
	out[size] = '\0';
	return out;
}

void
link_knock (struct link *self)
{
	struct siaga_message *knock = &self->message;
	knock->type = SIAGA_KNOCK;
	knock->knock = siaga_versions;
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->out, sizeof self->out);
	int error = siaga_message_write (&writer, knock);
	if (error == 0)
		error = link_socket_send (&self->socket, writer.data, writer.size);
	if (error != 0)
		link_fail (self, error, "cannot send: %s", siaga_strerror (error));
	else
		self->state = LINK_KNOCKED;
}

static int
s_write_hello (struct link *self, struct siaga_writer *writer)
{
	const struct siaga_identity *identity = self->trust->identity;
	struct siaga_hello hello = {
		.network = siaga_text (self->trust->roster->network),
		.principal = siaga_text (identity->card.principal),
		.software = siaga_text (self->software),
		.roster_serial = self->trust->roster->serial,
	};
	randombytes_buf (self->nonce, sizeof self->nonce);
	memcpy (hello.hub_nonce, self->hub_nonce, SIAGA_NONCE_BYTES);
	memcpy (hello.nonce, self->nonce, SIAGA_NONCE_BYTES);
	memcpy (hello.transport, identity->card.transport, SIAGA_KEY_BYTES);
	siaga_key_id (hello.key_id, identity->card.sign);
	if (self->events->on_hello)
		self->events->on_hello (self->arg, &hello);
	return siaga_hello_write (writer, &hello, identity->sign_secret);
}

static void
s_on_challenge (struct link *self, const struct siaga_challenge *challenge)
{
	uint8_t buffer[LINK_HELLO_MAX];
	struct siaga_writer writer;
	uint64_t session = self->session;
	if (challenge->version < siaga_versions.min_version ||
	    challenge->version > siaga_versions.max_version) {
		link_fail (self, SIAGA_EVERSION,
			   "the hub chose a protocol version that was not offered");
		return;
	}
	if (!siaga_text_is (challenge->network, self->trust->roster->network)) {
		link_fail (self, SIAGA_ENETWORK, "the hub is of another network (%.*s)",
			   (int) challenge->network.size, challenge->network.data);
		return;
	}
	memcpy (self->hub_nonce, challenge->nonce, SIAGA_NONCE_BYTES);
	siaga_writer_init (&writer, buffer, sizeof buffer);
	int error = s_write_hello (self, &writer);
	if (self->session != session || self->state != LINK_KNOCKED)
		return;
	if (error == 0)
		error = link_socket_send (&self->socket, writer.data, writer.size);
	if (error != 0)
		link_fail (self, error, "cannot send HELLO: %s", siaga_strerror (error));
	else
		self->state = LINK_GREETED;
}

/* Signed by the hub of the roster in force, with any of its live keys? */
static int
s_check_signature (struct link *self, const struct siaga_welcome *welcome)
{
	const struct siaga_roster_key *keys[SIAGA_KEYS_PER_PRINCIPAL_MAX];
	size_t count = link_live_keys (trust_hub (self->trust), keys);
	int error = SIAGA_ESIGNATURE;
	for (size_t i = 0; i < count && error != 0; i++)
		error = siaga_welcome_verify (welcome, siaga_text (self->trust->roster->network),
					      keys[i]->card.sign);
	return error;
}

static void
s_open (struct link *self)
{
	uint64_t now_ms = clock_mono_ms ();
	self->state = LINK_OPEN;
	self->opened_ms = now_ms ? now_ms : 1;
	self->failures_once = 0;
	self->status_ms = now_ms;
	loop_timer_set (&self->timer, 0);
}

static void
s_on_welcome (struct link *self, const struct siaga_welcome *welcome)
{
	int error = s_check_signature (self, welcome);
	if (error != 0) {
		link_fail (self, error, "WELCOME is not signed by the roster's hub: %s",
			   siaga_strerror (error));
		return;
	}
	if (sodium_memcmp (welcome->nonce, self->nonce, SIAGA_NONCE_BYTES) != 0 ||
	    sodium_memcmp (welcome->hub_nonce, self->hub_nonce, SIAGA_NONCE_BYTES) != 0) {
		link_fail (self, SIAGA_EREPLAY, "WELCOME was made for another session");
		return;
	}
	s_open (self);
	if (self->events->on_open)
		self->events->on_open (self->arg, welcome);
}

static void
s_on_refused (struct link *self, const struct siaga_refused *refused)
{
	char words[SIAGA_WORDS_MAX + 1];
	link_fail (self, refused->code, "refused: %s%s%s", siaga_strerror (refused->code),
		   refused->words.size ? ": " : "", s_foreign (refused->words, words));
}

static void
s_on_bye (struct link *self, const struct siaga_bye *bye)
{
	char words[SIAGA_WORDS_MAX + 1];
	link_fail (self, bye->code ? bye->code : SIAGA_EAGAIN, "the hub ended the session%s%s%s%s",
		   bye->code ? ": " : "", bye->code ? siaga_strerror (bye->code) : "",
		   bye->words.size ? ": " : "", s_foreign (bye->words, words));
}

/* -- messages -- */

static void
s_on_open_message (struct link *self, const struct siaga_message *message)
{
	switch (message->type) {
	case SIAGA_PONG:
		self->offset_us = (int64_t) (message->pong.now_us - clock_now_us ());
		self->has_offset = true;
		break;
	case SIAGA_REFUSED:
	case SIAGA_ACK:
	case SIAGA_DELIVER:
	case SIAGA_RESULT:
	case SIAGA_ROSTER:
	case SIAGA_CHECKPOINT:
		if (self->events->on_message)
			self->events->on_message (self->arg, message);
		break;
	default:
		link_fail (self, SIAGA_EGRAMMAR, "the hub sent %s in an open session",
			   siaga_message_name (message->type));
	}
}

static void
s_dispatch (struct link *self, const struct siaga_message *message)
{
	if (message->type == SIAGA_BYE)
		s_on_bye (self, &message->bye);
	else if (self->state == LINK_OPEN)
		s_on_open_message (self, message);
	else if (message->type == SIAGA_REFUSED)
		s_on_refused (self, &message->refused);
	else if (self->state == LINK_KNOCKED && message->type == SIAGA_CHALLENGE)
		s_on_challenge (self, &message->challenge);
	else if (self->state == LINK_GREETED && message->type == SIAGA_WELCOME)
		s_on_welcome (self, &message->welcome);
	else
		link_fail (self, SIAGA_EGRAMMAR, "the hub sent %s during the handshake",
			   siaga_message_name (message->type));
}

bool
link_has_session (const struct link *self)
{
	return self->state >= LINK_CONNECTING && self->state <= LINK_OPEN;
}

bool
link_read_one (struct link *self)
{
	zmq_msg_t frame;
	zmq_msg_init (&frame);
	int error = link_socket_receive (&self->socket, &frame);
	if (error == SIAGA_EAGAIN) {
		zmq_msg_close (&frame);
		return false;
	}
	self->heard_ms = clock_mono_ms ();
	if (error == 0)
		error = siaga_message_read (
			(struct siaga_bytes){zmq_msg_data (&frame), zmq_msg_size (&frame)},
			&self->message);
	if (error == 0)
		s_dispatch (self, &self->message);
	else
		link_fail (self, SIAGA_EGRAMMAR,
			   "what the hub sent is not a message of this protocol: %s",
			   siaga_strerror (error));
	zmq_msg_close (&frame);
	return link_has_session (self);
}
