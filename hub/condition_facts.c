/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of conditions, and how an open one is remembered.
 */
#include <stdio.h>

#include "hub/conditions.h"
#include "siaga/error.h"

#define FACT_ITEMS 8

const struct condition_facts condition_facts[CONDITION_KINDS] = {
	[CONDITION_SILENT] = {"agent-silent", SIAGA_SEVERITY_HIGH, CONDITION_FOR_MEMBER, false,
			      "agent %s is silent",
			      "See on its machine whether the agent runs (siaga-agent --status) and"
			      " reaches the hub (siaga doctor); until then nobody watches there."},
	[CONDITION_SOURCE_STALE] = {"source-stale", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER,
				    false, "a source of %s has gone quiet",
				    "See whether the sensor still runs and writes its log where the"
				    " agent reads it."},
	[CONDITION_CLOCK] =
		{"clock-off", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER, true,
		 "the clock of %s is off",
		 "Set its clock by NTP; the times in its alerts are wrong by that much."},
	[CONDITION_HUB_CLOCK] =
		{"hub-clock-off", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_OPERATORS, true,
		 "the hub's clock is off%s",
		 "Most agents' clocks differ from the hub's in the same way: set the"
		 " hub's by NTP."},
	[CONDITION_OUTBOX] =
		{"outbox-growing", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER, false,
		 "alerts pile up in the outbox of %s",
		 "See whether the agent is refused (its log, siaga-agent --status), its"
		 " quota is too small, or its rules let too much through."},
	[CONDITION_READER_BEHIND] =
		{"reader-behind", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER, false,
		 "reader %s does not keep up",
		 "See whether what takes its output (a pipe, a SIEM) still does;"
		 " what it has not read it has not seen."},
	[CONDITION_ABSENT] = {"absent", SIAGA_SEVERITY_HIGH, CONDITION_FOR_MEMBER, false,
			      "%s is not connected",
			      "It is expected to be: start it, or call who runs it."},
	[CONDITION_ROSTER_EXPIRY] = {"roster-expiry", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_ALL,
				     true, "the roster is near its end%s",
				     "Sign and install the next roster."},
	[CONDITION_KEY_EXPIRY] = {"key-expiry", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER, true,
				  "the last key of %s is near its end",
				  "Make the next key (siaga keygen) and have its card put into the"
				  " roster."},
	[CONDITION_QUOTA] = {"quota-refused", SIAGA_SEVERITY_MEDIUM, CONDITION_FOR_MEMBER, false,
			     "%s publishes more than its quota",
			     "See what floods it; if that is right, have the quota raised."},
	[CONDITION_DISK] = {"disk-low", SIAGA_SEVERITY_HIGH, CONDITION_FOR_OPERATORS, true,
			    "the hub's disk is getting full%s",
			    "Make room: without it the hub stops taking alerts."},
	[CONDITION_JOURNAL] =
		{"journal-damaged", SIAGA_SEVERITY_CRITICAL, CONDITION_FOR_OPERATORS, false,
		 "the hub's journal does not verify%s",
		 "Run siaga-hub --verify, and see siaga-hub(8) on restoring a backup."},
	[CONDITION_FOLLOWED] =
		{"deadlines-dropped", SIAGA_SEVERITY_HIGH, CONDITION_FOR_OPERATORS, false,
		 "too many alerts wait for people%s",
		 "Deadlines of the least severe are no longer followed: see siaga open, and have"
		 " the playbook give deadlines to less."},
};

void
condition_key (const struct condition *condition, char key[256])
{
	snprintf (key, 256, CONDITION_FACT_PREFIX "%s/%s/%s", condition_facts[condition->kind].id,
		  condition->subject, condition->detail);
}

size_t
condition_write (const struct condition *condition, uint8_t value[CONDITION_FACT_MAX])
{
	struct siaga_writer writer;

	siaga_writer_init (&writer, value, CONDITION_FACT_MAX);
	siaga_writer_array (&writer, FACT_ITEMS);
	siaga_writer_text (&writer, siaga_text (condition_facts[condition->kind].id));
	siaga_writer_text (&writer, siaga_text (condition->subject));
	siaga_writer_text (&writer, siaga_text (condition->detail));
	siaga_writer_text (&writer, siaga_text (condition->words));
	siaga_writer_uint (&writer, condition->since_us);
	siaga_writer_uint (&writer, condition->flaps);
	siaga_writer_bytes (&writer, condition->id, sizeof condition->id);
	siaga_writer_bytes (&writer, condition->leaf, sizeof condition->leaf);
	return writer.error ? 0 : writer.size;
}

static enum condition_kind
s_kind_of (struct siaga_text id)
{
	unsigned kind = 0;

	while (kind < CONDITION_KINDS && !siaga_text_is (id, condition_facts[kind].id))
		kind++;
	return (enum condition_kind) kind;
}

static void
s_read_text (struct siaga_reader *reader, char *out, size_t max)
{
	struct siaga_text text = siaga_reader_text (reader, max);

	snprintf (out, max + 1, "%.*s", (int) text.size, text.size ? text.data : "");
}

int
conditions_restore (struct conditions *self, struct siaga_bytes value)
{
	struct condition read = {.state = CONDITION_OPEN};
	struct siaga_reader reader;

	siaga_reader_init (&reader, value.data, value.size);
	siaga_reader_array_of (&reader, FACT_ITEMS);
	read.kind = s_kind_of (siaga_reader_text (&reader, 64));
	s_read_text (&reader, read.subject, sizeof read.subject - 1);
	s_read_text (&reader, read.detail, sizeof read.detail - 1);
	s_read_text (&reader, read.words, sizeof read.words - 1);
	read.since_us = siaga_reader_uint (&reader);
	read.flaps = (unsigned) siaga_reader_uint (&reader);
	siaga_reader_fixed (&reader, read.id, sizeof read.id);
	siaga_reader_fixed (&reader, read.leaf, sizeof read.leaf);
	if (siaga_reader_end (&reader) != 0 || read.kind == CONDITION_KINDS)
		return SIAGA_EMALFORMED;
	conditions_judge (self, read.kind, read.subject, read.detail, CONDITION_BAD, read.since_us,
			  read.words);
	struct condition *condition = conditions_find (self, read.kind, read.subject, read.detail);
	if (!condition)
		return SIAGA_ELIMIT;
	condition->state = CONDITION_OPEN;
	condition->verdict = CONDITION_UNSURE;
	condition->flaps = read.flaps;
	memcpy (condition->id, read.id, sizeof condition->id);
	memcpy (condition->leaf, read.leaf, sizeof condition->leaf);
	return 0;
}
