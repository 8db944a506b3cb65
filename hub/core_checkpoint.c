/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's signed checkpoint (PROTOCOL.md section 5): made when the head moved, at most once a second; first put into a
 * file outside the database, and only then told to anybody, so that a hub whose database was put back to an
 * earlier state knows what it has said (log_settle.c).
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"

struct siaga_text
core_checkpoint_note (const struct core *self)
{
	return (struct siaga_text){self->told.note, self->told.note_size};
}

void
core_checkpoint_init (struct core *self)
{
	struct siaga_checkpoint checkpoint;
	struct signed_head *told = &self->told;
	const struct journal_ops *ops = self->journal->ops;

	/* One of the log as it was before is none of this one. */
	if (!ops->note || ops->note (self->journal, told->note, &told->note_size) != 0 ||
	    siaga_checkpoint_read (core_checkpoint_note (self), &checkpoint) != 0 ||
	    memcmp (checkpoint.log_id, ops->log_id (self->journal), SIAGA_LOG_ID_BYTES) != 0 ||
	    checkpoint.size > self->head) {
		told->note_size = 0;
		return;
	}
	told->checkpoint = checkpoint;
}

/* To a session that has not got it: a reader at once, and whoever else when it wakes for its PONG. */
void
core_tell_checkpoint (struct core *self, struct session *session)
{
	if (session->checkpoint_size >= self->told.checkpoint.size || self->told.note_size == 0)
		return;
	session->checkpoint_size = self->told.checkpoint.size;
	core_reply (self, SIAGA_CHECKPOINT)->checkpoint.note = core_checkpoint_note (self);
	core_say (self, session);
}

static bool
s_reads (const struct session *session)
{
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		if (session->subscriptions[i])
			return true;
	return false;
}

/* It is on the disk: now it is what we said. */
static void
s_publish (struct core *self)
{
	self->told = self->next;
	if (self->chores)
		chores_keep_note (self->chores, core_checkpoint_note (self));
	for (struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		if (session->state == SESSION_OPEN && s_reads (session))
			core_tell_checkpoint (self, session);
}

/* Nothing is signed that contradicts what was: the tree must still lead to the last root. */
static int
s_check_told (struct core *self)
{
	const struct siaga_checkpoint *told = &self->told.checkpoint;
	uint8_t root[SIAGA_HASH_BYTES];

	if (self->told.note_size == 0)
		return 0;
	int error = self->journal->ops->root (self->journal, told->size, root);
	if (!error && memcmp (root, told->root, sizeof root) != 0)
		error = SIAGA_EROOT;
	return error;
}

static void
s_sign (struct core *self)
{
	struct signed_head *next = &self->next;
	struct siaga_checkpoint *checkpoint = &next->checkpoint;

	int error = s_check_told (self);
	if (!error)
		error = self->journal->ops->root (self->journal, self->head, checkpoint->root);
	if (error) {
		core_fail (
			self, EX_IOERR, "checkpoint",
			error == SIAGA_EROOT
				? "the log no longer agrees with what was signed: starting again"
				: "the log's tree cannot be read: siaga-hub --verify says where");
		return;
	}
	checkpoint->size = self->head;
	snprintf (checkpoint->network, sizeof checkpoint->network, "%s",
		  self->trust->roster->network);
	memcpy (checkpoint->log_id, self->journal->ops->log_id (self->journal), SIAGA_LOG_ID_BYTES);
	siaga_checkpoint_write (checkpoint, self->trust->identity->sign_secret, next->note,
				&next->note_size);
	if (!self->keeper) {
		s_publish (self);
		return;
	}
	self->checkpoint_busy = true;
	keeper_keep (self->keeper, (struct siaga_text){next->note, next->note_size});
}

static void
s_on_kept (struct core *self, const struct keeper_news *news)
{
	self->checkpoint_busy = false;
	if (!news->kept_error) {
		if (self->checkpoint_failed)
			log_info ("checkpoint-kept", "the checkpoint is on the disk again");
		self->checkpoint_failed = false;
		s_publish (self);
		return;
	}
	if (!self->checkpoint_failed)
		log_error ("checkpoint-file", "%s: no checkpoint is told until it can be written",
			   news->words);
	self->checkpoint_failed = true;
}

static void
s_hear (struct core *self)
{
	struct keeper_news news;

	keeper_hear (self->keeper, &news);
	if (news.failed) {
		core_fail (self, EX_IOERR, "journal-failed", news.words);
		return;
	}
	if (news.kept)
		s_on_kept (self, &news);
	if (news.disk_is_low != self->disk_is_low && news.disk_is_low)
		log_error ("disk-low",
			   "%llu MiB are free: nothing new is taken until there is more than the "
			   "reserve again; what is here is still delivered",
			   (unsigned long long) (news.disk_free >> 20));
	else if (news.disk_is_low != self->disk_is_low)
		log_info ("disk-back", "%llu MiB are free: new entries are taken again",
			  (unsigned long long) (news.disk_free >> 20));
	self->disk_is_low = news.disk_is_low;
	self->disk_free = news.disk_free;
}

void
core_checkpoint_tick (struct core *self)
{
	uint64_t now_ms = clock_mono_ms ();

	if (self->keeper)
		s_hear (self);
	if (self->status != 0 || self->checkpoint_busy ||
	    self->head <= self->told.checkpoint.size ||
	    (self->checkpoint_ms > 0 && now_ms - self->checkpoint_ms < HUB_CHECKPOINT_MS))
		return;
	self->checkpoint_ms = now_ms;
	s_sign (self);
}
