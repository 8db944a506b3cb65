/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga open`: the alerts that are not over, and whose they are. Everything that may change a life is read, and what
 * the user does not want to see is left out only when it is shown: an alert's severity is not that of its answers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/follow.h"
#include "cli/open_table.h"
#include "cli/publish.h"
#include "cli/respond.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "common/clock.h"
#include "siaga/error.h"

#define WIDE_COLUMNS 140 /* from here on everything stands on one line */
#define INDENT 9
#define SINCE_US (UINT64_C (7) * 24 * 3600 * 1000000)

enum {
	OPEN_MINE = OPTIONS_OWN,
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	OPTIONS_FILTER,
	{"mine", no_argument, NULL, OPEN_MINE},
	{0},
};

static const char s_help[] =
	"Usage: siaga open [OPTION...]\n"
	"Shows the alerts that are not resolved or cancelled, whose they are, and what is overdue.\n"
	"\n"
	"  --mine                   only what your agency leads or assists with, and what the\n"
	"                           playbook gives it and nobody has taken\n"
	"  --since N|DURATION|TIME  only alerts from then on; without: 7d\n"
	"  --min-severity LEVEL     info, low, medium, high or critical\n"
	"  --category CLASS[/TYPE]  of this category; --system, --from, --status likewise:\n"
	"                           a comma-separated list, or given again\n"
	"  --timeout DURATION       how long to wait for the hub (10s)\n"
	"  --format text|json       without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet; -h, --help\n";

struct open {
	struct options_common common;
	struct options_filter wanted;
	struct settings settings;
	struct output output;
	struct open_table *table;
	bool mine;
};

static int
open_take (void *arg, int option, const char *text)
{
	struct open *self = arg;
	if (option == OPTIONS_KIND) {
		say ("open is about alerts: leave out --kind");
		return CMD_USAGE;
	}
	if (option != OPEN_MINE)
		return options_take_filter (&self->wanted, option, text, clock_now_us ());
	self->mine = true;
	return CMD_OK;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static int
open_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct open *self = arg;
	(void) behind;
	book_add (self->output.book, entry);
	return open_table_add (self->table, entry, self->settings.trust.roster) ? CMD_INTERNAL : 0;
}

static int
open_on_done (void *arg, const struct cursor_file *at)
{
	struct open *self = arg;
	(void) at;
	book_save (self->output.book);
	return 0;
}

static int
s_follow (struct open *self)
{
	static const struct follow_sink sink = {
		.on_entry = open_on_entry,
		.on_done = open_on_done,
	};
	struct options_filter filter = {
		.filter.kinds = 1u << SIAGA_KIND_ALERT | 1u << SIAGA_KIND_UPDATE |
				1u << SIAGA_KIND_CANCEL | 1u << SIAGA_KIND_RESPONSE,
		.has_since = true,
		.since_number = self->wanted.since_number,
		.since_us =
			self->wanted.has_since ? self->wanted.since_us : clock_now_us () - SINCE_US,
	};
	struct follow_options options = {
		.settings = &self->settings,
		.common = &self->common,
		.filter = &filter,
		.handled = handled_new (HANDLED_RECENT),
		.to_head = true,
	};
	self->table = open_table_new ();
	int status =
		self->table && options.handled ? follow_run (&options, &sink, self) : CMD_INTERNAL;
	handled_destroy (&options.handled);
	return status;
}

/* --- showing -------------------------------------------------------------------------------------------- */

/* Ours is what our agency leads, assists with, or should lead where nobody does. */
static bool
s_is_mine (const struct open *self, const struct open_alert *alert)
{
	const char *member = self->settings.trust.principal->member->name;
	const struct siaga_life *life = alert->life;
	if (life && life->lead[0])
		return strcmp (life->lead, member) == 0 ||
		       siaga_life_assists (life, siaga_text (member));
	return strcmp (alert->lead, member) == 0 ||
	       (life && siaga_life_assists (life, siaga_text (member)));
}

static bool
s_is_wanted (const struct open *self, const struct open_alert *alert)
{
	struct siaga_header header = {
		.origin = siaga_text (alert->origin),
		.status = alert->status,
		.severity = alert->severity,
		.category = siaga_text (alert->category),
		.system = siaga_text (alert->system),
		.certainty = SIAGA_CERTAINTY_OBSERVED,
	};
	return siaga_filter_matches (&self->wanted.filter, &header, alert->accepted_us) &&
	       (!self->mine || s_is_mine (self, alert));
}

static const char *const s_overdue[] = {
	[OPEN_IN_TIME] = NULL,
	[OPEN_ACKNOWLEDGE] = "acknowledge",
	[OPEN_TAKE] = "take",
	[OPEN_RESOLVE] = "resolve",
};

static void
s_set_overdue (json_t *object, const struct open_alert *alert, uint64_t now_us)
{
	char since[SIAGA_TIME_TEXT];
	uint64_t since_us;
	enum open_overdue overdue = open_alert_overdue (alert, now_us, &since_us);
	if (overdue == OPEN_IN_TIME)
		return;
	siaga_time_text (since, since_us);
	json_object_set_new (object, "overdue", json_string (s_overdue[overdue]));
	json_object_set_new (object, "overdue_since", json_string (since));
}

static json_t *
s_json (const struct open_alert *alert)
{
	struct siaga_header header = {.origin = siaga_text (alert->origin),
				      .severity = alert->severity};
	struct siaga_life *life = alert->life;
	struct siaga_life *begun = life ? NULL : malloc (sizeof *begun);
	char id[SIAGA_UUID_TEXT], handle[HANDLE_TEXT], accepted[SIAGA_TIME_TEXT];
	if (!life && !begun)
		return NULL;
	if (begun)
		siaga_life_begin (begun, &header, alert->accepted_us);
	siaga_uuid_text (id, alert->ref.id);
	handle_write (handle, alert->ref.id);
	siaga_time_text (accepted, alert->accepted_us);
	json_t *object = json_pack ("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}",
				    "number", (json_int_t) alert->number, "id", id, "handle",
				    handle, "accepted", accepted, "origin", alert->origin, "status",
				    siaga_name_of (&siaga_status_names, alert->status), "severity",
				    siaga_name_of (&siaga_severity_names, alert->severity),
				    "category", alert->category, "system", alert->system, "tlp",
				    siaga_name_of (&siaga_tlp_names, alert->tlp), "title",
				    alert->title, "life", respond_life_json (life ? life : begun));
	if (object && alert->lead[0])
		json_object_set_new (object, "lead", json_string (alert->lead));
	if (object)
		s_set_overdue (object, alert, clock_now_us ());
	free (begun);
	return object;
}

/* Who has it; in brackets who should, by the playbook. */
static void
s_whose (const struct open_alert *alert, char out[SIAGA_PRINCIPAL_MAX + 3])
{
	const struct siaga_life *life = alert->life;
	const char *who = !life ? "" : life->person[0] ? life->person : life->lead;
	if (!*who && alert->lead[0])
		snprintf (out, SIAGA_PRINCIPAL_MAX + 3, "(%s)", alert->lead);
	else
		snprintf (out, SIAGA_PRINCIPAL_MAX + 3, "%s", *who ? who : "-");
}

static void
s_show_title (struct output *output, const struct open_alert *alert)
{
	if (alert->status == SIAGA_STATUS_EXERCISE)
		output_printf (output, "*** EXERCISE *** ");
	if (alert->status == SIAGA_STATUS_TEST)
		output_printf (output, "*** TEST *** ");
	uint64_t since_us;
	enum open_overdue overdue = open_alert_overdue (alert, clock_now_us (), &since_us);
	if (overdue != OPEN_IN_TIME) {
		char clock[RENDER_CLOCK_TEXT];
		render_clock (clock, since_us, &output->style);
		output_printf (output, "OVERDUE (%s by %s)  ", s_overdue[overdue], clock);
	}
	output_escaped (output, siaga_text (alert->title));
}

/* One line; on a terminal that is not wide when, which system and the title stand on a second one. */
static int
s_show_text (struct open *self, const struct open_alert *alert)
{
	struct output *output = &self->output;
	char clock[RENDER_CLOCK_TEXT], handle[HANDLE_TEXT], who[SIAGA_PRINCIPAL_MAX + 3];
	size_t columns = output_columns (output);
	bool narrow = columns > 0 && columns < WIDE_COLUMNS;
	render_clock (clock, alert->accepted_us, &output->style);
	handle_write (handle, alert->ref.id);
	s_whose (alert, who);
	output_printf (output, "#%-6" PRIu64 "  %-6s  ", alert->number, handle);
	if (!narrow)
		output_printf (output, "%-23s  ", clock);
	output_printf (output, "%-8s  %-12s  %-14s",
		       siaga_name_of (&siaga_severity_names, alert->severity),
		       siaga_name_of (&siaga_life_names,
				      alert->life ? alert->life->state : SIAGA_LIFE_NEW),
		       who);
	if (narrow)
		output_printf (output, "\n%*s%s", INDENT, "", clock);
	output_printf (output, "  %-10s  ", alert->system[0] ? alert->system : "-");
	s_show_title (output, alert);
	return output_text (output, "\n");
}

static int
s_show_one (struct open *self, const struct open_alert *alert)
{
	if (!self->output.json)
		return s_show_text (self, alert);
	json_t *object = s_json (alert);
	int status = object ? output_json (&self->output, object) : CMD_INTERNAL;
	json_decref (object);
	return status;
}

static int
s_show (struct open *self)
{
	size_t count = 0;
	int status = 0;
	const struct open_alert **list = open_table_list (self->table, clock_now_us (), &count);
	if (!list)
		return CMD_INTERNAL;
	for (size_t i = 0; i < count && !status; i++)
		if (s_is_wanted (self, list[i]))
			status = s_show_one (self, list[i]);
	free (list);
	if (!status)
		status = output_flush (&self->output);
	if (open_table_dropped (self->table) > 0)
		say ("there is too much: %llu older alerts or answers were left out; see --since",
		     (unsigned long long) open_table_dropped (self->table));
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

int
cmd_open (int argc, char **argv)
{
	struct open self = {0};
	struct verb verb = {
		.name = "open",
		.help = s_help,
		.options = s_options,
		.common = &self.common,
		.take = open_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	self.output.style.dates = true;
	self.output.book = book_open (&self.settings);
	if (!status)
		status = s_follow (&self);
	if (!status ||
	    status == CMD_REFUSED) { /* refused: something did not verify, and was left out */
		int shown = s_show (&self);
		status = status ? status : shown;
	}
	open_table_destroy (&self.table);
	output_finish (&self.output);
	settings_finish (&self.settings);
	return status;
}
