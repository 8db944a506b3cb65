/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's facts as text for whoever sits at its machine.
 */
#include "common/escape.h"
#include "common/facts.h"
#include "hub/control.h"

static void
s_print_journal (FILE *out, const json_t *journal)
{
	long long commits = facts_number (journal, "commits");

	fprintf (out, "log      %s, next number %lld, last accepted %s\n",
		 facts_text (journal, "log_id"), facts_number (journal, "head"),
		 facts_text (journal, "last_accepted"));
	fprintf (out, "journal  %lld commits, %.3f ms each; WAL %lld KiB, %lld MiB free\n", commits,
		 commits ? (double) facts_number (journal, "commit_us") / 1000 / (double) commits
			 : 0.0,
		 facts_number (journal, "wal_bytes") >> 10,
		 facts_number (journal, "disk_free") >> 20);
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
		fprintf (out, "%-9s %-27s ", facts_text (it, "severity"), facts_text (it, "since"));
		escape_write (out, siaga_text (facts_text (it, "title")));
		fputs (": ", out);
		escape_write (out, siaga_text (facts_text (it, "words")));
		fputc ('\n', out);
	}
}

void
control_print (FILE *out, const json_t *facts)
{
	const json_t *roster = json_object_get (facts, "roster");
	const json_t *principals = json_object_get (facts, "principals");

	fprintf (out, "hub      %s in %s, siaga-hub %s, pid %lld, since %s\n",
		 facts_text (facts, "hub"), facts_text (facts, "network"),
		 facts_text (facts, "version"), facts_number (facts, "pid"),
		 facts_text (facts, "started"));
	fprintf (out, "gate     %s, restarted %lld times%s\n",
		 facts_is_true (facts, "listening") ? "listens" : "does not listen",
		 facts_number (facts, "gate_restarts"),
		 facts_is_true (facts, "draining") ? ", draining" : "");
	s_print_journal (out, json_object_get (facts, "journal"));
	fprintf (out, "roster   serial %lld, expires %s\n", facts_number (roster, "serial"),
		 facts_text (roster, "expires"));
	fprintf (out,
		 "peers    %lld of %lld principals are up, %lld of %lld agents; %lld sessions\n",
		 facts_number (principals, "up"), facts_number (principals, "known"),
		 facts_number (principals, "agents_up"), facts_number (principals, "agents"),
		 facts_number (facts, "sessions"));
	fprintf (out, "taken    %lld entries, %lld batches acknowledged, %lld messages refused\n",
		 facts_number (facts, "entries"), facts_number (facts, "acks"),
		 facts_number (facts, "refused"));
	s_print_conditions (out, json_object_get (facts, "conditions"));
}
