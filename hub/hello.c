/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake: KNOCK and CHALLENGE, HELLO and WELCOME (PROTOCOL.md sections 6.1 to 6.3).
 */
#include <sodium.h>
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"
#include "siaga/version.h"

void
core_on_knock (struct core *self, struct session *session, const struct siaga_message *message)
{
	uint64_t version = siaga_version_common (&message->knock, &siaga_versions);

	if (version == 0) {
		core_refuse_and_cut (self, &session, SIAGA_KNOCK, SIAGA_EVERSION, NULL);
		return;
	}
	randombytes_buf (session->nonce, sizeof session->nonce);
	session->state = SESSION_CHALLENGED;
	struct siaga_challenge *challenge = &core_reply (self, SIAGA_CHALLENGE)->challenge;
	challenge->version = version;
	challenge->network = siaga_text (self->trust->roster->network);
	memcpy (challenge->nonce, session->nonce, sizeof challenge->nonce);
	core_say (self, session);
}

/* Is this who the transport key says, with a key in force? */
static int
s_check_who (struct core *self, const struct session *session, const struct siaga_hello *hello,
	     const struct siaga_principal **principal_p, const struct siaga_roster_key **key_p)
{
	const struct siaga_roster *roster = self->trust->roster;

	*principal_p = siaga_roster_by_transport (roster, session->key, key_p);
	if (!*principal_p || !siaga_text_is (hello->principal, (*principal_p)->name) ||
	    memcmp (hello->transport, session->key, SIAGA_KEY_BYTES) != 0 ||
	    memcmp (hello->key_id, (*key_p)->key_id, SIAGA_KEY_ID_BYTES) != 0)
		return SIAGA_EUNKNOWN;
	return siaga_roster_key_check (*key_p, clock_now_us ());
}

static int
s_check_hello (struct core *self, const struct session *session, const struct siaga_hello *hello,
	       const struct siaga_principal **principal_p)
{
	const struct siaga_roster *roster = self->trust->roster;
	const struct siaga_roster_key *key;

	if (!siaga_text_is (hello->network, roster->network))
		return SIAGA_ENETWORK;
	if (sodium_memcmp (hello->hub_nonce, session->nonce, SIAGA_NONCE_BYTES) != 0)
		return SIAGA_EREPLAY;
	int error = s_check_who (self, session, hello, principal_p, &key);
	if (error)
		return error;
	return siaga_hello_verify (hello, siaga_text (roster->network), key->card.sign);
}

/* One more session of this principal: 0, SIAGA_ELIMIT or SIAGA_ENOMEM. */
static int
s_open_account (struct core *self, struct session *session, const struct siaga_principal *principal)
{
	struct account *account = account_hold (&self->accounts, principal->name);

	if (!account)
		return SIAGA_ENOMEM;
	if (account->sessions >= HUB_SESSIONS_PER_PRINCIPAL_MAX) {
		account_release (&self->accounts, &account);
		return SIAGA_ELIMIT;
	}
	account->sessions++;
	session->account = account;
	return 0;
}

/* The newest uplink of an outbox wins: the older one is mostly a ghost of the same device. */
static void
s_replace_older (struct core *self, const struct session *session)
{
	struct session *older =
		session_table_uplink (self->sessions, session->principal, session->epoch);

	if (!older)
		return;
	if (core_may_log (self))
		log_info ("uplink-replaced", "%s: connection %llu by %llu", session_name (session),
			  (unsigned long long) older->conn, (unsigned long long) session->conn);
	core_bye_and_cut (self, &older, SIAGA_EREPLACED);
}

static void
s_enter (struct core *self, struct session *session, const struct siaga_hello *hello,
	 const struct siaga_principal *principal)
{
	session->principal = principal;
	if (hello->has_epoch) {
		memcpy (session->epoch, hello->epoch, sizeof session->epoch);
		s_replace_older (self, session);
		session->has_epoch = true;
	}
	snprintf (session->software, sizeof session->software, "%.*s", (int) hello->software.size,
		  hello->software.data ? hello->software.data : "");
	session->roster_serial = hello->roster_serial;
	session->since_us = session->heard_us;
	session->checkpoint_size = self->told.checkpoint.size;
	session->state = SESSION_OPEN;
}

/* What is held of the epoch it publishes in. What is still on its way into the journal does not count: it
   is sent again then, and known. */
static int
s_fill_held (struct core *self, const struct session *session, struct siaga_welcome *s_welcome)
{
	struct journal_mark mark;

	if (!session->has_epoch)
		return 0;
	int error = self->journal->ops->mark (self->journal, siaga_text (session->principal->name),
					      session->epoch, &mark);
	if (error == SIAGA_ENOTFOUND)
		return 0;
	if (error)
		return error;
	s_welcome->held_oseq = mark.oseq;
	s_welcome->has_held = mark.oseq > 0;
	memcpy (s_welcome->held_hash, mark.head_hash, sizeof s_welcome->held_hash);
	return 0;
}

static int
s_welcome (struct core *self, const struct session *session, const struct siaga_hello *hello)
{
	struct siaga_welcome record = {
		.network = siaga_text (self->trust->roster->network),
		.roster_serial = self->trust->roster->serial,
		.head = self->head,
		.checkpoint = core_checkpoint_note (self),
	};
	struct siaga_writer writer;

	memcpy (record.hub_nonce, session->nonce, sizeof record.hub_nonce);
	memcpy (record.nonce, hello->nonce, sizeof record.nonce);
	memcpy (record.log_id, self->journal->ops->log_id (self->journal), sizeof record.log_id);
	int error = s_fill_held (self, session, &record);
	if (error)
		return error;
	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	error = siaga_welcome_write (&writer, &record, self->trust->identity->sign_secret);
	if (!error) {
		self->metrics.sessions++;
		core_send (self, session, PACKET_CONTROL,
			   (struct siaga_bytes){writer.data, writer.size});
	}
	return error;
}

void
core_on_hello (struct core *self, struct session *session, const struct siaga_message *message)
{
	const struct siaga_hello *hello = &message->hello;
	const struct siaga_principal *principal;

	int error = s_check_hello (self, session, hello, &principal);
	if (!error)
		error = s_open_account (self, session, principal);
	if (error) {
		core_refuse_and_cut (self, &session, SIAGA_HELLO, error, NULL);
		return;
	}
	s_enter (self, session, hello, principal);
	error = s_welcome (self, session, hello);
	if (error) {
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
		return;
	}
	log_debug ("session-opened", "%s, %s, connection %llu", session_name (session),
		   session->software, (unsigned long long) session->conn);
}

void
core_on_status (struct core *self, struct session *session, const struct siaga_message *message)
{
	struct siaga_pong *pong = &core_reply (self, SIAGA_PONG)->pong;

	session_keep_status (session, &message->status);
	presence_on_status (self->presence, session);
	pong->now_us = clock_now_us ();
	pong->head = self->head;
	pong->roster_serial = self->trust->roster->serial;
	core_say (self, session);
	core_tell_checkpoint (self, session);
}
