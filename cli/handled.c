/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table by origin, each with its epochs in the order they were last heard of. See handled.h.
 */
#include "cli/handled.h"

#include <stdlib.h>

#include <czmq.h>

#include "siaga/error.h"
#include "siaga/names.h"

struct epoch {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	uint64_t heard; /* the `clock` of the table when it was last added to */
};

struct origin {
	size_t count;
	struct epoch *epochs;
};

struct handled {
	zhashx_t *origins; /* by principal */
	uint64_t clock;
	size_t count;
};

static void
s_origin_destroy (void **item_p)
{
	struct origin *origin = *item_p;
	free (origin->epochs);
	free (origin);
	*item_p = NULL;
}

struct handled *
handled_new (void)
{
	struct handled *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->origins = zhashx_new ();
	if (!self->origins) {
		free (self);
		return NULL;
	}
	zhashx_set_destructor (self->origins, s_origin_destroy);
	return self;
}

void
handled_destroy (struct handled **self_p)
{
	struct handled *self = *self_p;
	if (!self)
		return;
	zhashx_destroy (&self->origins);
	free (self);
	*self_p = NULL;
}

static bool
s_key (char key[SIAGA_PRINCIPAL_MAX + 1], struct siaga_text origin)
{
	if (!siaga_principal_is_valid (origin))
		return false;
	memcpy (key, origin.data, origin.size);
	key[origin.size] = '\0';
	return true;
}

static struct epoch *
s_find (const struct origin *origin, const uint8_t *epoch)
{
	for (size_t i = 0; origin && i < origin->count; i++)
		if (memcmp (origin->epochs[i].epoch, epoch, SIAGA_EPOCH_BYTES) == 0)
			return &origin->epochs[i];
	return NULL;
}

bool
handled_has (const struct handled *self, struct siaga_text origin,
	     const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t oseq)
{
	char key[SIAGA_PRINCIPAL_MAX + 1];
	if (!s_key (key, origin))
		return false;
	const struct epoch *known = s_find (zhashx_lookup (self->origins, key), epoch);
	return known && oseq <= known->oseq;
}

/* Room for one more epoch: a new place, or that of the one not heard of longest. */
static struct epoch *
s_place (struct handled *self, struct origin *origin)
{
	if (origin->count < HANDLED_EPOCHS_MAX) {
		struct epoch *epochs =
			realloc (origin->epochs, (origin->count + 1) * sizeof *epochs);
		if (!epochs)
			return NULL;
		origin->epochs = epochs;
		self->count++;
		return &epochs[origin->count++];
	}
	struct epoch *oldest = &origin->epochs[0];
	for (size_t i = 1; i < origin->count; i++)
		if (origin->epochs[i].heard < oldest->heard)
			oldest = &origin->epochs[i];
	return oldest;
}

/* The origin's record, made when there is none. */
static int
s_origin (struct handled *self, const char *key, struct origin **origin_p)
{
	struct origin *origin = zhashx_lookup (self->origins, key);
	if (!origin) {
		if (zhashx_size (self->origins) >= HANDLED_ORIGINS_MAX)
			return SIAGA_ELIMIT;
		origin = calloc (1, sizeof *origin);
		if (!origin || zhashx_insert (self->origins, key, origin)) {
			free (origin);
			return SIAGA_ENOMEM;
		}
	}
	*origin_p = origin;
	return 0;
}

int
handled_add (struct handled *self, struct siaga_text origin_text,
	     const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t oseq)
{
	char key[SIAGA_PRINCIPAL_MAX + 1];
	struct origin *origin = NULL;
	if (!s_key (key, origin_text))
		return SIAGA_EMALFORMED;
	int error = s_origin (self, key, &origin);
	if (error)
		return error;
	struct epoch *known = s_find (origin, epoch);
	if (!known) {
		known = s_place (self, origin);
		if (!known)
			return SIAGA_ENOMEM;
		memcpy (known->epoch, epoch, SIAGA_EPOCH_BYTES);
		known->oseq = 0;
	}
	known->heard = ++self->clock;
	if (oseq > known->oseq)
		known->oseq = oseq;
	return 0;
}

size_t
handled_count (const struct handled *self)
{
	return self->count;
}

/* An (origin, epoch) on its way into the array. */
struct row {
	const char *origin;
	const struct epoch *epoch;
};

static int
s_compare_rows (const void *a, const void *b)
{
	uint64_t heard_a = ((const struct row *) a)->epoch->heard;
	uint64_t heard_b = ((const struct row *) b)->epoch->heard;
	return heard_a < heard_b ? -1 : heard_a > heard_b;
}

static void
s_rows (const struct handled *self, struct row *rows)
{
	for (struct origin *origin = zhashx_first (self->origins); origin;
	     origin = zhashx_next (self->origins))
		for (size_t i = 0; i < origin->count; i++) {
			rows->origin = zhashx_cursor (self->origins);
			rows->epoch = &origin->epochs[i];
			rows++;
		}
}

static json_t *
s_row_json (const struct row *row)
{
	char epoch[2 * SIAGA_EPOCH_BYTES + 1];
	siaga_hex (epoch, row->epoch->epoch, SIAGA_EPOCH_BYTES);
	return json_pack ("{s:s, s:s, s:I}", "origin", row->origin, "epoch", epoch, "oseq",
			  (json_int_t) row->epoch->oseq);
}

json_t *
handled_json (const struct handled *self)
{
	struct row *rows = calloc (self->count + 1, sizeof *rows);
	json_t *array = rows ? json_array () : NULL;
	if (array) {
		s_rows (self, rows);
		qsort (rows, self->count, sizeof *rows, s_compare_rows);
	}
	for (size_t i = 0; array && i < self->count; i++)
		if (json_array_append_new (array, s_row_json (&rows[i]))) {
			json_decref (array);
			array = NULL;
		}
	free (rows);
	return array;
}

int
handled_load_one (struct handled *self, const json_t *object)
{
	const char *origin = json_string_value (json_object_get (object, "origin"));
	const char *epoch_text = json_string_value (json_object_get (object, "epoch"));
	const json_t *oseq = json_object_get (object, "oseq");
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	if (!origin || !epoch_text || !json_is_integer (oseq) || json_integer_value (oseq) < 1 ||
	    siaga_hex_parse (epoch, sizeof epoch, siaga_text (epoch_text)))
		return SIAGA_EFORMAT;
	int error = handled_add (self, siaga_text (origin), epoch,
				 (uint64_t) json_integer_value (oseq));
	return error == SIAGA_EMALFORMED ? SIAGA_EFORMAT : error;
}

int
handled_load (struct handled *self, const json_t *array)
{
	size_t index;
	const json_t *object;
	int error = json_is_array (array) ? 0 : SIAGA_EFORMAT;
	json_array_foreach (array, index, object)
	{
		if (!error)
			error = handled_load_one (self, object);
	}
	return error;
}
