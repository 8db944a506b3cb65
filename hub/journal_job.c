/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch on its way into the journal (journal_writer.h).
 */
#include "hub/journal_writer.h"

#include <assert.h>
#include <stdlib.h>

struct journal_job *
journal_job_new (void)
{
	struct journal_job *self = malloc (sizeof *self);
	if (self)
		memset (self, 0, offsetof (struct journal_job, batch));
	return self;
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
	free (self);
	*self_p = NULL;
}
