/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words to peers: replies, refusals, farewells; and the end of a session.
 */
#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"

struct siaga_message *
core_reply (struct core *self, enum siaga_message_type type)
{
	memset (&self->reply, 0, offsetof (struct siaga_message, bad));
	self->reply.type = type;
	return &self->reply;
}

void
core_send (struct core *self, const struct session *session, enum packet_class class,
	   struct siaga_bytes frame)
{
	struct packet packet = {
		.type = PACKET_SEND, .generation = self->gate_generation, .conn = session->conn};

	if (class == PACKET_BULK) {
		self->metrics.delivers++;
		self->metrics.deliver_bytes += frame.size;
	}
	packet_queue_push (&self->out, class, &packet, frame);
}

void
core_say (struct core *self, const struct session *session)
{
	struct siaga_writer writer;

	metrics_on_reply (&self->metrics, &self->reply);
	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	int error = siaga_message_write (&writer, &self->reply);
	if (error) /* ours: everything the hub says is bounded */
		log_error ("reply-too-large", "%s to %s: %s", siaga_message_name (self->reply.type),
			   session_name (session), siaga_strerror (error));
	else
		core_send (self, session, PACKET_CONTROL,
			   (struct siaga_bytes){writer.data, writer.size});
}

bool
core_may_log (struct core *self)
{
	uint64_t now_ms = clock_mono_ms ();

	if (now_ms - self->logged_ms >= 1000) {
		self->logged_ms = now_ms;
		self->logged = 0;
	}
	return self->logged++ < HUB_REFUSALS_LOGGED_MAX;
}

void
core_complain (struct core *self, struct session *session, const char *what, int code,
	       const char *words)
{
	if (session->complained)
		return;
	session->complained = true;
	if (core_may_log (self))
		log_warn ("refused", "%s refused, %s: %s; principal %s, %s, connection %llu", what,
			  siaga_error_id (code), words, session_name (session),
			  session_state_name (session->state), (unsigned long long) session->conn);
}

static struct siaga_refused *
s_refusal (struct core *self, struct session *session, enum siaga_message_type what, int code,
	   const char *words)
{
	struct siaga_refused *refused = &core_reply (self, SIAGA_REFUSED)->refused;

	refused->what = what;
	refused->code = -code <= SIAGA_WIRE_CODE_MAX ? code : SIAGA_EINTERNAL;
	refused->words = siaga_text (words ? words : siaga_strerror (code));
	core_complain (self, session, siaga_message_name (what), code, refused->words.data);
	return refused;
}

void
core_refuse (struct core *self, struct session *session, enum siaga_message_type what, int code,
	     const char *words, uint64_t id)
{
	s_refusal (self, session, what, code, words)->id = id;
	core_say (self, session);
}

void
core_refuse_later (struct core *self, struct session *session, enum siaga_message_type what,
		   int code, uint64_t id, uint64_t retry_ms)
{
	struct siaga_refused *refused = s_refusal (self, session, what, code, NULL);

	refused->id = id;
	refused->retry_ms = retry_ms;
	core_say (self, session);
}

void
core_refuse_and_cut (struct core *self, struct session **session_p, enum siaga_message_type what,
		     int code, const char *words)
{
	s_refusal (self, *session_p, what, code, words);
	core_say (self, *session_p);
	core_end (self, session_p, true);
}

void
core_bye_and_cut (struct core *self, struct session **session_p, int code)
{
	struct siaga_bye *bye = &core_reply (self, SIAGA_BYE)->bye;

	bye->code = code;
	bye->words = siaga_text (code ? siaga_strerror (code) : "");
	core_say (self, *session_p);
	core_end (self, session_p, true);
}

void
core_end (struct core *self, struct session **session_p, bool tell)
{
	struct session *session = *session_p;
	struct packet packet = {
		.type = PACKET_CUT, .generation = self->gate_generation, .conn = session->conn};

	if (session->state == SESSION_OPEN)
		log_debug ("session-ended", "%s, connection %llu", session_name (session),
			   (unsigned long long) session->conn);
	presence_on_end (self->presence, session);
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		if (session->subscriptions[i])
			subscription_end (self, &session->subscriptions[i]);
	result_forget (self, session);
	if (session->account)
		session->account->sessions--;
	account_release (&self->accounts, &session->account);
	session_table_remove (self->sessions, session_p);
	if (tell)
		packet_queue_push (&self->out, PACKET_CONTROL, &packet, NO_BYTES);
}

void
core_fail (struct core *self, int status, const char *id, const char *words)
{
	if (self->status == 0)
		log_error (id, "%s", words);
	self->status = status;
}
