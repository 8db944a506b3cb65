/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far each source was read.
 */
#include "common/outbox_private.h"

#include <stdlib.h>

#include "siaga/error.h"

int
outbox_set_position (struct outbox *self, const char *source, const char *position)
{
	struct store_query *query = store_query (
		self->store,
		position ? "INSERT INTO position (source, position) VALUES (?, ?)"
			   " ON CONFLICT (source) DO UPDATE SET position = excluded.position"
			 : "DELETE FROM position WHERE source = ?");
	store_bind_text (query, siaga_text (source));
	if (position)
		store_bind_text (query, siaga_text (position));
	return store_run (query);
}

int
outbox_get_position (struct outbox *self, const char *source, char **position_p)
{
	struct store_query *query =
		store_query (self->store, "SELECT position FROM position WHERE source = ?");
	store_bind_text (query, siaga_text (source));
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_text text = store_column_text (query, 0);
	char *position = strndup (text.data ? text.data : "", text.size);
	store_done (query);
	if (!position)
		return SIAGA_ENOMEM;
	*position_p = position;
	return 0;
}

int
outbox_each_position (struct outbox *self, const char *prefix,
		      int (*each) (void *arg, struct siaga_text source), void *arg)
{
	size_t size = strlen (prefix);
	struct store_query *query = store_query (
		self->store, "SELECT source FROM position WHERE source >= ? ORDER BY source");
	store_bind_text (query, siaga_text (prefix));
	int error;
	while ((error = store_step (query)) == 0) {
		struct siaga_text source = store_column_text (query, 0);
		if (source.size < size || memcmp (source.data, prefix, size) != 0)
			break;
		error = each (arg, source);
		if (error != 0)
			break;
	}
	store_done (query);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}
