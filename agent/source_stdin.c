/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard input: one alert as JSON a line; what one read brings is one transaction. It can not be
 * read again, so alerts stored here are kept exactly once from then on, and no position is. Its end
 * ends this source, not the agent.
 */
#include <errno.h>
#include <unistd.h>

#include "agent/alert_line.h"
#include "agent/complaint.h"
#include "agent/lines.h"
#include "agent/source.h"
#include "common/log.h"
#include "siaga/error.h"

struct input {
	struct source_context context;
	const char *name;
	struct alert_defaults defaults;
	bool running;
	bool ended;
	struct complaint bad;
	struct complaint too_long;
	struct lines lines;
};

static const zmq_pollitem_t s_item = {.fd = STDIN_FILENO, .events = ZMQ_POLLIN};

/* The outbox's error, or 0. *at is behind the lines handled. */
static int
s_add_lines (struct input *self, size_t *at)
{
	struct siaga_text line;
	uint8_t id[SIAGA_ID_BYTES];
	char words[ALERT_JSON_WORDS];
	while (lines_next (&self->lines, at, &line)) {
		bool is_bad = false;
		if (alert_line_is_blank (line))
			continue;
		int rc = alert_line_add (self->context.intake, &self->defaults, line, id, &is_bad,
					 words);
		if (is_bad)
			complaint_add (&self->bad, "a line is no alert: %s", words);
		else if (rc)
			return rc;
	}
	return 0;
}

/* All complete lines in one transaction; refused, they stay. */
static int
s_store (struct input *self)
{
	struct siaga_text line;
	size_t at = 0;
	if (!lines_next (&self->lines, &at, &line))
		return 0;
	at = 0;
	int rc = intake_begin (self->context.intake);
	if (!rc)
		rc = s_add_lines (self, &at);
	if (!rc)
		rc = intake_commit (self->context.intake);
	if (rc) {
		intake_rollback (self->context.intake);
		self->context.on_refused (self->context.arg, rc);
		return rc;
	}
	lines_drop (&self->lines, at);
	return 0;
}

static void
s_pause (void *arg)
{
	struct input *self = arg;
	zmq_pollitem_t item = s_item;
	if (self->running)
		zloop_poller_end (self->context.loop, &item);
	self->running = false;
}

static void
s_end (struct input *self, const char *words)
{
	log_info ("source-ended", "%s: %s", self->name, words);
	s_pause (self);
	self->ended = true;
	lines_end (&self->lines);
}

static int
s_on_input (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct input *self = arg;
	size_t room;
	char *data = lines_room (&self->lines, &room);
	(void) loop;
	(void) item;
	ssize_t got = read (STDIN_FILENO, data, room);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got > 0)
		lines_added (&self->lines, (size_t) got);
	else
		s_end (self, got == 0 ? "end of standard input" : strerror (errno));
	for (; self->too_long.total < self->lines.too_long;)
		complaint_add (&self->too_long, "a line of more than %d bytes was skipped",
			       LINES_LINE_MAX);
	s_store (self);
	return 0;
}

static void
s_resume (void *arg)
{
	struct input *self = arg;
	zmq_pollitem_t item = s_item;
	if (self->running || s_store (self) || self->ended)
		return;
	self->running = zloop_poller (self->context.loop, &item, s_on_input, self) == 0;
	zloop_poller_set_tolerant (self->context.loop,
				   &item); /* a hang-up is the end, to be read */
}

static void
s_destroy (void **self_p)
{
	struct input *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	complaint_finish (&self->bad);
	complaint_finish (&self->too_long);
	free (self);
	*self_p = NULL;
}

static void *
s_create (const struct source_context *context)
{
	struct input *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->context = *context;
	self->name = context->source->name;
	agent_conf_defaults (context->conf, context->source, &self->defaults);
	complaint_init (&self->bad, self->name, "source-unreadable");
	complaint_init (&self->too_long, self->name, "source-long-line");
	lines_init (&self->lines);
	return self;
}

const struct source_class source_stdin = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.destroy = s_destroy,
};
