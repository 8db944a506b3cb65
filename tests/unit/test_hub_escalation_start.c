/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hub's start costs where many alerts are followed: whoever publishes chooses ids and severities, but not how often a
 * batch is read.
 */
#include "escalation_fixture.h"

#define BATCHES (HUB_CACHE_RECORDS + 36)
#define EACH 6

static const struct journal_ops *s_ops;
static unsigned s_reads;

static int
count_read (struct journal *journal, uint64_t number, struct journal_record *record)
{
	s_reads++;
	return s_ops->read (journal, number, record);
}

/* A new process over the same journal; how often it read a batch until it was there. */
static unsigned
restart_counting (void)
{
	static struct journal_ops counting;
	struct journal *writing = NULL, *reading = NULL, *keeper = s_hub->core->journal;

	assert_int_equal (journal_memory_writer (keeper, &writing), 0);
	assert_int_equal (journal_memory_reader (writing, &reading), 0);
	core_destroy (&s_hub->core);
	s_ops = reading->ops;
	counting = *s_ops;
	counting.read = count_read;
	reading->ops = &counting;
	s_reads = 0;
	assert_int_equal (core_new (&s_hub->core, &s_hub->trust, &writing, &reading), 0);
	return s_reads;
}

static void
test_start_reads_each_batch_of_what_is_followed_once (void **state)
{
	(void) state;
	for (unsigned i = 0; i < BATCHES; i++) {
		for (unsigned k = 0; k < EACH; k++) {
			struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
			header.severity = SIAGA_SEVERITY_MEDIUM + (i + k) % 3;
			hub_add (&s_lane, &header, "one of many");
		}
		assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	}
	pass (10); /* saves them all, and how far it looked */
	assert_in_range (restart_counting (), BATCHES, BATCHES + 20);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (
			test_start_reads_each_batch_of_what_is_followed_once, begin, end),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
