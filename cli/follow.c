/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cursor moves with each entry handed over and to `through` after each DELIVER; a new session subscribes from
 * where it stands. When the hub refuses it, its disk went back in time: the log is read from 0 and every entry that
 * was handled, by its id, is passed over. A sink may block (a pipe that nobody reads): no
 * credit is given meanwhile; after 30 s the hub takes us for gone, and the session is opened again from the
 * cursor. See follow.h.
 */
#include "cli/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "cli/say_hub.h"
#include "cli/session.h"
#include "common/clock.h"
#include "siaga/error.h"

#define SUBSCRIPTION 1
#define BEGIN_SLACK_US (UINT64_C (600) * 1000000) /* between our clock and the hub's, at the most */

struct follow {
	struct follow_options options;
	const struct follow_sink *sink;
	void *arg;
	struct session *session;
	struct reader *reader;
	struct siaga_filter filter;
	struct cursor_file at;
	bool begun;
	bool down_said;
	bool watching_said;
	uint64_t until; /* to_head: the log's end at WELCOME */
	uint64_t head;	/* at the last WELCOME */
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t handed;  /* entries */
	uint64_t owed;	  /* credit for the DELIVERs handed over and not yet safe … */
	uint64_t through; /* … and that of the last one */
	bool bad;	  /* something did not verify */
	bool failed;	  /* the sink could not make something safe */
	bool stopped;
	int status;
};

static void
s_stop (struct follow *self, int status)
{
	if (self->stopped)
		return;
	self->stopped = true;
	self->status = status == FOLLOW_ENOUGH ? CMD_OK : status;
	session_stop (self->session);
}

static void
follow_on_entry (void *arg, const struct reader_entry *entry)
{
	struct follow *self = arg;
	struct handled *handled = self->options.handled;
	const struct siaga_header *header = entry->header;
	if (self->stopped || !siaga_filter_matches (&self->filter, header, entry->accepted_us) ||
	    !options_filter_has_text (self->options.filter, entry->body->title) ||
	    handled_has (handled, header->id))
		return;
	struct siaga_cursor behind = self->at.cursor;
	behind.next = entry->number + 1;
	behind.has_mark = true;
	memcpy (behind.mark, entry->log_leaf, sizeof behind.mark);
	int status = self->sink->on_entry (self->arg, entry, &behind);
	if (status) {
		s_stop (self, status);
		return;
	}
	if ((self->at.restored || !self->options.keeps_all) && handled_add (handled, header->id))
		s_stop (self, CMD_INTERNAL);
	if (self->at.restored_from_us == 0 || entry->accepted_us < self->at.restored_from_us)
		self->at.restored_from_us = entry->accepted_us;
	self->at.cursor = behind;
	self->handed++;
	if (self->options.count > 0 && self->handed == self->options.count)
		s_stop (self, CMD_OK);
}

static void
follow_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct follow *self = arg;
	(void) error;
	self->bad = true;
	say ("UNVERIFIED entry %" PRIu64 " is not shown: %s", number, words);
}

static const struct reader_events s_reader_events = {follow_on_entry, follow_on_bad};

static bool
s_make_reader (struct follow *self)
{
	if (self->reader)
		reader_destroy (&self->reader);
	self->reader = reader_new (self->options.settings->trust.roster, &s_reader_events, self);
	return self->reader != NULL;
}

static void
follow_on_roster (void *arg)
{
	struct follow *self = arg;
	if (!s_make_reader (self))
		s_stop (self, CMD_INTERNAL);
}

/* When the pipe is full the session is begun anew. */
static void
s_send (struct follow *self, const struct siaga_message *message)
{
	struct link *link = session_link (self->session);
	int error = link_send_message (link, message);
	if (error)
		link_restart (link, error, "the connection does not take what is sent");
}

static void
s_subscribe (struct follow *self)
{
	struct siaga_message message = {.type = SIAGA_SUBSCRIBE};
	message.subscribe.id = SUBSCRIPTION;
	message.subscribe.filter = self->filter;
	message.subscribe.cursor = self->at.cursor;
	message.subscribe.credit = FOLLOW_CREDIT;
	s_send (self, &message);
}

/* A cursor at `next` of the log that is open. */
static void
s_go_to (struct follow *self, uint64_t next)
{
	struct siaga_cursor cursor = {.has_log = true, .next = next};
	memcpy (cursor.log_id, self->log_id, sizeof cursor.log_id);
	self->at.cursor = cursor;
}

static void
s_begin (struct follow *self)
{
	const struct options_filter *filter = self->options.filter;
	bool from_start = self->options.to_head || filter->since_us > 0;
	uint64_t next = filter->has_since ? filter->since_number : from_start ? 0 : self->head;
	s_go_to (self, next < self->head ? next : self->head);
	self->at.accepted_from_us = filter->since_us;
	if (!filter->has_since && !from_start)
		self->at.restored_from_us = clock_now_us () - BEGIN_SLACK_US;
	int status = self->sink->on_begin ? self->sink->on_begin (self->arg, &self->at) : 0;
	if (status)
		s_stop (self, status);
}

/* Once: then it is quiet because nothing happens, not because nothing works. */
static void
s_say_watching (struct follow *self)
{
	if (self->watching_said || self->options.to_head || self->options.common->quiet)
		return;
	self->watching_said = true;
	say ("watching %s from entry %" PRIu64, self->options.settings->trust.roster->network,
	     self->at.cursor.next);
}

static void
follow_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct follow *self = arg;
	memcpy (self->log_id, welcome->log_id, sizeof self->log_id);
	self->head = welcome->head;
	if (self->down_said)
		say ("connected again");
	self->down_said = false;
	if (!self->begun) {
		self->begun = true;
		self->until = welcome->head;
		if (!self->options.resume)
			s_begin (self);
	}
	self->filter.accepted_from_us = self->at.accepted_from_us;
	if (self->options.to_head && self->at.cursor.next >= self->until)
		s_stop (self, CMD_OK);
	if (self->stopped)
		return;
	s_subscribe (self);
	s_say_watching (self);
}

/* The hub's log is another than the one we read, or has been put back to an earlier state. */
static void
s_restored (struct follow *self)
{
	bool same = memcmp (self->at.cursor.log_id, self->log_id, sizeof self->log_id) == 0;
	if (self->at.cursor.next == 0 && same) {
		link_restart (session_link (self->session), SIAGA_ECURSOR,
			      "the hub refuses a cursor at the beginning of its log");
		return;
	}
	say ("the hub's log does not continue from entry %" PRIu64
	     ": it was restored or replaced; reading it from the start, and passing over what was "
	     "handled before",
	     self->at.cursor.next);
	self->at.restored = true;
	int status = self->sink->on_restored
			     ? self->sink->on_restored (self->arg, &self->at, self->options.handled)
			     : 0;
	if (status) {
		s_stop (self, status);
		return;
	}
	s_go_to (self, 0);
	if (self->at.restored_from_us > self->at.accepted_from_us)
		self->at.accepted_from_us = self->at.restored_from_us;
	self->filter.accepted_from_us = self->at.accepted_from_us;
	self->until = self->head;
	if (self->options.to_head && self->until == 0)
		s_stop (self, CMD_OK);
	else
		s_subscribe (self);
}

static size_t
s_uint_size (uint64_t value)
{
	return value < 24 ? 1 : value < 256 ? 2 : value < 65536 ? 3 : value <= UINT32_MAX ? 5 : 9;
}

/* What a DELIVER took of our credit: its size as one message, [9, sub, through, mark, items]. */
static uint64_t
s_cost (const struct siaga_deliver *deliver)
{
	uint64_t size = 2 + s_uint_size (deliver->id) + s_uint_size (deliver->through) +
			(deliver->has_mark ? 2 + SIAGA_HASH_BYTES : 1) + deliver->items.size;
	return size > SIAGA_DELIVER_COST_MIN ? size : SIAGA_DELIVER_COST_MIN;
}

static void
s_move_through (struct follow *self, const struct siaga_deliver *deliver)
{
	struct siaga_cursor *cursor = &self->at.cursor;
	if (self->stopped || deliver->through < cursor->next)
		return;
	cursor->next = deliver->through;
	cursor->has_mark = deliver->has_mark;
	memcpy (cursor->mark, deliver->mark, sizeof cursor->mark);
}

/* Makes what was handed over safe, and tells the hub. Several DELIVERs that come together are one write. What failed is
   not tried again: half of it may be there, and the next try would come after that half. */
static void
s_settle (struct follow *self)
{
	if (self->owed == 0 || self->failed)
		return;
	struct siaga_message message = {.type = SIAGA_CREDIT};
	message.credit.id = SUBSCRIPTION;
	message.credit.more = self->owed;
	message.credit.through = self->through;
	self->owed = 0;
	int status = self->sink->on_done (self->arg, &self->at);
	self->failed = status != 0 && status != FOLLOW_ENOUGH;
	if (status) {
		/* Also when enough was handed over: what is not safe is a failure. */
		if (self->stopped && status != FOLLOW_ENOUGH)
			self->status = status;
		s_stop (self, status);
	}
	if (!self->stopped && link_is_open (session_link (self->session)))
		s_send (self, &message);
}

static void
follow_on_drained (void *arg)
{
	s_settle (arg);
}

static void
s_deliver (struct follow *self, const struct siaga_deliver *deliver)
{
	if (deliver->id != SUBSCRIPTION)
		return;
	if (reader_take (self->reader, deliver->items, self->at.cursor.next)) {
		self->owed++; /* what came before the malformed is handed over all the same */
		link_restart (session_link (self->session), SIAGA_EMALFORMED,
			      "the hub sent a malformed DELIVER");
		return;
	}
	s_move_through (self, deliver);
	self->owed += s_cost (deliver);
	self->through = deliver->through;
	bool at_end = self->options.to_head && self->at.cursor.next >= self->until;
	if (self->stopped || at_end || self->owed >= FOLLOW_CREDIT / 2)
		s_settle (self);
	if (at_end)
		s_stop (self, CMD_OK);
}

static void
follow_on_message (void *arg, const struct siaga_message *message)
{
	struct follow *self = arg;
	if (message->type == SIAGA_DELIVER)
		s_deliver (self, &message->deliver);
	if (message->type != SIAGA_REFUSED || message->refused.what != SIAGA_SUBSCRIBE)
		return;
	s_settle (self);
	if (self->stopped)
		return;
	if (message->refused.code == SIAGA_ECURSOR) {
		s_restored (self);
		return;
	}
	say ("the hub refuses: %s: %.*s", siaga_strerror (message->refused.code),
	     (int) message->refused.words.size,
	     message->refused.words.size ? message->refused.words.data : "");
	s_stop (self, CMD_REFUSED);
}

static void
follow_on_down (void *arg, int error, const char *words, bool final)
{
	struct follow *self = arg;
	const struct siaga_roster *roster = self->options.settings->trust.roster;
	s_settle (self);
	if (self->stopped)
		return;
	if (self->options.to_head && final) {
		say_no_hub (roster, "%s", words);
		s_stop (self, error ? CMD_REFUSED : CMD_UNAVAILABLE);
		return;
	}
	if (error == 0 || self->down_said || self->options.common->quiet)
		return;
	self->down_said = true;
	say_no_hub (roster, "%s; trying again", words);
}

static const struct session_events s_session_events = {
	.on_open = follow_on_open,
	.on_message = follow_on_message,
	.on_drained = follow_on_drained,
	.on_down = follow_on_down,
	.on_roster = follow_on_roster,
};

static int
s_timed_out (const struct follow *self)
{
	if (!session_was_open (self->session) || self->options.to_head) {
		const char *reason = self->down_said ? "" : session_reason (self->session);
		say_no_hub (self->options.settings->trust.roster,
			    "no answer from the hub in time%s%s", *reason ? ": " : "", reason);
		return CMD_UNAVAILABLE;
	}
	return self->options.count > self->handed ? CMD_REFUSED : CMD_OK;
}

static int
s_status (const struct follow *self, enum session_end end)
{
	switch (end) {
	case SESSION_STOPPED:
		return self->status;
	case SESSION_TIMEOUT:
		return s_timed_out (self);
	case SESSION_SIGNALED:
		return self->options.to_head || self->options.count > self->handed ? CMD_SIGNALED
										   : CMD_OK;
	case SESSION_FAILED:
		break;
	}
	return CMD_INTERNAL;
}

static struct session *
s_session (struct follow *self)
{
	const struct options_common *common = self->options.common;
	struct session_options options = {
		.settings = self->options.settings,
		.address = common->address,
		.timeout_ms = common->timeout_ms,
		.idle = self->options.to_head,
	};
	if (!common->has_timeout && self->options.to_head)
		options.timeout_ms = SESSION_TIMEOUT_MS;
	return session_new (&options, &s_session_events, self);
}

int
follow_run (const struct follow_options *options, const struct follow_sink *sink, void *arg)
{
	struct follow *self = calloc (1, sizeof *self);
	int status = CMD_INTERNAL;
	if (!self)
		return CMD_INTERNAL;
	self->options = *options;
	self->sink = sink;
	self->arg = arg;
	self->filter = options->filter->filter;
	if (options->resume)
		self->at = *options->resume;
	self->session = s_session (self);
	if (self->session && s_make_reader (self)) {
		enum session_end end = session_run (self->session);
		s_settle (self);
		status = s_status (self, self->stopped ? SESSION_STOPPED : end);
		if (status == CMD_OK && self->bad)
			status = CMD_REFUSED;
	}
	session_destroy (&self->session);
	if (self->reader)
		reader_destroy (&self->reader);
	free (self);
	return status;
}
