/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the hub's process: the clock of deadlines with how far the log was looked at, as the fact
 * "escalation-clock", and of each followed alert what is not in its own entry, as "escalation/ID". Saved now and then,
 * and with each entry that says something was missed; what the log has behind that is looked at again at the start.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/escalation_private.h"
#include "siaga/error.h"

#define CLOCK_KEY "escalation-clock"
#define CLOCK_ITEMS 3
#define PREFIX "escalation/"
#define ITEMS 11
#define FACT_MAX 192
#define DRIFT_US 2000000 /* the wall clock was set: by more than this */

/* --- writing ------------------------------------------------------------------------------------------- */

int
escalation_remember_clock (struct escalation *self, struct journal_job *job, uint64_t through)
{
	uint8_t data[FACT_MAX];
	struct siaga_writer writer;

	self->saved_ms = self->clock_ms;
	self->saved_us = clock_now_us ();
	siaga_writer_init (&writer, data, sizeof data);
	siaga_writer_array (&writer, CLOCK_ITEMS);
	siaga_writer_uint (&writer, self->saved_ms);
	siaga_writer_uint (&writer, self->saved_us);
	siaga_writer_uint (&writer, through);
	return journal_job_add_fact (job, CLOCK_KEY, (struct siaga_bytes){data, writer.size});
}

static void
s_key (const struct followed *followed, char key[sizeof PREFIX + 2 * SIAGA_ID_BYTES])
{
	memcpy (key, PREFIX, sizeof PREFIX);
	siaga_hex (key + sizeof PREFIX - 1, followed->id, SIAGA_ID_BYTES);
}

/* [number, opened, opened on the clock of deadlines, over, severity, state, lead, step, holds, flags, through] */
int
escalation_remember (struct followed *followed, struct journal_job *job)
{
	char key[sizeof PREFIX + 2 * SIAGA_ID_BYTES];
	uint8_t data[FACT_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, data, sizeof data);
	siaga_writer_array (&writer, ITEMS);
	siaga_writer_uint (&writer, followed->number);
	siaga_writer_uint (&writer, followed->opened_us);
	siaga_writer_uint (&writer, followed->opened_ms);
	siaga_writer_uint (&writer, followed->over_ms);
	siaga_writer_uint (&writer, followed->severity);
	siaga_writer_uint (&writer, followed->state);
	siaga_writer_text (&writer, siaga_text (followed->lead));
	siaga_writer_uint (&writer, followed->step);
	siaga_writer_uint (&writer, followed->holds);
	siaga_writer_uint (&writer, followed->is_held | followed->take_said << 1 |
					    followed->resolve_said << 2 | followed->is_late << 3);
	siaga_writer_uint (&writer, followed->through);
	if (writer.error)
		return writer.error;
	s_key (followed, key);
	followed->is_dirty = false;
	followed->is_stored = true;
	return journal_job_add_fact (job, key, (struct siaga_bytes){data, writer.size});
}

static bool
s_is_dirty (const struct escalation *self)
{
	const struct followed *it = NULL;

	while ((it = followed_table_next (&self->table, it)))
		if (it->is_dirty)
			return true;
	return self->table.gone_count > 0;
}

/* Was the wall clock set since it was saved? What passes while the hub is down is told by it. */
static bool
s_has_drifted (const struct escalation *self)
{
	int64_t wall_us = (int64_t) (clock_now_us () - self->saved_us);
	int64_t off_us = wall_us - (int64_t) (self->clock_ms - self->saved_ms) * 1000;

	return off_us > DRIFT_US || off_us < -DRIFT_US;
}

bool
escalation_has_news (const struct escalation *self)
{
	uint64_t passed_ms = self->clock_ms - self->saved_ms;

	if (!self->has_saved || self->through - self->saved_through >= HUB_FOLLOWED_LOOK_BACK)
		return true;
	if (self->table.count > 0 && (passed_ms >= HUB_ESCALATION_CLOCK_MS || s_has_drifted (self)))
		return true;
	return passed_ms >= HUB_ESCALATION_SAVE_MS &&
	       (self->through != self->saved_through || s_is_dirty (self));
}

int
escalation_save (struct escalation *self, struct journal_job *job)
{
	char key[sizeof PREFIX + 2 * SIAGA_ID_BYTES];
	struct followed *it;
	int error = 0;

	TAILQ_FOREACH (it, &self->table.gone, entry)
	{
		s_key (it, key);
		it->is_going = true;
		if (!error)
			error = journal_job_add_fact (job, key, NO_BYTES);
	}
	for (it = followed_table_next (&self->table, NULL); it && !error;
	     it = followed_table_next (&self->table, it))
		if (it->is_dirty)
			error = escalation_remember (it, job);
	self->is_saving = true;
	self->saving_through = self->through;
	return error ? error : escalation_remember_clock (self, job, self->through);
}

void
escalation_on_saved (struct escalation *self, bool is_there)
{
	struct followed *it = TAILQ_FIRST (&self->table.gone), *next;

	for (; it; it = next) {
		next = TAILQ_NEXT (it, entry);
		if (is_there && it->is_going) {
			TAILQ_REMOVE (&self->table.gone, it, entry);
			self->table.gone_count--;
			free (it);
		} else {
			it->is_going = false;
		}
	}
	if (is_there) {
		self->saved_through = self->saving_through;
		self->has_saved = true;
		return;
	}
	for (it = followed_table_next (&self->table, NULL); it;
	     it = followed_table_next (&self->table, it))
		it->is_dirty = true;
}

/* --- reading ------------------------------------------------------------------------------------------- */

static int
s_recall_clock (struct escalation *self, struct siaga_bytes value)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, value.data, value.size);
	siaga_reader_array_of (&reader, CLOCK_ITEMS);
	uint64_t saved_ms = siaga_reader_uint (&reader);
	uint64_t saved_us = siaga_reader_uint (&reader);
	uint64_t through = siaga_reader_uint (&reader);
	if (siaga_reader_end (&reader) != 0)
		return SIAGA_EMALFORMED;
	self->saved_ms = saved_ms;
	self->saved_us = saved_us;
	self->saved_through = through;
	self->has_saved = true;
	return 0;
}

static int
s_recall_followed (struct escalation *self, struct siaga_text hex, struct siaga_bytes value)
{
	uint8_t id[SIAGA_ID_BYTES];
	struct siaga_reader reader;
	struct followed it = {.is_stored = true};

	siaga_reader_init (&reader, value.data, value.size);
	siaga_reader_array_of (&reader, ITEMS);
	it.number = siaga_reader_uint (&reader);
	it.opened_us = siaga_reader_uint (&reader);
	it.opened_ms = siaga_reader_uint (&reader);
	it.over_ms = siaga_reader_uint (&reader);
	it.severity = (enum siaga_severity) siaga_reader_uint (&reader);
	it.state = (enum siaga_life_state) siaga_reader_uint (&reader);
	struct siaga_text lead = siaga_reader_text (&reader, SIAGA_MEMBER_MAX);
	it.step = (uint32_t) siaga_reader_uint (&reader);
	it.holds = (uint32_t) siaga_reader_uint (&reader);
	uint64_t flags = siaga_reader_uint (&reader);
	it.through = siaga_reader_uint (&reader);
	if (siaga_reader_end (&reader) != 0 || siaga_hex_parse (id, sizeof id, hex) != 0 ||
	    it.severity > SIAGA_SEVERITY_CRITICAL || it.state >= SIAGA_LIFE_STATES)
		return SIAGA_EMALFORMED;
	snprintf (it.lead, sizeof it.lead, "%.*s", (int) lead.size, lead.size ? lead.data : "");
	it.is_held = flags & 1;
	it.take_said = flags & 2;
	it.resolve_said = flags & 4;
	it.is_late = flags & 8;
	return followed_table_restore (&self->table, id, &it);
}

static int
s_recall_fact (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	struct escalation *self = arg;
	const size_t prefix = sizeof PREFIX - 1;
	int error = 0;

	if (siaga_text_is (key, CLOCK_KEY))
		error = s_recall_clock (self, value);
	else if (key.size > prefix && memcmp (key.data, PREFIX, prefix) == 0)
		error = s_recall_followed (
			self, (struct siaga_text){key.data + prefix, key.size - prefix}, value);
	if (error == SIAGA_ENOMEM)
		return error;
	if (error)
		log_warn ("escalation-memory", "what is remembered cannot be read: %.*s",
			  (int) key.size, key.data);
	return 0;
}

static int
s_by_number (const void *a, const void *b)
{
	const struct followed *const *one = a, *const *other = b;

	return ((*one)->number > (*other)->number) - ((*one)->number < (*other)->number);
}

/* All of them in the order of the log: reading one means reading its batch, and thousands may share a few. */
static struct followed **
s_in_order (struct escalation *self, size_t *count)
{
	struct followed **all = calloc (HUB_FOLLOWED_MAX + 1, sizeof (struct followed *));
	struct followed *it = followed_table_next (&self->table, NULL);

	for (*count = 0; all && it; it = followed_table_next (&self->table, it))
		all[(*count)++] = it;
	if (all)
		qsort (all, *count, sizeof (struct followed *), s_by_number);
	return all;
}

/* Facts do not have what stands in the log and in the roster. 0 or SIAGA_ENOMEM. */
static int
s_complete (struct escalation *self)
{
	struct siaga_header header;
	struct siaga_bytes bytes;
	size_t count;
	struct followed **all = s_in_order (self, &count);

	for (size_t i = 0; all && i < count; i++) {
		struct followed *it = all[i];
		if (escalation_read (self, it->number, &header, &bytes, &it->accepted_us) != 0 ||
		    memcmp (header.id, it->id, SIAGA_ID_BYTES) != 0 ||
		    !escalation_set_duty (self, it))
			followed_table_drop (&self->table, &it);
	}
	free (all);
	return all ? 0 : SIAGA_ENOMEM;
}

/* When that was on the clock of deadlines, for what came behind the last save. */
static uint64_t
s_at_ms (const struct escalation *self, uint64_t accepted_us)
{
	uint64_t least_ms = self->has_saved ? self->saved_ms : 0;
	uint64_t now_us = clock_now_us ();
	uint64_t ago_ms = now_us > accepted_us ? (now_us - accepted_us) / 1000 : 0;

	return self->clock_ms > least_ms + ago_ms ? self->clock_ms - ago_ms : least_ms;
}

/* One entry of the log, of which a copy is looked at: the cache is asked for others meanwhile. 0, or an error. */
static int
s_look_again (struct escalation *self, uint64_t number)
{
	static uint8_t copy[SIAGA_ENTRY_MAX]; /* of the core's thread */
	struct siaga_header header;
	struct siaga_bytes bytes;
	struct escalation_entry entry = {.header = &header, .number = number};

	int error = escalation_read (self, number, &header, &bytes, &entry.accepted_us);
	if (error || bytes.size > sizeof copy)
		return error;
	memcpy (copy, bytes.data, bytes.size);
	entry.bytes = (struct siaga_bytes){copy, bytes.size};
	if (siaga_header_read (entry.bytes, &header, &bytes) != 0)
		return SIAGA_EIO;
	entry.at_ms = s_at_ms (self, entry.accepted_us);
	escalation_look (self, &entry);
	return 0;
}

static int
s_catch_up (struct escalation *self)
{
	uint64_t head = self->core->head;
	uint64_t number = self->saved_through;

	if (!self->has_saved && head > HUB_FOLLOWED_LOOK_BACK)
		number = head - HUB_FOLLOWED_LOOK_BACK;
	for (; number < head; number++) {
		int error = s_look_again (self, number);
		if (error && error != SIAGA_ENOTFOUND)
			return error;
		self->lookups = UINT32_MAX;
	}
	self->through = head;
	return 0;
}

int
escalation_recall (struct escalation *self)
{
	struct journal *journal = self->core->journal;
	uint64_t now_us = clock_now_us ();

	int error = journal->ops->facts (journal, s_recall_fact, self);
	if (error)
		return error;
	if (!self->has_saved) {
		self->saved_us = now_us;
		self->saved_ms = now_us / 1000; /* any beginning would do */
	}
	self->clock_ms = self->saved_ms;
	if (now_us > self->saved_us)
		self->clock_ms += (now_us - self->saved_us) / 1000;
	error = s_complete (self);
	return error ? error : s_catch_up (self);
}
