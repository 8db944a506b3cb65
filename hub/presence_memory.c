/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the hub's process: of each principal when it was heard and how its sources run, as a fact
 * "peer/PRINCIPAL"; open conditions are facts of their own (condition_facts.c). Facts of principals that
 * left the roster stay: whoever comes back is known again, and rosters are signed, so they are few.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "hub/presence_private.h"
#include "siaga/error.h"

#define PEER_PREFIX "peer/"
#define PEER_ITEMS 6
#define SOURCE_ITEMS 5
#define PEER_BYTES_MAX (512 + SIAGA_SOURCES_MAX * (SIAGA_SOURCE_NAME_MAX + 64))
#define PEERS_PER_JOB 32
#define SAVE_MS 60000 /* how often what only moves on is written */

/* --- writing ------------------------------------------------------------------------------------------- */

/* [heard, last alert, roster serial, software, agent, [[source, longest quiet time, how many, last line,
   lines], …]] */
static size_t
s_write_peer (const struct peer *peer, uint8_t *data)
{
	struct siaga_writer writer;

	siaga_writer_init (&writer, data, PEER_BYTES_MAX);
	siaga_writer_array (&writer, PEER_ITEMS);
	siaga_writer_uint (&writer, peer->heard_us);
	siaga_writer_uint (&writer, peer->last_alert_us);
	siaga_writer_uint (&writer, peer->roster_serial);
	siaga_writer_text (&writer, siaga_text (peer->software));
	siaga_writer_uint (&writer, peer->is_agent);
	siaga_writer_array (&writer, peer->source_count);
	for (size_t i = 0; i < peer->source_count; i++) {
		siaga_writer_array (&writer, SOURCE_ITEMS);
		siaga_writer_text (&writer, siaga_text (peer->sources[i].name));
		siaga_writer_uint (&writer, peer->sources[i].peak_ms);
		siaga_writer_uint (&writer, peer->sources[i].gaps);
		siaga_writer_uint (&writer, peer->sources[i].last_line_us);
		siaga_writer_uint (&writer, peer->sources[i].lines);
	}
	return writer.error ? 0 : writer.size;
}

static int
s_add_peer (struct peer *peer, struct journal_job *job)
{
	static uint8_t data[PEER_BYTES_MAX]; /* of the core's thread */
	char key[sizeof PEER_PREFIX + SIAGA_PRINCIPAL_MAX];

	snprintf (key, sizeof key, PEER_PREFIX "%s", peer->name);
	int error = journal_job_add_fact (job, key,
					  (struct siaga_bytes){data, s_write_peer (peer, data)});
	if (!error)
		peer->is_dirty = peer->is_new = false;
	return error;
}

static bool
s_is_time (const struct presence *self)
{
	return self->up_ms - self->saved_ms >= SAVE_MS;
}

bool
presence_has_news (const struct presence *self)
{
	bool is_time = s_is_time (self);

	for (size_t i = 0; i < self->peer_count; i++)
		if (self->peers[i].is_new || (is_time && self->peers[i].is_dirty))
			return true;
	return false;
}

int
presence_remember (struct presence *self, struct journal_job *job)
{
	bool is_time = s_is_time (self);
	size_t left = PEERS_PER_JOB;
	int error = 0;

	for (size_t i = 0; !error && left > 0 && i < self->peer_count; i++) {
		struct peer *peer = &self->peers[i];
		if (!peer->is_new && !(is_time && peer->is_dirty))
			continue;
		error = s_add_peer (peer, job);
		left--;
	}
	if (is_time && left > 0)
		self->saved_ms = self->up_ms;
	return error;
}

/* Jobs of facts alone stand in no lane, so they may all be under way at once. */
void
presence_save (struct presence *self)
{
	for (size_t i = 0; i < self->peer_count; i++)
		self->peers[i].is_new = self->peers[i].is_new || self->peers[i].is_dirty;
	while (presence_has_news (self) && !self->core->parked) {
		struct journal_job *job = journal_job_new_facts ();
		if (!job || presence_remember (self, job) != 0) {
			journal_job_destroy (&job);
			return;
		}
		core_submit (self->core, &job);
	}
}

/* --- reading ------------------------------------------------------------------------------------------- */

static void
s_read_source (struct siaga_reader *reader, struct peer_source *source)
{
	siaga_reader_array_of (reader, SOURCE_ITEMS);
	struct siaga_text name = siaga_reader_text (reader, SIAGA_SOURCE_NAME_MAX);
	snprintf (source->name, sizeof source->name, "%.*s", (int) name.size,
		  name.size ? name.data : "");
	source->peak_ms = siaga_reader_uint (reader);
	source->gaps = (uint32_t) siaga_reader_uint (reader);
	source->last_line_us = siaga_reader_uint (reader);
	source->lines = siaga_reader_uint (reader);
}

static void
s_read_peer (struct peer *peer, struct siaga_bytes value)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, value.data, value.size);
	siaga_reader_array_of (&reader, PEER_ITEMS);
	peer->heard_us = siaga_reader_uint (&reader);
	peer->last_alert_us = siaga_reader_uint (&reader);
	peer->roster_serial = siaga_reader_uint (&reader);
	struct siaga_text software = siaga_reader_text (&reader, SIAGA_SOFTWARE_MAX);
	snprintf (peer->software, sizeof peer->software, "%.*s", (int) software.size,
		  software.size ? software.data : "");
	peer->is_agent = siaga_reader_uint (&reader) != 0;
	size_t count = siaga_reader_array (&reader, SIAGA_SOURCES_MAX);
	peer->sources = calloc (count ? count : 1, sizeof *peer->sources);
	for (size_t i = 0; peer->sources && i < count && !reader.error; i++)
		s_read_source (&reader, &peer->sources[i]);
	if (siaga_reader_end (&reader) == 0 && peer->sources)
		peer->source_count = count;
	else
		log_warn ("presence-memory", "what is remembered of %s cannot be read", peer->name);
}

static int
s_recall_fact (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	struct presence *self = arg;
	const size_t prefix = sizeof PEER_PREFIX - 1;

	if (key.size > prefix && memcmp (key.data, PEER_PREFIX, prefix) == 0) {
		struct siaga_text name = {key.data + prefix, key.size - prefix};
		struct peer *peer = presence_peer_named (self, name);
		if (peer && !peer->sources)
			s_read_peer (peer, value);
	} else if (key.size >= sizeof CONDITION_FACT_PREFIX &&
		   memcmp (key.data, CONDITION_FACT_PREFIX, sizeof CONDITION_FACT_PREFIX - 1) ==
			   0) {
		if (conditions_restore (self->conditions, value) != 0)
			log_warn ("presence-memory", "an open condition cannot be read: %.*s",
				  (int) key.size, key.data);
	}
	return 0;
}

int
presence_recall (struct presence *self)
{
	struct journal *journal = self->core->journal;

	return journal->ops->facts (journal, s_recall_fact, self);
}
