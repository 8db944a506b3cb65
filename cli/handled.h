/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader has handled: the ids of entries. An id names an alert for good, also when a hub's disk or an
 * agent's went back in time and the alert comes again under another log number, epoch and oseq; those may
 * name something else then. So when the log is read again from 0, nothing is handled twice and nothing is
 * passed over that is new.
 */
#ifndef CLI_HANDLED_H
#define CLI_HANDLED_H

#include <jansson.h>

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define HANDLED_RECENT 65536 /* ids of a reader that need not remember all */

struct handled;

/* Remembers at least the last `recent` ids (at most twice as many); 0: all. NULL when out of memory. */
struct handled *
handled_new (size_t recent);

void
handled_destroy (struct handled **self_p);

bool
handled_has (const struct handled *self, const uint8_t id[SIAGA_ID_BYTES]);

/* Takes note: 0, SIAGA_ENOMEM. */
int
handled_add (struct handled *self, const uint8_t id[SIAGA_ID_BYTES]);

/* How many are remembered. */
size_t
handled_count (const struct handled *self);

/* Adds the member `id` of an object (a line of `watch --out`): 0, SIAGA_EFORMAT, SIAGA_ENOMEM. */
int
handled_load_one (struct handled *self, const json_t *object);

#endif
