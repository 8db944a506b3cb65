/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that was needed in a burst and is free again goes back to the system: malloc keeps it, below what is in use
 * still, and an attack that is over would show in the hub's size for ever.
 */
#ifndef SIAGA_HUB_SLACK_H
#define SIAGA_HUB_SLACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slack {
	size_t noted_bytes; /* since the last tick */
	bool is_due;	    /* there was a burst, … */
	uint64_t first_ms;  /* … it began then … */
	uint64_t last_ms;   /* … and was last seen then */
};

/* So much was held, or has passed through, more or less. */
void
slack_note (struct slack *self, size_t bytes);

/* Gives memory back once a burst has been over for HUB_SLACK_CALM_MS, or is as old as HUB_SLACK_MAX_MS: true when it
   did. */
bool
slack_on_tick (struct slack *self, uint64_t now_ms);

#endif
