/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The buckets, by the generic cell rate algorithm; and their part of the configuration.
 */
#include "hub/quota.h"

#include <stdio.h>

#include "siaga/error.h"
#include "siaga/limits.h"

#define MS_NS UINT64_C (1000000)
#define SECOND_NS UINT64_C (1000000000)
#define ENTRIES_MAX 100000000
#define BYTES_MIN 1024

/* --- buckets -------------------------------------------------------------------------------------------- */

static uint64_t
s_wait_ms (uint64_t due_ns, uint64_t now_ns)
{
	return due_ns > now_ns ? (due_ns - now_ns + MS_NS - 1) / MS_NS : 0;
}

uint64_t
quota_wait_ms (const struct quota_bucket *self, uint64_t now_ms)
{
	uint64_t entries_ms = s_wait_ms (self->entries_ns, now_ms * MS_NS);
	uint64_t bytes_ms = s_wait_ms (self->bytes_ns, now_ms * MS_NS);

	return entries_ms > bytes_ms ? entries_ms : bytes_ms;
}

/* What was saved up is at most the burst. */
static void
s_take (uint64_t *due_ns, uint64_t rate, uint64_t cost, uint64_t now_ns, uint64_t burst_ns)
{
	uint64_t first_ns = now_ns > burst_ns ? now_ns - burst_ns : 0;

	if (rate == 0)
		return;
	if (*due_ns < first_ns)
		*due_ns = first_ns;
	*due_ns += cost * SECOND_NS / rate;
}

void
quota_take (struct quota_bucket *self, const struct quota_limit *limit, uint64_t now_ms,
	    uint64_t entries, uint64_t bytes)
{
	uint64_t burst_ns = limit->burst_us * 1000;

	if (limit->entries == 0 && limit->bytes == 0)
		return;
	s_take (&self->entries_ns, (uint64_t) limit->entries, entries, now_ms * MS_NS, burst_ns);
	s_take (&self->bytes_ns, limit->bytes, bytes, now_ms * MS_NS, burst_ns);
	uint64_t due_ns = self->entries_ns > self->bytes_ns ? self->entries_ns : self->bytes_ns;
	self->rested_ms = (due_ns + burst_ns) / MS_NS + 1;
}

/* --- configuration ---------------------------------------------------------------------------------------- */

static bool
s_check_bytes (const void *value, char reason[CONF_REASON_MAX])
{
	const uint64_t *bytes = value;

	if (*bytes == 0 || *bytes >= BYTES_MIN)
		return true;
	snprintf (reason, CONF_REASON_MAX, "must be 0 (no limit) or at least %d", BYTES_MIN);
	return false;
}

/* clang-format off */
#define LIMIT_FIELDS(record, place) \
	{"entries", CONF_INT, offsetof (record, place entries), .fallback = "0", \
	 .max = ENTRIES_MAX}, \
	{"bytes", CONF_SIZE, offsetof (record, place bytes), .fallback = "0", \
	 .check = s_check_bytes}, \
	{"burst", CONF_DURATION, offsetof (record, place burst_us), .fallback = "10s", \
	 .min = INT64_C (1000000), .max = INT64_C (3600000000)}
/* clang-format on */

static const struct conf_field s_limit_fields[] = {LIMIT_FIELDS (struct quota_limit, )};
static const struct conf_schema s_limit_schema = CONF_SCHEMA (struct quota_limit, s_limit_fields);

static const struct conf_field s_member_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct quota_member, line)},
	CONF_FIELD ("name", CONF_STRING, struct quota_member, name, .required = true,
		    .check = conf_check_member),
	LIMIT_FIELDS (struct quota_member, limit.),
};
static const struct conf_schema s_member_schema =
	CONF_SCHEMA (struct quota_member, s_member_fields);

static const struct conf_field s_fields[] = {
	CONF_FIELD ("principal", CONF_GROUP, struct quota_conf, principal,
		    .schema = &s_limit_schema),
	CONF_FIELD ("member", CONF_GROUP, struct quota_conf, member, .schema = &s_limit_schema),
	CONF_FIELD ("members", CONF_GROUP_LIST, struct quota_conf, members,
		    .max = SIAGA_MEMBERS_MAX, .schema = &s_member_schema),
};
const struct conf_schema quota_schema = CONF_SCHEMA (struct quota_conf, s_fields);

int
quota_conf_check (const struct quota_conf *self, const char *path, struct conf_error *error)
{
	const struct quota_member *members = self->members.items;

	for (size_t i = 0; i < self->members.count; i++)
		for (size_t k = 0; k < i; k++) {
			if (strcmp (members[i].name, members[k].name) != 0)
				continue;
			snprintf (error->words, sizeof error->words,
				  "%.300s:%u: quota.members: %s is there already, on line %u", path,
				  members[i].line, members[i].name, members[k].line);
			return SIAGA_ECONF;
		}
	return 0;
}

const struct quota_limit *
quota_of_member (const struct quota_conf *self, const char *name)
{
	const struct quota_member *members = self->members.items;

	for (size_t i = 0; i < self->members.count; i++)
		if (strcmp (members[i].name, name) == 0)
			return &members[i].limit;
	return &self->member;
}
