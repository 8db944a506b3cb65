/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log files: follows each (tail.c), gives its lines to the pipeline, and stores a chunk of them with the position behind
 * it in one transaction. One chunk for each turn of the loop, the files taking turns, so that a backlog holds nothing
 * else up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/files_private.h"
#include "common/log.h"
#include "siaga/error.h"

#define POLL_MS 5000	      /* between looks where the system can not watch, or reading failed */
#define UNSAVED_MAX (1 << 20) /* bytes of no interest before the position is stored for them */
#define HEAD_MAX 16384	      /* bytes at a file's start that say how the others are read */
#define PLACE_TEXT 320

static void
s_pump (struct files *self);

/* -- lines -- */

/* Who begins in the middle of a file learns from its first lines how to read the others. */
static void
s_read_head (struct file *file)
{
	struct feed *feed = &file->owner->feed;
	char words[PARSER_WORDS];
	char *head = malloc (HEAD_MAX);
	size_t size = head ? tail_head (file->tail, head, HEAD_MAX) : 0;
	for (size_t at = 0; at < size && head[at] == '#';) {
		const char *newline = memchr (head + at, '\n', size - at);
		if (!newline)
			break;
		struct siaga_text line = {head + at, (size_t) (newline - head) - at};
		pipeline_read (feed->pipeline, feed->parser, file->parser, line, words);
		at += line.size + 1;
	}
	free (head);
}

static int
s_on_line (void *arg, const struct tail_line *line)
{
	struct file *file = arg;
	struct feed *feed = &file->owner->feed;
	struct intake_origin origin = {.inode = line->inode, .offset = line->offset};
	char place[PLACE_TEXT], words[PARSER_WORDS];
	struct feed_line given = {{line->data, line->size}, &origin, place, line->cut};
	if (feed->parser->has_head && !file->headed && line->offset > 0)
		s_read_head (file);
	file->headed = true;
	snprintf (place, sizeof place, "%s at byte %" PRIu64, file->path, line->offset);
	return feed_line (feed, file->parser, &given, NULL, words);
}

/* -- chunks -- */

static int
s_save_list (struct files *self)
{
	if (!self->unsaved)
		return 0;
	char *text = left_files_text (&self->left);
	int rc = text ? feed_position (&self->feed, self->feed.name, text) : SIAGA_ENOMEM;
	free (text);
	return rc;
}

int
files_save (struct files *self, struct file *file)
{
	struct feed *feed = &self->feed;
	char position[TAIL_POSITION_TEXT];
	int rc = feed_begin (feed);
	if (!rc && file) {
		tail_position (file->tail, position);
		rc = feed_position (feed, file->key, position);
	}
	if (!rc)
		rc = s_save_list (self);
	if (!rc)
		rc = feed_commit (feed);
	if (rc)
		return rc;
	self->unsaved = false;
	if (file) {
		tail_accept (file->tail);
		tail_saved (file->tail);
	}
	return 0;
}

/* Lines of no interest need no commit of their own: read again after a crash they are of no interest again. */
static bool
s_must_save (const struct files *self, const struct file *file)
{
	return self->feed.in_transaction || self->unsaved || tail_unsaved_file (file->tail) ||
	       tail_unsaved_bytes (file->tail) >= UNSAVED_MAX;
}

static void
s_note_left (struct files *self, struct file *file)
{
	struct tail_place place;
	while (tail_left (file->tail, &place)) {
		if (self->single)
			continue;
		if (left_files_add (&self->left, &place))
			log_error ("source-files",
				   "%s: out of memory: %s may be told again under another name",
				   self->feed.name, file->path);
		self->unsaved = true;
	}
}

/* One chunk. 1: there may be more; 0: none now; negative: reading failed or the outbox refused. */
static int
s_chunk (struct files *self, struct file *file)
{
	struct feed *feed = &self->feed;
	feed->refused = 0;
	int rc = tail_read (file->tail, s_on_line, file);
	s_note_left (self, file);
	if (rc >= 0 && s_must_save (self, file)) {
		int failed = files_save (self, file);
		rc = failed ? failed : rc;
	} else if (rc >= 0) {
		feed_commit (feed);
		tail_accept (file->tail);
	}
	if (rc < 0) {
		feed_rollback (feed);
		tail_forget (file->tail);
	}
	return rc;
}

/* -- the loop -- */

static void
s_on_next (void *arg)
{
	s_pump (arg);
}

static void
s_on_poll (void *arg)
{
	struct files *self = arg;
	for (size_t i = 0; i < self->count; i++) {
		struct file *file = self->list[i];
		if (file->polled)
			tail_drain (file->tail);
		file->ready |= file->polled;
	}
	s_pump (self);
}

static int
s_on_watch (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct file *file = arg;
	(void) loop;
	(void) item;
	tail_drain (file->tail);
	file->ready = true;
	s_pump (file->owner);
	return 0;
}

void
files_watch (struct file *file, bool wanted)
{
	source_watch (&file->owner->feed.context, file->tail ? tail_fd (file->tail) : -1,
		      s_on_watch, file, wanted, &file->watched);
}

/* The next that has something to read; NULL: none. */
static struct file *
s_next (struct files *self)
{
	for (size_t i = 0; i < self->count; i++) {
		struct file *file = self->list[(self->turn + i) % self->count];
		if (!file->ready)
			continue;
		self->turn = (self->turn + i + 1) % self->count;
		return file;
	}
	return NULL;
}

static void
s_set_timers (struct files *self)
{
	bool ready = false, polled = false;
	for (size_t i = 0; i < self->count; i++) {
		ready |= self->list[i]->ready;
		polled |= self->list[i]->polled;
	}
	if (ready)
		loop_timer_set (&self->next_timer, 0);
	if (polled)
		loop_timer_set (&self->poll_timer, POLL_MS);
	else
		loop_timer_clear (&self->poll_timer);
}

/* One chunk; another in the loop's next turn while there is more. */
static void
s_pump (struct files *self)
{
	struct file *file = self->running ? s_next (self) : NULL;
	if (file) {
		int rc = s_chunk (self, file);
		if (self->feed.refused) {
			int refused = self->feed.refused;
			self->feed.refused = 0;
			self->feed.context.on_refused (self->feed.context.arg, refused);
			return;
		}
		file->ready = rc > 0;
		file->polled = rc < 0 || tail_needs_polling (file->tail);
	}
	if (self->running)
		s_set_timers (self);
}

static void
s_scan (struct files *self)
{
	int rc = files_list_scan (self);
	uint64_t due_ms = files_list_due_ms (self);
	if (rc && self->feed.refused) {
		self->feed.refused = 0;
		self->feed.context.on_refused (self->feed.context.arg, rc);
		return;
	}
	if (rc)
		log_error ("source-failed", "%s: %s", self->feed.name, siaga_strerror (rc));
	if (due_ms > 0)
		loop_timer_set (&self->scan_timer, due_ms);
	s_pump (self);
}

static void
s_on_scan (void *arg)
{
	s_scan (arg);
}

static int
s_on_glob (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct files *self = arg;
	(void) loop;
	(void) item;
	file_glob_drain (self->glob);
	s_scan (self);
	return 0;
}

static void
s_watch_glob (struct files *self, bool wanted)
{
	source_watch (&self->feed.context, self->glob ? file_glob_fd (self->glob) : -1, s_on_glob,
		      self, wanted, &self->glob_watched);
}

/* -- the class -- */

static void
s_resume (void *arg)
{
	struct files *self = arg;
	if (self->running)
		return;
	self->running = true;
	for (size_t i = 0; i < self->count; i++) {
		files_watch (self->list[i], true);
		tail_drain (self->list[i]->tail);
		self->list[i]->ready = true;
	}
	s_watch_glob (self, true);
	if (self->unsaved && files_save (self, NULL)) {
		feed_rollback (&self->feed); /* with the first line, then */
		self->feed.refused = 0;
	}
	s_scan (self);
	for (size_t i = 1; i < self->count && self->running; i++)
		s_pump (self); /* all are opened now, those to be read from their end at their end of now */
}

static void
s_pause (void *arg)
{
	struct files *self = arg;
	self->running = false;
	for (size_t i = 0; i < self->count; i++)
		files_watch (self->list[i], false);
	s_watch_glob (self, false);
	loop_timer_clear (&self->next_timer);
	loop_timer_clear (&self->poll_timer);
	loop_timer_clear (&self->scan_timer);
}

static void
s_save_all (struct files *self)
{
	for (size_t i = 0; i < self->count; i++) {
		struct file *file = self->list[i];
		if (tail_unsaved_bytes (file->tail) == 0 && !tail_unsaved_file (file->tail))
			continue;
		if (files_save (self, file))
			feed_rollback (&self->feed);
	}
}

static void
s_destroy (void **self_p)
{
	struct files *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	s_save_all (self);
	files_list_finish (self);
	feed_finish (&self->feed);
	loop_timer_finish (&self->next_timer);
	loop_timer_finish (&self->poll_timer);
	loop_timer_finish (&self->scan_timer);
	free (self);
	*self_p = NULL;
}

static int
s_init (struct files *self, const struct source_context *context)
{
	self->next_timer.fd = self->poll_timer.fd = self->scan_timer.fd = -1;
	int rc = feed_init (&self->feed, context);
	if (!rc && (loop_timer_init (&self->next_timer, context->loop, s_on_next, self) ||
		    loop_timer_init (&self->poll_timer, context->loop, s_on_poll, self) ||
		    loop_timer_init (&self->scan_timer, context->loop, s_on_scan, self)))
		rc = SIAGA_EIO;
	return rc ? rc : files_list_init (self);
}

static void *
s_create (const struct source_context *context)
{
	struct files *self = calloc (1, sizeof *self);
	int rc = self ? s_init (self, context) : SIAGA_ENOMEM;
	return source_made (&source_files, self, rc, context);
}

static void
s_describe_error (const struct files *self, struct source_facts *facts)
{
	for (size_t i = 0; i < self->count && !facts->error[0]; i++)
		if (tail_errno (self->list[i]->tail))
			snprintf (facts->error, sizeof facts->error, "%.80s: %s",
				  self->list[i]->path, strerror (tail_errno (self->list[i]->tail)));
	if (self->count == 0)
		snprintf (facts->error, sizeof facts->error, "no file matches %.90s",
			  self->feed.context.source->path);
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct files *self = arg;
	feed_describe (&self->feed, facts);
	for (size_t i = 0; i < self->count; i++) {
		struct tail_place place;
		bool is_open = tail_place (self->list[i]->tail, &place);
		facts->files += is_open;
		if (is_open && self->single)
			snprintf (facts->position, sizeof facts->position,
				  "%.200s at byte %" PRIu64, self->list[i]->path, place.offset);
	}
	if (!self->single)
		snprintf (facts->position, sizeof facts->position, "%u files", facts->files);
	s_describe_error (self, facts);
}

static bool
s_same_paths (const struct source_conf *a, const struct source_conf *b)
{
	if (a->paths.count != b->paths.count)
		return false;
	for (size_t i = 0; i < a->paths.count; i++)
		if (strcmp (a->paths.items[i], b->paths.items[i]) != 0)
			return false;
	return true;
}

/* The parsers' states borrow the configuration: all new ones are there before the first old one goes. */
static int
s_reload (void *arg, const struct source_context *context)
{
	struct files *self = arg;
	struct source_context former = self->feed.context;
	void *parsers[FILES_MAX];
	size_t made = 0;
	if (!s_same_paths (former.source, context->source))
		return SIAGA_ECONF;
	feed_configure (&self->feed, context);
	const struct parser_class *class = self->feed.parser;
	while (made < self->count && (parsers[made] = feed_parser (&self->feed)))
		made++;
	if (made < self->count) {
		while (made > 0)
			class->destroy (&parsers[--made]);
		feed_configure (&self->feed, &former);
		return SIAGA_ECONF;
	}
	for (size_t i = 0; i < self->count; i++) {
		class->destroy (&self->list[i]->parser);
		self->list[i]->parser = parsers[i];
		self->list[i]->headed = false;
	}
	if (self->glob)
		file_glob_configure (self->glob, &context->source->paths);
	return 0;
}

const struct source_class source_files = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.describe = s_describe,
	.reload = s_reload,
	.destroy = s_destroy,
};
