/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub knows about itself and its sessions: the answer to a status query (PROTOCOL.md section 6.7).
 */
#include <stdlib.h>

#include "hub/core_private.h"
#include "siaga/error.h"

#define STATUS_OVERHEAD 256
#define STATUS_SESSION_MAX (SIAGA_PRINCIPAL_MAX + SIAGA_SOFTWARE_MAX + 190)
#define STATUS_SOURCES_MAX (SIAGA_RESULT_MAX / 4) /* bytes of the sources of all sessions */

enum status_key {
	KEY_LOG_ID = 1,
	KEY_HEAD = 2,
	KEY_ROSTER_SERIAL = 3,
	KEY_SOFTWARE = 4,
	KEY_STARTED = 5,
	KEY_SESSIONS = 6,
	KEY_LAST_ACCEPTED = 7,
	KEY_PRINCIPALS = 8,
	KEY_CONDITIONS = 9,
	KEY_METRICS = 10,
	KEYS = 10,
};

/* Operators see everybody, others their own member's. */
static bool
s_may_see_session (const struct session *asker, const struct session *session)
{
	if (session->state != SESSION_OPEN)
		return false;
	return (asker->principal->roles & SIAGA_ROLE_OPERATE) != 0 ||
	       strcmp (asker->principal->member->name, session->principal->member->name) == 0;
}

static size_t
s_count_sessions (const struct core *self, const struct session *asker)
{
	size_t count = 0;

	for (const struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		count += s_may_see_session (asker, session);
	return count;
}

/* Bytes of the sources of those sessions that are told, as far as there is room for them. */
static size_t
s_sources_size (const struct core *self, const struct session *asker)
{
	size_t size = 0;

	for (const struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		if (s_may_see_session (asker, session))
			size += session->status.sources.size;
	return size < STATUS_SOURCES_MAX ? size : STATUS_SOURCES_MAX;
}

static void
s_write_sources (struct siaga_writer *writer, const struct session *session, size_t *left)
{
	struct siaga_bytes sources = session->status.sources;

	if (sources.size == 0 || sources.size > *left) {
		siaga_writer_array (writer, 0);
		return;
	}
	*left -= sources.size;
	siaga_writer_raw (writer, sources);
}

/* How many subscriptions, and how far and how long the slowest of them is behind. */
static void
s_write_reading (const struct core *self, struct siaga_writer *writer,
		 const struct session *session)
{
	uint64_t count = 0, behind = 0, behind_ms = 0;

	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++) {
		const struct subscription *it = session->subscriptions[i];
		if (!it)
			continue;
		count++;
		if (it->next < self->head && self->head - it->next > behind)
			behind = self->head - it->next;
		if (it->behind_ms > behind_ms)
			behind_ms = it->behind_ms;
	}
	siaga_writer_uint (writer, count);
	siaga_writer_uint (writer, behind);
	siaga_writer_uint (writer, behind_ms / 1000);
}

static void
s_write_session (const struct core *self, struct siaga_writer *writer,
		 const struct session *session, size_t *left)
{
	siaga_writer_array (writer, 17);
	siaga_writer_text (writer, siaga_text (session->principal->name));
	siaga_writer_uint (writer, session->since_us);
	siaga_writer_text (writer, siaga_text (session->software));
	siaga_writer_uint (writer, session->roster_serial);
	siaga_writer_uint (writer, session->status.waiting);
	siaga_writer_uint (writer, session->status.in_flight);
	siaga_writer_uint (writer, session->heard_us);
	siaga_writer_uint (writer, session->status.waiting_bytes);
	siaga_writer_uint (writer, session->status.oldest_us);
	siaga_writer_uint (writer, session->status.lost);
	siaga_writer_uint (writer, session->status.aside);
	siaga_writer_uint (writer, session->status.disk_free);
	siaga_writer_uint (writer, session->status.now_us);
	s_write_sources (writer, session, left);
	s_write_reading (self, writer, session);
}

static void
s_write_sessions (struct core *self, struct siaga_writer *writer, const struct session *asker,
		  size_t count, size_t sources_size)
{
	siaga_writer_array (writer, count);
	for (const struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		if (s_may_see_session (asker, session))
			s_write_session (self, writer, session, &sources_size);
}

int
status_write (struct core *self, const struct session *session, uint8_t **data_p, size_t *size_p)
{
	size_t count = s_count_sessions (self, session);
	size_t sources_size = s_sources_size (self, session);
	size_t capacity = STATUS_OVERHEAD + count * STATUS_SESSION_MAX + sources_size +
			  status_more_size (self);
	uint8_t *data = malloc (capacity);
	struct siaga_writer writer;

	if (!data)
		return SIAGA_ENOMEM;
	siaga_writer_init (&writer, data, capacity);
	siaga_writer_map (&writer, KEYS);
	siaga_writer_uint (&writer, KEY_LOG_ID);
	siaga_writer_bytes (&writer, self->journal->ops->log_id (self->journal),
			    SIAGA_LOG_ID_BYTES);
	siaga_writer_uint (&writer, KEY_HEAD);
	siaga_writer_uint (&writer, self->head);
	siaga_writer_uint (&writer, KEY_ROSTER_SERIAL);
	siaga_writer_uint (&writer, self->trust->roster->serial);
	siaga_writer_uint (&writer, KEY_SOFTWARE);
	siaga_writer_text (&writer, siaga_text ("siaga-hub " SIAGA_VERSION));
	siaga_writer_uint (&writer, KEY_STARTED);
	siaga_writer_uint (&writer, self->started_us);
	siaga_writer_uint (&writer, KEY_SESSIONS);
	s_write_sessions (self, &writer, session, count, sources_size);
	siaga_writer_uint (&writer, KEY_LAST_ACCEPTED);
	siaga_writer_uint (&writer, self->last_accepted_us);
	siaga_writer_uint (&writer, KEY_PRINCIPALS);
	status_write_principals (self, &writer, session);
	siaga_writer_uint (&writer, KEY_CONDITIONS);
	status_write_conditions (self, &writer, session);
	siaga_writer_uint (&writer, KEY_METRICS);
	status_write_metrics (self, &writer, session);
	if (writer.error) {
		free (data);
		return writer.error;
	}
	*data_p = data;
	*size_p = writer.size;
	return 0;
}
