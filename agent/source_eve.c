/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's eve.json: follows the file (tail.c), maps the alerts among its lines (suricata.c), and
 * stores a chunk of them with the position behind it in one transaction. One chunk for each turn of
 * the loop, so that a backlog holds nothing else up.
 */
#include <inttypes.h>

#include "agent/complaint.h"
#include "agent/source.h"
#include "agent/suricata.h"
#include "agent/tail.h"
#include "common/log.h"
#include "common/loop_timer.h"
#include "siaga/error.h"

#define POLL_MS 5000	      /* between looks where the system cannot watch, or reading failed */
#define UNSAVED_MAX (1 << 20) /* bytes of no interest before the position is stored for them */

struct eve {
	struct source_context context;
	const char *name;
	struct alert_defaults defaults;
	struct suricata_options options;
	struct tail *tail;
	bool running; /* registered in the loop */
	bool in_transaction;
	int refused;		      /* the outbox's error in this chunk */
	struct loop_timer next_timer; /* of the next chunk */
	struct loop_timer poll_timer;
	uint64_t long_lines; /* told of so far */
	struct complaint unreadable;
	struct complaint invalid;
	struct complaint too_long;
	struct siaga_header header;
	struct siaga_body body;
	struct suricata_storage storage;
};

static void
s_pump (struct eve *self);

static int
s_begin (struct eve *self)
{
	if (!self->in_transaction)
		self->refused = intake_begin (self->context.intake);
	self->in_transaction = !self->refused;
	return self->refused;
}

static int
s_store (struct eve *self, const struct tail_line *line, struct siaga_text text)
{
	struct intake_origin origin = {self->name, line->inode, line->offset, text};
	int rc = s_begin (self);
	if (rc)
		return rc;
	rc = intake_add (self->context.intake, &self->header, &self->body, &origin);
	if (rc != SIAGA_EMALFORMED && rc != SIAGA_ELIMIT)
		return self->refused = rc;
	complaint_add (&self->invalid, "the alert at byte %" PRIu64 " makes no valid entry: %s",
		       line->offset, siaga_strerror (rc));
	return 0;
}

static int
s_on_line (void *arg, const struct tail_line *line)
{
	struct eve *self = arg;
	struct siaga_text text = {line->data, line->size};
	char words[ALERT_JSON_WORDS];
	if (!suricata_may_be_alert (text))
		return 0;
	int rc = suricata_map (text, &self->options, &self->header, &self->body, &self->storage,
			       words);
	if (!rc)
		return s_store (self, line, text);
	if (rc == SIAGA_ENOMEM)
		return self->refused = rc;
	if (rc != SIAGA_ENOTFOUND)
		complaint_add (&self->unreadable, "the line at byte %" PRIu64 " cannot be read: %s",
			       line->offset, words);
	return 0;
}

/* Makes the chunk's alerts and the position behind it durable. */
static int
s_save (struct eve *self)
{
	char position[TAIL_POSITION_TEXT];
	if (s_begin (self))
		return self->refused;
	tail_position (self->tail, position);
	self->refused = intake_set_position (self->context.intake, self->name, position);
	if (!self->refused)
		self->refused = intake_commit (self->context.intake);
	if (self->refused)
		return self->refused;
	self->in_transaction = false;
	tail_accept (self->tail);
	tail_saved (self->tail);
	return 0;
}

/* Lines of no interest need no commit of their own: read again after a crash they are of no
   interest again. */
static bool
s_must_save (const struct eve *self)
{
	return self->in_transaction || tail_unsaved_file (self->tail) ||
	       tail_unsaved_bytes (self->tail) >= UNSAVED_MAX;
}

static void
s_tell_long_lines (struct eve *self)
{
	for (; self->long_lines < tail_long_lines (self->tail); self->long_lines++)
		complaint_add (&self->too_long, "a line of more than %d MiB was skipped",
			       TAIL_LINE_MAX >> 20);
}

/* One chunk. 1: there may be more; 0: none now; negative: reading failed or the outbox refused. */
static int
s_chunk (struct eve *self)
{
	self->refused = 0;
	self->in_transaction = false;
	int rc = tail_read (self->tail, s_on_line, self);
	if (rc >= 0 && s_must_save (self))
		s_save (self);
	else if (rc >= 0)
		tail_accept (self->tail);
	if (rc < 0 || self->refused) {
		if (self->in_transaction)
			intake_rollback (self->context.intake);
		self->in_transaction = false;
		tail_forget (self->tail);
	}
	s_tell_long_lines (self);
	return self->refused ? self->refused : rc;
}

static void
s_on_next (void *arg)
{
	s_pump (arg);
}

static void
s_on_poll (void *arg)
{
	struct eve *self = arg;
	tail_drain (self->tail);
	s_pump (self);
}

static int
s_on_watch (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct eve *self = arg;
	(void) loop;
	(void) item;
	tail_drain (self->tail);
	s_pump (self);
	return 0;
}

/* One chunk; another in the loop's next turn while there is more. */
static void
s_pump (struct eve *self)
{
	if (!self->running)
		return;
	int rc = s_chunk (self);
	if (self->refused) {
		self->context.on_refused (self->context.arg, self->refused);
		return;
	}
	if (rc > 0)
		loop_timer_set (&self->next_timer, 0);
	if (rc < 0 || tail_needs_polling (self->tail))
		loop_timer_set (&self->poll_timer, POLL_MS);
	else
		loop_timer_clear (&self->poll_timer);
}

static zmq_pollitem_t
s_item (const struct eve *self)
{
	return (zmq_pollitem_t){.fd = tail_fd (self->tail), .events = ZMQ_POLLIN};
}

static void
s_resume (void *arg)
{
	struct eve *self = arg;
	zmq_pollitem_t item = s_item (self);
	if (self->running)
		return;
	self->running = true;
	if (item.fd >= 0)
		zloop_poller (self->context.loop, &item, s_on_watch, self);
	tail_drain (self->tail);
	s_pump (self);
}

static void
s_pause (void *arg)
{
	struct eve *self = arg;
	zmq_pollitem_t item = s_item (self);
	if (!self->running)
		return;
	self->running = false;
	if (item.fd >= 0)
		zloop_poller_end (self->context.loop, &item);
	loop_timer_clear (&self->next_timer);
	loop_timer_clear (&self->poll_timer);
}

static void
s_destroy (void **self_p)
{
	struct eve *self = *self_p;
	if (!self)
		return;
	if (self->tail) {
		s_pause (self);
		if ((tail_unsaved_bytes (self->tail) > 0 || tail_unsaved_file (self->tail)) &&
		    s_save (self))
			intake_rollback (self->context.intake);
	}
	complaint_finish (&self->unreadable);
	complaint_finish (&self->invalid);
	complaint_finish (&self->too_long);
	tail_destroy (&self->tail);
	loop_timer_finish (&self->next_timer);
	loop_timer_finish (&self->poll_timer);
	free (self);
	*self_p = NULL;
}

static int
s_open (struct eve *self, const struct source_conf *source)
{
	struct tail_options options = {self->name, source->path, source->from == SOURCE_FROM_START};
	char *position = NULL;
	if (loop_timer_init (&self->next_timer, self->context.loop, s_on_next, self) ||
	    loop_timer_init (&self->poll_timer, self->context.loop, s_on_poll, self))
		return SIAGA_EIO;
	int rc = intake_get_position (self->context.intake, self->name, &position);
	if (rc && rc != SIAGA_ENOTFOUND)
		return rc;
	self->tail = tail_new (&options, position);
	free (position);
	return self->tail ? 0 : SIAGA_ENOMEM;
}

static void *
s_create (const struct source_context *context)
{
	const struct source_conf *source = context->source;
	struct eve *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->context = *context;
	self->name = source->name;
	self->next_timer.fd = self->poll_timer.fd = -1;
	agent_conf_defaults (context->conf, source, &self->defaults);
	self->options =
		(struct suricata_options){&self->defaults, source->keep_raw, source->keep_payload};
	complaint_init (&self->unreadable, self->name, "source-unreadable");
	complaint_init (&self->invalid, self->name, "source-invalid");
	complaint_init (&self->too_long, self->name, "source-long-line");
	int rc = s_open (self, source);
	if (!rc)
		return self;
	log_error ("source-failed", "%s: %s", self->name, siaga_strerror (rc));
	s_destroy ((void *[]){self});
	return NULL;
}

const struct source_class source_eve = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.destroy = s_destroy,
};
