/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga rollcall`: asks every member to answer, and shows who did. The call is an alert with status exercise that says
 * so; whatever is answered to it counts.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "common/clock.h"
#include "common/handle.h"
#include "siaga/error.h"

#define WITHIN_MS (UINT64_C (10) * 60 * 1000)
#define WITHIN_MAX_MS (UINT64_C (24) * 3600 * 1000)

enum {
	ROLLCALL_WITHIN = OPTIONS_OWN,
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	{"within", required_argument, NULL, ROLLCALL_WITHIN},
	{0},
};

static const char s_help[] =
	"Usage: siaga rollcall [--within 10m]\n"
	"Asks every member to answer with siaga ack, and shows who did. Exits with 0 when all have answered, and\n"
	"with 1 when the time is over.\n"
	"\n"
	"  --within DURATION        how long they have (10m, at most 24h)\n"
	"  --timeout DURATION       how long to wait for the hub to take the call (10s)\n"
	"  --format text|json, --hub ADDRESS, -c, --config FILE, -q, --quiet, -h, --help\n";

struct rollcall {
	struct drill_command command; /* settings, output, common */
	uint64_t within_ms;
	struct drill_entry call;
	struct drill drill;
};

static int
rollcall_take (void *arg, int option, const char *text)
{
	struct rollcall *self = arg;
	return option == ROLLCALL_WITHIN ? options_duration ("within", text, &self->within_ms) : -1;
}

static int
s_check (const struct rollcall *self)
{
	if (self->within_ms > 0 && self->within_ms <= WITHIN_MAX_MS)
		return CMD_OK;
	say ("--within: more than nothing, and at most 24h");
	return CMD_USAGE;
}

/* Every member that has somebody to respond, but for the caller's own. */
static bool
s_is_called (const struct rollcall *self, const struct siaga_member *member)
{
	const struct siaga_roster *roster = self->drill.roster;
	if (member == self->command.settings.trust.principal->member)
		return false;
	for (size_t i = 0; i < roster->principal_count; i++)
		if (roster->principals[i].member == member &&
		    roster->principals[i].roles & SIAGA_ROLE_RESPOND &&
		    member->clearance >= SIAGA_TLP_GREEN)
			return true;
	return false;
}

static bool
rollcall_is_enough (void *arg, const struct drill *drill)
{
	const struct rollcall *self = arg;
	const struct siaga_roster *roster = drill->roster;
	for (size_t i = 0; i < roster->member_count; i++)
		if (s_is_called (self, &roster->members[i]) &&
		    !drill_first_us (drill, 0, roster->members[i].name, SIAGA_ACTION_NONE))
			return false;
	return true;
}

static int
s_show_json (struct output *output, const char *name, uint64_t at_us)
{
	char accepted[SIAGA_TIME_TEXT] = "";
	json_t *object = json_pack ("{s:s, s:b}", "member", name, "answered", at_us > 0);
	if (at_us > 0) {
		siaga_time_text (accepted, at_us);
		json_object_set_new (object, "accepted", json_string (accepted));
	}
	int status = object ? output_json (output, object) : CMD_INTERNAL;
	json_decref (object);
	return status;
}

static int
s_show_one (struct rollcall *self, const char *name, uint64_t at_us)
{
	struct output *output = &self->command.output;
	char span[DRILL_SPAN_TEXT] = "";
	uint64_t from_us = self->drill.accepted_us;
	if (output->json)
		return s_show_json (output, name, at_us);
	if (at_us > 0)
		drill_span (span, at_us > from_us ? at_us - from_us : 0);
	output_printf (output, "%-12s  %s%s", name, at_us ? "answered after " : "NO ANSWER", span);
	return output_text (output, "\n");
}

static int
s_show (struct rollcall *self)
{
	const struct siaga_roster *roster = self->drill.roster;
	int status = CMD_OK;
	for (size_t i = 0; i < roster->member_count && !status; i++) {
		const struct siaga_member *member = &roster->members[i];
		if (s_is_called (self, member))
			status = s_show_one (
				self, member->name,
				drill_first_us (&self->drill, 0, member->name, SIAGA_ACTION_NONE));
	}
	if (!status)
		status = output_flush (&self->command.output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

/* Until all have answered or the time is over; then what came is shown. */
static int
s_wait (struct rollcall *self, uint64_t from_us)
{
	struct options_common common = self->command.common;
	struct drill_reading reading = {
		.settings = &self->command.settings,
		.common = &common,
		.since_us = from_us > UINT64_C (3600000000) ? from_us - UINT64_C (3600000000) : 0,
		.is_enough = rollcall_is_enough,
		.arg = self,
	};
	common.has_timeout = common.quiet = true;
	common.timeout_ms = self->within_ms;
	int status = drill_read (&self->drill, &reading);
	if (status)
		return status;
	status = s_show (self);
	if (!status && !rollcall_is_enough (self, &self->drill))
		status = CMD_REFUSED;
	return status;
}

static int
s_run (struct rollcall *self)
{
	struct drill_command *command = &self->command;
	char words[DRILL_WORDS], handle[HANDLE_TEXT];
	struct drill_origin origin = {command->settings.trust.roster,
				      command->settings.trust.principal, clock_now_us ()};
	int error = drill_make_roll_call (&self->call, &origin, 1000 * self->within_ms, words);
	if (error) {
		say ("%s", words);
		return error == SIAGA_EROLE ? CMD_NOPERM : CMD_INTERNAL;
	}
	drill_init (&self->drill, self->call.ref.id, origin.roster);
	int status = drill_publish (command, &self->call, 1);
	if (status)
		return status;
	handle_write (handle, self->call.ref.id);
	if (!command->common.quiet)
		say ("roll call %s: waiting for answers", handle);
	status = s_wait (self, origin.now_us);
	drill_finish (&self->drill);
	return status;
}

int
cmd_rollcall (int argc, char **argv)
{
	struct rollcall *self = calloc (1, sizeof *self);
	if (!self)
		return CMD_INTERNAL;
	self->within_ms = WITHIN_MS;
	self->command.no_queue = true; /* a call that comes later is none */
	struct drill_command *command = &self->command;
	struct verb verb = {
		.name = "rollcall",
		.help = s_help,
		.options = s_options,
		.common = &command->common,
		.take = rollcall_take,
		.self = self,
	};
	int status = verb_parse (&verb, argc, argv);
	if (!status && !command->common.help)
		status = s_check (self);
	status = verb_begin (&verb, status, &command->settings);
	if (status == VERB_GO) {
		output_init (&command->output, command->common.format, &command->settings);
		status = s_run (self);
		output_finish (&command->output);
		settings_finish (&command->settings);
	}
	free (self);
	return status;
}
