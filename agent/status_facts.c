/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's state as JSON (siaga-agent(8), STATUS). Times are RFC 3339 or null.
 */
#include <unistd.h>

#include "agent/status_socket.h"
#include "common/clock.h"
#include "common/facts.h"
#include "siaga/error.h"

static json_t *
s_words (const char *words)
{
	return words && words[0] ? json_stringn_nocheck (words, strlen (words)) : json_null ();
}

static json_t *
s_source (struct agent *agent, size_t index)
{
	const struct source_conf *conf = agent_conf_source (&agent->conf, index);
	struct source_facts facts;
	double rate;
	agent_describe (agent, index, &facts, &rate);
	if (!agent->sources[index].self)
		snprintf (facts.error, sizeof facts.error, "could not be opened");
	return json_pack ("{s:s, s:s, s:o, s:o, s:I, s:I, s:f, s:o, s:o, s:o}", "name", conf->name,
			  "type", siaga_name_of (&source_type_names, (unsigned) conf->type), "path",
			  s_words (conf->path), "position", s_words (facts.position), "lines",
			  (json_int_t) facts.lines, "alerts", (json_int_t) facts.alerts,
			  "lines_per_second", rate, "last_line", facts_time (facts.last_line_us),
			  "last_alert", facts_time (facts.last_alert_us), "error",
			  s_words (facts.error));
}

static json_t *
s_sources (struct agent *agent)
{
	json_t *sources = json_array ();
	for (size_t i = 0; i < agent->source_count; i++)
		json_array_append_new (sources, s_source (agent, i));
	return sources;
}

static const char *
s_refused (const struct agent *agent)
{
	if (!agent->refused)
		return NULL;
	return agent->refused == SIAGA_EFULL ? "full" : siaga_strerror (agent->refused);
}

static json_t *
s_outbox (struct agent *agent)
{
	struct outbox_counts counts = {0};
	const struct loss_counts *lost = loss_counts (agent->loss);
	int rc = outbox_count (agent->outbox, &counts);
	return json_pack (
		"{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "waiting",
		(json_int_t) counts.waiting, "waiting_bytes", (json_int_t) counts.waiting_bytes,
		"max_bytes", (json_int_t) agent->conf.outbox.max_bytes, "oldest",
		facts_time (counts.oldest_us), "in_flight", (json_int_t) counts.in_flight, "aside",
		(json_int_t) counts.aside, "lost", (json_int_t) lost->total, "lost_untold",
		(json_int_t) loss_pending (agent->loss), "disk_free",
		(json_int_t) agent_disk_free (agent), "refused", s_words (s_refused (agent)),
		"error", s_words (rc ? outbox_error (agent->outbox) : NULL));
}

static json_t *
s_link (struct agent *agent)
{
	struct link *link = uplink_link (agent->uplink);
	uint64_t opened_ms = link_opened_ms (link);
	uint64_t since_us = opened_ms ? clock_now_us () - (clock_mono_ms () - opened_ms) * 1000 : 0;
	return json_pack ("{s:s, s:o, s:b, s:o, s:o}", "hub", agent->trust.roster->hub, "address",
			  s_words (link_address (link)), "open", link_is_open (link), "since",
			  facts_time (since_us), "last_error", s_words (link_last_error (link)));
}

static json_t *
s_clock (struct agent *agent)
{
	int64_t offset_us = 0;
	bool known = link_clock_offset (uplink_link (agent->uplink), &offset_us);
	return json_pack ("{s:o, s:o, s:i, s:f}", "now", facts_time (clock_now_us ()),
			  "hub_ahead_seconds",
			  known ? json_real ((double) offset_us / 1e6) : json_null (), "steps",
			  (int) agent->clock.steps, "last_step_seconds",
			  (double) agent->clock.last_step_us / 1e6);
}

static json_t *
s_reload (const struct agent *agent)
{
	return json_pack ("{s:o, s:o}", "at", facts_time (agent->reloaded_us), "error",
			  s_words (agent->reload_error));
}

json_t *
status_facts (struct agent *agent)
{
	return json_pack (
		"{s:s, s:s, s:s, s:i, s:o, s:o, s:{s:b, s:I, s:I}, s:o, s:o, s:o, "
		"s:{s:I, s:o}, s:o}",
		"version", SIAGA_VERSION, "principal", agent->trust.identity->card.principal,
		"network", agent->conf.trust.network, "pid", (int) getpid (), "started",
		facts_time (agent->started_us), "sources", s_sources (agent), "damper", "enabled",
		agent->conf.damper.enabled, "open", (json_int_t) damper_open (agent->damper),
		"folded", (json_int_t) damper_folded (agent->damper), "outbox", s_outbox (agent),
		"link", s_link (agent), "clock", s_clock (agent), "roster", "serial",
		(json_int_t) agent->trust.roster->serial, "expires",
		facts_time (agent->trust.roster->expires_us), "reload", s_reload (agent));
}
