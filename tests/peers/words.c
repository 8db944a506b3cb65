/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Well-formed messages that ask for what cannot be: credit without an end, cursors from the future and of other logs,
 * proofs of what is not there. See liar.h.
 *
 *	words ROSTER IDENTITY credit|cursor|query COUNT
 */
#include "liar.h"

#define MANY (SIAGA_OSEQ_MAX)

/* SUBSCRIBE or CREDIT with numbers that no writer would write. */
static void
s_send_subscribe (struct liar *self, uint64_t id, uint64_t next, uint64_t credit)
{
	struct siaga_writer *writer = liar_writer (self);

	siaga_writer_array (writer, 5);
	siaga_writer_uint (writer, SIAGA_SUBSCRIBE);
	siaga_writer_uint (writer, id);
	siaga_writer_map (writer, 0);
	siaga_writer_array (writer, 3);
	siaga_writer_bytes (writer, "", 0);
	siaga_writer_uint (writer, next);
	siaga_writer_bytes (writer, "", 0);
	siaga_writer_uint (writer, credit);
	liar_send (self, writer->size);
}

static void
s_send_credit (struct liar *self, uint64_t id, uint64_t more, uint64_t through)
{
	struct siaga_writer *writer = liar_writer (self);

	siaga_writer_array (writer, 4);
	siaga_writer_uint (writer, SIAGA_CREDIT);
	siaga_writer_uint (writer, id);
	siaga_writer_uint (writer, more);
	siaga_writer_uint (writer, through);
	liar_send (self, writer->size);
}

/* --- credit ---------------------------------------------------------------------------------------------- */

static void
s_credit_over (struct liar *self)
{
	s_send_subscribe (self, 1, 0, SIAGA_CREDIT_MAX + 1);
}

static void
s_credit_all (struct liar *self)
{
	s_send_subscribe (self, 1, 0, UINT64_MAX);
}

static void
s_more_all (struct liar *self)
{
	s_send_subscribe (self, 1, 0, 1);
	s_send_credit (self, 1, UINT64_MAX, 0);
}

static void
s_more_signed (struct liar *self)
{
	s_send_subscribe (self, 1, 0, 1);
	s_send_credit (self, 1, UINT64_C (1) << 63, 0);
}

static void
s_more_adds_up (struct liar *self)
{
	s_send_subscribe (self, 1, 0, SIAGA_CREDIT_MAX);
	for (int i = 0; i < 8; i++)
		s_send_credit (self, 1, SIAGA_CREDIT_MAX, 0);
}

static void
s_more_of_nothing (struct liar *self)
{
	s_send_subscribe (self, 1, 0, 1);
	for (int i = 0; i < 500; i++)
		s_send_credit (self, 1, 0, 0);
}

static void
s_through_future (struct liar *self)
{
	s_send_subscribe (self, 1, 0, 1);
	s_send_credit (self, 1, 4096, MANY);
}

static void
s_more_for_nobody (struct liar *self)
{
	s_send_credit (self, 77, SIAGA_CREDIT_MAX, 0);
}

static void
s_subscribe_five (struct liar *self)
{
	for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX + 1; id++)
		s_send_subscribe (self, id, 0, 1);
}

static void
s_subscribe_again (struct liar *self)
{
	for (int i = 0; i < 500; i++)
		s_send_subscribe (self, 1, 0, 1);
}

static void
s_subscribe_zero (struct liar *self)
{
	s_send_subscribe (self, 0, 0, 1);
}

static const struct trick s_credit_tricks[] = {
	{"credit-max+1", LIAR_OPEN, s_credit_over, 0},
	{"credit-2^64-1", LIAR_OPEN, s_credit_all, 0},
	{"more-2^64-1", LIAR_OPEN, s_more_all, 0},
	{"more-2^63", LIAR_OPEN, s_more_signed, 0},
	{"more-adds-up", LIAR_OPEN, s_more_adds_up, 0},
	{"more-0-often", LIAR_OPEN, s_more_of_nothing, 0},
	{"through-the-future", LIAR_OPEN, s_through_future, 0},
	{"more-for-nobody", LIAR_OPEN, s_more_for_nobody, 0},
	{"subscribe-fifth", LIAR_OPEN, s_subscribe_five, 0},
	{"subscribe-again", LIAR_OPEN, s_subscribe_again, 0},
	{"subscribe-zero", LIAR_OPEN, s_subscribe_zero, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

/* --- cursors --------------------------------------------------------------------------------------------- */

static void
s_next_all (struct liar *self)
{
	s_send_subscribe (self, 1, UINT64_MAX, 1);
}

static void
s_next_many (struct liar *self)
{
	s_send_subscribe (self, 1, MANY, 1);
}

static struct siaga_cursor *
s_cursor (struct liar *self)
{
	struct siaga_subscribe *subscribe = &liar_message (self, SIAGA_SUBSCRIBE)->subscribe;

	subscribe->id = 1;
	subscribe->credit = 1;
	return &subscribe->cursor;
}

static void
s_other_log (struct liar *self)
{
	struct siaga_cursor *cursor = s_cursor (self);

	cursor->has_log = true;
	randombytes_buf (cursor->log_id, sizeof cursor->log_id);
	liar_say (self);
}

static void
s_other_mark (struct liar *self)
{
	struct siaga_cursor *cursor = s_cursor (self);

	cursor->next = 1;
	cursor->has_mark = true;
	randombytes_buf (cursor->mark, sizeof cursor->mark);
	liar_say (self);
}

/* Nothing can be the mark of what is not there. */
static void
s_mark_of_nothing (struct liar *self)
{
	struct siaga_writer *writer = liar_writer (self);

	siaga_writer_array (writer, 5);
	siaga_writer_uint (writer, SIAGA_SUBSCRIBE);
	siaga_writer_uint (writer, 1);
	siaga_writer_map (writer, 0);
	siaga_writer_array (writer, 3);
	siaga_writer_bytes (writer, "", 0);
	siaga_writer_uint (writer, 0);
	siaga_writer_bytes (writer, self->epoch, 5);
	siaga_writer_uint (writer, 1);
	liar_send (self, writer->size);
}

static const struct trick s_cursor_tricks[] = {
	{"next-2^64-1", LIAR_OPEN, s_next_all, 0},
	{"next-2^53-1", LIAR_OPEN, s_next_many, 0},
	{"another-log", LIAR_OPEN, s_other_log, 0},
	{"another-mark", LIAR_OPEN, s_other_mark, 0},
	{"mark-of-5-bytes", LIAR_OPEN, s_mark_of_nothing, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

/* --- queries --------------------------------------------------------------------------------------------- */

static void
s_ask (struct liar *self, uint64_t q, uint64_t what, uint64_t number)
{
	struct siaga_query *query = &liar_message (self, SIAGA_QUERY)->query;

	query->id = q;
	query->what = what;
	query->has_number = true;
	query->number = number;
	liar_say (self);
}

static void
s_ask_future (struct liar *self)
{
	s_ask (self, 1, SIAGA_QUERY_ENTRY, MANY);
	s_ask (self, 2, SIAGA_QUERY_STORY, MANY);
	s_ask (self, 3, SIAGA_QUERY_LEAVES, MANY);
	s_ask (self, 4, SIAGA_QUERY_PROOF, MANY);
}

static void
s_ask_unknown (struct liar *self)
{
	s_ask (self, 1, 99, 0);
	s_ask (self, 1, MANY, 0);
}

static void
s_ask_both (struct liar *self)
{
	struct siaga_query *query = &liar_message (self, SIAGA_QUERY)->query;

	query->id = 1;
	query->what = SIAGA_QUERY_ENTRY;
	query->has_number = query->has_uuid = true;
	liar_say (self);
}

static void
s_ask_neither (struct liar *self)
{
	struct siaga_query *query = &liar_message (self, SIAGA_QUERY)->query;

	query->id = 1;
	query->what = SIAGA_QUERY_PROOF;
	liar_say (self);
}

static void
s_ask_zero (struct liar *self)
{
	s_ask (self, 0, SIAGA_QUERY_STATUS, 0);
}

static const struct trick s_query_tricks[] = {
	{"number-2^53-1", LIAR_OPEN, s_ask_future, 4},
	{"what-unknown", LIAR_OPEN, s_ask_unknown, 0},
	{"number-and-id", LIAR_OPEN, s_ask_both, 0},
	{"neither", LIAR_OPEN, s_ask_neither, 0},
	{"q-zero", LIAR_OPEN, s_ask_zero, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

static void
s_credit (struct scene *scene)
{
	liar_run (scene, s_credit_tricks);
}

static void
s_cursors (struct scene *scene)
{
	liar_run (scene, s_cursor_tricks);
}

static void
s_query (struct scene *scene)
{
	liar_run (scene, s_query_tricks);
}

static const struct scene_entry s_scenes[] = {
	{"credit", s_credit},
	{"cursor", s_cursors},
	{"query", s_query},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
