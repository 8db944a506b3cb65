/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/record_cache.h over a journal that is empty: what is given out was put in, or is not there.
 */
#include "journal_fixture.h"

#include "hub/hub_limits.h"
#include "hub/record_cache.h"

static struct journal *s_journal;
static struct record_cache *s_cache;
static struct fixture_lane s_lane;

static int
s_setup (void **state)
{
	(void) state;
	fixture_lane_init (&s_lane, "bssn/soc-1");
	assert_int_equal (journal_open_memory (&s_journal), 0);
	s_cache = record_cache_new (s_journal);
	return s_cache ? 0 : -1;
}

static int
s_teardown (void **state)
{
	(void) state;
	record_cache_destroy (&s_cache);
	s_journal->ops->close (&s_journal);
	fixture_lane_finish (&s_lane);
	return 0;
}

/* A batch of so many entries, as if it had just been appended at `number`. */
static void
s_put (uint64_t number, size_t count)
{
	struct journal_job *job = fixture_job (&s_lane, count);
	job->result.number = number + count - 1;
	job->result.accepted_us = 1000 + number;
	record_cache_put (s_cache, &job);
	assert_null (job);
}

static void
test_record_cache_gives_what_was_put (void **state)
{
	const struct record *record;
	uint8_t mark[SIAGA_HASH_BYTES];
	(void) state;
	s_put (0, 3);
	s_put (3, 2);
	assert_int_equal (record_cache_get (s_cache, 4, &record), 0);
	assert_int_equal (record->number, 3);
	assert_int_equal (record->count, 2);
	assert_int_equal (record->accepted_us, 1003);
	assert_int_equal (record->batch->head.first_oseq, 4);
	siaga_log_leaf (mark, 1003, record->batch->slots[1].leaf);
	assert_memory_equal (record->mark, mark, sizeof mark);
	assert_int_equal (record_cache_get (s_cache, 0, &record), 0);
	assert_int_equal (record->count, 3);
	assert_int_equal (record_cache_get (s_cache, 5, &record), SIAGA_ENOTFOUND);
}

static void
test_record_cache_lets_the_least_recently_used_go (void **state)
{
	const struct record *record;
	(void) state;
	for (uint64_t i = 0; i < HUB_CACHE_RECORDS; i++)
		s_put (i, 1);
	assert_int_equal (record_cache_get (s_cache, 0, &record), 0);
	s_put (HUB_CACHE_RECORDS, 1);
	assert_int_equal (record_cache_get (s_cache, 0, &record), 0);
	assert_int_equal (record_cache_get (s_cache, 1, &record), SIAGA_ENOTFOUND);
	assert_int_equal (record_cache_get (s_cache, 2, &record), 0);
}

static void
test_record_cache_is_bounded_in_bytes (void **state)
{
	enum {
		ENTRIES = 200
	};
	size_t least = ENTRIES * sizeof (struct siaga_header);
	size_t batches = HUB_CACHE_BYTES / least + 2, there = 0;
	const struct record *record;
	(void) state;
	for (size_t i = 0; i < batches; i++)
		s_put (i * ENTRIES, ENTRIES);
	for (size_t i = 0; i < batches; i++)
		there += record_cache_get (s_cache, i * ENTRIES, &record) == 0;
	assert_true (there > 0 && there * least <= HUB_CACHE_BYTES && there < HUB_CACHE_RECORDS);
	assert_int_equal (record_cache_get (s_cache, (batches - 1) * ENTRIES, &record), 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_record_cache_gives_what_was_put, s_setup,
						 s_teardown),
		cmocka_unit_test_setup_teardown (test_record_cache_lets_the_least_recently_used_go,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_record_cache_is_bounded_in_bytes, s_setup,
						 s_teardown),
	};
	if (siaga_crypto_init () != 0)
		return 1;
	return cmocka_run_group_tests (tests, NULL, NULL);
}
