/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/query_proof.c: what an audit is answered.
 */
#include "hub_fixture.h"

#include "siaga/batch.h"

#define BATCHES 5

static int
setup (void **state)
{
	struct hub *hub = hub_new ();
	struct hub_lane lane;

	hub_lane_open (hub, &lane, 2, "bssn/soc-1");
	for (int i = 0; i < BATCHES; i++) {
		for (int n = 0; n < HUB_ENTRIES_MAX; n++) {
			struct siaga_header header = hub_header (&lane, SIAGA_TLP_RED);
			hub_add (&lane, &header, "an alert");
		}
		assert_int_equal (hub_publish (hub, &lane), SIAGA_ACK);
	}
	hub_open (hub, 1, "brin/rina", NULL); /* who may see none of them */
	*state = hub;
	return 0;
}

static int
teardown (void **state)
{
	struct hub *hub = *state;

	hub_destroy (&hub);
	return 0;
}

static int
s_ask (struct hub *hub, enum siaga_query_what what, bool has_number, uint64_t number)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query.id = 9;
	message->query.what = what;
	message->query.has_number = has_number;
	message->query.number = number;
	hub_says (hub, 1, message);
	hub_settle (hub);
	return hub_take (hub, 1);
}

static void
test_leaves_are_the_trees_and_stop_at_the_head (void **state)
{
	struct hub *hub = *state;
	uint64_t head = hub->core->head;
	uint8_t root[SIAGA_HASH_BYTES], expected[SIAGA_HASH_BYTES];

	assert_int_equal (s_ask (hub, SIAGA_QUERY_LEAVES, true, 0), SIAGA_RESULT);
	assert_int_equal (hub->in.result.of, 1);
	assert_int_equal (hub->in.result.payload.size, head * SIAGA_HASH_BYTES);
	siaga_merkle_root (root, hub->in.result.payload.data, head);
	assert_int_equal (hub->core->journal->ops->root (hub->core->journal, head, expected), 0);
	assert_memory_equal (root, expected, sizeof root);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_LEAVES, true, head - 1), SIAGA_RESULT);
	assert_int_equal (hub->in.result.payload.size, SIAGA_HASH_BYTES);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_LEAVES, true, head), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_ENOTFOUND);
}

static void
test_a_proof_waits_for_a_checkpoint_that_covers_it (void **state)
{
	struct hub *hub = *state;

	assert_int_equal (s_ask (hub, SIAGA_QUERY_PROOF, true, 3), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_ELATER);
	assert_true (hub->in.refused.retry_ms > 0);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_CHECKPOINT, false, 0), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_ELATER);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_PROOF, true, hub->core->head), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_ENOTFOUND);
}

static void
s_check_proof (struct hub *hub, uint64_t number, const struct siaga_checkpoint *checkpoint)
{
	uint8_t leaf[SIAGA_HASH_BYTES], path[SIAGA_LOG_PATH_MAX * SIAGA_HASH_BYTES];
	struct siaga_reader reader;

	siaga_reader_init (&reader, hub->in.result.payload.data, hub->in.result.payload.size);
	siaga_reader_array_of (&reader, 3);
	struct siaga_text note = siaga_reader_text (&reader, SIAGA_CHECKPOINT_MAX);
	assert_int_equal (siaga_reader_uint (&reader), number);
	size_t length = siaga_reader_array (&reader, SIAGA_LOG_PATH_MAX);
	for (size_t i = 0; i < length; i++)
		siaga_reader_fixed (&reader, path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
	assert_int_equal (siaga_reader_end (&reader), 0);
	assert_int_equal (note.size, hub->core->told.note_size);
	assert_int_equal (hub->core->journal->ops->leaf (hub->core->journal, number, leaf), 0);
	assert_int_equal (siaga_merkle_verify (leaf, number, checkpoint->size, path, length,
					       checkpoint->root),
			  0);
}

static void
test_every_number_has_a_proof (void **state)
{
	struct hub *hub = *state;
	struct siaga_checkpoint checkpoint;

	core_on_tick (hub->core);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_CHECKPOINT, false, 0), SIAGA_RESULT);
	struct siaga_text note = {(const char *) hub->in.result.payload.data,
				  hub->in.result.payload.size};
	assert_int_equal (siaga_checkpoint_verify (note, siaga_text ("pemilu-2024"),
						   hub->trust.identity->card.sign, &checkpoint),
			  0);
	assert_int_equal (checkpoint.size, hub->core->head);
	for (uint64_t number = 0; number < checkpoint.size; number++) {
		assert_int_equal (s_ask (hub, SIAGA_QUERY_PROOF, true, number), SIAGA_RESULT);
		s_check_proof (hub, number, &checkpoint);
	}
}

static void
test_a_question_without_its_number_is_grammar (void **state)
{
	struct hub *hub = *state;

	assert_int_equal (s_ask (hub, SIAGA_QUERY_LEAVES, false, 0), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_EGRAMMAR);
	assert_true (hub_is_cut (hub, 1));
	hub_open (hub, 1, "brin/rina", NULL);
	assert_int_equal (s_ask (hub, SIAGA_QUERY_PROOF, false, 0), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_EGRAMMAR);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_leaves_are_the_trees_and_stop_at_the_head,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_a_proof_waits_for_a_checkpoint_that_covers_it,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_every_number_has_a_proof, setup, teardown),
		cmocka_unit_test_setup_teardown (test_a_question_without_its_number_is_grammar,
						 setup, teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
