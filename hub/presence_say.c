/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as `system` entries in the hub's lane (PROTOCOL.md section 6.9): a batch of those that are due, and in
 * the same transaction what is remembered of them. One batch of the hub's own is under way at a time.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/presence_private.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define ENTRY_BYTES_MAX 3072
#define RETRY_MS 10000

/* An entry being made. */
struct entry {
	struct siaga_header header;
	struct siaga_body body;
	char title[SIAGA_TITLE_MAX];
	char description[SIAGA_TITLE_MAX];
};

/* --- words ----------------------------------------------------------------------------------------------- */

void
presence_title (const struct condition *condition, char out[SIAGA_TITLE_MAX])
{
	const char *title = condition_facts[condition->kind].title;
	const char *place = strstr (title, "%s");

	snprintf (out, SIAGA_TITLE_MAX, "%.*s%s%s%s%s%s", (int) (place - title), title,
		  condition->subject, place + 2,
		  condition->kind == CONDITION_SOURCE_STALE ? " (" : "",
		  condition->kind == CONDITION_SOURCE_STALE ? condition->detail : "",
		  condition->kind == CONDITION_SOURCE_STALE ? ")" : "");
}

void
presence_seconds_text (char text[SIAGA_TIME_TEXT], uint64_t time_us)
{
	siaga_time_text (text, time_us - time_us % 1000000);
	char *dot = strchr (text, '.');
	if (dot)
		snprintf (dot, 2, "Z");
}

static void
s_write_words (struct entry *entry, const struct condition *condition, bool is_over)
{
	char since[SIAGA_TIME_TEXT], now[SIAGA_TIME_TEXT], title[SIAGA_TITLE_MAX - 64];
	char whole[SIAGA_TITLE_MAX];

	presence_title (condition, whole);
	snprintf (title, sizeof title, "%.400s", whole);
	presence_seconds_text (since, condition->since_us);
	presence_seconds_text (now, entry->header.created_us);
	if (is_over)
		snprintf (entry->title, sizeof entry->title, "over: %s", title);
	else
		snprintf (entry->title, sizeof entry->title, "%s since %s", title, since);
	if (is_over)
		snprintf (entry->description, sizeof entry->description,
			  "It lasted from %s to %s. It was: %s.", since, now, condition->words);
	else
		snprintf (entry->description, sizeof entry->description, "%c%s.",
			  condition->words[0] >= 'a' && condition->words[0] <= 'z'
				  ? condition->words[0] - 'a' + 'A'
				  : condition->words[0],
			  condition->words[0] ? condition->words + 1 : "");
	entry->body.title = siaga_text (entry->title);
	entry->body.description = siaga_text (entry->description);
	if (!is_over)
		entry->body.instruction = siaga_text (condition_facts[condition->kind].advice);
}

/* --- to whom --------------------------------------------------------------------------------------------- */

/* Whom a condition is told: the operators' members, and that of the principal. The hub's own sees it anyway. */
static bool
s_is_told (const struct siaga_roster *roster, const struct siaga_member *member,
	   const struct siaga_principal *subject, const struct siaga_principal *hub)
{
	if (subject && subject->member == member)
		return true;
	if (hub && hub->member == member)
		return false;
	return siaga_roster_operates (roster, member);
}

void
presence_add_audience (struct siaga_header *header, struct siaga_text name)
{
	size_t at = header->audience_count;

	if (at == SIAGA_AUDIENCE_MAX)
		return;
	while (at > 0 && strcmp (header->audience[at - 1].data, name.data) > 0) {
		header->audience[at] = header->audience[at - 1];
		at--;
	}
	header->audience[at] = name;
	header->audience_count++;
}

/* The member concerned comes first, for there is room for SIAGA_AUDIENCE_MAX. The TLP is no bar to whom it is
   addressed. */
static void
s_address (const struct presence *self, struct siaga_header *header,
	   const struct condition *condition)
{
	const struct siaga_roster *roster = self->core->trust->roster;
	const struct siaga_principal *hub = trust_hub (self->core->trust);
	const struct siaga_principal *subject =
		siaga_roster_principal (roster, siaga_text (condition->subject));

	header->tlp = SIAGA_TLP_GREEN;
	if (condition_facts[condition->kind].audience == CONDITION_FOR_ALL)
		return;
	header->tlp = SIAGA_TLP_AMBER;
	if (subject)
		presence_add_audience (header, siaga_text (subject->member->name));
	for (size_t i = 0; i < roster->member_count; i++) {
		const struct siaga_member *member = &roster->members[i];
		if ((!subject || subject->member != member) &&
		    s_is_told (roster, member, subject, hub))
			presence_add_audience (header, siaga_text (member->name));
	}
	if (header->audience_count == 0 && hub)
		presence_add_audience (header, siaga_text (hub->member->name));
	for (size_t i = 0; i < header->audience_count; i++) {
		const struct siaga_member *member =
			siaga_roster_member (roster, header->audience[i]);
		if (member->clearance < header->tlp)
			header->tlp = member->clearance;
	}
}

/* --- an entry -------------------------------------------------------------------------------------------- */

static void
s_fill_header (const struct presence *self, struct entry *entry, const struct condition *condition,
	       bool is_over)
{
	struct siaga_header *header = &entry->header;
	uint8_t random[10];

	header->origin = siaga_text (self->core->trust->roster->hub);
	header->kind = SIAGA_KIND_SYSTEM;
	header->status = SIAGA_STATUS_SYSTEM;
	header->created_us = clock_now_us ();
	header->severity = condition_facts[condition->kind].severity;
	header->certainty = SIAGA_CERTAINTY_OBSERVED;
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header->id, header->created_us / 1000, random);
	if (is_over) {
		header->ref_count = 1;
		memcpy (header->refs[0].id, condition->id, SIAGA_ID_BYTES);
		memcpy (header->refs[0].leaf, condition->leaf, SIAGA_HASH_BYTES);
	}
	s_address (self, header, condition);
}

static void
s_fill_body (struct entry *entry, const struct condition *condition, bool is_over)
{
	struct siaga_body *body = &entry->body;

	s_write_words (entry, condition, is_over);
	body->detector.tool = siaga_text ("siaga-hub");
	body->detector.rule_id = siaga_text (condition_facts[condition->kind].id);
	body->detector.rule = siaga_text (is_over ? "closed" : "opened");
	body->first_seen_us = condition->since_us;
	if (is_over)
		body->last_seen_us = entry->header.created_us;
	if (condition->subject[0] == '\0')
		return;
	body->target_count = 1;
	body->target[0].user = siaga_text (condition->subject);
	body->target[0].process = siaga_text (condition->detail);
}

/* Writes the entry (SIAGA_ELIMIT, SIAGA_EMALFORMED: ours) and, when it opens, keeps in the condition what its end will refer to. */
static int
s_write_entry (const struct presence *self, struct siaga_writer *writer,
	       struct condition *condition)
{
	static struct entry entry; /* of the core's thread */
	bool is_over = condition->state == CONDITION_CLOSING;

	memset (&entry, 0, sizeof entry);
	s_fill_header (self, &entry, condition, is_over);
	s_fill_body (&entry, condition, is_over);
	int error = siaga_entry_write (writer, &entry.header, &entry.body);
	if (error || is_over)
		return error;
	memcpy (condition->id, entry.header.id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (condition->leaf, writer->data, writer->size);
	return 0;
}

static int
s_add_fact (const struct condition *condition, struct journal_job *job)
{
	char key[256];
	uint8_t value[CONDITION_FACT_MAX];
	size_t size = 0;

	condition_key (condition, key);
	if (condition->state == CONDITION_OPENING)
		size = condition_write (condition, value);
	return journal_job_add_fact (job, key, (struct siaga_bytes){value, size});
}

/* --- a batch --------------------------------------------------------------------------------------------- */

static size_t
s_choose (struct presence *self)
{
	self->said_count = 0;
	for (struct condition *it = conditions_next (self->conditions, NULL);
	     it && self->said_count < PRESENCE_ENTRIES_MAX;
	     it = conditions_next (self->conditions, it))
		if (it->state == CONDITION_OPENING || it->state == CONDITION_CLOSING)
			self->said[self->said_count++] = it;
	return self->said_count;
}

/* One that cannot be said must not keep the others from being said. */
static void
s_give_up (struct presence *self, struct condition *condition, int error)
{
	log_error ("hub-entry", "the entry about %s %s %s cannot be made: %s",
		   condition_facts[condition->kind].id, condition->subject, condition->detail,
		   siaga_strerror (error));
	conditions_logged (self->conditions, condition);
}

static int
s_fill_job (struct presence *self, struct journal_job *job)
{
	static uint8_t room[PRESENCE_ENTRIES_MAX][ENTRY_BYTES_MAX]; /* of the core's thread */
	struct siaga_bytes entries[PRESENCE_ENTRIES_MAX];
	struct siaga_writer writer;
	uint64_t oseq = 0;

	size_t count = 0;
	int error = hub_lane_next (self->core, &oseq);
	for (size_t i = 0; !error && i < self->said_count; i++) {
		struct condition *condition = self->said[i];
		siaga_writer_init (&writer, room[count], sizeof room[count]);
		int unfit = s_write_entry (self, &writer, condition);
		if (unfit) {
			s_give_up (self, condition, unfit);
			continue;
		}
		entries[count] = (struct siaga_bytes){writer.data, writer.size};
		self->said[count++] = condition;
		error = s_add_fact (condition, job);
	}
	self->said_count = count;
	if (error || count == 0)
		return error ? error : SIAGA_EAGAIN;
	return hub_lane_batch (self->core, entries, count, oseq, job);
}

void
presence_say (struct presence *self)
{
	struct core *core = self->core;

	if (self->up_ms < self->retry_ms || core->roster_busy || core->roster_due || core->parked ||
	    core->stopping || core->draining)
		return;
	bool has_news = presence_has_news (self);
	if (s_choose (self) == 0 && !has_news)
		return;
	struct journal_job *job =
		self->said_count > 0 ? journal_job_new () : journal_job_new_facts ();
	int error = job ? 0 : SIAGA_ENOMEM;
	if (!error && self->said_count > 0)
		error = s_fill_job (self, job);
	if (!error)
		error = presence_remember (self, job);
	if (!error) {
		core_submit (core, &job);
		core->roster_busy = true;
		return;
	}
	self->said_count = 0;
	journal_job_destroy (&job);
	if (error == SIAGA_EIO)
		core_fail (core, EX_IOERR, "journal-read", siaga_strerror (error));
	else if (error != SIAGA_EAGAIN)
		log_error ("hub-entry", "a condition's entry cannot be made: %s",
			   siaga_strerror (error));
}

/* Each is said in the operator's own log too, where it happens. */
static void
s_log_condition (const struct condition *condition)
{
	char title[SIAGA_TITLE_MAX];

	presence_title (condition, title);
	if (condition->state == CONDITION_OPENING)
		log_warn ("condition-opened", "%s: %s: %s", condition_facts[condition->kind].id,
			  title, condition->words);
	else
		log_info ("condition-closed", "%s: %s", condition_facts[condition->kind].id, title);
}

/* Not taken (the disk is full), they stay due and are said again, though not at once. */
void
presence_on_logged (struct presence *self, const struct journal_result *result)
{
	if (result->code != 0)
		self->retry_ms = self->up_ms + RETRY_MS;
	for (size_t i = 0; result->code == 0 && i < self->said_count; i++) {
		s_log_condition (self->said[i]);
		conditions_logged (self->conditions, self->said[i]);
	}
	self->said_count = 0;
}
