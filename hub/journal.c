/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every journal shares (journal.h).
 */
#include "hub/journal.h"

#include <stdlib.h>

void
journal_record_finish (struct journal_record *record)
{
	free (record->data);
	record->data = NULL;
	record->size = 0;
}
