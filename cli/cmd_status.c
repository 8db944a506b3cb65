/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga status`: what the hub says of itself and of the sessions we may know of, and what waits here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "siaga/error.h"

#define SESSIONS_MAX 65536

static const struct option s_options[] = {OPTIONS_COMMON, {0}};

static const char s_help[] =
	"Usage: siaga status [OPTION...]\n"
	"Shows the hub, its log and roster, the sessions of your member (role operate: of all), and\n"
	"what waits on this machine.\n"
	"\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --format text|json   without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct status {
	struct options_common common;
	struct settings settings;
	struct output output;
};

static json_t *
s_time (uint64_t time_us)
{
	char text[SIAGA_TIME_TEXT];
	siaga_time_text (text, time_us);
	return time_us ? json_string (text) : json_null ();
}

static json_t *
s_text (struct siaga_text text)
{
	return json_stringn (text.size ? text.data : "", text.size);
}

static void
s_set_number (json_t *object, const char *name, struct siaga_reader *reader)
{
	json_object_set_new (object, name, json_integer ((json_int_t) siaga_reader_uint (reader)));
}

static json_t *
s_source (struct siaga_reader *reader)
{
	struct siaga_source source = {.lines = 0};
	siaga_source_read (reader, &source);
	return json_pack ("{s:o, s:o, s:o, s:I, s:I, s:o}", "name", s_text (source.name),
			  "last_line", s_time (source.last_line_us), "last_alert",
			  s_time (source.last_alert_us), "lines", (json_int_t) source.lines,
			  "alerts", (json_int_t) source.alerts, "error",
			  source.error.size ? s_text (source.error) : json_null ());
}

/* What an agent's heartbeat told, from the eighth item on. */
static void
s_session_more (struct siaga_reader *reader, json_t *session)
{
	s_set_number (session, "waiting_bytes", reader);
	json_object_set_new (session, "oldest_waiting", s_time (siaga_reader_uint (reader)));
	s_set_number (session, "lost", reader);
	s_set_number (session, "aside", reader);
	s_set_number (session, "disk_free", reader);
	json_object_set_new (session, "clock", s_time (siaga_reader_uint (reader)));
	json_t *sources = json_array ();
	size_t count = siaga_sources_begin (reader);
	for (size_t i = 0; i < count && !reader->error; i++)
		json_array_append_new (sources, s_source (reader));
	json_object_set_new (session, "sources", sources);
}

/* [principal, since, software, roster serial, waiting, in flight, last heard, …]; a newer hub may say more, an older
   one less. */
static json_t *
s_session (struct siaga_reader *reader)
{
	json_t *session = json_object ();
	size_t count = siaga_reader_array (reader, 64);
	if (count < 7)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
	json_object_set_new (session, "principal",
			     s_text (siaga_reader_text (reader, SIAGA_PRINCIPAL_MAX)));
	json_object_set_new (session, "since", s_time (siaga_reader_uint (reader)));
	json_object_set_new (session, "software",
			     s_text (siaga_reader_text (reader, SIAGA_SOFTWARE_MAX)));
	s_set_number (session, "roster_serial", reader);
	s_set_number (session, "waiting", reader);
	s_set_number (session, "in_flight", reader);
	json_object_set_new (session, "last_heard", s_time (siaga_reader_uint (reader)));
	if (count >= 14)
		s_session_more (reader, session);
	for (size_t i = count >= 14 ? 14 : 7; i < count; i++)
		siaga_reader_skip (reader);
	return session;
}

static json_t *
s_sessions (struct siaga_reader *reader)
{
	json_t *sessions = json_array ();
	size_t count = siaga_reader_array (reader, SESSIONS_MAX);
	for (size_t i = 0; i < count && !reader->error; i++)
		json_array_append_new (sessions, s_session (reader));
	return sessions;
}

static void
s_read_key (struct siaga_reader *reader, uint64_t key, json_t *hub)
{
	char hex[2 * SIAGA_LOG_ID_BYTES + 1];
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	switch (key) {
	case 1:
		siaga_reader_fixed (reader, log_id, sizeof log_id);
		siaga_hex (hex, log_id, sizeof log_id);
		json_object_set_new (hub, "log_id", json_string (hex));
		break;
	case 2:
		json_object_set_new (hub, "head",
				     json_integer ((json_int_t) siaga_reader_uint (reader)));
		break;
	case 3:
		json_object_set_new (hub, "roster_serial",
				     json_integer ((json_int_t) siaga_reader_uint (reader)));
		break;
	case 4:
		json_object_set_new (hub, "software",
				     s_text (siaga_reader_text (reader, SIAGA_SOFTWARE_MAX)));
		break;
	case 5:
		json_object_set_new (hub, "started", s_time (siaga_reader_uint (reader)));
		break;
	case 6:
		json_object_set_new (hub, "sessions", s_sessions (reader));
		break;
	case 7:
		json_object_set_new (hub, "last_accepted", s_time (siaga_reader_uint (reader)));
		break;
	default:
		siaga_reader_skip (reader);
	}
}

/* The hub's answer as an object; NULL when it is malformed. */
static json_t *
s_read_answer (struct siaga_bytes answer)
{
	json_t *hub = json_object ();
	struct siaga_reader reader;
	struct siaga_map map;
	uint64_t key;
	siaga_reader_init (&reader, answer.data, answer.size);
	siaga_reader_map (&reader, 64, &map);
	while (siaga_reader_key (&reader, &map, &key))
		s_read_key (&reader, key, hub);
	if (siaga_reader_end (&reader) == 0)
		return hub;
	json_decref (hub);
	return NULL;
}

static json_t *
s_own_roster (const struct siaga_roster *roster)
{
	return json_pack ("{s:I, s:o, s:o}", "serial", (json_int_t) roster->serial, "issued",
			  s_time (roster->issued_us), "expires", s_time (roster->expires_us));
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

static const char *
s_member_text (const json_t *object, const char *name)
{
	const char *text = json_string_value (json_object_get (object, name));
	return text ? text : "-";
}

static long long
s_member_number (const json_t *object, const char *name)
{
	return json_integer_value (json_object_get (object, name));
}

/* The local clock of an RFC 3339 text that we wrote ourselves. */
static void
s_clock (struct status *self, char out[RENDER_CLOCK_TEXT], const json_t *object, const char *name)
{
	uint64_t time_us = 0;
	snprintf (out, RENDER_CLOCK_TEXT, "-");
	if (siaga_time_parse (&time_us, siaga_text (s_member_text (object, name))) == 0)
		render_clock (out, time_us, &self->output.style);
}

static void
s_print_source (struct status *self, const json_t *source)
{
	char line[RENDER_CLOCK_TEXT], alert[RENDER_CLOCK_TEXT];
	s_clock (self, line, source, "last_line");
	s_clock (self, alert, source, "last_alert");
	output_printf (&self->output, "  ");
	output_padded (&self->output, s_member_text (source, "name"), 18);
	output_printf (&self->output, " last line %s, last alert %s, %lld lines, %lld alerts", line,
		       alert, s_member_number (source, "lines"),
		       s_member_number (source, "alerts"));
	if (json_is_string (json_object_get (source, "error"))) {
		output_printf (&self->output, ", ");
		output_escaped (&self->output, siaga_text (s_member_text (source, "error")));
	}
	output_printf (&self->output, "\n");
}

/* What an agent told beyond its queue, as far as there is something to tell. */
static void
s_print_agent (struct status *self, const json_t *session)
{
	size_t index;
	json_t *source;
	char oldest[RENDER_CLOCK_TEXT];
	if (s_member_number (session, "waiting") > 0) {
		s_clock (self, oldest, session, "oldest_waiting");
		output_printf (&self->output, "  %lld bytes wait, the oldest since %s\n",
			       s_member_number (session, "waiting_bytes"), oldest);
	}
	if (s_member_number (session, "lost") > 0 || s_member_number (session, "aside") > 0)
		output_printf (
			&self->output, "  %lld lines lost for want of room, %lld set aside\n",
			s_member_number (session, "lost"), s_member_number (session, "aside"));
	if (s_member_number (session, "disk_free") > 0)
		output_printf (&self->output, "  %lld MiB free on its disk\n",
			       s_member_number (session, "disk_free") >> 20);
	json_array_foreach (json_object_get (session, "sources"), index, source)
		s_print_source (self, source);
}

static void
s_print_sessions (struct status *self, const json_t *hub)
{
	size_t index;
	json_t *session;
	char since[RENDER_CLOCK_TEXT];
	char heard[RENDER_CLOCK_TEXT];
	json_t *sessions = json_object_get (hub, "sessions");
	if (json_array_size (sessions) > 0)
		output_printf (&self->output, "\n%-20s %-24s %-24s %-22s %6s %7s %9s\n",
			       "PRINCIPAL", "SINCE", "LAST HEARD", "SOFTWARE", "ROSTER", "WAITING",
			       "IN FLIGHT");
	json_array_foreach (sessions, index, session)
	{
		s_clock (self, since, session, "since");
		s_clock (self, heard, session, "last_heard");
		output_padded (&self->output, s_member_text (session, "principal"), 20);
		output_printf (&self->output, " %-24s %-24s ", since, heard);
		output_padded (&self->output, s_member_text (session, "software"), 22);
		output_printf (&self->output, " %6lld %7lld %9lld\n",
			       s_member_number (session, "roster_serial"),
			       s_member_number (session, "waiting"),
			       s_member_number (session, "in_flight"));
		s_print_agent (self, session);
	}
}

static void
s_print_hub (struct status *self, const json_t *hub)
{
	char when[RENDER_CLOCK_TEXT];
	output_printf (&self->output, "hub      %s, ", self->settings.trust.roster->hub);
	output_escaped (&self->output, siaga_text (s_member_text (hub, "software")));
	s_clock (self, when, hub, "started");
	output_printf (&self->output, ", up since %s\n", when);
	s_clock (self, when, hub, "last_accepted");
	output_printf (&self->output, "log      %s, next number %lld, last accepted %s\n",
		       s_member_text (hub, "log_id"), s_member_number (hub, "head"), when);
}

static void
s_print_own (struct status *self, const json_t *object)
{
	const json_t *roster = json_object_get (object, "roster");
	const json_t *hub = json_object_get (object, "hub");
	const json_t *queue = json_object_get (object, "queue");
	char when[RENDER_CLOCK_TEXT];
	s_clock (self, when, roster, "expires");
	output_printf (&self->output, "roster   serial %lld", s_member_number (roster, "serial"));
	if (hub && s_member_number (hub, "roster_serial") != s_member_number (roster, "serial"))
		output_printf (&self->output, " (the hub has %lld)",
			       s_member_number (hub, "roster_serial"));
	output_printf (&self->output, ", expires %s\n", when);
	output_printf (&self->output, "you      %s\n", self->settings.trust.principal->name);
	if (json_object_get (queue, "error"))
		output_printf (&self->output, "queue    %s\n", s_member_text (queue, "error"));
	else
		output_printf (
			&self->output, "queue    %lld waiting, %lld in flight, %lld set aside\n",
			s_member_number (queue, "waiting"), s_member_number (queue, "in_flight"),
			s_member_number (queue, "aside"));
}

static int
s_print (struct status *self, const json_t *object)
{
	const json_t *hub = json_object_get (object, "hub");
	int status = 0;
	if (self->output.json) {
		status = output_json (&self->output, object);
	} else {
		self->output.style.dates = true;
		if (json_is_object (hub))
			s_print_hub (self, hub);
		s_print_own (self, object);
		s_print_sessions (self, hub);
	}
	if (!status)
		status = output_flush (&self->output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

static int
s_run (struct status *self)
{
	struct siaga_query query = {.what = SIAGA_QUERY_STATUS};
	struct asked asked;
	json_t *hub = NULL;
	int status = ask_run (&self->settings, &self->common, &query, &asked);
	if (status == CMD_OK) {
		hub = s_read_answer (answer_bytes (&asked.answer));
		if (!hub) {
			say ("the hub's answer is malformed");
			status = CMD_REFUSED;
		}
		answer_finish (&asked.answer);
	}
	json_t *object = json_object ();
	if (hub)
		json_object_set_new (object, "hub", hub);
	json_object_set_new (object, "roster", s_own_roster (self->settings.trust.roster));
	json_object_set_new (object, "principal",
			     json_string (self->settings.trust.principal->name));
	json_object_set_new (object, "queue", s_own_queue (&self->settings));
	int printed = s_print (self, object);
	json_decref (object);
	return status ? status : printed;
}

static int
s_parse (struct status *self, int argc, char **argv)
{
	int option;
	int status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1)
		status = options_take_common (&self->common, option, optarg);
	if (!status && !self->common.help && optind < argc) {
		say ("status takes no operands: %s", argv[optind]);
		status = CMD_USAGE;
	}
	return status;
}

int
cmd_status (int argc, char **argv)
{
	struct status self = {0};
	int status = s_parse (&self, argc, argv);
	if (status)
		return status;
	if (self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = settings_load (&self.settings, self.common.conf);
	if (status)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	if (!status)
		status = s_run (&self);
	settings_finish (&self.settings);
	return status;
}
