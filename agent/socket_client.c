/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers are gathered while the lines are added, and believed only when the commit is; else each
 * line gets the reason instead.
 */
#include "agent/socket_client.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/lines.h"
#include "siaga/error.h"

struct socket_client {
	struct feed *feed;
	void *const *parser;
	socket_client_gone_fn *on_gone;
	void *arg;
	int fd;
	short events;	   /* registered in the loop for these; 0: not */
	bool ended;	   /* it will send nothing more */
	uint64_t too_long; /* lines answered so far */
	char *answers;	   /* not sent yet; NULL: none */
	size_t answers_size;
	size_t answers_sent;
	struct lines lines;
};

static int
s_on_event (zloop_t *loop, zmq_pollitem_t *item, void *arg);

/* Wait for these events instead. */
static void
s_wait_for (struct socket_client *self, short events)
{
	zmq_pollitem_t item = {.fd = self->fd, .events = events};
	if (self->events == events)
		return;
	if (self->events)
		zloop_poller_end (self->feed->context.loop, &item);
	self->events = events;
	if (!events)
		return;
	zloop_poller (self->feed->context.loop, &item, s_on_event, self);
	zloop_poller_set_tolerant (self->feed->context.loop,
				   &item); /* a hang-up is read as the end */
}

struct socket_client *
socket_client_new (struct feed *feed, void *const *parser, int fd, socket_client_gone_fn *on_gone,
		   void *arg)
{
	struct socket_client *self = calloc (1, sizeof *self);
	if (!self || lines_init (&self->lines, LINES_LINE_MAX, false)) {
		free (self);
		return NULL;
	}
	self->feed = feed;
	self->parser = parser;
	self->on_gone = on_gone;
	self->arg = arg;
	self->fd = fd;
	s_wait_for (self, ZMQ_POLLIN);
	return self;
}

void
socket_client_destroy (struct socket_client **self_p)
{
	struct socket_client *self = *self_p;
	if (!self)
		return;
	s_wait_for (self, 0);
	close (self->fd);
	free (self->answers);
	lines_finish (&self->lines);
	free (self);
	*self_p = NULL;
}

/* One answer, as a line. */
static void
s_answer (FILE *out, const char *name, const char *value)
{
	json_t *answer = json_pack ("{s:s}", name, value);
	if (answer && json_dumpf (answer, out, JSON_COMPACT) == 0)
		fputc ('\n', out);
	json_decref (answer);
}

static void
s_answer_error (FILE *out, const char *what, int error)
{
	char words[ALERT_JSON_WORDS];
	snprintf (words, sizeof words, "%s: %s", what, siaga_strerror (error));
	s_answer (out, "error", words);
}

/* What became of a line. */
static void
s_answer_result (struct socket_client *self, FILE *out, enum pipeline_result result,
		 const char *words)
{
	char uuid[SIAGA_UUID_TEXT];
	const struct pipeline *pipeline = self->feed->pipeline;
	switch (result) {
	case PIPELINE_ADDED:
	case PIPELINE_KNOWN:
		siaga_uuid_text (uuid, pipeline_event (pipeline)->header.id);
		s_answer (out, "queued", uuid);
		break;
	case PIPELINE_FOLDED:
		s_answer (out, "counted", "with earlier alerts like it");
		break;
	case PIPELINE_DROPPED:
		s_answer (out, "dropped", pipeline_rule (pipeline));
		break;
	default:
		s_answer (out, "error", words);
	}
}

/* One transaction over all complete lines. */
static int
s_add_lines (struct socket_client *self, FILE *out)
{
	struct feed_line line = {.text = {NULL, 0}};
	char words[PARSER_WORDS];
	int rc = 0;
	for (size_t at = 0; !rc && lines_next (&self->lines, &at, &line.text);) {
		enum pipeline_result result;
		if (feed_is_blank (line.text))
			continue;
		rc = feed_line (self->feed, *self->parser, &line, &result, words);
		if (!rc)
			s_answer_result (self, out, result, words);
	}
	return rc ? rc : feed_commit (self->feed);
}

/* Nothing was stored: every line gets the reason. */
static void
s_refuse_lines (struct socket_client *self, FILE *out, int error)
{
	struct siaga_text line;
	rewind (out);
	for (size_t at = 0; lines_next (&self->lines, &at, &line);)
		if (!feed_is_blank (line))
			s_answer_error (out, "outbox", error);
}

static void
s_drop_lines (struct socket_client *self)
{
	struct siaga_text line;
	size_t at = 0;
	while (lines_next (&self->lines, &at, &line))
		;
	lines_drop (&self->lines, at);
}

/* Stores what is complete, and leaves the answers to be sent. The outbox's error, or 0. */
static int
s_take_lines (struct socket_client *self)
{
	FILE *out = open_memstream (&self->answers, &self->answers_size);
	if (!out)
		return SIAGA_ENOMEM;
	int rc = s_add_lines (self, out);
	if (rc) {
		feed_rollback (self->feed);
		s_refuse_lines (self, out, rc);
	}
	s_drop_lines (self);
	for (; self->too_long < self->lines.too_long; self->too_long++)
		s_answer (out, "error", "line: too long");
	fclose (out);
	self->answers_sent = 0;
	return rc;
}

/* 0: all sent; 1: the client must read first; -1: it is gone. */
static int
s_send (struct socket_client *self)
{
	while (self->answers_sent < self->answers_size) {
		ssize_t sent = send (self->fd, self->answers + self->answers_sent,
				     self->answers_size - self->answers_sent, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? 1 : -1;
		self->answers_sent += (size_t) sent;
	}
	free (self->answers);
	self->answers = NULL;
	self->answers_size = self->answers_sent = 0;
	return 0;
}

/* 0, or -1 when the connection is broken. */
static int
s_receive (struct socket_client *self)
{
	size_t room;
	char *data = lines_room (&self->lines, &room);
	ssize_t got = recv (self->fd, data, room, 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (got == 0) {
		self->ended = true;
		lines_end (&self->lines);
	}
	lines_added (&self->lines, (size_t) got);
	return 0;
}

static int
s_on_event (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct socket_client *self = arg;
	const struct source_context *context = &self->feed->context;
	int refused = 0, rc = 0;
	(void) loop;
	(void) item;
	if (self->events == ZMQ_POLLIN) {
		rc = s_receive (self);
		if (rc == 0)
			refused = s_take_lines (self);
	}
	if (rc == 0)
		rc = s_send (self);
	if (rc < 0 || (rc == 0 && self->ended))
		self->on_gone (self->arg, self);
	else
		s_wait_for (self, rc > 0 ? ZMQ_POLLOUT : ZMQ_POLLIN);
	if (refused)
		context->on_refused (context->arg, refused);
	return 0;
}
