/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's journal, through libsystemd: every entry as a JSON object of its fields, with the cursor behind it as the
 * position. The journal of this machine, or the files of one directory or one file.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

#include "agent/feed.h"
#include "common/log.h"
#include "common/loop_timer.h"
#include "siaga/error.h"

#define ENTRIES_MAX 256	       /* of one transaction */
#define FIELDS_MAX 128	       /* of an entry */
#define FIELD_BYTES (64 << 10) /* of one value; what is longer is cut by libsystemd */
#define RETRY_MS 5000
#define FROM_START "-" /* a position: there was no entry yet */

struct journal {
	struct feed feed;
	void *parser;
	sd_journal *journal; /* NULL: could not be opened */
	char *cursor;	     /* of the last entry that is durable; FROM_START; NULL: none yet */
	bool running;
	bool watched;
	int failed; /* an errno, said once; 0: none */
	struct loop_timer next_timer;
	struct loop_timer retry_timer;
};

static void
s_pump (struct journal *self);

/* Says a new reason once. `rc` as libsystemd returns it. */
static void
s_say (struct journal *self, int rc)
{
	if (rc < 0 && self->failed != -rc)
		log_warn ("source-missing", "%s: %s: %s; trying again", self->feed.name,
			  self->feed.context.source->path ? self->feed.context.source->path
							  : "the journal",
			  strerror (-rc));
	self->failed = rc < 0 ? -rc : 0;
}

/* -- where we are -- */

static int
s_seek_end (struct journal *self)
{
	char *cursor = NULL;
	int rc = sd_journal_seek_tail (self->journal);
	if (rc >= 0)
		rc = sd_journal_previous (self->journal);
	if (rc > 0)
		rc = sd_journal_get_cursor (self->journal, &cursor);
	if (rc < 0)
		return rc;
	self->cursor = cursor ? cursor : strdup (FROM_START);
	return self->cursor ? 0 : -ENOMEM;
}

/* So that the next entry is the first one not yet durable. */
static int
s_seek (struct journal *self)
{
	if (!self->cursor)
		return self->feed.context.source->from == SOURCE_FROM_END
			       ? s_seek_end (self)
			       : sd_journal_seek_head (self->journal);
	if (strcmp (self->cursor, FROM_START) == 0)
		return sd_journal_seek_head (self->journal);
	int rc = sd_journal_seek_cursor (self->journal, self->cursor);
	if (rc >= 0)
		rc = sd_journal_next (self->journal);
	if (rc <= 0)
		return rc;
	if (sd_journal_test_cursor (self->journal, self->cursor) > 0)
		return 0;
	log_warn ("source-lost", "%s: the entry read last is gone; going on with the next there is",
		  self->feed.name);
	rc = sd_journal_previous (self->journal);
	return rc > 0 ? 0 : rc < 0 ? rc : sd_journal_seek_head (self->journal);
}

static int
s_match (struct journal *self)
{
	const struct conf_strings *units = &self->feed.context.source->units;
	int rc = 0;
	for (size_t i = 0; i < units->count && rc >= 0; i++) {
		char *match = NULL;
		bool whole = strchr (units->items[i], '=') != NULL;
		if (asprintf (&match, "%s%s", whole ? "" : "_SYSTEMD_UNIT=", units->items[i]) < 0)
			return -ENOMEM;
		rc = sd_journal_add_match (self->journal, match, 0);
		free (match);
	}
	return rc;
}

static int
s_open_path (struct journal *self, const char *path)
{
	struct stat status;
	const char *const paths[] = {path, NULL};
	if (!path)
		return sd_journal_open (&self->journal, SD_JOURNAL_LOCAL_ONLY);
	if (stat (path, &status))
		return -errno;
	return S_ISDIR (status.st_mode)
		       ? sd_journal_open_directory (&self->journal, path, 0)
		       : sd_journal_open_files (&self->journal, (const char **) paths, 0);
}

static void
s_watch (struct journal *self, bool wanted);

static void
s_close (struct journal *self)
{
	s_watch (self, false);
	if (self->journal)
		sd_journal_close (self->journal);
	self->journal = NULL;
}

/* 0, or negative: said, and to be tried again. */
static int
s_open (struct journal *self)
{
	if (self->journal)
		return 0;
	int rc = s_open_path (self, self->feed.context.source->path);
	if (rc < 0)
		self->journal = NULL;
	if (rc >= 0)
		rc = sd_journal_set_data_threshold (self->journal, FIELD_BYTES);
	if (rc >= 0)
		rc = s_match (self);
	if (rc >= 0)
		rc = s_seek (self);
	if (rc < 0)
		s_close (self);
	s_say (self, rc);
	return rc < 0 ? rc : 0;
}

/* -- entries -- */

static void
s_set_field (json_t *object, const char *data, size_t size)
{
	const char *equals = memchr (data, '=', size);
	if (!equals)
		return;
	size_t name = (size_t) (equals - data), length = size - name - 1;
	char *clean = malloc (3 * length + 1); /* U+FFFD is 3 bytes */
	if (!clean)
		return;
	length = siaga_utf8_clean (clean, 3 * length + 1, equals + 1, length);
	json_object_setn_new (object, data, name, json_stringn (clean, length));
	free (clean);
}

/* The entry as JSON text, the caller's to free; NULL when out of memory. Its cursor makes it unlike any other. */
static char *
s_text (struct journal *self, const char *cursor)
{
	const void *data;
	size_t size;
	uint64_t time_us;
	char time[24];
	json_t *object = json_object ();
	sd_journal_restart_data (self->journal);
	for (unsigned i = 0; i < FIELDS_MAX &&
			     sd_journal_enumerate_available_data (self->journal, &data, &size) > 0;
	     i++)
		s_set_field (object, data, size);
	if (sd_journal_get_realtime_usec (self->journal, &time_us) >= 0) {
		snprintf (time, sizeof time, "%" PRIu64, time_us);
		json_object_set_new (object, "__REALTIME_TIMESTAMP", json_string (time));
	}
	json_object_set_new (object, "__CURSOR", json_string (cursor));
	char *text = json_dumps (object, JSON_COMPACT);
	json_decref (object);
	return text;
}

/* The outbox's error or 0. */
static int
s_take (struct journal *self, const char *cursor)
{
	char words[PARSER_WORDS];
	struct intake_origin origin = {.source = NULL};
	char *text = s_text (self, cursor);
	if (!text)
		return self->feed.refused = SIAGA_ENOMEM;
	struct feed_line line = {.text = siaga_text (text), .origin = &origin, .place = "an entry"};
	int rc = feed_line (&self->feed, self->parser, &line, NULL, words);
	free (text);
	return rc;
}

/* Entries of one transaction; *last gets the last one's cursor. How many, or negative as libsystemd or the outbox
   has it (then feed.refused says so). */
static int
s_take_some (struct journal *self, char **last)
{
	int count = 0;
	while (count < ENTRIES_MAX) {
		char *cursor = NULL;
		int rc = sd_journal_next (self->journal);
		if (rc > 0)
			rc = sd_journal_get_cursor (self->journal, &cursor);
		else
			return rc < 0 ? rc : count;
		if (rc < 0)
			return rc;
		rc = s_take (self, cursor);
		free (*last);
		*last = cursor;
		if (rc)
			return rc;
		count++;
	}
	return count;
}

static int
s_save (struct journal *self, const char *cursor)
{
	int rc = feed_begin (&self->feed);
	if (!rc)
		rc = feed_position (&self->feed, self->feed.name, cursor);
	return rc ? rc : feed_commit (&self->feed);
}

/* 1: there may be more; 0: none now; negative: as s_take_some (). */
static int
s_chunk (struct journal *self)
{
	char *last = NULL;
	int count = s_take_some (self, &last);
	int rc = count;
	if (count > 0)
		rc = s_save (self, last);
	if (count > 0 && !rc) {
		free (self->cursor);
		self->cursor = last;
		return count == ENTRIES_MAX;
	}
	free (last);
	if (rc < 0) {
		feed_rollback (&self->feed);
		if (s_seek (self) < 0)
			s_close (self); /* opened again at the cursor */
	}
	return rc;
}

/* -- the loop -- */

static void
s_on_next (void *arg)
{
	s_pump (arg);
}

static int
s_on_change (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct journal *self = arg;
	(void) loop;
	(void) item;
	sd_journal_process (self->journal);
	s_pump (self);
	return 0;
}

static void
s_watch (struct journal *self, bool wanted)
{
	source_watch (&self->feed.context, self->journal ? sd_journal_get_fd (self->journal) : -1,
		      s_on_change, self, wanted, &self->watched);
}

static void
s_pump (struct journal *self)
{
	if (!self->running)
		return;
	int rc = s_open (self);
	if (!rc) {
		s_watch (self, true);
		rc = s_chunk (self);
		if (self->feed.refused) {
			self->feed.refused = 0;
			self->feed.context.on_refused (self->feed.context.arg, rc);
			return;
		}
		s_say (self, rc);
	}
	if (rc > 0)
		loop_timer_set (&self->next_timer, 0);
	if (rc < 0 || !self->watched || !sd_journal_reliable_fd (self->journal))
		loop_timer_set (&self->retry_timer, RETRY_MS);
}

static void
s_resume (void *arg)
{
	struct journal *self = arg;
	if (self->running)
		return;
	self->running = true;
	bool fresh = !self->cursor;
	if (s_open (self) == 0 && fresh && self->cursor && s_save (self, self->cursor)) {
		feed_rollback (&self->feed);
		self->feed.refused = 0; /* with the first entry, then */
	}
	s_pump (self);
}

static void
s_pause (void *arg)
{
	struct journal *self = arg;
	self->running = false;
	s_watch (self, false);
	loop_timer_clear (&self->next_timer);
	loop_timer_clear (&self->retry_timer);
}

static void
s_destroy (void **self_p)
{
	struct journal *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	s_close (self);
	if (self->parser)
		self->feed.parser->destroy (&self->parser);
	feed_finish (&self->feed);
	loop_timer_finish (&self->next_timer);
	loop_timer_finish (&self->retry_timer);
	free (self->cursor);
	free (self);
	*self_p = NULL;
}

static int
s_init (struct journal *self, const struct source_context *context)
{
	self->next_timer.fd = self->retry_timer.fd = -1;
	int rc = feed_init (&self->feed, context);
	if (!rc && (loop_timer_init (&self->next_timer, context->loop, s_on_next, self) ||
		    loop_timer_init (&self->retry_timer, context->loop, s_on_next, self)))
		rc = SIAGA_EIO;
	if (!rc)
		rc = intake_get_position (context->intake, self->feed.name, &self->cursor);
	if (rc == SIAGA_ENOTFOUND)
		rc = 0;
	if (!rc)
		self->parser = feed_parser (&self->feed);
	return rc ? rc : self->parser ? 0 : SIAGA_ECONF;
}

static void *
s_create (const struct source_context *context)
{
	struct journal *self = calloc (1, sizeof *self);
	int rc = self ? s_init (self, context) : SIAGA_ENOMEM;
	return source_made (&source_journal, self, rc, context);
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct journal *self = arg;
	feed_describe (&self->feed, facts);
	facts->files = self->journal != NULL;
	snprintf (facts->position, sizeof facts->position, "%.250s",
		  self->cursor ? self->cursor : "");
	if (self->failed)
		snprintf (facts->error, sizeof facts->error, "%s", strerror (self->failed));
}

const struct source_class source_journal = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.describe = s_describe,
	.destroy = s_destroy,
};
