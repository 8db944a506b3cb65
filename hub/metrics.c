/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names follow https://prometheus.io/docs/practices/naming: base units, `_total` for what only grows.
 */
#include "hub/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "hub/hub_conf.h"

#define WRITE_MS 10000
#define FILE_MODE 0644 /* node_exporter is somebody else */

void
metrics_on_published (struct metrics *self, const struct journal_job *job)
{
	self->entries += job->batch.head.count;
	self->bytes += job->size;
}

void
metrics_on_reply (struct metrics *self, const struct siaga_message *reply)
{
	if (reply->type == SIAGA_ACK)
		self->acks++;
	else if (reply->type == SIAGA_REFUSED && -reply->refused.code <= SIAGA_WIRE_CODE_MAX)
		self->refusals[-reply->refused.code]++;
}

uint64_t
metrics_wal_bytes (const struct core *core)
{
	char path[4096];
	struct stat status;

	if (!core->state_dir)
		return 0;
	snprintf (path, sizeof path, "%s/journal.db-wal", core->state_dir);
	return stat (path, &status) == 0 ? (uint64_t) status.st_size : 0;
}

/* --- text ------------------------------------------------------------------------------------------------- */

static void
s_head (FILE *out, const char *name, const char *type, const char *help)
{
	fprintf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
s_one (FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	s_head (out, name, type, help);
	fprintf (out, "%s %" PRIu64 "\n", name, value);
}

static void
s_seconds (FILE *out, const char *name, const char *type, const char *help, uint64_t value_us)
{
	s_head (out, name, type, help);
	fprintf (out, "%s %" PRIu64 ".%06" PRIu64 "\n", name, value_us / 1000000,
		 value_us % 1000000);
}

static void
s_write_counters (const struct core *core, FILE *out)
{
	const struct metrics *self = &core->metrics;

	s_one (out, "siaga_hub_sessions", "gauge", "Sessions now.",
	       session_table_count (core->sessions));
	s_one (out, "siaga_hub_sessions_opened_total", "counter", "Sessions that were welcomed.",
	       self->sessions);
	s_one (out, "siaga_hub_entries_total", "counter", "Entries taken into the log.",
	       self->entries);
	s_one (out, "siaga_hub_entry_bytes_total", "counter", "Bytes of their batches.",
	       self->bytes);
	s_one (out, "siaga_hub_acks_total", "counter", "Batches acknowledged.", self->acks);
	s_head (out, "siaga_hub_refusals_total", "counter", "Messages refused, by code.");
	for (int code = 1; code <= SIAGA_WIRE_CODE_MAX; code++)
		if (self->refusals[code] > 0)
			fprintf (out, "siaga_hub_refusals_total{code=\"%s\"} %" PRIu64 "\n",
				 siaga_error_id (-code), self->refusals[code]);
	s_one (out, "siaga_hub_deliveries_total", "counter",
	       "Messages with entries or answers sent.", self->delivers);
	s_one (out, "siaga_hub_delivered_bytes_total", "counter", "Their bytes.",
	       self->deliver_bytes);
	s_one (out, "siaga_hub_gate_restarts_total", "counter", "Gates that took another's place.",
	       self->gates > 0 ? self->gates - 1 : 0);
}

static void
s_write_journal (const struct core *core, FILE *out)
{
	struct journal_writer_counts counts = journal_writer_counts (core->writer);

	s_one (out, "siaga_hub_journal_head", "gauge", "The next log number.", core->head);
	s_one (out, "siaga_hub_journal_commits_total", "counter", "Transactions.", counts.commits);
	s_seconds (out, "siaga_hub_journal_commit_seconds_total", "counter",
		   "Time they took, with their checks.", counts.commit_us);
	s_seconds (out, "siaga_hub_journal_commit_seconds_max", "gauge", "The longest of them.",
		   counts.longest_us);
	s_one (out, "siaga_hub_journal_wal_bytes", "gauge", "Size of the write-ahead log.",
	       metrics_wal_bytes (core));
	s_one (out, "siaga_hub_disk_free_bytes", "gauge", "Free on the journal's disk.",
	       presence_disk_free (core->presence));
}

static void
s_write_conditions (const struct core *core, FILE *out)
{
	unsigned open[CONDITION_KINDS] = {0};
	const struct conditions *conditions = presence_conditions (core->presence);

	for (const struct condition *it = conditions_next (conditions, NULL); it;
	     it = conditions_next (conditions, it))
		open[it->kind] += condition_is_open (it);
	s_head (out, "siaga_hub_conditions", "gauge", "Open conditions, by kind.");
	for (int kind = 0; kind < CONDITION_KINDS; kind++)
		fprintf (out, "siaga_hub_conditions{kind=\"%s\"} %u\n", condition_facts[kind].id,
			 open[kind]);
}

static void
s_write_hub (const struct core *core, FILE *out)
{
	s_head (out, "siaga_hub_info", "gauge", "Which hub this is.");
	fprintf (out, "siaga_hub_info{version=\"%s\",network=\"%s\"} 1\n", SIAGA_VERSION,
		 core->trust->roster->network);
	s_seconds (out, "siaga_hub_start_time_seconds", "gauge", "When its core started.",
		   core->started_us);
	s_one (out, "siaga_hub_roster_serial", "gauge", "The roster in force.",
	       core->trust->roster->serial);
	s_seconds (out, "siaga_hub_roster_expiry_seconds", "gauge", "When it expires.",
		   core->trust->roster->expires_us);
	s_write_counters (core, out);
	s_write_journal (core, out);
	s_write_conditions (core, out);
}

/* --- principals ------------------------------------------------------------------------------------------- */

static uint64_t
s_sessions (const struct peer *peer)
{
	return peer->sessions;
}

static uint64_t
s_heard (const struct peer *peer)
{
	return peer->heard_us / 1000000;
}

static uint64_t
s_behind (const struct peer *peer)
{
	return peer->behind;
}

static uint64_t
s_behind_seconds (const struct peer *peer)
{
	return peer->behind_ms / 1000;
}

static uint64_t
s_waiting (const struct peer *peer)
{
	return peer->waiting;
}

static uint64_t
s_entries (const struct peer *peer)
{
	return peer->entries;
}

static uint64_t
s_bytes (const struct peer *peer)
{
	return peer->bytes;
}

static const struct {
	const char *name;
	const char *type;
	const char *help;
	uint64_t (*value) (const struct peer *peer);
} s_of_peer[] = {
	{"siaga_principal_sessions", "gauge", "Sessions now.", s_sessions},
	{"siaga_principal_heard_time_seconds", "gauge", "When it was heard last; 0: never.",
	 s_heard},
	{"siaga_principal_reader_behind_entries", "gauge",
	 "Log numbers its slowest subscription has before it.", s_behind},
	{"siaga_principal_reader_behind_seconds", "gauge", "For how long it has not caught up.",
	 s_behind_seconds},
	{"siaga_principal_outbox_entries", "gauge", "Entries that wait in its outbox.", s_waiting},
	{"siaga_principal_entries_total", "counter", "Entries taken from it.", s_entries},
	{"siaga_principal_entry_bytes_total", "counter", "Bytes of their batches.", s_bytes},
};

static void
s_write_peers (const struct core *core, FILE *out, const struct siaga_member *member)
{
	const struct siaga_roster *roster = core->trust->roster;
	size_t count;
	const struct peer *peers = presence_peers (core->presence, &count);

	for (size_t m = 0; m < sizeof s_of_peer / sizeof *s_of_peer; m++) {
		s_head (out, s_of_peer[m].name, s_of_peer[m].type, s_of_peer[m].help);
		for (size_t i = 0; i < count; i++)
			if ((!member || roster->principals[i].member == member) &&
			    strcmp (peers[i].name, roster->hub) != 0)
				fprintf (out, "%s{principal=\"%s\"} %" PRIu64 "\n",
					 s_of_peer[m].name, peers[i].name,
					 s_of_peer[m].value (&peers[i]));
	}
}

char *
metrics_text (struct core *core, bool hub, const struct siaga_member *member)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);

	if (!out)
		return NULL;
	if (hub)
		s_write_hub (core, out);
	s_write_peers (core, out, member);
	if (fclose (out) == 0)
		return text;
	free (text);
	return NULL;
}

/* --- the file --------------------------------------------------------------------------------------------- */

static void
s_write_file (struct core *core, const char *path)
{
	char *text = metrics_text (core, true, NULL);
	int error = text ? file_replace (path, FILE_MODE, text, strlen (text)) : SIAGA_ENOMEM;

	free (text);
	if (error && !core->metrics.failed)
		log_warn ("metrics-file", "%s: %s", path, siaga_strerror (error));
	core->metrics.failed = error != 0;
}

void
metrics_on_tick (struct core *core)
{
	struct metrics *self = &core->metrics;
	uint64_t now_ms = clock_mono_ms ();

	if (!core->conf || !core->conf->metrics_file ||
	    (self->written_ms != 0 && now_ms - self->written_ms < WRITE_MS))
		return;
	self->written_ms = now_ms;
	s_write_file (core, core->conf->metrics_file);
}
