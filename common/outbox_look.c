/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outbox seen from outside: is it whole, whose is it, and what does it hold?
 */
#include "common/outbox_private.h"

#include <stdio.h>
#include <unistd.h>

#include "siaga/error.h"

static int
s_check (struct store *store, char words[256])
{
	struct store_query *query = store_query (store, "PRAGMA quick_check (1)");
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_text text = store_column_text (query, 0);
	if (!siaga_text_is (text, "ok")) {
		error = SIAGA_EFORMAT;
		snprintf (words, 256, "is damaged: %.*s", (int) text.size, text.data);
	}
	store_done (query);
	return error;
}

static void
s_copy (char *out, size_t capacity, struct siaga_text text)
{
	snprintf (out, capacity, "%.*s", (int) text.size, text.size ? text.data : "");
}

static int
s_read_lane (struct store *store, struct outbox_look *look)
{
	struct store_query *query =
		store_query (store, "SELECT principal, network, log_id FROM lane");
	int error = store_step (query);
	if (error != 0)
		return error == SIAGA_ENOTFOUND ? SIAGA_EFORMAT : error;
	s_copy (look->principal, sizeof look->principal, store_column_text (query, 0));
	s_copy (look->network, sizeof look->network, store_column_text (query, 1));
	struct siaga_bytes log_id = store_column_blob (query, 2);
	look->has_log = log_id.size == SIAGA_LOG_ID_BYTES;
	if (look->has_log)
		memcpy (look->log_id, log_id.data, SIAGA_LOG_ID_BYTES);
	store_done (query);
	return 0;
}

static int
s_count_waiting (struct store *store, uint64_t *waiting)
{
	struct outbox_marks cut;
	int error = outbox_read_marks (store, &cut);
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++) {
		uint64_t count = 0;
		struct store_query *query = store_query (
			store, "SELECT count (*) FROM held WHERE turn > ? AND turn <= ?");
		store_bind_int (query, cut.of[lane]);
		store_bind_int (query, outbox_lane_last (lane));
		error = store_run_uint (query, &count);
		*waiting += count;
	}
	return error;
}

static int
s_count (struct store *store, struct outbox_look *look)
{
	int error = s_count_waiting (store, &look->waiting);
	if (error == 0)
		error = store_run_uint (store_query (store, "SELECT count (*) FROM batch"
							    " WHERE acked_us IS NULL"),
					&look->in_flight);
	struct store_query *query =
		store_query (store, "SELECT count (*) FROM aside WHERE code != ?");
	store_bind_uint (query, -SIAGA_EKNOWN);
	return error ? error : store_run_uint (query, &look->aside);
}

int
outbox_look (const char *path, struct outbox_look *look, char words[256])
{
	char own[256] = "";
	struct store *store = NULL;
	struct store_options options = outbox_store_options (path);
	options.read_only = true;
	memset (look, 0, sizeof *look);
	if (access (path, F_OK) != 0)
		return SIAGA_ENOTFOUND;
	int error = store_open (&store, &options, own);
	if (error == 0)
		error = s_check (store, own);
	if (error == 0)
		error = s_read_lane (store, look);
	if (error == 0)
		error = s_count (store, look);
	if (error != 0 && own[0] == '\0')
		snprintf (own, sizeof own, "%s",
			  store && store_error (store)[0] ? store_error (store)
							  : siaga_strerror (error));
	if (words)
		snprintf (words, 256, "%s", own);
	store_close (&store);
	return error;
}
