/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/answer.h: the parts of an answer laid end to end, whatever a hub sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/answer.h"
#include "siaga/error.h"

static int
add (struct answer *answer, uint64_t part, uint64_t of, const char *payload)
{
	struct siaga_result result = {
		.part = part, .of = of, .payload = {(const uint8_t *) payload, strlen (payload)}};

	return answer_add (answer, &result);
}

static void
test_answer_is_its_parts_end_to_end (void **state)
{
	struct answer answer = {0};

	(void) state;
	assert_int_equal (add (&answer, 1, 3, "ab"), 0);
	assert_int_equal (add (&answer, 2, 3, ""), 0);
	assert_int_equal (add (&answer, 3, 3, "c"), 1);
	assert_int_equal (answer_bytes (&answer).size, 3);
	assert_memory_equal (answer_bytes (&answer).data, "abc", 3);
	answer_finish (&answer);
	assert_int_equal (answer_bytes (&answer).size, 0);
}

static void
test_answer_refuses_parts_out_of_order (void **state)
{
	struct answer answer = {0};

	(void) state;
	assert_int_equal (add (&answer, 2, 2, "b"), SIAGA_EGRAMMAR);
	assert_int_equal (add (&answer, 0, 2, "b"), SIAGA_EGRAMMAR);
	assert_int_equal (add (&answer, 1, 0, "b"), SIAGA_EGRAMMAR);
	assert_int_equal (add (&answer, 1, 2, "a"), 0);
	assert_int_equal (add (&answer, 1, 2, "a"), SIAGA_EGRAMMAR);
	assert_int_equal (add (&answer, 2, 1, "b"), SIAGA_EGRAMMAR);
	assert_int_equal (answer_bytes (&answer).size, 1);
	answer_finish (&answer);
}

static void
test_answer_is_bounded (void **state)
{
	struct answer answer = {0};
	struct siaga_result result = {.of = 1000};
	uint8_t *payload = calloc (1, SIAGA_MESSAGE_MAX);
	int rc = 0;

	(void) state;
	assert_non_null (payload);
	result.payload = (struct siaga_bytes){payload, SIAGA_MESSAGE_MAX};
	while (rc == 0) {
		result.part = answer.parts + 1;
		rc = answer_add (&answer, &result);
	}
	assert_int_equal (rc, SIAGA_ELIMIT);
	assert_in_range (answer_bytes (&answer).size, SIAGA_RESULT_MAX - SIAGA_MESSAGE_MAX,
			 SIAGA_RESULT_MAX);
	answer_finish (&answer);
	free (payload);
}

static void
test_roster_in_an_answer (void **state)
{
	static const uint8_t good[] = "\x82\x43"
				      "abc"
				      "\x82\x61"
				      "x"
				      "\x61"
				      "y";
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX];
	struct siaga_bytes text;
	size_t count;

	(void) state;
	assert_int_equal (answer_roster ((struct siaga_bytes){good, sizeof good - 1}, &text,
					 signatures, &count),
			  0);
	assert_memory_equal (text.data, "abc", 3);
	assert_int_equal (count, 2);
	assert_true (siaga_text_is (signatures[1], "y"));
	for (size_t size = 0; size < sizeof good - 1; size++)
		assert_int_equal (
			answer_roster ((struct siaga_bytes){good, size}, &text, signatures, &count),
			SIAGA_EMALFORMED);
	assert_int_equal (
		answer_roster ((struct siaga_bytes){good, sizeof good}, &text, signatures, &count),
		SIAGA_EMALFORMED);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_answer_is_its_parts_end_to_end),
		cmocka_unit_test (test_answer_refuses_parts_out_of_order),
		cmocka_unit_test (test_answer_is_bounded),
		cmocka_unit_test (test_roster_in_an_answer),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
