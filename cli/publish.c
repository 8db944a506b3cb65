/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See publish.h.
 */
#include "cli/publish.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "cli/say_hub.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/handle.h"
#include "siaga/error.h"

#define KEEP_ACKED_US (UINT64_C (24) * 3600 * 1000000)
#define KEEP_ACKED_BYTES (UINT64_C (4) << 20)
#define MAX_WAITING_BYTES (UINT64_C (64) << 20)
#define LOCK_STEP_MS 50
#define FLUSH_TIMEOUT_MS 5000

struct publish {
	const struct publish_options *options;
	struct outbox *outbox;
	struct session *session;
	struct publish_item *items;
	size_t count;
	size_t *order;	 /* of the items, as they are answered */
	size_t answered; /* of them */
	bool any_refused;
	bool down_said;
	bool later_said;
	bool aside; /* something of an earlier command was refused for good */
};

int
publish_open (struct settings *settings, bool in_memory, struct outbox **outbox_p, char words[256])
{
	char *path = in_memory ? strdup (":memory:") : settings_state_path (settings, "outbox.db");
	struct outbox_options options = {
		.path = path,
		.network = settings->trust.roots.network,
		.identity = settings->trust.identity,
		.keep_acked_us = KEEP_ACKED_US,
		.keep_acked_bytes = KEEP_ACKED_BYTES,
		.max_waiting_bytes = MAX_WAITING_BYTES,
	};
	int error = path ? outbox_open (outbox_p, &options, words) : SIAGA_ENOMEM;
	free (path);
	return error;
}

static void
s_sleep_ms (uint64_t time_ms)
{
	struct timespec time = {.tv_nsec = (long) time_ms * 1000000};
	nanosleep (&time, NULL);
}

/* Another command of the same person has the outbox: it will be done soon. */
static int
s_open_waiting (const struct publish_options *options, uint64_t deadline_ms,
		struct outbox **outbox_p)
{
	char words[256] = "";
	int error = publish_open (options->settings, options->no_queue, outbox_p, words);
	while (error == SIAGA_ELOCKED && clock_mono_ms () < deadline_ms) {
		s_sleep_ms (LOCK_STEP_MS);
		error = publish_open (options->settings, options->no_queue, outbox_p, words);
	}
	if (!error)
		return CMD_OK;
	if (error == SIAGA_ELOCKED) {
		say ("another siaga of yours has the outbox and did not finish in time; nothing was "
		     "queued");
		return CMD_UNAVAILABLE;
	}
	say ("outbox: %s", words[0] ? words : siaga_strerror (error));
	return error == SIAGA_EFORMAT ? CMD_CONFIG : error == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_IO;
}

/* All of them in one transaction, cut at once as far as one batch goes. */
static int
s_store (struct publish *self)
{
	uint64_t first_oseq = 0;
	int error = outbox_begin (self->outbox);
	for (size_t i = 0; !error && i < self->count; i++)
		error = outbox_add (self->outbox, self->items[i].entry);
	if (!error) {
		error = outbox_cut (self->outbox, &first_oseq);
		error = error == SIAGA_ENOTFOUND ? 0 : error;
	}
	if (error)
		outbox_rollback (self->outbox);
	else
		error = outbox_commit (self->outbox);
	if (!error)
		return CMD_OK;
	say ("outbox: %s%s%s; nothing was queued", siaga_strerror (error),
	     error == SIAGA_EIO ? ": " : "", error == SIAGA_EIO ? outbox_error (self->outbox) : "");
	return error == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_IO;
}

static bool
s_is_empty (struct publish *self)
{
	struct outbox_counts counts;
	return outbox_count (self->outbox, &counts) == 0 && counts.waiting == 0 &&
	       counts.in_flight == 0;
}

/* The outbox knows the fate of what it was given: in the log, set aside with a code, or still on its way. */
static void
s_look (struct publish *self, struct publish_item *item)
{
	int found = outbox_find (self->outbox, item->id, &item->number);
	if (found == 0)
		item->fate = PUBLISH_DONE;
	else if (found != SIAGA_EAGAIN && found != SIAGA_EIO && found != SIAGA_EDISK &&
		 found != SIAGA_ENOMEM) {
		item->fate = PUBLISH_REFUSED;
		item->code = found;
	}
}

static unsigned
s_severity (const struct publish_item *item)
{
	struct siaga_header header;
	struct siaga_bytes body;
	return siaga_header_read (item->entry, &header, &body) ? 0 : header.severity;
}

/* The outbox cuts the most severe first, and of these the first: so they are answered. CMD_OK or CMD_INTERNAL. */
static int
s_sort (struct publish *self)
{
	size_t at = 0;
	self->order = calloc (self->count + 1, sizeof *self->order);
	if (!self->order)
		return CMD_INTERNAL;
	for (unsigned severity = SIAGA_SEVERITY_CRITICAL + 1; severity-- > 0;)
		for (size_t i = 0; i < self->count; i++)
			if (s_severity (&self->items[i]) == severity)
				self->order[at++] = i;
	return CMD_OK;
}

/* Looks at what was open, up to the first that still is: asked at each ACK, so that thousands are not all looked for each
   time. Is there none left? */
static bool
s_look_on (struct publish *self)
{
	for (; self->answered < self->count; self->answered++) {
		struct publish_item *item = &self->items[self->order[self->answered]];
		s_look (self, item);
		if (item->fate == PUBLISH_OPEN)
			return false;
		self->any_refused = self->any_refused || item->fate == PUBLISH_REFUSED;
	}
	return true;
}

/* Has everything been answered for? What was refused leaves a void, which must not wait for the next command. */
static bool
s_is_done (struct publish *self)
{
	if (outbox_begin_read (self->outbox) != 0)
		return false;
	bool all = s_look_on (self);
	outbox_end_read (self->outbox);
	return all && ((self->count > 0 && !self->any_refused) || s_is_empty (self));
}

static void
publish_on_acked (void *arg, uint64_t oseq, uint64_t number)
{
	struct publish *self = arg;
	(void) oseq;
	(void) number;
	if (s_is_done (self))
		session_stop (self->session);
}

/* WELCOME may say that all is there already. */
static void
publish_on_open (void *arg, const struct siaga_welcome *welcome)
{
	(void) welcome;
	publish_on_acked (arg, 0, 0);
}

/* An answer to an alert is told as what it was: its id says nothing to the person. */
static void
s_say_aside (int code, const struct siaga_header *header)
{
	char id[SIAGA_UUID_TEXT], handle[HANDLE_TEXT];
	siaga_uuid_text (id, header->id);
	if (header->kind != SIAGA_KIND_RESPONSE || header->ref_count == 0) {
		say ("the hub can never take %s: %s", id, siaga_strerror (code));
		return;
	}
	handle_write (handle, header->refs[0].id);
	say ("the hub refuses what was queued, %s %s: %s",
	     siaga_name_of (&siaga_action_names, header->action), handle, siaga_strerror (code));
}

static bool
s_is_item (const struct publish *self, const uint8_t id[SIAGA_ID_BYTES])
{
	for (size_t i = 0; i < self->count; i++)
		if (memcmp (self->items[i].id, id, SIAGA_ID_BYTES) == 0)
			return true;
	return false;
}

static void
publish_on_aside (void *arg, int code, const struct siaga_header *header)
{
	struct publish *self = arg;
	self->aside = true;
	if (!self->options->tells_refusals || !s_is_item (self, header->id))
		s_say_aside (code, header);
	if (s_is_done (self))
		session_stop (self->session);
}

static void
publish_on_later (void *arg, int code, const char *words, uint64_t retry_ms)
{
	struct publish *self = arg;
	(void) retry_ms;
	if (!self->later_said && !self->options->quiet)
		say ("the hub does not take it now: %s: %s", siaga_strerror (code), words);
	self->later_said = true;
}

static void
publish_on_down (void *arg, int error, const char *words, bool final)
{
	struct publish *self = arg;
	if (error && !self->down_said && !self->options->quiet)
		say_no_hub (self->options->settings->trust.roster, "%s", words);
	self->down_said = self->down_said || error;
	if (final)
		session_stop (self->session);
}

static const struct session_events s_events = {
	.on_open = publish_on_open,
	.on_down = publish_on_down,
	.on_acked = publish_on_acked,
	.on_aside = publish_on_aside,
	.on_later = publish_on_later,
};

static int
s_run_session (struct publish *self, uint64_t deadline_ms)
{
	uint64_t now_ms = clock_mono_ms ();
	struct session_options options = {
		.settings = self->options->settings,
		.outbox = self->outbox,
		.address = self->options->address,
		.timeout_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 1,
	};
	self->session = session_new (&options, &s_events, self);
	enum session_end end = self->session ? session_run (self->session) : SESSION_FAILED;
	session_destroy (&self->session);
	if (end == SESSION_FAILED)
		return CMD_INTERNAL;
	if (s_is_done (self))
		return CMD_OK;
	if (end == SESSION_SIGNALED && self->count == 0)
		return CMD_SIGNALED;
	return self->options->no_queue ? CMD_UNAVAILABLE : CMD_QUEUED;
}

int
publish_run (const struct publish_options *options, struct publish_item *items, size_t count)
{
	struct publish self = {.options = options, .items = items, .count = count};
	uint64_t deadline_ms = clock_mono_ms () + options->timeout_ms;
	int status = s_sort (&self);
	if (!status)
		status = s_open_waiting (options, deadline_ms, &self.outbox);
	if (!status && count > 0)
		status = s_store (&self);
	if (!status && (count > 0 || !s_is_empty (&self)))
		status = s_run_session (&self, deadline_ms);
	outbox_close (&self.outbox);
	free (self.order);
	if (!status && count == 0 && self.aside)
		status = CMD_REFUSED;
	return status;
}

int
publish_count (struct settings *settings, struct outbox_counts *counts)
{
	char words[256];
	struct outbox *outbox = NULL;
	char *path = settings_state_path (settings, "outbox.db");
	int there = path ? access (path, F_OK) : -1;
	free (path);
	if (there)
		return SIAGA_ENOTFOUND;
	int error = publish_open (settings, false, &outbox, words);
	if (!error)
		error = outbox_count (outbox, counts);
	outbox_close (&outbox);
	return error;
}

/* The time the verb has, less what `spent_ms` took of it. */
static void
s_spend (struct options_common *common, uint64_t spent_ms)
{
	if (common->has_timeout)
		common->timeout_ms =
			spent_ms < common->timeout_ms ? common->timeout_ms - spent_ms : 1;
}

int
publish_flush (struct settings *settings, struct options_common *common, uint64_t default_ms)
{
	struct outbox_counts counts;
	uint64_t begin_ms = clock_mono_ms ();
	if (publish_count (settings, &counts) || counts.waiting + counts.in_flight == 0)
		return CMD_OK;
	if (!common->has_timeout && default_ms > 0) {
		common->has_timeout = true;
		common->timeout_ms = default_ms;
	}
	struct publish_options options = {
		.settings = settings,
		.address = common->address,
		.timeout_ms = FLUSH_TIMEOUT_MS,
		.quiet = true,
	};
	if (common->has_timeout && common->timeout_ms / 2 < options.timeout_ms)
		options.timeout_ms = common->timeout_ms / 2;
	int status = publish_run (&options, NULL, 0);
	if (status == CMD_OK)
		say ("what was queued has been published");
	else if (status == CMD_QUEUED)
		say_no_hub (settings->trust.roster, "what is queued still waits for the hub");
	s_spend (common, clock_mono_ms () - begin_ms);
	return status == CMD_SIGNALED ? CMD_SIGNALED : CMD_OK;
}
