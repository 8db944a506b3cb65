/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga status`: what the hub says of itself and of the principals we may know of, and what waits here; once, or
 * again and again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/status.h"
#include "cli/verb.h"
#include "common/facts.h"
#include "siaga/error.h"

#define WATCH_DEFAULT_MS 5000
#define WATCH_LEAST_MS 1000
#define CLEAR_SCREEN "\033[H\033[2J"

enum {
	STATUS_WATCH = OPTIONS_OWN,
};

static const struct option s_options[] = {
	OPTIONS_COMMON, {"watch", optional_argument, NULL, STATUS_WATCH}, {0}};

static const char s_help[] =
	"Usage: siaga status [OPTION...]\n"
	"Shows the hub, its log and roster, the principals of your member (role operate: all), what the\n"
	"hub misses, and what waits on this machine.\n"
	"\n"
	"  --watch[=DURATION]   again and again, every 5s or as given; until interrupted\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --format text|json|prometheus\n"
	"                       without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct status {
	struct options_common common;
	struct settings settings;
	struct output output;
	uint64_t watch_ms; /* 0: once */
	bool prometheus;
};

static json_t *
s_own_roster (const struct siaga_roster *roster)
{
	return json_pack ("{s:I, s:o, s:o}", "serial", (json_int_t) roster->serial, "issued",
			  facts_time (roster->issued_us), "expires",
			  facts_time (roster->expires_us));
}

/* Busy: another command has it right now. */
static json_t *
s_own_queue (struct settings *settings)
{
	struct outbox_counts counts = {0};
	int error = publish_count (settings, &counts);
	if (error && error != SIAGA_ENOTFOUND)
		return json_pack ("{s:s}", "error", siaga_error_id (error));
	return json_pack ("{s:I, s:I, s:I}", "waiting", (json_int_t) counts.waiting, "in_flight",
			  (json_int_t) counts.in_flight, "aside", (json_int_t) counts.aside);
}

static int
s_print (struct status *self, const json_t *object)
{
	int status = 0;
	if (self->watch_ms > 0 && self->output.terminal)
		output_printf (&self->output, CLEAR_SCREEN);
	if (self->output.json)
		status = output_json (&self->output, object);
	else
		status_print (&self->output, &self->settings, object);
	return status ? status : output_flush (&self->output);
}

static int
s_print_metrics (struct status *self, const char *metrics)
{
	if (!metrics) {
		say ("the hub tells no metrics");
		return CMD_REFUSED;
	}
	int status = output_text (&self->output, metrics);
	return status ? status : output_flush (&self->output);
}

/* Without an answer there is still what is known here. */
static int
s_show (struct status *self, json_t *hub, const char *metrics)
{
	if (self->prometheus)
		return hub ? s_print_metrics (self, metrics) : CMD_OK;
	json_t *object = json_object ();
	if (hub)
		json_object_set (object, "hub", hub);
	json_object_set_new (object, "roster", s_own_roster (self->settings.trust.roster));
	json_object_set_new (object, "principal",
			     json_string (self->settings.trust.principal->name));
	json_object_set_new (object, "queue", s_own_queue (&self->settings));
	int status = s_print (self, object);
	json_decref (object);
	return status;
}

/* Asks once and shows it: an enum cmd_exit, or OUTPUT_CLOSED. */
static int
s_once (struct status *self)
{
	struct siaga_query query = {.what = SIAGA_QUERY_STATUS};
	struct asked asked;
	json_t *hub = NULL;
	char *metrics = NULL;
	int status = ask_run (&self->settings, &self->common, &query, &asked);
	if (status == CMD_OK) {
		hub = status_read (answer_bytes (&asked.answer), &metrics);
		if (!hub) {
			say ("the hub's answer is malformed");
			status = CMD_REFUSED;
		}
		answer_finish (&asked.answer);
	}
	int shown = s_show (self, hub, metrics);
	free (metrics);
	json_decref (hub);
	return shown ? shown : status;
}

/* A hub that does not answer now may do so the next time. */
static int
s_run (struct status *self)
{
	struct timespec pause = {.tv_sec = (time_t) (self->watch_ms / 1000),
				 .tv_nsec = (long) (self->watch_ms % 1000) * 1000000};
	int status = s_once (self);
	while (self->watch_ms > 0 && (status == CMD_OK || status == CMD_UNAVAILABLE)) {
		nanosleep (&pause, NULL);
		status = s_once (self);
	}
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

static int
s_take_watch (struct status *self, const char *arg)
{
	self->watch_ms = WATCH_DEFAULT_MS;
	int status = arg ? options_duration ("watch", arg, &self->watch_ms) : CMD_OK;
	if (status || (self->watch_ms >= WATCH_LEAST_MS && self->watch_ms < 1000 * 86400))
		return status;
	say ("--watch: between 1s and a day");
	return CMD_USAGE;
}

static int
status_take (void *arg, int option, const char *text)
{
	struct status *self = arg;
	if (option == STATUS_WATCH)
		return s_take_watch (self, text);
	if (option != OPTIONS_FORMAT || strcmp (text, "prometheus") != 0)
		return -1;
	self->prometheus = true;
	return CMD_OK;
}

int
cmd_status (int argc, char **argv)
{
	struct status self = {0};
	struct verb verb = {
		.name = "status",
		.help = s_help,
		.options = s_options,
		.common = &self.common,
		.take = status_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	if (!status)
		status = s_run (&self);
	settings_finish (&self.settings);
	return status;
}
