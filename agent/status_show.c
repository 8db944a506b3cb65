/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga-agent --status`: the other end of the status socket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/status_socket.h"
#include "common/escape.h"
#include "common/facts.h"
#include "common/local_socket.h"

#define ANSWER_SECONDS 10

static double
s_real (const json_t *object, const char *name)
{
	return json_number_value (json_object_get (object, name));
}

/* The agent escapes nothing: words of the hub and names of files stand in it. */
static void
s_put (FILE *out, const json_t *object, const char *name)
{
	escape_write (out, siaga_text (facts_text (object, name)));
}

static void
s_print_sources (FILE *out, const json_t *sources)
{
	size_t index;
	json_t *source;
	if (json_array_size (sources) > 0)
		fprintf (out, "\n%-18s %-8s %12s %10s %9s  %-27s %s\n", "SOURCE", "TYPE", "LINES",
			 "ALERTS", "LINES/S", "LAST LINE", "POSITION");
	json_array_foreach (sources, index, source)
	{
		fprintf (out, "%-18s %-8s %12lld %10lld %9.1f  %-27s ", facts_text (source, "name"),
			 facts_text (source, "type"), facts_number (source, "lines"),
			 facts_number (source, "alerts"), s_real (source, "lines_per_second"),
			 facts_text (source, "last_line"));
		s_put (out, source, facts_is_said (source, "position") ? "position" : "path");
		fputc ('\n', out);
		if (!facts_is_said (source, "error"))
			continue;
		fputs ("  error: ", out);
		s_put (out, source, "error");
		fputc ('\n', out);
	}
}

static void
s_print_outbox (FILE *out, const json_t *outbox)
{
	fprintf (
		out,
		"outbox   %lld waiting (%lld of %lld bytes, oldest %s), %lld in flight, %lld set aside\n",
		facts_number (outbox, "waiting"), facts_number (outbox, "waiting_bytes"),
		facts_number (outbox, "max_bytes"), facts_text (outbox, "oldest"),
		facts_number (outbox, "in_flight"), facts_number (outbox, "aside"));
	if (facts_number (outbox, "lost") > 0)
		fprintf (out, "lost     %lld lines, %lld of them not yet told to the hub\n",
			 facts_number (outbox, "lost"), facts_number (outbox, "lost_untold"));
	if (facts_is_said (outbox, "refused"))
		fprintf (out, "refused  %s: the sources wait\n", facts_text (outbox, "refused"));
	fprintf (out, "disk     %lld MiB free\n", facts_number (outbox, "disk_free") >> 20);
}

static void
s_print_link (FILE *out, const json_t *link)
{
	bool open = json_is_true (json_object_get (link, "open"));
	fprintf (out, "link     %s at %s, %s%s", facts_text (link, "hub"),
		 facts_text (link, "address"), open ? "open since " : "down",
		 open ? facts_text (link, "since") : "");
	if (facts_is_said (link, "last_error")) {
		fputs ("; last error: ", out);
		s_put (out, link, "last_error");
	}
	fputc ('\n', out);
}

static void
s_print_clock (FILE *out, const json_t *clock)
{
	double ahead = s_real (clock, "hub_ahead_seconds");
	fprintf (out, "clock    %s", facts_text (clock, "now"));
	if (json_is_number (json_object_get (clock, "hub_ahead_seconds")))
		fprintf (out, ", the hub's is %.3f s %s", ahead < 0 ? -ahead : ahead,
			 ahead < 0 ? "behind" : "ahead");
	if (facts_number (clock, "steps") > 0)
		fprintf (out, ", was set %lld times, last by %+.1f s",
			 facts_number (clock, "steps"), s_real (clock, "last_step_seconds"));
	fputc ('\n', out);
}

void
status_print (FILE *out, const json_t *facts)
{
	const json_t *roster = json_object_get (facts, "roster");
	const json_t *damper = json_object_get (facts, "damper");
	const json_t *reload = json_object_get (facts, "reload");
	fprintf (out, "agent    %s in %s, siaga-agent %s, pid %lld, since %s\n",
		 facts_text (facts, "principal"), facts_text (facts, "network"),
		 facts_text (facts, "version"), facts_number (facts, "pid"),
		 facts_text (facts, "started"));
	s_print_link (out, json_object_get (facts, "link"));
	fprintf (out, "roster   serial %lld, expires %s\n", facts_number (roster, "serial"),
		 facts_text (roster, "expires"));
	s_print_clock (out, json_object_get (facts, "clock"));
	s_print_outbox (out, json_object_get (facts, "outbox"));
	fprintf (out, "damper   %s, %lld lines folded, %lld folds open\n",
		 json_is_true (json_object_get (damper, "enabled")) ? "on" : "off",
		 facts_number (damper, "folded"), facts_number (damper, "open"));
	if (facts_is_said (reload, "error")) {
		fprintf (out, "reload   refused at %s: ", facts_text (reload, "at"));
		s_put (out, reload, "error");
		fputc ('\n', out);
	}
	s_print_sources (out, json_object_get (facts, "sources"));
}

static json_t *
s_ask (const char *state)
{
	json_error_t error;
	char path[4096];
	snprintf (path, sizeof path, "%s/" STATUS_SOCKET_NAME, state);
	int fd = local_socket_connect (path, ANSWER_SECONDS);
	if (fd < 0) {
		fprintf (stderr, "siaga-agent: %s: %s%s\n", path, strerror (errno),
			 errno == ENOENT || errno == ECONNREFUSED ? " (no agent runs there)" : "");
		return NULL;
	}
	json_t *facts = json_loadfd (fd, 0, &error);
	close (fd);
	if (!facts)
		fprintf (stderr, "siaga-agent: the agent gave no answer: %s\n", error.text);
	return facts;
}

int
status_show (const char *conf_path, bool json)
{
	struct agent_conf conf;
	struct conf_error error = {""};
	if (agent_conf_load (&conf, conf_path, &error)) {
		fprintf (stderr, "siaga-agent: %s\n", error.words);
		return EX_CONFIG;
	}
	json_t *facts = s_ask (conf.state);
	agent_conf_free (&conf);
	if (!facts)
		return EX_UNAVAILABLE;
	if (json) {
		json_dumpf (facts, stdout, JSON_COMPACT);
		putchar ('\n');
	} else {
		status_print (stdout, facts);
	}
	json_decref (facts);
	return fflush (stdout) == EOF ? EX_IOERR : EX_OK;
}
