/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGHUP: everything that can be wrong is found before anything changes; then the sources are exchanged, and outbox,
 * damper, uplink and roster follow. Whatever goes on being read misses no line.
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/rules.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

static bool
s_differ (const char *a, const char *b)
{
	if (!a || !b)
		return a != b;
	return strcmp (a, b) != 0;
}

static bool
s_lists_differ (const struct conf_strings *a, const struct conf_strings *b)
{
	if (a->count != b->count)
		return true;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp (a->items[i], b->items[i]) != 0)
			return true;
	return false;
}

/* Who we are and where our state is stays for the life of a process. */
static const char *
s_fixed_key (const struct agent_conf *a, const struct agent_conf *b)
{
	if (s_differ (a->trust.network, b->trust.network))
		return "network";
	if (s_lists_differ (&a->trust.roots, &b->trust.roots) ||
	    a->trust.threshold != b->trust.threshold)
		return "roots and threshold";
	if (s_differ (a->trust.identity, b->trust.identity))
		return "identity";
	if (s_differ (a->trust.roster, b->trust.roster))
		return "roster (the path)";
	return s_differ (a->state, b->state) ? "state" : NULL;
}

static int
s_check (struct agent *self, const struct agent_conf *conf, struct rules **rules,
	 struct conf_error *error)
{
	const char *key = s_fixed_key (&self->conf, conf);
	if (key) {
		snprintf (error->words, sizeof error->words,
			  "%.300s: %s changed: that needs a restart", self->conf_path, key);
		return SIAGA_ECONF;
	}
	return rules_new (rules, &conf->rules, self->conf_path, error);
}

/* The hub's address, or another log that may be used. */
static void
s_follow_uplink (struct agent *self, const char *hub, const char *accept_log)
{
	if (!s_differ (self->conf.hub, hub) && !s_differ (self->conf.accept_log, accept_log))
		return;
	agent_forget_roster_answer (self);
	intake_set_uplink (self->intake, NULL);
	uplink_destroy (&self->uplink);
	if (agent_connect (self)) {
		log_error ("reload-uplink", "the uplink cannot be made anew: ending");
		agent_stop (self);
	}
}

static void
s_follow (struct agent *self, struct agent_conf *former)
{
	outbox_set_bounds (self->outbox, self->conf.outbox.keep_us, self->conf.outbox.keep_bytes,
			   self->conf.outbox.max_bytes);
	damper_configure (self->damper, &self->conf.damper);
	loss_set_status (self->loss, (enum siaga_status) self->conf.status);
	self->damper_armed = false;
	agent_arm_damper (self);
	s_follow_uplink (self, former->hub, former->accept_log);
}

/* Exchanges configuration, rules and sources; or none of them. What was replaced is in *conf and *rules then. */
static int
s_exchange (struct agent *self, struct agent_conf *conf, struct rules **rules)
{
	struct agent_conf former = self->conf;
	struct rules *former_rules = self->rules;
	self->conf = *conf;
	self->rules = *rules;
	int rc = agent_change_sources (self, &former);
	if (rc) {
		self->conf = former;
		self->rules = former_rules;
		return rc;
	}
	*conf = former;
	*rules = former_rules;
	return 0;
}

static int
s_reload_conf (struct agent *self, struct conf_error *error)
{
	struct agent_conf conf;
	struct rules *rules = NULL;
	int rc = agent_conf_load (&conf, self->conf_path, error);
	if (rc)
		return rc;
	rc = s_check (self, &conf, &rules, error);
	if (!rc) {
		rc = s_exchange (self, &conf, &rules);
		if (rc)
			snprintf (error->words, sizeof error->words,
				  "%.300s: a source could not be made (see above)",
				  self->conf_path);
		else
			s_follow (self, &conf);
	}
	rules_destroy (&rules);
	agent_conf_free (&conf);
	return rc;
}

static void
s_reload_roster (struct agent *self)
{
	struct siaga_roster *old = NULL;
	struct conf_error error = {""};
	int rc = trust_reload (&self->trust, clock_now_us (), &old, &error);
	self->refused_serial = 0;
	if (rc)
		log_error ("reload-roster", "%s (%s)", error.words, siaga_error_id (rc));
	if (old)
		agent_roster_changed (self, old);
}

void
agent_reload (struct agent *self)
{
	struct conf_error error = {""};
	int rc = s_reload_conf (self, &error);
	self->reloaded_us = clock_now_us ();
	snprintf (self->reload_error, sizeof self->reload_error, "%s", error.words);
	if (rc) {
		log_error ("reload-refused", "%s; everything stays as it was", error.words);
		return;
	}
	s_reload_roster (self);
	agent_check_names (&self->conf, &self->trust);
	log_info ("reload", "%s: %zu sources, roster %" PRIu64, self->conf_path, self->source_count,
		  self->trust.roster->serial);
}
