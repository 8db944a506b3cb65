/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output lines of a command, through any of the parsers of lines. When the command ends it is started again, after a
 * second at first and at most a minute later; what it says on standard error goes to the log, a few lines a minute.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "agent/feed.h"
#include "agent/lines.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/loop_timer.h"
#include "siaga/error.h"

#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 60000 /* one that ran so long begins anew with the least */
#define ERROR_LINES_MAX 10   /* told of each minute */
#define ERROR_LINES_MS 60000
#define ERROR_LINE_BYTES 1024
#define ERROR_TEXT 128

struct command {
	struct feed feed;
	void *parser;
	struct child child;
	struct lines lines;
	struct lines error_lines;
	bool running;
	bool watched; /* its standard output is in the loop */
	bool err_watched;
	bool end_watched;
	uint64_t started_ms;
	uint64_t backoff_ms;
	uint64_t errors_ms; /* since when error lines are counted … */
	uint64_t errors;    /* … and how many */
	char error[ERROR_TEXT];
	struct loop_timer start_timer;
};

static int
s_on_output (zloop_t *loop, zmq_pollitem_t *item, void *arg);
static int
s_on_error (zloop_t *loop, zmq_pollitem_t *item, void *arg);
static int
s_on_end (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
s_watch (struct command *self, bool wanted)
{
	source_watch (&self->feed.context, self->child.out, s_on_output, self, wanted,
		      &self->watched);
}

/* Its standard error, and its end. */
static void
s_watch_errors (struct command *self, bool wanted)
{
	source_watch (&self->feed.context, self->child.err, s_on_error, self, wanted,
		      &self->err_watched);
	source_watch (&self->feed.context, self->child.pid_fd, s_on_end, self, wanted,
		      &self->end_watched);
}

/* Not running, and to be started again in a while. */
static void
s_wait (struct command *self)
{
	if (clock_mono_ms () - self->started_ms >= BACKOFF_MAX_MS)
		self->backoff_ms = 0;
	self->backoff_ms =
		self->backoff_ms * 2 < BACKOFF_MIN_MS ? BACKOFF_MIN_MS : self->backoff_ms * 2;
	if (self->backoff_ms > BACKOFF_MAX_MS)
		self->backoff_ms = BACKOFF_MAX_MS;
	log_warn ("source-exec", "%s: %s: %s; again in %" PRIu64 " s", self->feed.name,
		  self->feed.context.source->command.items[0], self->error,
		  self->backoff_ms / 1000);
	loop_timer_set (&self->start_timer, self->backoff_ms);
}

static void
s_start (struct command *self)
{
	const struct conf_strings *command = &self->feed.context.source->command;
	char **argv = calloc (command->count + 1, sizeof *argv);
	int error = argv ? 0 : ENOMEM;
	self->started_ms = clock_mono_ms ();
	for (size_t i = 0; argv && i < command->count; i++)
		argv[i] = command->items[i];
	if (!error)
		error = child_start (&self->child, argv);
	free (argv);
	if (error) {
		snprintf (self->error, sizeof self->error, "%s", strerror (error));
		s_wait (self);
		return;
	}
	log_debug ("source-exec", "%s: started %s", self->feed.name, command->items[0]);
	self->error[0] = '\0';
	if (self->running)
		s_watch (self, true);
	s_watch_errors (self, true);
}

static void
s_on_start (void *arg)
{
	s_start (arg);
}

/* Both its output and its life have ended: the next one begins with a line of its own and, if need be, a head. */
static void
s_on_gone (struct command *self)
{
	void *parser = feed_parser (&self->feed);
	child_stop (&self->child);
	if (parser) {
		self->feed.parser->destroy (&self->parser);
		self->parser = parser;
	}
	s_wait (self);
}

static int
s_store (struct command *self)
{
	int rc = feed_lines (&self->feed, self->parser, &self->lines);
	if (rc)
		self->feed.context.on_refused (self->feed.context.arg, rc);
	return rc;
}

/* The end of its output is acted upon once all lines of it are stored. */
static void
s_end_output (struct command *self)
{
	s_watch (self, false);
	close (self->child.out);
	self->child.out = -1;
	if (self->child.pid == 0)
		s_on_gone (self);
}

static int
s_on_output (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct command *self = arg;
	size_t room;
	char *data = lines_room (&self->lines, &room);
	(void) loop;
	(void) item;
	ssize_t got = read (self->child.out, data, room);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got > 0)
		lines_added (&self->lines, (size_t) got);
	else
		lines_end (&self->lines);
	if (s_store (self) == 0 && got <= 0)
		s_end_output (self);
	return 0;
}

static void
s_tell (struct command *self, struct siaga_text line)
{
	uint64_t now_ms = clock_mono_ms ();
	if (self->errors_ms == 0 || now_ms - self->errors_ms >= ERROR_LINES_MS) {
		if (self->errors > ERROR_LINES_MAX)
			log_info ("source-stderr", "%s: %" PRIu64 " more lines", self->feed.name,
				  self->errors - ERROR_LINES_MAX);
		self->errors_ms = now_ms;
		self->errors = 0;
	}
	if (self->errors++ < ERROR_LINES_MAX)
		log_info ("source-stderr", "%s: %.*s", self->feed.name,
			  line.size < ERROR_LINE_BYTES ? (int) line.size : ERROR_LINE_BYTES,
			  line.data);
}

static int
s_on_error (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct command *self = arg;
	struct siaga_text line;
	size_t room, at = 0;
	char *data = lines_room (&self->error_lines, &room);
	(void) loop;
	ssize_t got = read (self->child.err, data, room);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got > 0)
		lines_added (&self->error_lines, (size_t) got);
	else
		lines_end (&self->error_lines);
	while (lines_next (&self->error_lines, &at, &line))
		s_tell (self, line);
	lines_drop (&self->error_lines, at);
	if (got > 0)
		return 0;
	source_watch (&self->feed.context, item->fd, NULL, NULL, false, &self->err_watched);
	close (self->child.err);
	self->child.err = -1;
	return 0;
}

static int
s_on_end (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct command *self = arg;
	(void) loop;
	(void) item;
	s_watch_errors (self, false);
	int status = child_reap (&self->child);
	if (WIFSIGNALED (status))
		snprintf (self->error, sizeof self->error, "ended by signal %d", WTERMSIG (status));
	else
		snprintf (self->error, sizeof self->error, "exited with status %d",
			  WEXITSTATUS (status));
	if (self->child.out < 0)
		s_on_gone (self);
	return 0;
}

/* -- the class -- */

static void
s_resume (void *arg)
{
	struct command *self = arg;
	if (self->running || s_store (self))
		return;
	self->running = true;
	if (self->child.out >= 0)
		s_watch (self, true);
	else if (self->started_ms == 0)
		s_start (self);
}

/* What it writes meanwhile fills its pipe, and then it waits. */
static void
s_pause (void *arg)
{
	struct command *self = arg;
	self->running = false;
	s_watch (self, false);
}

static void
s_destroy (void **self_p)
{
	struct command *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	s_watch_errors (self, false);
	loop_timer_finish (&self->start_timer);
	child_stop (&self->child);
	if (self->parser)
		self->feed.parser->destroy (&self->parser);
	feed_finish (&self->feed);
	lines_finish (&self->lines);
	lines_finish (&self->error_lines);
	free (self);
	*self_p = NULL;
}

static int
s_init (struct command *self, const struct source_context *context)
{
	self->child = (struct child){.pid_fd = -1, .out = -1, .err = -1};
	self->start_timer.fd = -1;
	int rc = feed_init (&self->feed, context);
	if (!rc)
		rc = lines_init (&self->lines, LINES_LOG_MAX, true);
	if (!rc)
		rc = lines_init (&self->error_lines, 4 * ERROR_LINE_BYTES, true);
	if (!rc && loop_timer_init (&self->start_timer, context->loop, s_on_start, self))
		rc = SIAGA_EIO;
	if (!rc)
		self->parser = feed_parser (&self->feed);
	return rc ? rc : self->parser ? 0 : SIAGA_ECONF;
}

static void *
s_create (const struct source_context *context)
{
	struct command *self = calloc (1, sizeof *self);
	int rc = self ? s_init (self, context) : SIAGA_ENOMEM;
	return source_made (&source_exec, self, rc, context);
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct command *self = arg;
	feed_describe (&self->feed, facts);
	if (self->child.pid > 0)
		snprintf (facts->position, sizeof facts->position, "process %d",
			  (int) self->child.pid);
	snprintf (facts->error, sizeof facts->error, "%s", self->error);
}

const struct source_class source_exec = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.describe = s_describe,
	.destroy = s_destroy,
};
