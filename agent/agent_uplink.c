/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the uplink tells, as lines of the log: each change once, however often it is tried.
 */
#include "agent/agent.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define DOWN_TELL_MS 600000 /* between lines that say the hub is still not reached */

static void
s_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct agent *self = arg;
	struct outbox_counts counts = {0};
	outbox_count (self->outbox, &counts);
	log_info ("uplink-open",
		  "session with %s; %" PRIu64 " entries wait, %" PRIu64 " batches in flight",
		  self->trust.roster->hub, counts.waiting, counts.in_flight);
	self->uplink_log = (struct agent_uplink_log){.down = false};
	agent_on_roster_serial (self, welcome->roster_serial);
}

static void
s_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	struct agent *self = arg;
	struct agent_uplink_log *last = &self->uplink_log;
	uint64_t now_ms = clock_mono_ms ();
	agent_forget_roster_answer (self);
	agent_keep (self);
	if (last->down && strcmp (last->words, words) == 0 &&
	    now_ms - last->told_ms < DOWN_TELL_MS) {
		log_debug ("uplink-down", "%s; again in %" PRIu64 " ms", words, retry_ms);
		return;
	}
	log_warn ("uplink-down", "%s (%s); trying again, alerts wait in the outbox", words,
		  siaga_error_id (error));
	last->down = true;
	last->told_ms = now_ms;
	snprintf (last->words, sizeof last->words, "%s", words);
}

static void
s_on_acked (void *arg, uint64_t oseq, uint64_t number)
{
	struct agent *self = arg;
	self->uplink_log.later_code = 0;
	log_debug ("uplink-acked", "up to %" PRIu64 ", log number %" PRIu64, oseq, number);
}

static void
s_on_aside (void *arg, int code, const struct siaga_header *header)
{
	char id[SIAGA_UUID_TEXT];
	(void) arg;
	siaga_uuid_text (id, header->id);
	if (code == SIAGA_EKNOWN || -code == SIAGA_EKNOWN)
		log_info ("entry-known", "%s was at the hub already", id);
	else
		log_error ("entry-aside", "%s can never be taken by the hub: %s", id,
			   siaga_strerror (code));
}

static void
s_on_later (void *arg, int code, const char *words, uint64_t retry_ms)
{
	struct agent *self = arg;
	if (self->uplink_log.later_code != code)
		log_warn ("uplink-later", "refused for now: %s (%s); alerts wait in the outbox",
			  words, siaga_error_id (code));
	else
		log_debug ("uplink-later", "%s; again in %" PRIu64 " ms", words, retry_ms);
	self->uplink_log.later_code = code;
}

static void
s_on_outbox_error (void *arg, int error, const char *words)
{
	struct agent *self = arg;
	if (outbox_is_broken (self->outbox))
		agent_on_refused (self, error);
	else
		log_error ("uplink-outbox", "%s (%s)", words, siaga_error_id (error));
}

static void
s_on_message (void *arg, const struct siaga_message *message)
{
	struct agent *self = arg;
	if (agent_on_roster_message (self, message))
		return;
	if (message->type == SIAGA_ROSTER)
		agent_on_roster_serial (self, message->roster.serial);
}

static void
s_on_status (void *arg, struct siaga_status_message *status)
{
	struct agent *self = arg;
	agent_keep (self);
	agent_fill_status (self, status, self->status_buffer, sizeof self->status_buffer);
}

static const struct uplink_events s_events = {
	.on_open = s_on_open,
	.on_acked = s_on_acked,
	.on_aside = s_on_aside,
	.on_later = s_on_later,
	.on_down = s_on_down,
	.on_outbox_error = s_on_outbox_error,
	.on_status = s_on_status,
	.on_message = s_on_message,
};

int
agent_connect (struct agent *self)
{
	struct link_options options = {
		.loop = self->loop,
		.trust = &self->trust,
		.software = "siaga-agent " SIAGA_VERSION,
		.address = self->conf.hub,
	};
	self->uplink = uplink_new (&options, self->outbox, &s_events, self);
	if (!self->uplink)
		return SIAGA_ENOMEM;
	intake_set_uplink (self->intake, self->uplink);
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	if (self->conf.accept_log &&
	    siaga_hex_parse (log_id, sizeof log_id, siaga_text (self->conf.accept_log)) == 0)
		uplink_accept_log (self->uplink, log_id);
	return 0;
}
