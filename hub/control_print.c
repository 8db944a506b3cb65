/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's facts as text for whoever sits at its machine.
 */
#include "common/escape.h"
#include "hub/control.h"

static const char *
s_text (const json_t *object, const char *name)
{
	const char *text = json_string_value (json_object_get (object, name));

	return text ? text : "-";
}

static long long
s_number (const json_t *object, const char *name)
{
	return json_integer_value (json_object_get (object, name));
}

static bool
s_is (const json_t *object, const char *name)
{
	return json_is_true (json_object_get (object, name));
}

static void
s_print_journal (FILE *out, const json_t *journal)
{
	long long commits = s_number (journal, "commits");

	fprintf (out, "log      %s, next number %lld, last accepted %s\n",
		 s_text (journal, "log_id"), s_number (journal, "head"),
		 s_text (journal, "last_accepted"));
	fprintf (out, "journal  %lld commits, %.3f ms each; WAL %lld KiB, %lld MiB free\n", commits,
		 commits ? (double) s_number (journal, "commit_us") / 1000 / (double) commits : 0.0,
		 s_number (journal, "wal_bytes") >> 10, s_number (journal, "disk_free") >> 20);
}

static void
s_print_conditions (FILE *out, const json_t *conditions)
{
	size_t index;
	json_t *it;

	if (json_array_size (conditions) > 0)
		fprintf (out, "\n%-9s %-27s %s\n", "SEVERITY", "SINCE", "OPEN CONDITION");
	json_array_foreach (conditions, index, it)
	{
		fprintf (out, "%-9s %-27s ", s_text (it, "severity"), s_text (it, "since"));
		escape_write (out, siaga_text (s_text (it, "title")));
		fputs (": ", out);
		escape_write (out, siaga_text (s_text (it, "words")));
		fputc ('\n', out);
	}
}

void
control_print (FILE *out, const json_t *facts)
{
	const json_t *roster = json_object_get (facts, "roster");
	const json_t *principals = json_object_get (facts, "principals");

	fprintf (out, "hub      %s in %s, siaga-hub %s, pid %lld, since %s\n",
		 s_text (facts, "hub"), s_text (facts, "network"), s_text (facts, "version"),
		 s_number (facts, "pid"), s_text (facts, "started"));
	fprintf (out, "gate     %s, restarted %lld times%s\n",
		 s_is (facts, "listening") ? "listens" : "does not listen",
		 s_number (facts, "gate_restarts"), s_is (facts, "draining") ? ", draining" : "");
	s_print_journal (out, json_object_get (facts, "journal"));
	fprintf (out, "roster   serial %lld, expires %s\n", s_number (roster, "serial"),
		 s_text (roster, "expires"));
	fprintf (out,
		 "peers    %lld of %lld principals are up, %lld of %lld agents; %lld sessions\n",
		 s_number (principals, "up"), s_number (principals, "known"),
		 s_number (principals, "agents_up"), s_number (principals, "agents"),
		 s_number (facts, "sessions"));
	fprintf (out, "taken    %lld entries, %lld batches acknowledged, %lld messages refused\n",
		 s_number (facts, "entries"), s_number (facts, "acks"),
		 s_number (facts, "refused"));
	s_print_conditions (out, json_object_get (facts, "conditions"));
}
