/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several files of one source: wildcards, generations that match them, positions that hold over restarts.
 */
#include "source_fixture.h"

#include "agent/file_glob.h"
#include "agent/left_files.h"

static char s_path[256];

static const char *
path_of (const struct world *world, const char *name)
{
	snprintf (s_path, sizeof s_path, "%s/%s", world->directory, name);
	return s_path;
}

static void
append_alert (const struct world *world, const char *name, int number)
{
	FILE *file = fopen (path_of (world, name), "a");
	assert_non_null (file);
	fprintf (
		file,
		"{\"timestamp\":\"2026-11-24T08:00:00.%06d+0700\",\"event_type\":\"alert\",\"alert\":"
		"{\"signature\":\"alert %d\",\"severity\":2},\"more\":\"%0256d\"}\n",
		number, number, number);
	fclose (file);
}

static void
move (const struct world *world, const char *from, const char *to)
{
	char source[256];
	snprintf (source, sizeof source, "%s", path_of (world, from));
	assert_int_equal (rename (source, path_of (world, to)), 0);
}

/* Looks and reads until nothing is left: a turn reads a chunk of each file. */
static void
turn (struct world *world)
{
	for (int i = 0; i < 6; i++) {
		source_files.pause (world->self);
		source_files.resume (world->self);
	}
}

static void
start (struct world *world)
{
	world->self = source_files.create (&world->context);
	assert_non_null (world->self);
	source_files.start (world->self);
	turn (world);
}

/* As after kill -9, but that the destructor stores positions: they are the same. */
static void
restart (struct world *world)
{
	source_files.destroy (&world->self);
	start (world);
}

static int
setup_wild (void **state)
{
	int rc = setup (state);
	struct world *world = *state;
	static char pattern[256];
	snprintf (pattern, sizeof pattern, "%s/eve*", world->directory);
	world->paths[0] = world->source.path = pattern;
	return rc;
}

static void
test_agent_files_generations_that_match_are_read_once (void **state)
{
	struct world *world = *state;
	append_alert (world, "eve.json", 1);
	start (world);
	assert_int_equal (waiting (world), 1);
	move (world, "eve.json", "eve.json.1");
	append_alert (world, "eve.json.1", 2);
	turn (world);
	assert_int_equal (waiting (world), 2);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
	move (world, "eve.json.1", "eve.json.2");
	move (world, "eve.json", "eve.json.1");
	append_alert (world, "eve.json", 4);
	turn (world);
	assert_int_equal (waiting (world), 4);
	restart (world);
	assert_int_equal (waiting (world), 4);
}

static void
test_agent_files_rotated_while_down_are_read_once (void **state)
{
	struct world *world = *state;
	append_alert (world, "eve.json", 1);
	start (world);
	source_files.destroy (&world->self);
	append_alert (world, "eve.json", 2);
	move (world, "eve.json", "eve.json.1");
	append_alert (world, "eve.json", 3);
	start (world);
	assert_int_equal (waiting (world), 3);
	append_alert (world, "eve.json", 4);
	turn (world);
	assert_int_equal (waiting (world), 4);
}

/* … and the writer has not made the new one yet. */
static void
test_agent_files_renamed_while_down_are_not_new (void **state)
{
	struct world *world = *state;
	append_alert (world, "eve.json", 1);
	start (world);
	source_files.destroy (&world->self);
	move (world, "eve.json", "eve.json.1");
	append_alert (world, "eve.json.1", 2);
	start (world);
	assert_int_equal (waiting (world), 2);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
}

static void
test_agent_files_copied_while_down_are_not_new (void **state)
{
	struct world *world = *state;
	char command[512];
	append_alert (world, "eve.json", 1);
	start (world);
	source_files.destroy (&world->self);
	append_alert (world, "eve.json", 2);
	snprintf (command, sizeof command, "cd %s && cp eve.json eve.json.1 && : > eve.json",
		  world->directory);
	assert_int_equal (system (command), 0);
	start (world);
	assert_int_equal (waiting (world), 2);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
}

static void
test_agent_files_copies_are_read_once (void **state)
{
	struct world *world = *state;
	char command[512];
	append_alert (world, "eve.json", 1);
	start (world);
	append_alert (world, "eve.json", 2);
	snprintf (command, sizeof command, "cd %s && cp eve.json eve.json.1 && : > eve.json",
		  world->directory);
	assert_int_equal (system (command), 0);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
	restart (world);
	assert_int_equal (waiting (world), 3);
}

/* The copy was made before the last line that was read: it has nothing new. */
static void
test_agent_files_shorter_copies_are_not_new (void **state)
{
	struct world *world = *state;
	char command[512];
	append_alert (world, "eve.json", 1);
	snprintf (command, sizeof command, "cd %s && cp eve.json kept", world->directory);
	assert_int_equal (system (command), 0);
	append_alert (world, "eve.json", 2);
	start (world);
	assert_int_equal (waiting (world), 2);
	snprintf (command, sizeof command, "cd %s && cp kept eve.json.1 && : > eve.json",
		  world->directory);
	assert_int_equal (system (command), 0);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
	restart (world);
	assert_int_equal (waiting (world), 3);
}

static void
test_agent_files_new_ones_are_read_from_their_start (void **state)
{
	struct world *world = *state;
	world->source.from = SOURCE_FROM_END;
	append_alert (world, "eve-1.json", 1);
	start (world);
	assert_int_equal (waiting (world), 0);
	append_alert (world, "eve-1.json", 2);
	append_alert (world, "eve-2.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 2);
	source_files.destroy (&world->self);
	append_alert (world, "eve-3.json", 4);
	start (world);
	assert_int_equal (waiting (world), 3);
}

static void
test_agent_files_compressed_ones_are_passed_over (void **state)
{
	struct world *world = *state;
	append_alert (world, "eve.json.gz", 1);
	FILE *file = fopen (path_of (world, "eve.json.old"), "w");
	assert_non_null (file);
	fputs ("\x1f\x8bnot text\n", file);
	fclose (file);
	append_alert (world, "eve.json", 2);
	start (world);
	struct source_facts facts = {.files = 0};
	source_files.describe (world->self, &facts);
	assert_int_equal (facts.files, 1);
	assert_int_equal (facts.lines, 1);
	assert_int_equal (facts.alerts, 1);
	assert_true (facts.last_alert_us > 0);
	assert_string_equal (facts.error, "");
	assert_string_equal (facts.position, "1 files");
}

static void
test_agent_files_say_what_is_missing (void **state)
{
	struct world *world = *state;
	struct source_facts facts = {.files = 0};
	start (world);
	source_files.describe (world->self, &facts);
	assert_int_equal (facts.files, 0);
	assert_non_null (strstr (facts.error, "no file matches"));
	source_files.destroy (&world->self);
	world->paths[0] = world->source.path = world->eve;
	start (world);
	memset (&facts, 0, sizeof facts);
	source_files.describe (world->self, &facts);
	assert_non_null (strstr (facts.error, "eve.json: No such file or directory"));
	append_alert (world, "eve.json", 1);
	turn (world);
	memset (&facts, 0, sizeof facts);
	source_files.describe (world->self, &facts);
	assert_string_equal (facts.error, "");
	assert_non_null (strstr (facts.position, "eve.json at byte "));
	assert_int_equal (waiting (world), 1);
}

static void
test_agent_files_reload_keeps_the_place (void **state)
{
	struct world *world = *state;
	struct source_conf other = world->source;
	struct source_context context = world->context;
	append_alert (world, "eve.json", 1);
	start (world);
	other.keep_raw = false;
	context.source = &other;
	assert_int_equal (source_files.reload (world->self, &context), 0);
	append_alert (world, "eve.json", 2);
	turn (world);
	assert_int_equal (waiting (world), 2);
	struct source_conf without = other;
	without.paths.count = 0;
	context.source = &without;
	assert_int_equal (source_files.reload (world->self, &context), SIAGA_ECONF);
	append_alert (world, "eve.json", 3);
	turn (world);
	assert_int_equal (waiting (world), 3);
	source_files.destroy (&world->self);
}

static void
test_agent_files_left_behind_are_text_and_back (void **state)
{
	struct left_files some = {.count = 0}, again = {.count = 0};
	(void) state;
	for (unsigned i = 0; i < LEFT_FILES_MAX + 10; i++) {
		struct tail_place place = {
			.inode = UINT64_MAX - i, .offset = UINT64_MAX / 2, .print = {(uint8_t) i}};
		assert_int_equal (left_files_add (&some, &place), 0);
	}
	assert_int_equal (left_files_add (&some, &(struct tail_place){.inode = 1}), 0);
	assert_int_equal (some.count, LEFT_FILES_MAX);
	char *text = left_files_text (&some);
	assert_int_equal (left_files_parse (&again, text), 0);
	assert_int_equal (again.count, LEFT_FILES_MAX);
	char *second = left_files_text (&again);
	assert_string_equal (text, second);
	assert_int_equal (again.places[0].print[0], 10);
	left_files_finish (&again);
	assert_int_equal (left_files_parse (&again, "1 2 3 - 00"), SIAGA_EFORMAT);
	assert_int_equal (left_files_parse (&again, "files 1 nonsense"), 0);
	assert_int_equal (again.count, 0);
	left_files_finish (&some);
	free (text);
	free (second);
	assert_true (file_glob_is_compressed ("/x/eve.json.1.gz") &&
		     !file_glob_is_compressed ("/x/gz"));
	assert_true (file_glob_is_wild ("/x/[ab]") && !file_glob_is_wild ("/x/a"));
}

#define FILES_TEST(test) cmocka_unit_test_setup_teardown (test, setup_wild, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		FILES_TEST (test_agent_files_generations_that_match_are_read_once),
		FILES_TEST (test_agent_files_rotated_while_down_are_read_once),
		FILES_TEST (test_agent_files_renamed_while_down_are_not_new),
		FILES_TEST (test_agent_files_copied_while_down_are_not_new),
		FILES_TEST (test_agent_files_copies_are_read_once),
		FILES_TEST (test_agent_files_shorter_copies_are_not_new),
		FILES_TEST (test_agent_files_new_ones_are_read_from_their_start),
		FILES_TEST (test_agent_files_compressed_ones_are_passed_over),
		FILES_TEST (test_agent_files_say_what_is_missing),
		FILES_TEST (test_agent_files_reload_keeps_the_place),
		cmocka_unit_test (test_agent_files_left_behind_are_text_and_back),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
