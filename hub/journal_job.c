/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch on its way into the journal (journal_writer.h).
 */
#include "hub/journal_writer.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

struct journal_job *
journal_job_new (void)
{
	struct journal_job *self = malloc (sizeof *self);
	if (self)
		memset (self, 0, offsetof (struct journal_job, batch));
	return self;
}

struct journal_job *
journal_job_new_facts (void)
{
	struct journal_job *self = journal_job_new ();
	if (self) {
		memset (&self->batch.head, 0, sizeof self->batch.head);
		self->batch.form = SIAGA_BATCH_FULL;
		self->batch.slot_count = 0;
	}
	return self;
}

int
journal_job_add_fact (struct journal_job *self, const char *key, struct siaga_bytes value)
{
	size_t key_size = strlen (key);
	if (key_size > JOURNAL_FACT_KEY_MAX)
		return SIAGA_ELIMIT;
	struct journal_fact *facts = realloc (self->facts, (self->fact_count + 1) * sizeof *facts);
	if (!facts)
		return SIAGA_ENOMEM;
	self->facts = facts;
	char *copy = malloc (key_size + value.size + 1);
	if (!copy)
		return SIAGA_ENOMEM;
	memcpy (copy, key, key_size);
	if (value.size > 0)
		memcpy (copy + key_size, value.data, value.size);
	facts[self->fact_count++] = (struct journal_fact){
		.key = {copy, key_size},
		.value = {(const uint8_t *) copy + key_size, value.size},
	};
	return 0;
}

/* A fact's value stands behind its key, in one block. */
static void
s_free_facts (struct journal_job *self)
{
	for (size_t i = 0; i < self->fact_count; i++)
		free ((char *) self->facts[i].key.data);
	free (self->facts);
}

void
journal_job_destroy (struct journal_job **self_p)
{
	assert (self_p);
	struct journal_job *self = *self_p;
	if (!self)
		return;
	free (self->data);
	free (self->headers);
	free (self->bad);
	s_free_facts (self);
	free (self);
	*self_p = NULL;
}
