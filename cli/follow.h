/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subscription followed through every reconnect: from a cursor, with credit, verified, filtered, each entry handed
 * to its owner once. `watch` follows for ever, `log` up to where the log ended when it asked.
 */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "cli/cursor.h"
#include "cli/handled.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "common/reader.h"

#define FOLLOW_CREDIT ((uint64_t) 512 << 10) /* bytes the hub may have under way to us */
#define FOLLOW_ENOUGH (-1)		     /* from a sink: stop, all is well */

/* Where the entries go. Each returns 0 to go on, FOLLOW_ENOUGH, or the enum cmd_exit to stop with. */
struct follow_sink {
	/* A verified entry that matches; `behind` is the cursor behind it. */
	int (*on_entry) (void *arg, const struct reader_entry *entry,
			 const struct siaga_cursor *behind);
	/* The entries of one or several DELIVERs have all been handed over (of FOLLOW_CREDIT / 2 and one more at the
	   most): make them safe, for then the hub is told. */
	int (*on_done) (void *arg, const struct cursor_file *at);
	/* The place to begin is known (once, and not when it was given). May be NULL. */
	int (*on_begin) (void *arg, const struct cursor_file *at);
	/* The hub's log does not continue from our cursor and is read again from its start (`at` says so, with
	   the former cursor): add everything handled that is not in `handled`. May be NULL. */
	int (*on_restored) (void *arg, const struct cursor_file *at, struct handled *handled);
};

struct follow_options {
	struct settings *settings;	     /* borrowed, as all below */
	const struct options_common *common; /* hub, timeout, quiet */
	const struct options_filter *filter;
	struct handled *handled; /* what is passed over when it comes again */
	bool keeps_all; /* the owner keeps what was handled: only after on_restored is it noted here too */
	const struct cursor_file *resume; /* where to begin; NULL: by filter->since */
	bool to_head;	/* begin at 0 unless told, end where the log ended at WELCOME */
	uint64_t count; /* stop after so many entries; 0: do not */
};

/* Follows until something ends it; returns an enum cmd_exit. What went wrong is said to the user. */
int
follow_run (const struct follow_options *options, const struct follow_sink *sink, void *arg);

#endif
