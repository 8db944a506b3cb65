/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of addresses: what is one, and what lies in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/cidr.h"
#include "siaga/error.h"

static bool
has (const char *range, const char *address)
{
	struct cidr cidr;
	assert_int_equal (cidr_parse (&cidr, range), 0);
	return cidr_has (&cidr, siaga_text (address));
}

static void
test_agent_cidr_has (void **state)
{
	(void) state;
	assert_true (has ("10.47.3.0/24", "10.47.3.0"));
	assert_true (has ("10.47.3.0/24", "10.47.3.255"));
	assert_false (has ("10.47.3.0/24", "10.47.4.0"));
	assert_false (has ("10.47.3.0/24", "10.47.2.255"));
	assert_true (has ("10.47.3.128/25", "10.47.3.128"));
	assert_false (has ("10.47.3.128/25", "10.47.3.127"));
	assert_true (has ("10.47.3.7", "10.47.3.7"));
	assert_true (has ("10.47.3.7/32", "10.47.3.7"));
	assert_false (has ("10.47.3.7", "10.47.3.6"));
	assert_true (has ("0.0.0.0/0", "255.1.2.3"));
	assert_false (has ("0.0.0.0/0", "2001:db8::1"));
	assert_true (has ("2001:db8::/32", "2001:db8:ffff::1"));
	assert_true (has ("2001:db8::/32", "2001:0DB8:0:0:0:0:0:1"));
	assert_false (has ("2001:db8::/32", "2001:db9::"));
	assert_true (has ("2001:db8:0:8000::/49", "2001:db8:0:ffff::"));
	assert_false (has ("2001:db8:0:8000::/49", "2001:db8:0:7fff::"));
	assert_true (has ("::/0", "fe80::1"));
	assert_false (has ("::/0", "10.0.0.1"));
	assert_true (has ("::1", "::1"));
}

static void
test_agent_cidr_takes_mapped_addresses_for_ipv4 (void **state)
{
	(void) state;
	assert_true (has ("10.47.3.0/24", "::ffff:10.47.3.9"));
	assert_true (has ("::ffff:10.47.3.0/120", "10.47.3.9"));
	assert_false (has ("::ffff:10.47.3.0/120", "10.47.4.9"));
}

static void
test_agent_cidr_of_no_address_is_false (void **state)
{
	struct cidr cidr;
	(void) state;
	assert_false (has ("0.0.0.0/0", ""));
	assert_false (has ("0.0.0.0/0", "10.47.3"));
	assert_false (has ("0.0.0.0/0", "10.47.3.7 "));
	assert_false (has ("0.0.0.0/0", "10.47.3.7/32"));
	assert_false (has ("::/0", "fe80::1%eth0"));
	assert_false (has ("::/0", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"));
	assert_int_equal (cidr_parse (&cidr, "0.0.0.0/0"), 0);
	assert_false (cidr_has (&cidr, (struct siaga_text){"1.2.3.4\0", 8}));
	assert_false (cidr_has (&cidr, (struct siaga_text){NULL, 0}));
}

static void
test_agent_cidr_refuses (void **state)
{
	static const char *const bad[] = {"",
					  "/",
					  "10.47.3.0/",
					  "10.47.3.0/33",
					  "10.47.3/24",
					  "10.47.3.7/24",
					  "10.47.3.0/-1",
					  "10.47.3.0/24 ",
					  "sipol",
					  "::/129",
					  "2001:db8::1/32",
					  "10.47.3.0/024",
					  "10.47.3.0/+8",
					  "10.0.0.0/8/8",
					  "0.0.0.0/00",
					  "10.47.3.0/9999999999"};
	struct cidr cidr;
	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (cidr_parse (&cidr, bad[i]) != SIAGA_EMALFORMED)
			fail_msg ("\"%s\" was taken", bad[i]);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_cidr_has),
		cmocka_unit_test (test_agent_cidr_takes_mapped_addresses_for_ipv4),
		cmocka_unit_test (test_agent_cidr_of_no_address_is_false),
		cmocka_unit_test (test_agent_cidr_refuses),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
