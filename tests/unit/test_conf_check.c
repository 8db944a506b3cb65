/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/conf_check.c: the checkers that several programs use.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/conf.h"

static void
test_conf_check_address_is_tcp_host_and_port (void **state)
{
	static const char *const good[] = {"tcp://127.0.0.1:7766", "tcp://hub.kpu.go.id:1",
					   "tcp://[fe80::1]:65535"};
	static const char *const bad[] = {"",		"tcp://",      "tcp://a",
					  "tcp://a:",	"tcp://a:0",   "tcp://a:65536",
					  "tcp://a:1x", "tcp://a:01",  "tcp://:1",
					  "tcp://*:1",	"tcp://a b:1", "ipc://x",
					  "tcp://[::1", "tcp://[]:1",  "tcp://a:1;tcp://b:1"};
	char reason[CONF_REASON_MAX];

	(void) state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true (conf_check_address (good[i], reason));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false (conf_check_address (bad[i], reason));
}

static void
assert_check (bool (*check) (const void *value, char reason[CONF_REASON_MAX]), const char *good,
	      const char *bad, const char *words)
{
	char reason[CONF_REASON_MAX] = "";

	assert_true (check (good, reason));
	assert_string_equal (reason, "");
	assert_false (check (bad, reason));
	assert_int_equal (strncmp (reason, "\"", 1), 0);
	assert_int_equal (strncmp (reason + 1, bad, strlen (bad)), 0);
	assert_non_null (strstr (reason, words));
}

static void
test_conf_check_names_say_what_was_wrong (void **state)
{
	(void) state;
	assert_check (conf_check_network, "pemilu-2024.id", "Pemilu", "is not a network's name");
	assert_check (conf_check_principal, "bssn/soc-1", "bssn", "is not a principal's name");
	assert_check (conf_check_member, "bssn", "bssn/soc", "is not a member's name");
	assert_check (conf_check_system, "sirekap", "1", "is not a system's name");
}

static void
test_conf_check_tlp_names_the_known (void **state)
{
	char reason[CONF_REASON_MAX] = "";

	(void) state;
	assert_true (conf_check_tlp ("amber+strict", reason));
	assert_false (conf_check_tlp ("pink", reason));
	assert_string_equal (
		reason, "unknown value \"pink\": one of clear, green, amber, amber+strict, red");
}

static void
test_conf_check_reason_of_a_long_value_is_cut (void **state)
{
	char value[2 * CONF_REASON_MAX], reason[CONF_REASON_MAX];

	(void) state;
	memset (value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	assert_false (conf_check_address (value, reason));
	assert_non_null (strstr (reason, "is not an address"));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_conf_check_address_is_tcp_host_and_port),
		cmocka_unit_test (test_conf_check_names_say_what_was_wrong),
		cmocka_unit_test (test_conf_check_tlp_names_the_known),
		cmocka_unit_test (test_conf_check_reason_of_a_long_value_is_cut),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
