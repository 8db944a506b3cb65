/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was missed, as batches in the hub's lane: the entries, and in the same transaction what of it was said. One batch
 * of the hub's own is under way at a time; the next one follows at once while there is more.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "common/log.h"
#include "hub/escalation_private.h"
#include "siaga/error.h"

#define RETRY_MS 10000

/* What is due, the most severe first; what has come to its end leaves. */
static void
s_choose (struct escalation *self)
{
	struct followed *it = followed_table_next (&self->table, NULL);

	self->said_count = 0;
	while (it && self->said_count < ESCALATION_ENTRIES_MAX) {
		struct followed *next = followed_table_next (&self->table, it);
		struct escalation_said *said = &self->said[self->said_count];
		said->last = 0;
		said->what = followed_due (it, self->clock_ms, &said->last);
		if (said->what == FOLLOWED_END) {
			followed_table_drop (&self->table, &it);
		} else if (said->what != FOLLOWED_NOTHING) {
			memcpy (said->id, it->id, SIAGA_ID_BYTES);
			said->opened_ms = it->opened_ms;
			self->said_count++;
		}
		it = next;
	}
}

/* One that cannot be said must not keep the others from being said, nor be tried for ever. */
static void
s_give_up (struct followed *followed, const struct escalation_said *said, int error)
{
	char id[SIAGA_UUID_TEXT];

	siaga_uuid_text (id, followed->id);
	log_error ("hub-entry", "the escalation of %s (log number %llu) cannot be said: %s", id,
		   (unsigned long long) followed->number,
		   error == SIAGA_ENOTFOUND ? "there is nobody to tell, or it is no longer kept"
					    : siaga_strerror (error));
	followed_said (followed, said->what, said->last);
	followed->is_dirty = true;
}

/* The fact says that it was said; here it is when it stands in the log. */
static int
s_remember_said (struct followed *followed, const struct escalation_said *said,
		 struct journal_job *job)
{
	struct followed was = *followed;

	followed_said (followed, said->what, said->last);
	int error = escalation_remember (followed, job);
	followed->step = was.step;
	followed->is_held = was.is_held;
	followed->take_said = was.take_said;
	followed->resolve_said = was.resolve_said;
	followed->due_ms = was.due_ms;
	return error;
}

static int
s_fill_job (struct escalation *self, struct journal_job *job)
{
	static uint8_t room[ESCALATION_ENTRIES_MAX][ESCALATION_ENTRY_MAX]; /* the core's thread's */
	struct siaga_bytes entries[ESCALATION_ENTRIES_MAX];
	struct siaga_writer writer;
	uint64_t oseq = 0;
	size_t count = 0;

	int error = hub_lane_next (self->core, &oseq);
	for (size_t i = 0; !error && i < self->said_count; i++) {
		struct escalation_said said = self->said[i];
		struct followed *followed = followed_table_find (&self->table, said.id);
		siaga_writer_init (&writer, room[count], sizeof room[count]);
		int unfit = escalation_write (self, &writer, followed, &said);
		if (unfit) {
			s_give_up (followed, &said, unfit);
			continue;
		}
		entries[count] = (struct siaga_bytes){writer.data, writer.size};
		self->said[count++] = said;
		error = s_remember_said (followed, &said, job);
	}
	self->said_count = count;
	if (!error && count == 0)
		return SIAGA_EAGAIN;
	if (!error)
		error = escalation_remember_clock (self, job, self->saved_through);
	return error ? error : hub_lane_batch (self->core, entries, count, oseq, job);
}

static bool
s_may_say (const struct escalation *self)
{
	const struct core *core = self->core;

	return self->clock_ms >= self->retry_ms && !core->roster_busy && !core->roster_due &&
	       !core->parked && !core->stopping && !core->draining;
}

/* Is there a job to be handed over? */
static int
s_make_job (struct escalation *self, struct journal_job **job_p)
{
	s_choose (self);
	if (self->said_count == 0 && !escalation_has_news (self))
		return SIAGA_EAGAIN;
	*job_p = self->said_count > 0 ? journal_job_new () : journal_job_new_facts ();
	if (!*job_p)
		return SIAGA_ENOMEM;
	return self->said_count > 0 ? s_fill_job (self, *job_p) : escalation_save (self, *job_p);
}

void
escalation_say (struct escalation *self)
{
	struct journal_job *job = NULL;

	if (!s_may_say (self))
		return;
	int error = s_make_job (self, &job);
	if (!error) {
		self->is_saying = true;
		core_submit (self->core, &job);
		self->core->roster_busy = true;
		return;
	}
	journal_job_destroy (&job);
	self->said_count = 0;
	self->is_saving = false;
	if (error != SIAGA_EAGAIN)
		escalation_on_saved (self, false);
	if (error == SIAGA_EIO)
		core_fail (self->core, EX_IOERR, "journal-read", siaga_strerror (error));
	else if (error != SIAGA_EAGAIN)
		log_error ("hub-entry", "an escalation cannot be made: %s", siaga_strerror (error));
}

/* An answer may have come meanwhile: then that counts, and what was said was said. */
static void
s_on_said (struct escalation *self, const struct escalation_said *said, bool is_there)
{
	struct followed *followed = followed_table_find (&self->table, said->id);

	if (!followed || followed->opened_ms != said->opened_ms) /* opened again meanwhile */
		return;
	if (!is_there) {
		followed->is_dirty = true;
		return;
	}
	followed_said (followed, said->what, said->last);
	log_info ("escalated", "alert %llu: %s", (unsigned long long) followed->number,
		  said->what == FOLLOWED_STEP	? "nobody has answered in time"
		  : said->what == FOLLOWED_TAKE ? "nobody has taken it in time"
						: "it is not resolved in time");
}

/* Not taken (the disk is full), it stays due and is said again, though not at once. */
void
escalation_on_logged (struct escalation *self, const struct journal_result *result)
{
	bool is_there = result->code == 0;

	if (!self || !self->is_saying)
		return;
	self->is_saying = false;
	if (!is_there)
		self->retry_ms = self->clock_ms + RETRY_MS;
	for (size_t i = 0; i < self->said_count; i++)
		s_on_said (self, &self->said[i], is_there);
	self->said_count = 0;
	if (self->is_saving)
		escalation_on_saved (self, is_there);
	self->is_saving = false;
	escalation_say (self);
}
