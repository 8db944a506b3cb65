/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keys, and what they must mean together.
 */
#include "hub/hub_conf.h"

#include <stdio.h>

#include "common/clock.h"
#include "hub/hub_limits.h"
#include "hub/sandbox.h"
#include "siaga/error.h"

#define LISTEN_MAX 16

/* What libzmq binds: conf_check_address () wants a host, here it may be a wildcard or an interface. */
static bool
s_check_listen (const void *value, char reason[CONF_REASON_MAX])
{
	const char *text = value;
	const char *colon = strrchr (text, ':');

	if (strncmp (text, "tcp://", 6) == 0 && colon > text + 6 && colon[1] != '\0' &&
	    strlen (text) < 256)
		return true;
	snprintf (reason, CONF_REASON_MAX, "\"%.80s\" is not tcp://ADDRESS:PORT", text);
	return false;
}

/* An agent keeps what was acknowledged for a day, and sends it again where the hub lost it: dropped any sooner, it
   would come back as new. */
static bool
s_check_keep (const void *value, char reason[CONF_REASON_MAX])
{
	uint64_t keep_us = *(const uint64_t *) value;

	if (keep_us == 0 || keep_us >= HUB_KEEP_MIN_US)
		return true;
	snprintf (reason, CONF_REASON_MAX, "must be 0 (everything is kept) or at least 2d");
	return false;
}

static const struct conf_field s_fields[] = {
	TRUST_CONF_FIELDS (struct hub_conf, trust),
	{.key = "state",
	 .type = CONF_PATH,
	 .offset = offsetof (struct hub_conf, state),
	 .fallback = "/var/lib/siaga-hub"},
	{.key = "listen",
	 .type = CONF_STRING_LIST,
	 .offset = offsetof (struct hub_conf, listen),
	 .required = true,
	 .min = 1,
	 .max = LISTEN_MAX,
	 .check = s_check_listen},
	CONF_FIELD ("quota", CONF_GROUP, struct hub_conf, quota, .schema = &quota_schema),
	CONF_FIELD ("sandbox", CONF_ENUM, struct hub_conf, sandbox, .names = &sandbox_mode_names,
		    .fallback = "auto"),
	CONF_FIELD ("expected", CONF_STRING_LIST, struct hub_conf, expected,
		    .max = SIAGA_PRINCIPALS_MAX, .check = conf_check_principal),
	CONF_FIELD ("metrics_file", CONF_PATH, struct hub_conf, metrics_file),
	CONF_FIELD ("presence", CONF_GROUP, struct hub_conf, presence,
		    .schema = &presence_conf_schema),
	CONF_FIELD ("checkpoint", CONF_PATH, struct hub_conf, checkpoint),
	CONF_FIELD ("keep", CONF_DURATION, struct hub_conf, keep_us, .fallback = "0s",
		    .check = s_check_keep),
	CONF_FIELD ("keep_bytes", CONF_SIZE, struct hub_conf, keep_bytes, .fallback = "0"),
	CONF_FIELD ("reserve", CONF_SIZE, struct hub_conf, reserve_bytes, .fallback = "64M",
		    .min = HUB_RESERVE_MIN, .max = INT64_MAX),
	CONF_FIELD ("check", CONF_DURATION, struct hub_conf, check_us, .fallback = "24h"),
};

static const struct conf_schema s_schema = CONF_SCHEMA (struct hub_conf, s_fields);

int
hub_conf_load (struct hub_conf *self, const char *path, struct conf_error *error)
{
	int status = conf_load (path, &s_schema, self, error);

	if (!status) {
		status = quota_conf_check (&self->quota, path, error);
		if (status)
			hub_conf_finish (self);
	}
	return status;
}

void
hub_conf_finish (struct hub_conf *self)
{
	conf_free (&s_schema, self);
}

int
hub_conf_check_principal (const struct trust *trust, struct conf_error *error)
{
	if (strcmp (trust->identity->card.principal, trust->roster->hub) == 0)
		return 0;
	snprintf (error->words, sizeof error->words,
		  "the identity is of %s, but the roster's hub is %s",
		  trust->identity->card.principal, trust->roster->hub);
	return SIAGA_EUNKNOWN;
}

int
hub_conf_check (const struct hub_conf *self, struct conf_error *error)
{
	struct trust trust;

	int status = trust_check (&trust, &self->trust, self->state, clock_now_us (), error);
	if (status)
		return status;
	status = hub_conf_check_principal (&trust, error);
	trust_finish (&trust);
	return status;
}
