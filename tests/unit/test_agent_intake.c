/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to the outbox, and a whole eve source over a real file and a real outbox: ids that
 * come out the same when lines are read again, positions that move with the alerts and only with
 * them.
 */
#include "source_fixture.h"

#include "agent/complaint.h"
#include "agent/lines.h"

/* One alert through intake in a transaction of its own; its id in `header`. */
static int
add (struct world *world, struct siaga_header *header, struct siaga_body *body,
     const struct intake_origin *origin)
{
	struct alert_defaults defaults;
	alert_defaults_init (&defaults);
	header->severity = defaults.severity;
	header->tlp = defaults.tlp;
	header->category = defaults.category;
	assert_int_equal (intake_begin (world->intake), 0);
	int rc = intake_add (world->intake, header, body, origin);
	assert_int_equal (intake_commit (world->intake), 0);
	return rc;
}

static void
test_agent_intake_id_of_a_line_is_the_same_when_read_again (void **state)
{
	struct world *world = *state;
	struct intake_origin origin = {"ids", 7, 100, siaga_text ("line")};
	struct siaga_header first = {.detected_us = 1790000000123456}, again = first;
	struct siaga_body body = {.title = siaga_text ("x")};
	assert_int_equal (add (world, &first, &body, &origin), 0);
	assert_int_equal (add (world, &again, &body, &origin), 0);
	assert_memory_equal (first.id, again.id, SIAGA_ID_BYTES);
	assert_int_equal (waiting (world), 1);
	assert_true (siaga_uuid_is_v7 (first.id));
	uint64_t time_ms = 0;
	for (int i = 0; i < 6; i++)
		time_ms = time_ms << 8 | first.id[i];
	assert_int_equal (time_ms, 1790000000123);
}

static void
test_agent_intake_id_differs_with_each_part_of_the_place (void **state)
{
	struct world *world = *state;
	const struct intake_origin origins[] = {
		{"ids", 7, 100, siaga_text ("line")}, {"ids2", 7, 100, siaga_text ("line")},
		{"ids", 8, 100, siaga_text ("line")}, {"ids", 7, 101, siaga_text ("line")},
		{"ids", 7, 100, siaga_text ("lime")},
	};
	struct siaga_body body = {.title = siaga_text ("x")};
	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
		struct siaga_header header = {.detected_us = 1790000000123456};
		assert_int_equal (add (world, &header, &body, &origins[i]), 0);
		assert_int_equal (waiting (world), i + 1);
	}
	struct siaga_header random = {.detected_us = 1}, other = random;
	assert_int_equal (add (world, &random, &body, NULL), 0);
	assert_int_equal (add (world, &other, &body, NULL), 0);
	assert_memory_not_equal (random.id, other.id, SIAGA_ID_BYTES);
}

/* What was redacted of a line must not be found out by trying what makes the id. And a line that is read again after the
   keys were rotated is known all the same. */
static void
test_agent_intake_id_takes_the_identity_s_secret (void **state)
{
	struct world *world = *state;
	struct intake_origin origin = {"ids", 7, 100, siaga_text ("line")};
	struct siaga_header header = {.detected_us = 1790000000123456}, same = header,
			    other = header;
	struct siaga_body body = {.title = siaga_text ("x")};
	assert_int_equal (add (world, &header, &body, &origin), 0);
	intake_destroy (&world->intake);
	world->identity->sign_secret[0] ^= 1;
	world->intake = intake_new (world->outbox, world->identity);
	assert_int_equal (add (world, &same, &body, &origin), 0);
	assert_memory_equal (header.id, same.id, SIAGA_ID_BYTES);
	intake_destroy (&world->intake);
	assert_int_equal (outbox_note_delete (world->outbox, "id-key"), 0); /* another outbox */
	world->intake = intake_new (world->outbox, world->identity);
	assert_int_equal (add (world, &other, &body, &origin), 0);
	assert_memory_not_equal (header.id, other.id, SIAGA_ID_BYTES);
}

static void
test_agent_intake_leaves_out_raw_when_too_large (void **state)
{
	struct world *world = *state;
	static char text[SIAGA_RAW_MAX + 1];
	struct siaga_header header = {.detected_us = 1};
	struct siaga_body body = {.title = siaga_text ("x")};
	memset (text, 'x', SIAGA_RAW_MAX);
	body.raw = siaga_text (text);
	body.description = body.instruction = (struct siaga_text){text, SIAGA_TEXT_MAX};
	assert_int_equal (add (world, &header, &body, NULL), 0);
	assert_int_equal (body.raw.size, 0);
	assert_int_equal (waiting (world), 1);
}

static void
test_agent_intake_bad_records_do_not_end_the_transaction (void **state)
{
	struct world *world = *state;
	struct siaga_header bad = {.detected_us = 1}, good = bad;
	struct siaga_body nothing = {.count = 1}, body = {.title = siaga_text ("x")};
	assert_int_equal (add (world, &bad, &nothing, NULL), SIAGA_EMALFORMED);
	assert_int_equal (add (world, &good, &body, NULL), 0);
	assert_int_equal (waiting (world), 1);
}

static void
write_alerts (struct world *world, int from, int to)
{
	FILE *file = fopen (world->eve, "a");
	assert_non_null (file);
	for (int i = from; i <= to; i++)
		fprintf (
			file,
			"{\"timestamp\":\"2026-11-24T08:00:00.%06d+0700\",\"event_type\":\"alert\",\"alert\":"
			"{\"signature\":\"alert %d\",\"severity\":2}}\n{\"event_type\":\"flow\"}\n",
			i, i);
	fclose (file);
}

static void
start (struct world *world)
{
	world->refused = 0;
	world->self = source_files.create (&world->context);
	assert_non_null (world->self);
	source_files.start (world->self);
}

static void
test_agent_source_files_goes_on_where_it_was (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	start (world);
	assert_int_equal (waiting (world), 10);
	source_files.destroy (&world->self);
	write_alerts (world, 11, 15);
	start (world);
	assert_int_equal (waiting (world), 15);
}

/* The outbox of yesterday with the log of today: lines read again get the ids they had. */
static void
test_agent_source_files_reads_again_without_doubles (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	start (world);
	source_files.destroy (&world->self);
	assert_int_equal (outbox_begin (world->outbox), 0);
	assert_int_equal (outbox_set_position (world->outbox, "ids", "nonsense"), 0);
	assert_int_equal (outbox_commit (world->outbox), 0);
	start (world);
	assert_int_equal (waiting (world), 10);
}

static void
test_agent_source_files_full_outbox_keeps_the_position (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	close_outbox (world);
	open_outbox (world, 1000); /* some fit, not all: none is taken */
	start (world);
	assert_int_equal (world->refused, SIAGA_EFULL);
	assert_int_equal (waiting (world), 0);
	world->refused = 0;
	source_files.resume (world->self);
	assert_int_equal (world->refused, SIAGA_EFULL);
	source_files.destroy (&world->self);
	close_outbox (world);
	open_outbox (world, 1 << 20);
	start (world);
	assert_int_equal (world->refused, 0);
	assert_int_equal (waiting (world), 10);
}

static void
test_agent_lines_cut_and_keep (void **state)
{
	struct lines *lines = calloc (1, sizeof *lines);
	struct siaga_text line;
	size_t at = 0, room;
	(void) state;
	assert_non_null (lines);
	assert_int_equal (lines_init (lines, LINES_LINE_MAX, false), 0);
	memcpy (lines_room (lines, &room), "one\r\ntwo\nhal", 12);
	lines_added (lines, 12);
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "one"));
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "two"));
	assert_false (lines_next (lines, &at, &line));
	at = 0; /* not dropped: they come again */
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "one"));
	lines_drop (lines, at);
	at = 0;
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "two"));
	lines_drop (lines, at);
	lines_end (lines);
	at = 0;
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "hal"));
	lines_finish (lines);
	free (lines);
}

/* So many bytes of a line that does not end. */
static void
feed_xs (struct lines *lines, size_t size)
{
	while (size > 0) {
		size_t room;
		char *data = lines_room (lines, &room);
		assert_true (room > 0);
		if (room > size)
			room = size;
		memset (data, 'x', room);
		lines_added (lines, room);
		size -= room;
	}
}

static void
feed_text (struct lines *lines, const char *text)
{
	size_t room;
	char *data = lines_room (lines, &room);
	assert_true (room >= strlen (text));
	memcpy (data, text, strlen (text));
	lines_added (lines, strlen (text));
}

static void
test_agent_lines_skip_what_does_not_fit (void **state)
{
	struct lines lines;
	struct siaga_text line;
	size_t at = 0;
	(void) state;
	assert_int_equal (lines_init (&lines, LINES_LINE_MAX, false), 0);
	feed_xs (&lines, 3 * LINES_LINE_MAX);
	assert_int_equal (lines.too_long, 1);
	feed_text (&lines, "rest\nnext\n");
	assert_true (lines_next (&lines, &at, &line) && siaga_text_is (line, "next"));
	lines_finish (&lines);
}

static void
test_agent_lines_cut_what_does_not_fit (void **state)
{
	struct lines lines;
	struct siaga_text line;
	size_t at = 0;
	(void) state;
	assert_int_equal (lines_init (&lines, LINES_LOG_MAX, true), 0);
	feed_text (&lines, "one\n");
	assert_true (lines_next (&lines, &at, &line));
	lines_drop (&lines, at);
	feed_xs (&lines, LINES_LOG_MAX - 1);
	at = 0;
	assert_false (lines_next (&lines, &at, &line)); /* its newline may be the next byte */
	feed_xs (&lines, 2 * LINES_LOG_MAX);
	assert_int_equal (lines.too_long, 1);
	for (int i = 0; i < 2; i++) {
		at = 0; /* not dropped: it comes again */
		assert_true (lines_next (&lines, &at, &line));
		assert_int_equal (line.size, LINES_LOG_MAX - 1);
		assert_true (lines_is_cut (&lines, at));
	}
	lines_drop (&lines, at);
	feed_text (&lines, "rest\nnext\nlast");
	at = 0;
	assert_true (lines_next (&lines, &at, &line) && siaga_text_is (line, "next"));
	assert_false (lines_is_cut (&lines, at));
	lines_drop (&lines, at);
	lines_end (&lines);
	at = 0;
	assert_true (lines_next (&lines, &at, &line) && siaga_text_is (line, "last"));
	lines_finish (&lines);
}

static uint64_t s_now_ms;

static uint64_t
now (void *context)
{
	(void) context;
	return s_now_ms;
}

static void
test_agent_complaint_speaks_once_a_minute (void **state)
{
	static const struct clock_source source = {now, now, NULL};
	struct complaint complaint;
	(void) state;
	clock_set (&source);
	complaint_init (&complaint, "ids", "test");
	s_now_ms = 5;
	for (int i = 0; i < 10; i++)
		complaint_add (&complaint, "words");
	assert_int_equal (complaint.told, 1);
	s_now_ms += COMPLAINT_INTERVAL_MS;
	complaint_add (&complaint, "words");
	assert_int_equal (complaint.told, 11);
	complaint_add (&complaint, "words");
	complaint_finish (&complaint);
	assert_int_equal (complaint.told, 12);
	clock_set (NULL);
}

#define INTAKE_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		INTAKE_TEST (test_agent_intake_id_of_a_line_is_the_same_when_read_again),
		INTAKE_TEST (test_agent_intake_id_differs_with_each_part_of_the_place),
		INTAKE_TEST (test_agent_intake_id_takes_the_identity_s_secret),
		INTAKE_TEST (test_agent_intake_leaves_out_raw_when_too_large),
		INTAKE_TEST (test_agent_intake_bad_records_do_not_end_the_transaction),
		INTAKE_TEST (test_agent_source_files_goes_on_where_it_was),
		INTAKE_TEST (test_agent_source_files_reads_again_without_doubles),
		INTAKE_TEST (test_agent_source_files_full_outbox_keeps_the_position),
		cmocka_unit_test (test_agent_lines_cut_and_keep),
		cmocka_unit_test (test_agent_lines_skip_what_does_not_fit),
		cmocka_unit_test (test_agent_lines_cut_what_does_not_fit),
		cmocka_unit_test (test_agent_complaint_speaks_once_a_minute),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
