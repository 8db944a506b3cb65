/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of an agent: making, starting and ending them, exchanging them while the agent runs, and what
 * happens when the disk is full.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define RETRY_MS 1000	      /* between tries of a full outbox */
#define REFUSED_TELL_MS 60000 /* between lines about it */
#define SAMPLE_MS 60000	      /* between samples of the rates */

void
agent_on_retry (void *arg)
{
	struct agent *self = arg;
	int refused = self->refused;
	self->refused = 0;
	for (size_t i = 0; i < self->source_count && !self->refused; i++)
		if (self->sources[i].self)
			self->sources[i].class->resume (self->sources[i].self);
	if (refused && !self->refused)
		log_debug ("outbox-again", "the sources are read again");
}

void
agent_on_refused (void *arg, int error)
{
	struct agent *self = arg;
	uint64_t now_ms = clock_mono_ms ();
	self->refused = error;
	for (size_t i = 0; i < self->source_count; i++)
		if (self->sources[i].self)
			self->sources[i].class->pause (self->sources[i].self);
	if (outbox_is_broken (self->outbox)) {
		log_error ("outbox-broken", "%s: %s; ending, to look at it anew", self->conf.state,
			   outbox_error (self->outbox));
		agent_stop (self);
		return;
	}
	loop_timer_set (&self->retry, RETRY_MS);
	if (self->refused_told_ms > 0 && now_ms - self->refused_told_ms < REFUSED_TELL_MS)
		return;
	self->refused_told_ms = now_ms;
	log_error ("outbox-refused", "%s: %s; the sources wait, nothing stored is lost",
		   self->conf.state,
		   error == SIAGA_EFULL	  ? "the outbox holds outbox.max_size"
		   : error == SIAGA_EDISK ? "the disk is full"
					  : outbox_error (self->outbox));
}

static struct source_context
s_context (struct agent *self, size_t index)
{
	return (struct source_context){
		.loop = self->loop,
		.intake = self->intake,
		.damper = self->damper,
		.rules = self->rules,
		.conf = &self->conf,
		.source = agent_conf_source (&self->conf, index),
		.on_refused = agent_on_refused,
		.arg = self,
	};
}

static int
s_make (struct agent *self, size_t index, struct agent_source *source)
{
	struct source_context context = s_context (self, index);
	*source = (struct agent_source){.class = source_class_of (context.source)};
	source->self = source->class->create (&context);
	return source->self ? 0 : SIAGA_EIO;
}

int
agent_make_sources (struct agent *self)
{
	int rc = 0;
	self->sources = calloc (self->conf.sources.count, sizeof *self->sources);
	if (!self->sources)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < self->conf.sources.count && !rc; i++) {
		rc = s_make (self, i, &self->sources[i]);
		self->source_count += rc == 0;
	}
	return rc;
}

void
agent_start_sources (struct agent *self)
{
	for (size_t i = 0; i < self->source_count; i++)
		self->sources[i].class->start (self->sources[i].self);
}

void
agent_stop_sources (struct agent *self)
{
	for (size_t i = 0; i < self->source_count; i++)
		if (self->sources[i].self)
			self->sources[i].class->destroy (&self->sources[i].self);
	free (self->sources);
	self->sources = NULL;
	self->source_count = 0;
}

/* -- exchanging them -- */

/* One change of sources, to those of the agent's configuration. */
struct change {
	const struct agent_conf *former;
	size_t count;
	struct agent_source *made; /* no self: an old one will do */
	size_t *from;		   /* the old one that is the same; SIZE_MAX: none */
};

static bool
s_same_text (const char *a, const char *b)
{
	return a && b ? strcmp (a, b) == 0 : a == b;
}

static bool
s_same_texts (const struct conf_strings *a, const struct conf_strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp (a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

/* Does it read the same? Everything else about it may change on the way. */
static bool
s_is_same (const struct source_conf *a, const struct source_conf *b)
{
	return a->type == b->type && strcmp (a->name, b->name) == 0 &&
	       s_same_texts (&a->paths, &b->paths) && s_same_text (a->listen, b->listen) &&
	       s_same_texts (&a->command, &b->command);
}

static size_t
s_find (const struct agent *self, const struct agent_conf *former, const struct source_conf *source)
{
	for (size_t i = 0; i < self->source_count; i++)
		if (self->sources[i].self && s_is_same (agent_conf_source (former, i), source))
			return i;
	return SIZE_MAX;
}

/* Makes what no old source can become. Nothing that exists is touched yet. */
static int
s_prepare (struct agent *self, struct change *change)
{
	int rc = 0;
	for (size_t i = 0; i < change->count && !rc; i++) {
		size_t old = s_find (self, change->former, agent_conf_source (&self->conf, i));
		change->from[i] = old;
		if (old == SIZE_MAX)
			rc = s_make (self, i, &change->made[i]);
	}
	return rc;
}

static void
s_undo (struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (change->made[i].self)
			change->made[i].class->destroy (&change->made[i].self);
}

/* An old source goes on under the new configuration; where it cannot, it stores where it is, and a new one goes on from
   there. */
static void
s_carry_over (struct agent *self, struct change *change, size_t index)
{
	struct agent_source *old = &self->sources[change->from[index]];
	struct agent_source *made = &change->made[index];
	struct source_context context = s_context (self, index);
	if (old->class->reload && old->class->reload (old->self, &context) == 0) {
		*made = *old;
		old->self = NULL;
		return;
	}
	old->class->destroy (&old->self);
	int rc = s_make (self, index, made);
	if (!rc)
		made->class->start (made->self);
	else
		log_error ("reload-source", "%s: could not be opened again, and is not read: %s",
			   context.source->name, siaga_strerror (rc));
}

static void
s_end_others (struct agent *self)
{
	for (size_t i = 0; i < self->source_count; i++)
		if (self->sources[i].self)
			self->sources[i].class->destroy (&self->sources[i].self);
}

/* Old sources that go end first: a new one may have the name, and so the position, of an old one. */
static void
s_apply (struct agent *self, struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (change->from[i] != SIZE_MAX)
			s_carry_over (self, change, i);
	s_end_others (self);
	for (size_t i = 0; i < change->count; i++)
		if (change->from[i] == SIZE_MAX)
			change->made[i].class->start (change->made[i].self);
	free (self->sources);
	self->sources = change->made;
	self->source_count = change->count;
}

int
agent_change_sources (struct agent *self, const struct agent_conf *former)
{
	size_t count = self->conf.sources.count;
	struct change change = {
		.former = former,
		.count = count,
		.made = calloc (count, sizeof *change.made),
		.from = calloc (count, sizeof *change.from),
	};
	int rc = change.made && change.from ? s_prepare (self, &change) : SIAGA_ENOMEM;
	if (!rc) {
		s_apply (self, &change);
	} else {
		if (change.made)
			s_undo (&change);
		free (change.made);
	}
	free (change.from);
	return rc;
}

/* -- what they say -- */

void
agent_describe (struct agent *self, size_t index, struct source_facts *facts, double *rate)
{
	struct agent_source *source = &self->sources[index];
	uint64_t now_ms = clock_mono_ms ();
	memset (facts, 0, sizeof *facts);
	*rate = 0;
	if (!source->self || !source->class->describe)
		return;
	source->class->describe (source->self, facts);
	if (source->last.at_ms == 0 || now_ms - source->last.at_ms >= SAMPLE_MS) {
		source->before = source->last;
		source->last = (struct agent_sample){now_ms, facts->lines, facts->alerts};
	}
	const struct agent_sample *from = source->before.at_ms ? &source->before : &source->last;
	if (now_ms > from->at_ms && facts->lines >= from->lines)
		*rate = (double) (facts->lines - from->lines) * 1000 /
			(double) (now_ms - from->at_ms);
}
