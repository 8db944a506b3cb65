/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_score.h.
 */
#include "cli/drill_score.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

static int
s_compare (const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
	return (x > y) - (x < y);
}

struct drill_spread
drill_spread (uint64_t *durations_us, size_t count)
{
	if (count == 0)
		return (struct drill_spread){0};
	qsort (durations_us, count, sizeof *durations_us, s_compare);
	return (struct drill_spread){
		.count = count,
		.median_us = durations_us[(count + 1) / 2 - 1],
		.p95_us = durations_us[(95 * count + 99) / 100 - 1],
		.slowest_us = durations_us[count - 1],
	};
}

void
drill_span (char out[DRILL_SPAN_TEXT], uint64_t span_us)
{
	uint64_t s = span_us / 1000000;
	if (s < 10)
		snprintf (out, DRILL_SPAN_TEXT, "%" PRIu64 ".%02us", s,
			  (unsigned) (span_us / 10000 % 100));
	else if (s < 60)
		snprintf (out, DRILL_SPAN_TEXT, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf (out, DRILL_SPAN_TEXT, "%" PRIu64 "m %02us", s / 60, (unsigned) (s % 60));
	else
		snprintf (out, DRILL_SPAN_TEXT, "%" PRIu64 "h %02um", s / 3600,
			  (unsigned) (s / 60 % 60));
}

/* Is the principal it, or one of it? */
static bool
s_is_of (const char *principal, const char *who)
{
	size_t size = strlen (who);
	return strncmp (principal, who, size) == 0 &&
	       (principal[size] == '\0' || principal[size] == '/');
}

static bool
s_counts (const struct drill *drill, const struct drill_mark *mark)
{
	return mark->what < SIAGA_DEED_UPDATE &&
	       (drill->ended_us == 0 || mark->at_us <= drill->ended_us);
}

uint64_t
drill_first_us (const struct drill *drill, size_t inject, const char *who, unsigned what)
{
	for (size_t i = 0; i < drill->mark_count; i++) {
		const struct drill_mark *mark = &drill->marks[i];
		if (mark->inject == inject && s_counts (drill, mark) &&
		    (what == SIAGA_ACTION_NONE || mark->what == what) &&
		    (!who || s_is_of (mark->principal, who)))
			return mark->at_us;
	}
	return 0;
}

/* The hub's clock may have been set back between two entries. */
static uint64_t
s_since (uint64_t at_us, uint64_t from_us)
{
	return at_us > from_us ? at_us - from_us : 0;
}

static enum drill_fate
s_fate (uint64_t accepted_us, uint64_t within_us, uint64_t done_us, uint64_t until_us)
{
	if (within_us == 0)
		return DRILL_NO_DEADLINE;
	if (done_us > 0)
		return s_since (done_us, accepted_us) <= within_us ? DRILL_KEPT : DRILL_MISSED;
	return accepted_us + within_us < until_us ? DRILL_MISSED : DRILL_PENDING;
}

static void
s_judge (struct drill_outcome *out, const struct drill *drill, size_t index, uint64_t until_us)
{
	const struct drill_inject *inject = &drill->injects[index];
	const struct drill_terms *terms = &inject->terms;
	const char *lead = terms->lead[0] ? terms->lead : NULL;
	out->acknowledged_us = drill_first_us (drill, index, lead, SIAGA_ACTION_NONE);
	out->taken_us = drill_first_us (drill, index, lead, SIAGA_ACTION_TAKE);
	out->resolved_us = drill_first_us (drill, index, NULL, SIAGA_ACTION_RESOLVE);
	out->acknowledge = s_fate (inject->accepted_us, terms->within.acknowledge_within_us,
				   out->acknowledged_us, until_us);
	out->take =
		s_fate (inject->accepted_us, terms->within.take_within_us, out->taken_us, until_us);
	out->resolve = s_fate (inject->accepted_us, terms->within.resolve_within_us,
			       out->resolved_us, until_us);
}

/* Durations of one kind, of one line or of all. */
struct durations {
	size_t count;
	uint64_t us[SCENARIO_INJECTS_MAX];
};

static void
s_note (struct durations *durations, size_t *count, uint64_t at_us, uint64_t from_us)
{
	if (at_us == 0)
		return;
	durations->us[durations->count++] = s_since (at_us, from_us);
	++*count;
}

static void
s_count_fate (struct drill_line *line, enum drill_fate fate)
{
	line->due += fate == DRILL_KEPT || fate == DRILL_MISSED;
	line->missed += fate == DRILL_MISSED;
}

static void
s_count_led (struct drill_line *line, const struct drill_outcome *outcome)
{
	line->led++;
	s_count_fate (line, outcome->acknowledge);
	s_count_fate (line, outcome->take);
	s_count_fate (line, outcome->resolve);
}

static void
s_percent (struct drill_line *line)
{
	size_t asked = line->delivered + line->due;
	size_t done = line->acknowledged + line->due - line->missed;
	line->percent = asked ? (int) ((200 * done + asked) / (2 * asked)) : -1;
}

/* `member` is its place in the roster. */
static void
s_fill (struct drill_score *self, struct drill_line *line, const struct drill *drill, size_t member)
{
	struct durations acknowledge = {0}, take = {0}, resolve = {0};
	for (size_t i = 0; i < drill->inject_count; i++) {
		const struct drill_inject *inject = &drill->injects[i];
		uint64_t from_us = inject->accepted_us;
		if (!inject->seen[member])
			continue;
		line->delivered++;
		s_note (&acknowledge, &line->acknowledged,
			drill_first_us (drill, i, line->name, SIAGA_ACTION_NONE), from_us);
		s_note (&take, &line->taken,
			drill_first_us (drill, i, line->name, SIAGA_ACTION_TAKE), from_us);
		s_note (&resolve, &line->resolved,
			drill_first_us (drill, i, line->name, SIAGA_ACTION_RESOLVE), from_us);
		line->assisted += drill_first_us (drill, i, line->name, SIAGA_ACTION_ASSIST) > 0;
		if (line->is_member && strcmp (inject->terms.lead, line->name) == 0)
			s_count_led (line, &self->outcomes[i]);
	}
	line->acknowledge = drill_spread (acknowledge.us, acknowledge.count);
	line->take = drill_spread (take.us, take.count);
	line->resolve = drill_spread (resolve.us, resolve.count);
	s_percent (line);
}

/* Is anybody there to answer? */
static bool
s_can_respond (const struct siaga_roster *roster, const struct siaga_member *member)
{
	for (size_t i = 0; i < roster->principal_count; i++)
		if (roster->principals[i].member == member &&
		    (roster->principals[i].roles & SIAGA_ROLE_RESPOND))
			return true;
	return false;
}

static void
s_add_persons (struct drill_score *self, const struct drill *drill, size_t member)
{
	const struct siaga_roster *roster = drill->roster;
	for (size_t i = 0; i < roster->principal_count; i++) {
		const struct siaga_principal *principal = &roster->principals[i];
		if (principal->member != &roster->members[member] ||
		    !(principal->roles & SIAGA_ROLE_RESPOND))
			continue;
		struct drill_line *line = &self->persons[self->person_count];
		snprintf (line->name, sizeof line->name, "%s", principal->name);
		s_fill (self, line, drill, member);
		self->person_count += line->delivered > 0;
		if (line->delivered == 0)
			*line = (struct drill_line){0};
	}
}

static void
s_add_member (struct drill_score *self, const struct drill *drill, size_t member)
{
	struct drill_line *line = &self->members[self->member_count];
	if (!s_can_respond (drill->roster, &drill->roster->members[member]))
		return;
	line->is_member = true;
	snprintf (line->name, sizeof line->name, "%s", drill->roster->members[member].name);
	s_fill (self, line, drill, member);
	if (line->delivered > 0)
		self->member_count++;
	else
		*line = (struct drill_line){0};
	s_add_persons (self, drill, member);
}

/* The sums; times are of the first of all answers to each inject. */
static void
s_sum (struct drill_score *self, const struct drill *drill)
{
	struct durations acknowledge = {0}, take = {0}, resolve = {0};
	struct drill_line *all = &self->all;
	size_t unused = 0;
	snprintf (all->name, sizeof all->name, "all");
	for (size_t i = 0; i < self->member_count; i++) {
		const struct drill_line *line = &self->members[i];
		all->delivered += line->delivered;
		all->acknowledged += line->acknowledged;
		all->assisted += line->assisted;
		all->taken += line->taken;
		all->resolved += line->resolved;
		all->led += line->led;
		all->due += line->due;
		all->missed += line->missed;
	}
	for (size_t i = 0; i < drill->inject_count; i++) {
		uint64_t from_us = drill->injects[i].accepted_us;
		s_note (&acknowledge, &unused, drill_first_us (drill, i, NULL, SIAGA_ACTION_NONE),
			from_us);
		s_note (&take, &unused, drill_first_us (drill, i, NULL, SIAGA_ACTION_TAKE),
			from_us);
		s_note (&resolve, &unused, drill_first_us (drill, i, NULL, SIAGA_ACTION_RESOLVE),
			from_us);
	}
	all->acknowledge = drill_spread (acknowledge.us, acknowledge.count);
	all->take = drill_spread (take.us, take.count);
	all->resolve = drill_spread (resolve.us, resolve.count);
	s_percent (all);
}

int
drill_score_make (struct drill_score *self, const struct drill *drill, uint64_t now_us)
{
	const struct siaga_roster *roster = drill->roster;
	uint64_t until_us = drill->ended_us ? drill->ended_us : now_us;
	*self = (struct drill_score){
		.members = calloc (roster->member_count + 1, sizeof *self->members),
		.persons = calloc (roster->principal_count + 1, sizeof *self->persons),
		.outcomes = calloc (drill->inject_count + 1, sizeof *self->outcomes),
	};
	if (!self->members || !self->persons || !self->outcomes) {
		drill_score_finish (self);
		return SIAGA_ENOMEM;
	}
	for (size_t i = 0; i < drill->inject_count; i++)
		s_judge (&self->outcomes[i], drill, i, until_us);
	for (size_t i = 0; i < roster->member_count && i < SIAGA_MEMBERS_MAX; i++)
		s_add_member (self, drill, i);
	s_sum (self, drill);
	return 0;
}

void
drill_score_finish (struct drill_score *self)
{
	free (self->members);
	free (self->persons);
	free (self->outcomes);
	*self = (struct drill_score){0};
}
