/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the roster's files are looked at. The time is the test's; the events are the kernel's, and there at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

#include "common/log.h"
#include "hub/hub_limits.h"
#include "hub/roster_watch.h"
#include "roster_fixture.h"

static char s_directory[64];
static struct roster_watch s_watch;

static int
begin (void **state)
{
	(void) state;
	log_open ("test", LOG_TO_NOTHING, -2);
	fixture_enter (s_directory);
	return mkdir ("etc", 0700) != 0 || roster_watch_init (&s_watch, "etc/roster.conf", 1000);
}

static int
end (void **state)
{
	(void) state;
	roster_watch_finish (&s_watch);
	fixture_leave (s_directory);
	return 0;
}

static void
touch (const char *path, uint64_t now_ms)
{
	fixture_write (path, "x");
	roster_watch_on_events (&s_watch, now_ms);
}

static void
test_change_counts_once_it_is_left_alone (void **state)
{
	(void) state;
	assert_false (roster_watch_is_due (&s_watch, 2000));
	touch ("etc/roster.conf", 2000);
	assert_int_equal (roster_watch_wait_ms (&s_watch, 2000), HUB_ROSTER_QUIET_MS);
	assert_false (roster_watch_is_due (&s_watch, 2000 + HUB_ROSTER_QUIET_MS - 1));
	touch ("etc/roster.conf.minisig", 2100);
	assert_false (roster_watch_is_due (&s_watch, 2100 + HUB_ROSTER_QUIET_MS - 1));
	assert_true (roster_watch_is_due (&s_watch, 2100 + HUB_ROSTER_QUIET_MS));
	assert_false (roster_watch_is_due (&s_watch, 2101 + HUB_ROSTER_QUIET_MS));
	touch ("etc/roster.conf.bssn.minisig", 5000);
	assert_true (roster_watch_is_due (&s_watch, 5000 + HUB_ROSTER_QUIET_MS));
	unlink ("etc/roster.conf.bssn.minisig");
	roster_watch_on_events (&s_watch, 6000);
	assert_true (roster_watch_is_due (&s_watch, 6000 + HUB_ROSTER_QUIET_MS));
}

static void
test_change_without_end_is_looked_at_all_the_same (void **state)
{
	uint64_t now_ms = 2000;

	(void) state;
	for (; now_ms < 2000 + HUB_ROSTER_BUSY_MS; now_ms += HUB_ROSTER_QUIET_MS / 2) {
		touch ("etc/roster.conf", now_ms);
		assert_false (roster_watch_is_due (&s_watch, now_ms));
	}
	touch ("etc/roster.conf", now_ms);
	assert_true (roster_watch_is_due (&s_watch, now_ms));
}

static void
test_other_files_are_passed_over (void **state)
{
	(void) state;
	touch ("etc/hub.conf", 2000);
	touch ("etc/roster.con", 2000);
	touch ("etc/roster.confX", 2000);
	assert_false (roster_watch_is_due (&s_watch, 2000 + HUB_ROSTER_BUSY_MS));
}

static void
test_slow_look_needs_no_events (void **state)
{
	(void) state;
	assert_false (roster_watch_is_due (&s_watch, 1000 + HUB_ROSTER_LOOK_MS - 1));
	assert_true (roster_watch_is_due (&s_watch, 1000 + HUB_ROSTER_LOOK_MS));
	assert_false (roster_watch_is_due (&s_watch, 1001 + HUB_ROSTER_LOOK_MS));
	roster_watch_finish (&s_watch);
	assert_int_equal (roster_watch_init (&s_watch, "nowhere/roster.conf", 1000), 0);
	assert_int_equal (s_watch.watch, -1);
	assert_true (roster_watch_is_due (&s_watch, 1000 + HUB_ROSTER_LOOK_MS));
}

static void
test_directory_that_is_replaced_is_watched_again (void **state)
{
	(void) state;
	assert_int_equal (rename ("etc", "old"), 0);
	assert_int_equal (mkdir ("etc", 0700), 0);
	roster_watch_on_events (&s_watch, 2000);
	assert_true (roster_watch_is_due (&s_watch, 2000 + HUB_ROSTER_QUIET_MS));
	touch ("etc/roster.conf", 3000);
	assert_true (roster_watch_is_due (&s_watch, 3000 + HUB_ROSTER_QUIET_MS));
	/* Gone, and back a while later: found by the slow look. */
	fixture_run ("rm -rf etc");
	roster_watch_on_events (&s_watch, 4000);
	assert_true (roster_watch_is_due (&s_watch, 4000 + HUB_ROSTER_QUIET_MS));
	assert_int_equal (s_watch.watch, -1);
	assert_int_equal (mkdir ("etc", 0700), 0);
	assert_true (roster_watch_is_due (&s_watch, 5000 + HUB_ROSTER_LOOK_MS));
	touch ("etc/roster.conf", 40000);
	assert_true (roster_watch_is_due (&s_watch, 40000 + HUB_ROSTER_QUIET_MS));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		TEST (test_change_counts_once_it_is_left_alone),
		TEST (test_change_without_end_is_looked_at_all_the_same),
		TEST (test_other_files_are_passed_over),
		TEST (test_slow_look_needs_no_events),
		TEST (test_directory_that_is_replaced_is_watched_again),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
