/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the control socket's verbs do.
 */
#include <string.h>
#include <unistd.h>

#include "common/facts.h"
#include "common/log.h"
#include "hub/control.h"
#include "hub/core_private.h"

#define CONDITIONS_TOLD_MAX 100

static json_t *
s_error (const char *words)
{
	return json_pack ("{s:b, s:s}", "ok", 0, "error", words);
}

/* --- status ----------------------------------------------------------------------------------------------- */

static json_t *
s_conditions (const struct core *core)
{
	const struct conditions *conditions = presence_conditions (core->presence);
	char title[SIAGA_TITLE_MAX];
	json_t *list = json_array ();

	for (const struct condition *it = conditions_next (conditions, NULL);
	     it && json_array_size (list) < CONDITIONS_TOLD_MAX;
	     it = conditions_next (conditions, it)) {
		if (!condition_is_open (it))
			continue;
		presence_title (it, title);
		json_array_append_new (
			list, json_pack ("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "kind",
					 condition_facts[it->kind].id, "principal", it->subject,
					 "detail", it->detail, "severity",
					 siaga_name_of (&siaga_severity_names,
							condition_facts[it->kind].severity),
					 "since", facts_time (it->since_us), "title", title,
					 "words", it->words));
	}
	return list;
}

static json_t *
s_principals (const struct core *core)
{
	size_t count;
	json_int_t known = 0, up = 0, agents = 0, agents_up = 0;
	const struct peer *peers = presence_peers (core->presence, &count);

	for (size_t i = 0; i < count; i++) {
		known += strcmp (peers[i].name, core->trust->roster->hub) != 0;
		up += peers[i].sessions > 0;
		agents += peers[i].is_agent;
		agents_up += peers[i].is_agent && peers[i].sessions > 0;
	}
	return json_pack ("{s:I, s:I, s:I, s:I}", "known", known, "up", up, "agents", agents,
			  "agents_up", agents_up);
}

static json_t *
s_journal (const struct core *core)
{
	struct journal_writer_counts counts = journal_writer_counts (core->writer);
	char log_id[2 * SIAGA_LOG_ID_BYTES + 1];

	siaga_hex (log_id, core->journal->ops->log_id (core->journal), SIAGA_LOG_ID_BYTES);
	return json_pack ("{s:s, s:I, s:o, s:I, s:I, s:I, s:I}", "log_id", log_id, "head",
			  (json_int_t) core->head, "last_accepted",
			  facts_time (core->last_accepted_us), "commits",
			  (json_int_t) counts.commits, "commit_us", (json_int_t) counts.commit_us,
			  "wal_bytes", (json_int_t) metrics_wal_bytes (core), "disk_free",
			  (json_int_t) presence_disk_free (core->presence));
}

static json_t *
s_roster (const struct core *core)
{
	return json_pack ("{s:I, s:o}", "serial", (json_int_t) core->trust->roster->serial,
			  "expires", facts_time (core->trust->roster->expires_us));
}

json_t *
control_facts (struct core *core)
{
	uint64_t refused = 0;

	for (size_t i = 0; i <= SIAGA_WIRE_CODE_MAX; i++)
		refused += core->metrics.refusals[i];
	return json_pack (
		"{s:b, s:s, s:I, s:s, s:s, s:o, s:b, s:b, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I,"
		" s:o}",
		"ok", 1, "version", SIAGA_VERSION, "pid", (json_int_t) getppid (), "hub",
		core->trust->roster->hub, "network", core->trust->roster->network, "started",
		facts_time (core->started_us), "listening", core->is_ready, "draining",
		core->draining, "gate_restarts",
		(json_int_t) (core->metrics.gates > 0 ? core->metrics.gates - 1 : 0), "roster",
		s_roster (core), "journal", s_journal (core), "principals", s_principals (core),
		"sessions", (json_int_t) session_table_count (core->sessions), "entries",
		(json_int_t) core->metrics.entries, "acks", (json_int_t) core->metrics.acks,
		"refused", (json_int_t) refused, "conditions", s_conditions (core));
}

static json_t *
s_status (struct core *core, const json_t *request)
{
	(void) request;
	return control_facts (core);
}

/* --- the others ------------------------------------------------------------------------------------------- */

static json_t *
s_reload (struct core *core, const json_t *request)
{
	uint64_t before = core->trust->roster->serial;

	(void) request;
	core_reload (core);
	uint64_t serial = core->trust->roster->serial;
	return json_pack ("{s:b, s:I, s:b}", "ok", 1, "serial", (json_int_t) serial, "changed",
			  serial != before);
}

static json_t *
s_kick (struct core *core, const json_t *request)
{
	const char *name = json_string_value (json_object_get (request, "principal"));

	if (!name || !siaga_roster_principal (core->trust->roster, siaga_text (name)))
		return s_error ("the roster knows no such principal");
	unsigned count = core_kick (core, name);
	log_info ("kicked", "%s: %u sessions ended by the operator", name, count);
	return json_pack ("{s:b, s:I}", "ok", 1, "sessions", (json_int_t) count);
}

static json_t *
s_drain (struct core *core, const json_t *request)
{
	(void) request;
	core_drain (core);
	return NULL;
}

json_t *
control_do (struct core *core, const json_t *request)
{
	static const struct {
		const char *verb;
		json_t *(*run) (struct core *core, const json_t *request);
	} verbs[] = {
		{"status", s_status},
		{"reload", s_reload},
		{"kick", s_kick},
		{"drain", s_drain},
	};
	const char *verb = json_string_value (json_object_get (request, "verb"));

	for (size_t i = 0; verb && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp (verb, verbs[i].verb) == 0)
			return verbs[i].run (core, request);
	return s_error ("not a JSON object with a verb: status, reload, kick or drain");
}
