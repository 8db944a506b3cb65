/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which log may be published to: with one address any, with several only what all of them, the operator or the past agree
 * on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/log_choice.h"

static const uint8_t s_old[SIAGA_LOG_ID_BYTES] = {1}, s_new[SIAGA_LOG_ID_BYTES] = {2};

static void
test_log_choice_of_one_address_follows_it (void **state)
{
	struct log_choice choice = {.has_accepted = false};

	(void) state;
	assert_true (log_choice_allows (&choice, 0, 1, NULL, s_new));
	assert_true (log_choice_allows (&choice, 0, 1, s_old, s_new));
}

static void
test_log_choice_of_several_waits_until_all_agree (void **state)
{
	struct log_choice choice = {.has_accepted = false};

	(void) state;
	assert_true (log_choice_allows (&choice, 0, 2, NULL, s_new));
	choice = (struct log_choice){.has_accepted = false};
	assert_false (log_choice_allows (&choice, 0, 2, s_old, s_new));
	assert_true (log_choice_allows (&choice, 1, 2, s_old, s_old));
	assert_false (log_choice_allows (&choice, 0, 2, s_old, s_new));
	assert_true (log_choice_allows (&choice, 1, 2, s_old, s_new));
	log_choice_forget (&choice);
	assert_false (log_choice_allows (&choice, 0, 2, s_old, s_new));
}

static void
test_log_choice_takes_the_operator_s_word (void **state)
{
	static const uint8_t other[SIAGA_LOG_ID_BYTES] = {3};
	struct log_choice choice = {.has_accepted = false};

	(void) state;
	log_choice_accept (&choice, s_new);
	assert_true (log_choice_allows (&choice, 0, 2, s_old, s_new));
	assert_false (log_choice_allows (&choice, 1, 2, s_old, other));
}

static void
test_log_choice_of_too_many_agrees_to_nothing (void **state)
{
	struct log_choice choice = {.has_accepted = false};

	(void) state;
	for (size_t i = 0; i < LOG_CHOICE_ADDRESSES_MAX + 1; i++)
		assert_false (
			log_choice_allows (&choice, i, LOG_CHOICE_ADDRESSES_MAX + 1, s_old, s_new));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_log_choice_of_one_address_follows_it),
		cmocka_unit_test (test_log_choice_of_several_waits_until_all_agree),
		cmocka_unit_test (test_log_choice_takes_the_operator_s_word),
		cmocka_unit_test (test_log_choice_of_too_many_agrees_to_nothing),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
