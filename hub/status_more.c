/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a status answer (PROTOCOL.md section 6.7) what presence knows: every principal, also who is not there; the open
 * conditions; the metrics. Operators get all of it, others their own member's.
 */
#include <stdlib.h>

#include "hub/core_private.h"

#define PRINCIPAL_BYTES_MAX (SIAGA_PRINCIPAL_MAX + SIAGA_SOFTWARE_MAX + 96)
#define CONDITION_BYTES_MAX                                                                        \
	(SIAGA_PRINCIPAL_MAX + CONDITION_DETAIL_MAX + CONDITION_WORDS_MAX + SIAGA_TITLE_MAX + 64)
#define CONDITIONS_TOLD_MAX 512
#define METRICS_TOLD_MAX (256 << 10)

size_t
status_more_size (const struct core *self)
{
	return self->trust->roster->principal_count * PRINCIPAL_BYTES_MAX +
	       CONDITIONS_TOLD_MAX * CONDITION_BYTES_MAX + METRICS_TOLD_MAX + 32;
}

static bool
s_is_operator (const struct session *asker)
{
	return (asker->principal->roles & SIAGA_ROLE_OPERATE) != 0;
}

/* May the asker know of that principal? NULL: of the hub itself, or of one who is gone. */
static bool
s_may_see (const struct session *asker, const struct siaga_principal *principal)
{
	return s_is_operator (asker) ||
	       (principal && principal->member == asker->principal->member);
}

/* Is that principal told of? The hub itself is no peer. */
static bool
s_is_shown (const struct core *self, const struct session *asker,
	    const struct siaga_principal *principal)
{
	return strcmp (principal->name, self->trust->roster->hub) != 0 &&
	       s_may_see (asker, principal);
}

/* --- principals ------------------------------------------------------------------------------------------- */

static void
s_write_principal (struct siaga_writer *writer, const struct siaga_principal *principal,
		   const struct peer *peer)
{
	siaga_writer_array (writer, 13);
	siaga_writer_text (writer, siaga_text (principal->name));
	siaga_writer_uint (writer, principal->roles);
	siaga_writer_uint (writer, peer->sessions);
	siaga_writer_uint (writer, peer->since_us);
	siaga_writer_uint (writer, peer->heard_us);
	siaga_writer_text (writer, siaga_text (peer->software));
	siaga_writer_uint (writer, peer->roster_serial);
	siaga_writer_uint (writer, peer->last_alert_us);
	siaga_writer_uint (writer, peer->subscriptions);
	siaga_writer_uint (writer, peer->behind);
	siaga_writer_uint (writer, peer->behind_ms / 1000);
	siaga_writer_bool (writer, peer->is_agent);
	siaga_writer_bool (writer, peer->is_expected);
}

void
status_write_principals (struct core *self, struct siaga_writer *writer,
			 const struct session *asker)
{
	const struct siaga_principal *principals = self->trust->roster->principals;
	size_t count, told = 0;
	const struct peer *peers = presence_peers (self->presence, &count);

	for (size_t i = 0; i < count; i++)
		told += s_is_shown (self, asker, &principals[i]);
	siaga_writer_array (writer, told);
	for (size_t i = 0; i < count; i++)
		if (s_is_shown (self, asker, &principals[i]))
			s_write_principal (writer, &principals[i], &peers[i]);
}

/* --- conditions ------------------------------------------------------------------------------------------- */

static bool
s_is_told (const struct core *self, const struct session *asker, const struct condition *condition)
{
	return condition_is_open (condition) &&
	       (condition_facts[condition->kind].audience == CONDITION_FOR_ALL ||
		s_may_see (asker, siaga_roster_principal (self->trust->roster,
							  siaga_text (condition->subject))));
}

static void
s_write_condition (struct siaga_writer *writer, const struct condition *condition)
{
	char title[SIAGA_TITLE_MAX];

	presence_title (condition, title);
	siaga_writer_array (writer, 7);
	siaga_writer_text (writer, siaga_text (condition_facts[condition->kind].id));
	siaga_writer_text (writer, siaga_text (condition->subject));
	siaga_writer_text (writer, siaga_text (condition->detail));
	siaga_writer_uint (writer, condition_facts[condition->kind].severity);
	siaga_writer_uint (writer, condition->since_us);
	siaga_writer_text (writer, siaga_text (title));
	siaga_writer_text (writer, siaga_text (condition->words));
}

void
status_write_conditions (struct core *self, struct siaga_writer *writer,
			 const struct session *asker)
{
	const struct conditions *conditions = presence_conditions (self->presence);
	size_t told = 0;

	for (const struct condition *it = conditions_next (conditions, NULL);
	     it && told < CONDITIONS_TOLD_MAX; it = conditions_next (conditions, it))
		told += s_is_told (self, asker, it);
	siaga_writer_array (writer, told);
	for (const struct condition *it = conditions_next (conditions, NULL); it && told > 0;
	     it = conditions_next (conditions, it))
		if (s_is_told (self, asker, it)) {
			s_write_condition (writer, it);
			told--;
		}
}

/* --- metrics ---------------------------------------------------------------------------------------------- */

/* In a large task force only the hub's, for want of room; the file has them all. */
void
status_write_metrics (struct core *self, struct siaga_writer *writer, const struct session *asker)
{
	bool all = s_is_operator (asker);
	char *text = metrics_text (self, all, all ? NULL : asker->principal->member);
	size_t size = text ? strlen (text) : 0;

	if (size > METRICS_TOLD_MAX && all) {
		char *end = strstr (text, "# HELP siaga_principal_");
		size = end ? (size_t) (end - text) : 0;
	}
	if (size > METRICS_TOLD_MAX)
		size = 0;
	siaga_writer_text (writer, (struct siaga_text){text ? text : "", size});
	free (text);
}
