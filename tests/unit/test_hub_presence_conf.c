/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group `presence`: what stands in the manual when nothing is said, and errors that name line and field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/presence_conf.h"
#include "siaga/error.h"

#define SECOND_US UINT64_C (1000000)

static void
test_defaults_are_those_of_the_manual (void **state)
{
	struct presence_conf conf;

	(void) state;
	assert_int_equal (presence_conf_default (&conf), 0);
	assert_int_equal (conf.silent_after_us, 60 * SECOND_US);
	assert_int_equal (conf.source_quiet_us, 0);
	assert_int_equal (conf.clock_off_us, 10 * SECOND_US);
	assert_int_equal (conf.outbox_age_us, 600 * SECOND_US);
	assert_int_equal (conf.outbox_waiting, 100000);
	assert_int_equal (conf.behind_us, 600 * SECOND_US);
	assert_int_equal (conf.absent_after_us, 300 * SECOND_US);
	assert_int_equal (conf.expiry_us, 14 * 86400 * SECOND_US);
	assert_int_equal (conf.disk_low_bytes, 1 << 30);
	assert_int_equal (conf.settle_us, 30 * SECOND_US);
	assert_int_equal (conf.start_grace_us, 60 * SECOND_US);
}

static void
check_refused (const char *text, const char *words)
{
	struct presence_conf conf;
	struct conf_error error = {""};

	assert_int_equal (
		conf_parse ("hub.conf", text, strlen (text), &presence_conf_schema, &conf, &error),
		SIAGA_ECONF);
	if (!strstr (error.words, words))
		fail_msg ("%s", error.words);
}

static void
test_what_is_wrong_is_refused_by_line_and_field (void **state)
{
	(void) state;
	check_refused ("settle = \"1s\";\nsilent_after = \"500ms\";", "hub.conf:2: silent_after");
	check_refused ("silent_after = \"3000d\";", "hub.conf:1: silent_after");
	check_refused ("outbox_waiting = 0;", "hub.conf:1: outbox_waiting");
	check_refused ("silent_afer = \"60s\";", "silent_after"); /* did you mean */
	check_refused ("clock_off = 10;", "hub.conf:1: clock_off");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_defaults_are_those_of_the_manual),
		cmocka_unit_test (test_what_is_wrong_is_refused_by_line_and_field),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
