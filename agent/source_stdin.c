/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard input: one alert as JSON a line; what one read brings is one transaction. It can not be read again, so alerts
 * stored here are kept exactly once from then on, and no position is. Its end ends this source, not the agent.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/feed.h"
#include "agent/lines.h"
#include "common/log.h"
#include "siaga/error.h"

struct input {
	struct feed feed;
	void *parser;
	bool running;
	bool ended;
	struct lines lines;
};

static const zmq_pollitem_t s_item = {.fd = STDIN_FILENO, .events = ZMQ_POLLIN};

static int
s_store (struct input *self)
{
	int rc = feed_lines (&self->feed, self->parser, &self->lines);
	if (rc)
		self->feed.context.on_refused (self->feed.context.arg, rc);
	return rc;
}

static void
s_pause (void *arg)
{
	struct input *self = arg;
	zmq_pollitem_t item = s_item;
	if (self->running)
		zloop_poller_end (self->feed.context.loop, &item);
	self->running = false;
}

static void
s_end (struct input *self, const char *words)
{
	log_info ("source-ended", "%s: %s", self->feed.name, words);
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
	for (; self->feed.too_long.total < self->lines.too_long;)
		complaint_add (&self->feed.too_long, "a line of more than %d bytes was skipped",
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
	self->running = zloop_poller (self->feed.context.loop, &item, s_on_input, self) == 0;
	zloop_poller_set_tolerant (self->feed.context.loop,
				   &item); /* a hang-up is the end, to be read */
}

static void
s_destroy (void **self_p)
{
	struct input *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	if (self->parser)
		self->feed.parser->destroy (&self->parser);
	feed_finish (&self->feed);
	lines_finish (&self->lines);
	free (self);
	*self_p = NULL;
}

static void *
s_create (const struct source_context *context)
{
	struct input *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	int rc = feed_init (&self->feed, context);
	if (!rc)
		rc = lines_init (&self->lines, LINES_LINE_MAX, false);
	if (!rc)
		self->parser = feed_parser (&self->feed);
	if (self->parser)
		return self;
	s_destroy ((void *[]){self});
	return NULL;
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct input *self = arg;
	feed_describe (&self->feed, facts);
	facts->long_lines = self->lines.too_long;
}

static int
s_reload (void *arg, const struct source_context *context)
{
	struct input *self = arg;
	self->feed.parser->destroy (&self->parser);
	feed_configure (&self->feed, context);
	self->parser = feed_parser (&self->feed);
	return 0; /* of JSON: there is no state that could not be made */
}

const struct source_class source_stdin = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.describe = s_describe,
	.reload = s_reload,
	.destroy = s_destroy,
};
