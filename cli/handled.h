/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader has handled: the highest oseq of each (origin, epoch). That triple names an entry once and for
 * all, so when a hub's disk goes back in time and the log is read again from 0, nothing is handled twice.
 */
#ifndef CLI_HANDLED_H
#define CLI_HANDLED_H

#include <jansson.h>

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define HANDLED_EPOCHS_MAX 256	 /* of one origin; the one not heard of longest is forgotten then */
#define HANDLED_ORIGINS_MAX 4096 /* as many as a roster holds */

struct handled;

/* NULL when out of memory. */
struct handled *
handled_new (void);

void
handled_destroy (struct handled **self_p);

/* Has this entry, or a later one of its epoch, been handled? */
bool
handled_has (const struct handled *self, struct siaga_text origin,
	     const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t oseq);

/* Takes note; a lower oseq than the one known changes nothing. 0, SIAGA_ENOMEM, SIAGA_ELIMIT (too many
   origins), SIAGA_EMALFORMED (no principal's name). */
int
handled_add (struct handled *self, struct siaga_text origin, const uint8_t epoch[SIAGA_EPOCH_BYTES],
	     uint64_t oseq);

/* How many (origin, epoch) are known. */
size_t
handled_count (const struct handled *self);

/* As [{"origin": …, "epoch": hex, "oseq": n}, …], longest unheard of first: a new array, NULL when out of
   memory. */
json_t *
handled_json (const struct handled *self);

/* Adds all of such an array: 0, SIAGA_EFORMAT, and as handled_add (). */
int
handled_load (struct handled *self, const json_t *array);

/* Adds the one that an object names with its members origin, epoch and oseq (a line of `watch --out`). */
int
handled_load_one (struct handled *self, const json_t *object);

#endif
