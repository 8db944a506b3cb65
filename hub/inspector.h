/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that checks the journal on a schedule: every page (PRAGMA quick_check) and the log's tail, on a
 * connection of its own, at the lowest priority. What is found goes to the log, and to whoever asks; nothing is stopped
 * by it.
 */
#ifndef SIAGA_HUB_INSPECTOR_H
#define SIAGA_HUB_INSPECTOR_H

#include <stdbool.h>
#include <stdint.h>

struct inspector;

struct inspector_options {
	const char *path; /* journal.db */
	const char *network;
	uint64_t first_ms; /* after the start */
	uint64_t every_ms;
};

/* Starts the thread. 0, SIAGA_ENOMEM, or the journal's error with words. */
int
inspector_start (struct inspector **self_p, const struct inspector_options *options,
		 char words[256]);

/* Has a check ended since the last call? Then whether all was well, and what was not. NULL is fine. */
bool
inspector_hear (struct inspector *self, bool *is_well, char words[256]);

/* Stops a check under way, or leaves it behind for the process to end, which it should do then; NULL is fine. */
void
inspector_destroy (struct inspector **self_p);

#endif
