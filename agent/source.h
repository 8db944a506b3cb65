/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every source of alerts is to the agent: a class of functions, and what it is given to work
 * with. A source registers itself in the loop, hands what it reads to intake, and keeps its own
 * position there.
 */
#ifndef AGENT_SOURCE_H
#define AGENT_SOURCE_H

#include <czmq.h>

#include "agent/agent_conf.h"
#include "agent/intake.h"

/* Given to a source; all of it is borrowed and outlives the source. */
struct source_context {
	zloop_t *loop;
	struct intake *intake;
	const struct agent_conf *conf;
	const struct source_conf *source;

	/* The outbox took nothing: SIAGA_EFULL, SIAGA_EDISK or what else it said. The source has
	   rolled back and kept what it read, or can read it again. The agent pauses all sources,
	   perhaps from inside this call, and resumes them after a while. */
	void (*on_refused) (void *arg, int error);
	void *arg;
};

struct source_class {
	/* Makes a source and opens what it can; NULL, with the reason logged, when it can never
	   work. Nothing is read before start (). `context` is copied. */
	void *(*create) (const struct source_context *context);

	/* Once, after everything is made: begin to read. */
	void (*start) (void *self);

	/* Read nothing until resume (). Either may be called when already so. */
	void (*pause) (void *self);
	void (*resume) (void *self);

	/* Stores the position, leaves the loop, frees; accepts a pointer to NULL. */
	void (*destroy) (void **self_p);
};

extern const struct source_class source_eve;
extern const struct source_class source_socket;
extern const struct source_class source_stdin;

#endif
