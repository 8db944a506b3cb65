/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The task force on one screen: the hub and this machine, a row for each principal, with the sources of agents below
 * them, and the open conditions.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/status.h"
#include "common/facts.h"

/* What is being printed, and how. */
struct page {
	struct output *output;
	const json_t *hub;
};

/* The local clock of an RFC 3339 text that we wrote ourselves. */
static void
s_clock (const struct page *page, char out[RENDER_CLOCK_TEXT], const json_t *object,
	 const char *name)
{
	uint64_t time_us = 0;
	snprintf (out, RENDER_CLOCK_TEXT, "-");
	if (siaga_time_parse (&time_us, siaga_text (facts_text (object, name))) == 0)
		render_clock (out, time_us, &page->output->style);
}

/* "40s", "12m", "5h", "9d". */
static void
s_age (char out[32], uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;
	while (i < 3 && seconds < 2 * units[i].seconds)
		i++;
	snprintf (out, 32, "%llu%c", (unsigned long long) (seconds / units[i].seconds),
		  units[i].unit);
}

/* --- the hub and this machine ----------------------------------------------------------------------------- */

static void
s_print_hub (const struct page *page, const char *name)
{
	char when[RENDER_CLOCK_TEXT];
	output_printf (page->output, "hub      %s, ", name);
	output_escaped (page->output, siaga_text (facts_text (page->hub, "software")));
	s_clock (page, when, page->hub, "started");
	output_printf (page->output, ", up since %s\n", when);
	s_clock (page, when, page->hub, "last_accepted");
	output_printf (page->output, "log      %s, next number %lld, last accepted %s\n",
		       facts_text (page->hub, "log_id"), facts_number (page->hub, "head"), when);
}

static void
s_print_own (const struct page *page, const json_t *object)
{
	const json_t *roster = json_object_get (object, "roster");
	const json_t *queue = json_object_get (object, "queue");
	char when[RENDER_CLOCK_TEXT];
	s_clock (page, when, roster, "expires");
	output_printf (page->output, "roster   serial %lld", facts_number (roster, "serial"));
	if (page->hub &&
	    facts_number (page->hub, "roster_serial") != facts_number (roster, "serial"))
		output_printf (page->output, " (the hub has %lld)",
			       facts_number (page->hub, "roster_serial"));
	output_printf (page->output, ", expires %s\n", when);
	output_printf (page->output, "you      %s\n", facts_text (object, "principal"));
	if (json_object_get (queue, "error"))
		output_printf (page->output, "queue    %s\n", facts_text (queue, "error"));
	else
		output_printf (page->output,
			       "queue    %lld waiting, %lld in flight, %lld set aside\n",
			       facts_number (queue, "waiting"), facts_number (queue, "in_flight"),
			       facts_number (queue, "aside"));
}

/* --- principals ------------------------------------------------------------------------------------------- */

/* What the sessions of one principal tell together. */
struct told {
	long long waiting;
	long long lost;
	long long aside;
	long long disk_free;
	uint64_t oldest_s;
	size_t sources;
	size_t broken; /* of them */
};

static void
s_add_session (struct told *told, const json_t *session)
{
	uint64_t now_us = 0, oldest_us = 0;
	size_t index;
	json_t *source;
	told->waiting += facts_number (session, "waiting");
	told->lost += facts_number (session, "lost");
	told->aside += facts_number (session, "aside");
	if (facts_number (session, "disk_free") > 0)
		told->disk_free = facts_number (session, "disk_free");
	if (facts_number (session, "waiting") > 0 &&
	    siaga_time_parse (&now_us, siaga_text (facts_text (session, "clock"))) == 0 &&
	    siaga_time_parse (&oldest_us, siaga_text (facts_text (session, "oldest_waiting"))) ==
		    0 &&
	    now_us > oldest_us)
		told->oldest_s = (now_us - oldest_us) / 1000000;
	json_array_foreach (json_object_get (session, "sources"), index, source)
	{
		told->sources++;
		told->broken += json_is_string (json_object_get (source, "error"));
	}
}

static bool
s_is_of (const json_t *session, const json_t *principal)
{
	return strcmp (facts_text (session, "principal"), facts_text (principal, "principal")) == 0;
}

static struct told
s_told (const struct page *page, const json_t *principal)
{
	struct told told = {.waiting = 0};
	size_t index;
	json_t *session;
	json_array_foreach (json_object_get (page->hub, "sessions"), index,
			    session) if (s_is_of (session, principal))
		s_add_session (&told, session);
	return told;
}

static void
s_print_source (const struct page *page, const json_t *source)
{
	char line[RENDER_CLOCK_TEXT], alert[RENDER_CLOCK_TEXT];
	s_clock (page, line, source, "last_line");
	s_clock (page, alert, source, "last_alert");
	output_printf (page->output, "  ");
	output_padded (page->output, facts_text (source, "name"), 18);
	output_printf (page->output, " last line %s, last alert %s, %lld lines, %lld alerts", line,
		       alert, facts_number (source, "lines"), facts_number (source, "alerts"));
	if (json_is_string (json_object_get (source, "error"))) {
		output_printf (page->output, ", ");
		output_escaped (page->output, siaga_text (facts_text (source, "error")));
	}
	output_printf (page->output, "\n");
}

static void
s_print_sources (const struct page *page, const json_t *principal)
{
	size_t index, at;
	json_t *session, *source;
	json_array_foreach (json_object_get (page->hub, "sessions"), index, session)
	{
		if (!s_is_of (session, principal))
			continue;
		json_array_foreach (json_object_get (session, "sources"), at, source)
			s_print_source (page, source);
	}
}

/* Who is there since when, who is not since when, who never was. */
static void
s_print_presence (const struct page *page, const json_t *principal)
{
	char when[RENDER_CLOCK_TEXT], state[32];
	long long sessions = facts_number (principal, "sessions");
	bool was_heard = json_is_string (json_object_get (principal, "last_heard"));
	if (sessions > 1)
		snprintf (state, sizeof state, "up (%lld)", sessions);
	else
		snprintf (state, sizeof state, "%s",
			  sessions    ? "up"
			  : was_heard ? "away"
				      : "never");
	s_clock (page, when, principal, sessions ? "since" : "last_heard");
	output_padded (page->output, facts_text (principal, "principal"), 20);
	output_printf (page->output, " %-7s %-24s ", state, when);
	output_padded (page->output, facts_text (principal, "software"), 18);
}

static void
s_print_principal (const struct page *page, const json_t *principal)
{
	struct told told = s_told (page, principal);
	char behind[32] = "-", oldest[32] = "-", alert[RENDER_CLOCK_TEXT], sources[48] = "-";
	if (facts_number (principal, "subscriptions") > 0)
		snprintf (behind, sizeof behind, "%lld", facts_number (principal, "behind"));
	if (told.waiting > 0)
		s_age (oldest, told.oldest_s);
	if (told.broken > 0)
		snprintf (sources, sizeof sources, "%zu/%zu", told.sources - told.broken,
			  told.sources);
	else if (told.sources > 0)
		snprintf (sources, sizeof sources, "%zu", told.sources);
	s_clock (page, alert, principal, "last_alert");
	s_print_presence (page, principal);
	output_printf (page->output, " %6lld %7s %8lld %6s %7s %s\n",
		       facts_number (principal, "roster_serial"), behind, told.waiting, oldest,
		       sources, alert);
	if (told.lost > 0 || told.aside > 0)
		output_printf (page->output, "  %lld lines lost for want of room, %lld set aside\n",
			       told.lost, told.aside);
	s_print_sources (page, principal);
}

static void
s_print_principals (const struct page *page)
{
	size_t index;
	json_t *principal;
	const json_t *principals = json_object_get (page->hub, "principals");
	if (json_array_size (principals) > 0)
		output_printf (page->output, "\n%-20s %-7s %-24s %-18s %6s %7s %8s %6s %7s %s\n",
			       "PRINCIPAL", "STATE", "SINCE", "SOFTWARE", "ROSTER", "BEHIND",
			       "WAITING", "OLDEST", "SOURCES", "LAST ALERT");
	json_array_foreach (principals, index, principal) s_print_principal (page, principal);
}

/* --- conditions ------------------------------------------------------------------------------------------- */

static int
s_severity (const json_t *condition)
{
	return siaga_name_value (&siaga_severity_names,
				 siaga_text (facts_text (condition, "severity")));
}

/* The gravest first, and of those the oldest. */
static int
s_compare (const void *a, const void *b)
{
	const json_t *x = *(json_t *const *) a, *y = *(json_t *const *) b;
	int order = s_severity (y) - s_severity (x);
	return order ? order : strcmp (facts_text (x, "since"), facts_text (y, "since"));
}

static json_t **
s_sorted (const json_t *conditions, size_t count)
{
	json_t **sorted = calloc (count ? count : 1, sizeof (json_t *));
	for (size_t i = 0; sorted && i < count; i++)
		sorted[i] = json_array_get (conditions, i);
	if (sorted)
		qsort (sorted, count, sizeof (json_t *), s_compare);
	return sorted;
}

static void
s_print_conditions (const struct page *page)
{
	char since[RENDER_CLOCK_TEXT];
	const json_t *conditions = json_object_get (page->hub, "conditions");
	size_t count = json_array_size (conditions);
	json_t **sorted = s_sorted (conditions, count);
	if (count > 0)
		output_printf (page->output, "\n%-9s %-24s %s\n", "SEVERITY", "SINCE",
			       "OPEN CONDITION");
	for (size_t i = 0; sorted && i < count; i++) {
		const json_t *condition = sorted[i];
		s_clock (page, since, condition, "since");
		output_printf (page->output, "%-9s %-24s ", facts_text (condition, "severity"),
			       since);
		output_escaped (page->output, siaga_text (facts_text (condition, "title")));
		output_printf (page->output, ": ");
		output_escaped (page->output, siaga_text (facts_text (condition, "words")));
		output_printf (page->output, "\n");
	}
	free (sorted);
}

void
status_print (struct output *output, const struct settings *settings, const json_t *object)
{
	struct page page = {output, json_object_get (object, "hub")};
	output->style.dates = true;
	if (page.hub)
		s_print_hub (&page, settings->trust.roster->hub);
	s_print_own (&page, object);
	s_print_principals (&page);
	s_print_conditions (&page);
}
