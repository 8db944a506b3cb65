/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ask.h. A session that breaks before the whole answer has come asks again.
 */
#include "cli/ask.h"

#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "cli/say_hub.h"
#include "cli/session.h"
#include "siaga/error.h"

#define QUERY_ID 1

struct ask {
	const struct siaga_query *query;
	struct asked *asked;
	const struct settings *settings;
	struct session *session;
	bool down_said;
	bool quiet;
	int status;
};

static void
s_end (struct ask *self, int status)
{
	self->status = status;
	session_stop (self->session);
}

static void
ask_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct ask *self = arg;
	struct siaga_message message = {.type = SIAGA_QUERY, .query = *self->query};
	message.query.id = QUERY_ID;
	answer_finish (&self->asked->answer);
	memcpy (self->asked->log_id, welcome->log_id, sizeof self->asked->log_id);
	int error = link_send_message (session_link (self->session), &message);
	if (error)
		link_restart (session_link (self->session), error,
			      "the connection does not take what is sent");
}

/* "unknown" and "not for you" are the same words, here as at the hub. */
static void
s_refused (struct ask *self, const struct siaga_refused *refused)
{
	if (refused->code == SIAGA_ELATER) {
		link_restart (session_link (self->session), refused->code,
			      "the hub asks to come back a little later");
		return;
	}
	self->asked->code = refused->code;
	if (refused->code == SIAGA_ENOTFOUND)
		say ("no such entry, or not for you");
	else
		say ("the hub refuses: %s: %.*s", siaga_strerror (refused->code),
		     (int) refused->words.size, refused->words.size ? refused->words.data : "");
	s_end (self, CMD_REFUSED);
}

static void
ask_on_message (void *arg, const struct siaga_message *message)
{
	struct ask *self = arg;
	if (message->type == SIAGA_REFUSED && message->refused.what == SIAGA_QUERY)
		s_refused (self, &message->refused);
	if (message->type != SIAGA_RESULT || message->result.id != QUERY_ID)
		return;
	int whole = answer_add (&self->asked->answer, &message->result);
	if (whole < 0) {
		say ("the hub's answer is broken: %s", siaga_strerror (whole));
		s_end (self, CMD_REFUSED);
	} else if (whole) {
		s_end (self, CMD_OK);
	}
}

static void
ask_on_down (void *arg, int error, const char *words, bool final)
{
	struct ask *self = arg;
	if (error && (final || (!self->down_said && !self->quiet))) {
		say_no_hub (self->settings->trust.roster, "%s%s", words,
			    final ? "" : "; trying again");
		self->down_said = true;
	}
	if (final)
		s_end (self, error == SIAGA_EUNKNOWN || error == SIAGA_EREVOKED ? CMD_REFUSED
										: CMD_UNAVAILABLE);
}

static const struct session_events s_events = {
	.on_open = ask_on_open,
	.on_message = ask_on_message,
	.on_down = ask_on_down,
};

static int
s_status (const struct ask *self, enum session_end end)
{
	switch (end) {
	case SESSION_STOPPED:
		return self->status;
	case SESSION_TIMEOUT:
		say_no_hub (self->settings->trust.roster, "no answer from the hub in time%s%s",
			    self->down_said ? "" : ": ",
			    self->down_said ? "" : session_reason (self->session));
		return CMD_UNAVAILABLE;
	case SESSION_SIGNALED:
		return CMD_SIGNALED;
	case SESSION_FAILED:
		break;
	}
	return CMD_INTERNAL;
}

int
ask_run (struct settings *settings, const struct options_common *common,
	 const struct siaga_query *query, struct asked *asked)
{
	struct ask self = {
		.query = query,
		.asked = asked,
		.quiet = common->quiet,
		.settings = settings,
	};
	struct session_options options = {
		.settings = settings,
		.address = common->address,
		.timeout_ms = common->has_timeout ? common->timeout_ms : SESSION_TIMEOUT_MS,
		.idle = true,
	};
	memset (asked, 0, sizeof *asked);
	self.session = session_new (&options, &s_events, &self);
	if (!self.session)
		return CMD_INTERNAL;
	int status = s_status (&self, session_run (self.session));
	session_destroy (&self.session);
	if (status)
		answer_finish (&asked->answer);
	return status;
}
