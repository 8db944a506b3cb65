/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to the outbox, and a whole eve source over a real file and a real outbox: ids that
 * come out the same when lines are read again, positions that move with the alerts and only with
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/alert_line.h"
#include "agent/complaint.h"
#include "agent/intake.h"
#include "agent/lines.h"
#include "agent/source.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

static char s_name[] = "ids";

struct world {
	struct siaga_identity *identity;
	struct outbox *outbox;
	struct intake *intake;
	char directory[64];
	char eve[128];
	char database[128];
	zloop_t *loop;
	struct agent_conf conf;
	struct source_conf source;
	struct source_context context;
	void *self; /* the source */
	int refused;
};

static void
open_outbox (struct world *world, uint64_t max_bytes)
{
	struct outbox_options options = {
		.path = world->database,
		.network = "pemilu.example",
		.identity = world->identity,
		.keep_acked_us = 1,
		.keep_acked_bytes = 1 << 20,
		.max_waiting_bytes = max_bytes,
	};
	char words[256];
	if (outbox_open (&world->outbox, &options, words))
		fail_msg ("%s", words);
	world->intake = intake_new (world->outbox, "bssn/soc-1");
	assert_non_null (world->intake);
	world->context.intake = world->intake;
}

static void
close_outbox (struct world *world)
{
	intake_destroy (&world->intake);
	outbox_close (&world->outbox);
}

static void
on_refused (void *arg, int error)
{
	struct world *world = arg;
	world->refused = error;
	source_eve.pause (world->self);
}

static int
setup (void **state)
{
	struct world *world = calloc (1, sizeof *world);
	assert_non_null (world);
	log_open ("test", LOG_TO_NOTHING, 0);
	assert_int_equal (siaga_crypto_init (), 0);
	world->identity = siaga_identity_new (siaga_text ("bssn/soc-1"));
	strcpy (world->directory, "/tmp/siaga-intake-XXXXXX");
	assert_non_null (mkdtemp (world->directory));
	snprintf (world->eve, sizeof world->eve, "%s/eve.json", world->directory);
	snprintf (world->database, sizeof world->database, "%s/outbox.db", world->directory);
	world->loop = zloop_new ();
	world->source = (struct source_conf){.name = s_name,
					     .type = SOURCE_EVE,
					     .path = world->eve,
					     .from = SOURCE_FROM_START,
					     .keep_raw = true};
	world->context = (struct source_context){world->loop,	 NULL,	     &world->conf,
						 &world->source, on_refused, world};
	open_outbox (world, 1 << 30);
	*state = world;
	return 0;
}

static int
teardown (void **state)
{
	struct world *world = *state;
	char command[128];
	clock_set (NULL);
	source_eve.destroy (&world->self);
	close_outbox (world);
	zloop_destroy (&world->loop);
	siaga_identity_destroy (&world->identity);
	snprintf (command, sizeof command, "rm -rf %s", world->directory);
	assert_int_equal (system (command), 0);
	free (world);
	return 0;
}

static uint64_t
waiting (struct world *world)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (world->outbox, &counts), 0);
	return counts.waiting;
}

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
test_agent_intake_alert_line_tells_bad_from_refused (void **state)
{
	struct world *world = *state;
	struct alert_defaults defaults;
	uint8_t id[SIAGA_ID_BYTES];
	char words[ALERT_JSON_WORDS];
	bool is_bad;
	alert_defaults_init (&defaults);
	close_outbox (world);
	open_outbox (world, 1);
	assert_int_equal (intake_begin (world->intake), 0);
	assert_int_equal (alert_line_add (world->intake, &defaults, siaga_text ("{\"title\":1}"),
					  id, &is_bad, words),
			  SIAGA_EFORMAT);
	assert_true (is_bad);
	assert_int_equal (alert_line_add (world->intake, &defaults,
					  siaga_text ("{\"title\":\"x\"}"), id, &is_bad, words),
			  SIAGA_EFULL);
	assert_false (is_bad);
	assert_string_equal (words, "outbox: full");
	intake_rollback (world->intake);
	assert_true (alert_line_is_blank (siaga_text (" \t\r")));
	assert_true (alert_line_is_blank (siaga_text ("")));
	assert_false (alert_line_is_blank (siaga_text (" x")));
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
	world->self = source_eve.create (&world->context);
	assert_non_null (world->self);
	source_eve.start (world->self);
}

static void
test_agent_source_eve_goes_on_where_it_was (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	start (world);
	assert_int_equal (waiting (world), 10);
	source_eve.destroy (&world->self);
	write_alerts (world, 11, 15);
	start (world);
	assert_int_equal (waiting (world), 15);
}

/* The outbox of yesterday with the log of today: lines read again get the ids they had. */
static void
test_agent_source_eve_reads_again_without_doubles (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	start (world);
	source_eve.destroy (&world->self);
	assert_int_equal (outbox_begin (world->outbox), 0);
	assert_int_equal (outbox_set_position (world->outbox, "ids", "nonsense"), 0);
	assert_int_equal (outbox_commit (world->outbox), 0);
	start (world);
	assert_int_equal (waiting (world), 10);
}

static void
test_agent_source_eve_full_outbox_keeps_the_position (void **state)
{
	struct world *world = *state;
	write_alerts (world, 1, 10);
	close_outbox (world);
	open_outbox (world, 1000); /* some fit, not all: none is taken */
	start (world);
	assert_int_equal (world->refused, SIAGA_EFULL);
	assert_int_equal (waiting (world), 0);
	world->refused = 0;
	source_eve.resume (world->self);
	assert_int_equal (world->refused, SIAGA_EFULL);
	source_eve.destroy (&world->self);
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
	lines_init (lines);
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
	free (lines);
}

static void
test_agent_lines_skip_what_does_not_fit (void **state)
{
	struct lines *lines = calloc (1, sizeof *lines);
	struct siaga_text line;
	size_t at = 0, room;
	(void) state;
	assert_non_null (lines);
	lines_init (lines);
	for (int i = 0; i < 3; i++) {
		char *data = lines_room (lines, &room);
		assert_int_equal (room, LINES_LINE_MAX);
		memset (data, 'x', room);
		lines_added (lines, room);
	}
	assert_int_equal (lines->too_long, 1);
	memcpy (lines_room (lines, &room), "rest\nnext\n", 10);
	lines_added (lines, 10);
	assert_true (lines_next (lines, &at, &line) && siaga_text_is (line, "next"));
	free (lines);
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
		INTAKE_TEST (test_agent_intake_leaves_out_raw_when_too_large),
		INTAKE_TEST (test_agent_intake_bad_records_do_not_end_the_transaction),
		INTAKE_TEST (test_agent_intake_alert_line_tells_bad_from_refused),
		INTAKE_TEST (test_agent_source_eve_goes_on_where_it_was),
		INTAKE_TEST (test_agent_source_eve_reads_again_without_doubles),
		INTAKE_TEST (test_agent_source_eve_full_outbox_keeps_the_position),
		cmocka_unit_test (test_agent_lines_cut_and_keep),
		cmocka_unit_test (test_agent_lines_skip_what_does_not_fit),
		cmocka_unit_test (test_agent_complaint_speaks_once_a_minute),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
