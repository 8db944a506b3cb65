/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/log_settle.c and hub/journal_log.c: a journal that holds less, or something else, than what was signed goes on as
 * a new log; one that holds it all stays the log it is.
 */
#include "journal_fixture.h"

#include "common/file.h"
#include "common/log.h"
#include "hub/log_settle.h"
#include "siaga/checkpoint.h"

struct fixture {
	char directory[256];
	char path[300];
	char file[300];
	struct fixture_lane lane;
	struct fixture_lane hub;
	struct siaga_roster roster;
	struct siaga_principal principal;
	struct siaga_roster_key key;
	struct journal *journal;
};

static void
open_journal (struct fixture *self)
{
	char words[256] = "";
	if (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK, JOURNAL_WRITE,
				 words) != 0)
		fail_msg ("%s", words);
}

static int
setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	log_open ("test", LOG_TO_NOTHING, -2);
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	snprintf (self->file, sizeof self->file, "%s/checkpoint", self->directory);
	fixture_lane_init (&self->lane, "bssn/soc-1");
	fixture_lane_init (&self->hub, "kpu/hub");
	snprintf (self->roster.network, sizeof self->roster.network, "%s", FIXTURE_NETWORK);
	snprintf (self->roster.hub, sizeof self->roster.hub, "kpu/hub");
	snprintf (self->principal.name, sizeof self->principal.name, "kpu/hub");
	self->key.card = self->hub.identity->card;
	self->principal.key_count = 1;
	self->principal.keys = &self->key;
	self->roster.principal_count = 1;
	self->roster.principals = &self->principal;
	open_journal (self);
	*state = self;
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	if (self->journal)
		self->journal->ops->close (&self->journal);
	fixture_lane_finish (&self->lane);
	fixture_lane_finish (&self->hub);
	fixture_directory_remove (self->directory);
	free (self);
	return 0;
}

static void
append (struct fixture *self, size_t count)
{
	struct journal_job *job = fixture_job (&self->lane, count);
	struct journal_batch batch = fixture_batch (job);
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, 1000), 0);
	journal_job_destroy (&job);
}

/* Signs what the journal holds and puts it into the file. */
static struct siaga_checkpoint
sign (struct fixture *self)
{
	const struct journal_ops *ops = self->journal->ops;
	struct siaga_checkpoint checkpoint = {.network = FIXTURE_NETWORK};
	char note[SIAGA_CHECKPOINT_MAX];
	size_t size;
	memcpy (checkpoint.log_id, ops->log_id (self->journal), SIAGA_LOG_ID_BYTES);
	checkpoint.size = ops->head (self->journal);
	assert_int_equal (ops->root (self->journal, checkpoint.size, checkpoint.root), 0);
	siaga_checkpoint_write (&checkpoint, self->hub.identity->sign_secret, note, &size);
	assert_int_equal (file_replace (self->file, 0600, note, size), 0);
	assert_int_equal (ops->keep_note (self->journal, (struct siaga_text){note, size}), 0);
	return checkpoint;
}

static void
settle (struct fixture *self)
{
	char words[256];
	if (log_settle (self->journal, &self->roster, self->file, words) != 0)
		fail_msg ("%s", words);
}

static bool
is_log (struct fixture *self, const uint8_t *log_id)
{
	return memcmp (self->journal->ops->log_id (self->journal), log_id, SIAGA_LOG_ID_BYTES) == 0;
}

static void
assert_former (struct fixture *self, const uint8_t *log_id, uint64_t common)
{
	uint8_t former[SIAGA_LOG_ID_BYTES];
	uint64_t size;
	assert_int_equal (self->journal->ops->former (self->journal, former, &size), 0);
	assert_memory_equal (former, log_id, sizeof former);
	assert_int_equal (size, common);
}

static void
test_settle_keeps_a_journal_that_has_it_all (void **state)
{
	struct fixture *self = *state;
	append (self, 3);
	struct siaga_checkpoint told = sign (self);
	settle (self);
	assert_true (is_log (self, told.log_id));
	append (self, 2); /* after the last checkpoint, as ever */
	settle (self);
	assert_true (is_log (self, told.log_id));
	unlink (self->file);
	settle (self);
	assert_true (is_log (self, told.log_id));
	uint8_t former[SIAGA_LOG_ID_BYTES];
	uint64_t size;
	assert_int_equal (self->journal->ops->former (self->journal, former, &size),
			  SIAGA_ENOTFOUND);
}

static void
test_settle_begins_a_log_where_the_journal_is_shorter (void **state)
{
	struct fixture *self = *state;
	char copy[640], words[256], note[SIAGA_CHECKPOINT_MAX];
	size_t size;
	append (self, 3);
	sign (self);
	self->journal->ops->close (&self->journal);
	snprintf (copy, sizeof copy, "cp %s %s.old", self->path, self->path);
	assert_int_equal (system (copy), 0);
	open_journal (self);
	append (self, 2);
	struct siaga_checkpoint told = sign (self);
	self->journal->ops->close (&self->journal);
	snprintf (copy, sizeof copy, "%s.old", self->path);
	assert_int_equal (rename (copy, self->path), 0);
	open_journal (self);
	settle (self);
	assert_false (is_log (self, told.log_id));
	assert_former (self, told.log_id, 3);
	/* What the database said of the log it was is not this one's. */
	assert_int_equal (self->journal->ops->note (self->journal, note, &size), SIAGA_ENOTFOUND);
	assert_int_equal (self->journal->ops->head (self->journal), 3);
	/* Before its first checkpoint the file is still the former log's: it is not begun again. */
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	memcpy (log_id, self->journal->ops->log_id (self->journal), sizeof log_id);
	self->journal->ops->close (&self->journal);
	open_journal (self);
	assert_int_equal (log_settle (self->journal, &self->roster, self->file, words), 0);
	assert_true (is_log (self, log_id));
}

static void
test_settle_begins_a_log_where_the_entries_are_others (void **state)
{
	struct fixture *self = *state;
	struct siaga_checkpoint told;
	char note[SIAGA_CHECKPOINT_MAX];
	size_t size;
	append (self, 3);
	told = sign (self);
	told.root[0] ^= 1;
	siaga_checkpoint_write (&told, self->hub.identity->sign_secret, note, &size);
	assert_int_equal (file_replace (self->file, 0600, note, size), 0);
	settle (self);
	assert_false (is_log (self, told.log_id));
	assert_former (self, told.log_id, 0);
}

static void
test_settle_begins_a_log_where_the_file_is_another_logs_or_not_ours (void **state)
{
	struct fixture *self = *state;
	struct siaga_checkpoint told;
	char note[SIAGA_CHECKPOINT_MAX];
	size_t size;
	append (self, 3);
	told = sign (self);
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	memcpy (log_id, told.log_id, sizeof log_id);
	told.log_id[0] ^= 1;
	siaga_checkpoint_write (&told, self->hub.identity->sign_secret, note, &size);
	assert_int_equal (file_replace (self->file, 0600, note, size), 0);
	settle (self);
	assert_false (is_log (self, log_id));
	assert_former (self, log_id, 3);
	memcpy (log_id, self->journal->ops->log_id (self->journal), sizeof log_id);
	assert_int_equal (file_replace (self->file, 0600, "torn", 4), 0);
	settle (self);
	assert_false (is_log (self, log_id));
	assert_former (self, log_id, 3);
}

static void
test_settle_begins_a_log_after_a_restore_once (void **state)
{
	struct fixture *self = *state;
	char words[256];
	append (self, 3);
	struct siaga_checkpoint told = sign (self);
	self->journal->ops->close (&self->journal);
	assert_int_equal (journal_mark_restored (self->path, FIXTURE_NETWORK, words), 0);
	open_journal (self);
	settle (self);
	assert_false (is_log (self, told.log_id));
	assert_former (self, told.log_id, 3);
	sign (self);
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	memcpy (log_id, self->journal->ops->log_id (self->journal), sizeof log_id);
	settle (self);
	assert_true (is_log (self, log_id));
}

static void
test_settle_lets_an_empty_journal_name_the_log_that_was_lost (void **state)
{
	struct fixture *self = *state;
	append (self, 3);
	struct siaga_checkpoint told = sign (self);
	self->journal->ops->close (&self->journal);
	unlink (self->path);
	open_journal (self);
	settle (self);
	assert_false (is_log (self, told.log_id));
	assert_former (self, told.log_id, 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_settle_keeps_a_journal_that_has_it_all, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (
			test_settle_begins_a_log_where_the_journal_is_shorter, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_settle_begins_a_log_where_the_entries_are_others, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_settle_begins_a_log_where_the_file_is_another_logs_or_not_ours, setup,
			teardown),
		cmocka_unit_test_setup_teardown (test_settle_begins_a_log_after_a_restore_once,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_settle_lets_an_empty_journal_name_the_log_that_was_lost, setup,
			teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
