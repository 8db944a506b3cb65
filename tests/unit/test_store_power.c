/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/store.h when the power is cut: what was committed is there, what was committed lazily is there as long as nothing
 * before it is missing, and nothing is half there. SIAGA_POWER_SEED runs one life alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/store_private.h"
#include "directory_fixture.h"
#include "power_cut.h"

#define LIVES 100
#define STEPS 60
#define DATA_MAX 20000

static char s_directory[64];
static uint64_t s_random;

static int
s_setup (void **state)
{
	(void) state;
	fixture_enter (s_directory);
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	fixture_leave (s_directory);
	return 0;
}

static unsigned
s_dice (unsigned sides)
{
	s_random = s_random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
	return (unsigned) (s_random >> 33) % sides;
}

static struct store *
s_open (const char *path)
{
	static const char *const steps[] = {"CREATE TABLE thing (n INTEGER PRIMARY KEY, data BLOB);"
					    "CREATE INDEX size_of ON thing (length (data))"};
	struct store *store = NULL;
	char words[256] = "";
	struct store_options options = {
		.path = path, .application_id = 1, .steps = steps, .step_count = 1};
	if (store_open (&store, &options, words) != 0)
		fail_msg ("%s", words);
	return store;
}

static void
s_insert (struct store *store, uint64_t n)
{
	static const uint8_t data[DATA_MAX];
	struct store_query *query =
		store_query (store, "INSERT INTO thing (n, data) VALUES (?, ?)");
	store_bind_uint (query, n);
	store_bind_blob (query, data, s_dice (s_dice (4) ? 300 : DATA_MAX));
	assert_int_equal (store_run (query), 0);
}

/* Some steps; *done and *durable get the numbers of the last commit, and of the last that was waited for. */
static void
s_live (struct store *store, uint64_t *done, uint64_t *durable)
{
	for (unsigned step = s_dice (STEPS); step > 0; step--) {
		bool lazy = s_dice (3) > 0, gives_up = s_dice (8) == 0;
		assert_int_equal (lazy ? store_begin_lazy (store) : store_begin (store), 0);
		s_insert (store, *done + 1);
		if (gives_up) {
			store_rollback (store);
			continue;
		}
		assert_int_equal (store_commit (store), 0);
		*done += 1;
		if (!lazy)
			*durable = *done;
		if (s_dice (20) == 0)
			assert_int_equal (store_checkpoint (store), 0);
	}
}

static void
s_assert_found (uint64_t done, uint64_t durable)
{
	struct store *store = s_open ("after/a.db");
	uint64_t count = 0, last = 0;
	assert_int_equal (store_quick_check (store), 0);
	assert_int_equal (
		store_pragma_uint (store, "SELECT coalesce (max (n), 0) FROM thing", &last), 0);
	assert_int_equal (store_pragma_uint (store, "SELECT count (*) FROM thing", &count), 0);
	assert_int_equal (count, last);
	assert_in_range (last, durable, done);
	store_close (&store);
}

static void
s_one_life (uint64_t seed)
{
	uint64_t done = 0, durable = 0;
	s_random = seed * UINT64_C (0x9E3779B97F4A7C15);
	assert_int_equal (mkdir ("after", 0700), 0);
	power_cut_begin ();
	struct store *store = s_open ("a.db");
	assert_int_equal (store_exec (store, "PRAGMA wal_autocheckpoint = 25"), 0);
	s_live (store, &done, &durable);
	power_cut_end ("after", s_dice, s_dice (2) ? 0 : s_dice (100));
	store_close (&store);
	power_cut_finish ();
	s_assert_found (done, durable);
	assert_int_equal (system ("rm -r after a.db*"), 0);
}

static void
test_store_keeps_what_it_committed_when_the_power_is_cut (void **state)
{
	(void) state;
	const char *seed = getenv ("SIAGA_POWER_SEED");
	if (seed) {
		s_one_life (strtoull (seed, NULL, 10));
		return;
	}
	for (uint64_t i = 1; i <= LIVES; i++) {
		print_message ("SIAGA_POWER_SEED=%u\n", (unsigned) i);
		s_one_life (i);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (
			test_store_keeps_what_it_committed_when_the_power_is_cut, s_setup,
			s_teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
