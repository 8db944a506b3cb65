/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that is run for an entry, and again until it succeeds (`watch --exec`). It reads the entry as a JSON line
 * from its standard input, which is a file in memory and whole from the start: a command that does not read it breaks
 * no pipe, and one that outlives us gets no half of it. What is in its environment is checked names and numbers; text
 * from outside comes only in the JSON.
 */
#ifndef CLI_EXEC_H
#define CLI_EXEC_H

#include "common/reader.h"

#define EXEC_TIMEOUT_MS 60000 /* for one attempt, unless told */

struct exec;

struct exec_options {
	const char *command;  /* for /bin/sh -c; borrowed */
	uint64_t timeout_ms;  /* of one attempt; 0: none */
	uint64_t deadline_ms; /* of all, by clock_mono_ms (); 0: none */
};

enum exec_end {
	EXEC_DONE, /* it exited with 0 */
	EXEC_INTERRUPTED, /* SIGINT, SIGTERM or SIGHUP waits to be read, or the deadline came; no child is left */
	EXEC_FAILED, /* no memory or descriptors; said to the user */
};

/* NULL when out of memory or descriptors. */
struct exec *
exec_new (const struct exec_options *options);

void
exec_destroy (struct exec **self_p);

/* Runs the command for an entry. Blocks. The signals that end it must be blocked; they are not taken. */
enum exec_end
exec_entry (struct exec *self, const struct reader_entry *entry,
	    const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster);

#endif
