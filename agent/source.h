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
#include "agent/damper.h"
#include "agent/intake.h"

/* Given to a source; all of it is borrowed and outlives the source. */
struct source_context {
	zloop_t *loop;
	struct intake *intake;
	struct damper *damper;
	const struct rules *rules; /* NULL: none */
	const struct agent_conf *conf;
	const struct source_conf *source;

	/* The outbox took nothing: SIAGA_EFULL, SIAGA_EDISK or what else it said. The source has
	   rolled back and kept what it read, or can read it again. The agent pauses all sources,
	   perhaps from inside this call, and resumes them after a while. */
	void (*on_refused) (void *arg, int error);
	void *arg;
};

#define SOURCE_POSITION_TEXT 256
#define SOURCE_ERROR_TEXT 128

/* What a source says of itself: in the heartbeat, and to `siaga-agent --status`. Times in microseconds since 1970, 0:
   none yet; counts since the start. */
struct source_facts {
	uint64_t lines;
	uint64_t alerts;
	uint64_t unreadable; /* lines that could not be read, or make no valid entry */
	uint64_t long_lines; /* lines that were cut */
	unsigned files;	     /* followed now */
	uint64_t last_line_us;
	uint64_t last_alert_us;
	char position[SOURCE_POSITION_TEXT]; /* "/var/log/suricata/eve.json at byte 4711"; "" */
	char error[SOURCE_ERROR_TEXT];	     /* what is wrong now; "": nothing */
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

	/* Fills in what it knows (zeroed before). NULL: nothing. */
	void (*describe) (const void *self, struct source_facts *facts);

	/* The configuration was read again (SIGHUP), and this source is in it with the name, type, paths, `listen` and `command` it had:
	   `context` takes the place of that of create (), whose borrowed parts are freed afterwards. What was read and
	   where it is stays. 0; an error leaves everything as it was. NULL: it is destroyed and made anew. */
	int (*reload) (void *self, const struct source_context *context);

	/* Stores the position, leaves the loop, frees; accepts a pointer to NULL. */
	void (*destroy) (void **self_p);
};

extern const struct source_class source_files; /* eve, wazuh, zeek, lines, and syslog with a path */
extern const struct source_class source_listen; /* syslog with `listen` */
extern const struct source_class source_journal;
extern const struct source_class source_exec;
extern const struct source_class source_socket;
extern const struct source_class source_stdin;

/* The end of create (): `self` when `rc` is 0; else that is logged, and it is destroyed. */
void *
source_made (const struct source_class *class, void *self, int rc,
	     const struct source_context *context);

/* Puts a descriptor into the loop for reading, or takes it out, where *watched says it is not so yet; -1 is none. A
   hang-up is something to be read. */
void
source_watch (const struct source_context *context, int fd, zloop_fn *handler, void *arg,
	      bool wanted, bool *watched);

/* The class of a source's type: source.c. */
const struct source_class *
source_class_of (const struct source_conf *source);

#endif
