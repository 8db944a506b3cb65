/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following a file: each line once and whole, whatever happens to the file and to us. Real files in
 * a directory of their own, read by calling tail_read () after each step; nothing waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/tail.h"
#include "agent/tail_files.h"
#include "common/log.h"
#include "siaga/error.h"

#define LOG_MAX 65536

struct world {
	char directory[64];
	struct tail *tail;
	char position[TAIL_POSITION_TEXT]; /* as a commit would have stored it */
	bool has_position;
	char seen[LOG_MAX]; /* every accepted line, each with ';' */
	size_t lines;
	int refuse; /* on_line's answer to the next line */
	uint64_t inode;
	uint64_t offset;
	size_t last_size;
	bool last_cut;
	uint64_t taken;				 /* the inode of a file that is another's */
	void (*meanwhile) (struct world *world); /* done once, while a line is told of */
};

static const char *
path_of (const struct world *world, const char *name)
{
	static char path[512];
	snprintf (path, sizeof path, "%s/%s", world->directory, name);
	return path;
}

static int
setup (void **state)
{
	struct world *world = calloc (1, sizeof *world);
	assert_non_null (world);
	strcpy (world->directory, "/tmp/siaga-tail-XXXXXX");
	assert_non_null (mkdtemp (world->directory));
	log_open ("test", LOG_TO_NOTHING, 0);
	*state = world;
	return 0;
}

static int
teardown (void **state)
{
	struct world *world = *state;
	tail_destroy (&world->tail);
	DIR *directory = opendir (world->directory);
	struct dirent *entry;
	while (directory && (entry = readdir (directory)))
		unlinkat (dirfd (directory), entry->d_name, 0);
	if (directory)
		closedir (directory);
	rmdir (world->directory);
	free (world);
	return 0;
}

static void
put (const struct world *world, const char *name, int flags, const char *data, size_t size)
{
	int fd = open (path_of (world, name), O_WRONLY | O_CREAT | flags, 0600);
	assert_true (fd >= 0);
	assert_int_equal (write (fd, data, size), size);
	close (fd);
}

static void
append (const struct world *world, const char *name, const char *text)
{
	put (world, name, O_APPEND, text, strlen (text));
}

static void
move (const struct world *world, const char *from, const char *to)
{
	char source[512];
	snprintf (source, sizeof source, "%s", path_of (world, from));
	assert_int_equal (rename (source, path_of (world, to)), 0);
}

static void
copy (const struct world *world, const char *from, const char *to)
{
	static char data[LOG_MAX];
	FILE *in = fopen (path_of (world, from), "r");
	assert_non_null (in);
	size_t size = fread (data, 1, sizeof data, in);
	fclose (in);
	put (world, to, O_TRUNC, data, size);
}

static void
cut (const struct world *world, const char *name)
{
	assert_int_equal (truncate (path_of (world, name), 0), 0);
}

/* Modification times as days apart, so that the order of generations does not depend on how fast
   the test is. */
static void
age (const struct world *world, const char *name, int days)
{
	struct timespec times[2] = {{.tv_sec = 1790000000 - days * 86400},
				    {.tv_sec = 1790000000 - days * 86400}};
	assert_int_equal (utimensat (AT_FDCWD, path_of (world, name), times, 0), 0);
}

static bool
is_taken (void *arg, int fd, uint64_t inode, const char *name)
{
	const struct world *world = arg;
	(void) fd;
	(void) name;
	return inode == world->taken;
}

static void
begin (struct world *world, bool from_start)
{
	char path[512];
	snprintf (path, sizeof path, "%s", path_of (world, "eve.json"));
	struct tail_options options = {
		.name = "test",
		.path = path,
		.from_start = from_start,
		.is_taken = world->taken ? is_taken : NULL,
		.arg = world,
	};
	world->tail = tail_new (&options, world->has_position ? world->position : NULL);
	assert_non_null (world->tail);
}

/* As after kill -9: only what was stored is left. */
static void
restart (struct world *world)
{
	tail_destroy (&world->tail);
	begin (world, false);
}

static int
on_line (void *arg, const struct tail_line *line)
{
	struct world *world = arg;
	if (world->refuse)
		return world->refuse;
	void (*meanwhile) (struct world *) = world->meanwhile;
	world->meanwhile = NULL;
	if (meanwhile)
		meanwhile (world);
	size_t at = strlen (world->seen);
	int size = line->size < 64 ? (int) line->size : 64;
	snprintf (world->seen + at, sizeof world->seen - at, "%.*s;", size, line->data);
	world->lines++;
	world->inode = line->inode;
	world->offset = line->offset;
	world->last_size = line->size;
	world->last_cut = line->cut;
	return 0;
}

/* Reads all there is, storing every position. */
static void
run (struct world *world)
{
	int rc;
	while ((rc = tail_read (world->tail, on_line, world)) > 0) {
		tail_position (world->tail, world->position);
		world->has_position = true;
		tail_accept (world->tail);
		tail_saved (world->tail);
	}
	assert_int_equal (rc, 0);
	if (!tail_unsaved_file (world->tail))
		return;
	tail_position (world->tail, world->position);
	world->has_position = true;
	tail_saved (world->tail);
}

/* Since the last call these lines were read. */
static void
assert_seen (struct world *world, const char *lines)
{
	run (world);
	assert_string_equal (world->seen, lines);
	world->seen[0] = '\0';
}

static void
test_agent_tail_gives_each_line_once (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\ntwo\n");
	begin (world, true);
	assert_seen (world, "one;two;");
	assert_seen (world, "");
	append (world, "eve.json", "\nthree\n\n\n");
	assert_seen (world, "three;");
}

static void
test_agent_tail_from_end_gives_only_new_lines (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\ntwo\nhal");
	begin (world, false);
	assert_seen (world, "");
	append (world, "eve.json", "f\nthree\n");
	assert_seen (world, "half;three;");
}

static void
test_agent_tail_from_end_is_remembered_before_the_first_line (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, false);
	assert_seen (world, "");
	assert_true (world->has_position);
	append (world, "eve.json", "two\n");
	restart (world);
	assert_seen (world, "two;");
}

static void
test_agent_tail_waits_for_a_missing_file_and_reads_all_of_it (void **state)
{
	struct world *world = *state;
	begin (world, false);
	assert_seen (world, "");
	restart (world);
	append (world, "eve.json", "one\n");
	restart (world);
	assert_seen (world, "one;");
}

static void
test_agent_tail_half_line_waits_for_its_newline (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\nha");
	begin (world, true);
	assert_seen (world, "one;");
	append (world, "eve.json", "lf");
	assert_seen (world, "");
	restart (world);
	append (world, "eve.json", "!\n");
	assert_seen (world, "half!;");
}

static void
test_agent_tail_forgotten_lines_come_again (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\ntwo\n");
	begin (world, true);
	assert_int_equal (tail_read (world->tail, on_line, world), 1);
	tail_forget (world->tail);
	world->seen[0] = '\0';
	world->refuse = SIAGA_EFULL;
	assert_int_equal (tail_read (world->tail, on_line, world), SIAGA_EFULL);
	world->refuse = 0;
	assert_seen (world, "one;two;");
}

static void
test_agent_tail_says_where_a_line_stands (void **state)
{
	struct world *world = *state;
	struct stat status;
	append (world, "eve.json", "one\n");
	begin (world, true);
	run (world);
	append (world, "eve.json", "two\nthree\n");
	run (world);
	assert_int_equal (stat (path_of (world, "eve.json"), &status), 0);
	assert_int_equal (world->inode, status.st_ino);
	assert_int_equal (world->offset, 8);
}

static void
test_agent_tail_follows_a_rename (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json.1", "two\n"); /* the writer has it open still */
	assert_seen (world, "two;");
	append (world, "eve.json", ""); /* created, and the writer not told yet */
	append (world, "eve.json.1", "three\n");
	assert_seen (world, "three;");
	append (world, "eve.json.1", "four\nlast without newline");
	append (world, "eve.json", "five\n");
	assert_seen (world, "four;last without newline;five;");
	append (world, "eve.json", "six\n");
	assert_seen (world, "six;");
}

static void
test_agent_tail_finishes_a_file_rotated_while_down (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\ntwo\n");
	begin (world, true);
	assert_seen (world, "one;two;");
	append (world, "eve.json", "three\n");
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "four\n");
	restart (world);
	assert_seen (world, "three;four;");
	restart (world);
	assert_seen (world, "");
}

static void
test_agent_tail_reads_every_generation_rotated_while_down (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	append (world, "eve.json.4", "long ago\n");
	append (world, "eve.json", "two\n");
	move (world, "eve.json", "eve.json.3");
	append (world, "eve.json.2", "three\n");
	put (world, "eve.json.9.gz", 0, "\x1f\x8b compressed\n", 13);
	append (world, "eve.json.1", "four\n");
	append (world, "eve.json", "five\n");
	append (world, "stats.log", "another log\n");
	age (world, "eve.json.4", 4);
	age (world, "eve.json.3", 3);
	age (world, "eve.json.2", 2);
	age (world, "eve.json.1", 1);
	age (world, "eve.json", 0);
	restart (world);
	assert_seen (world, "two;three;four;five;");
}

/* Frozen, or paused for days by a full outbox: it runs, and does not look. */
static void
test_agent_tail_reads_every_generation_rotated_while_not_looking (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	append (world, "eve.json", "two\n");
	move (world, "eve.json", "eve.json.3");
	append (world, "eve.json", "three\n");
	move (world, "eve.json", "eve.json.2");
	append (world, "eve.json", "four\n");
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "five\n");
	age (world, "eve.json.3", 3);
	age (world, "eve.json.2", 2);
	age (world, "eve.json.1", 1);
	assert_seen (world, "two;three;four;five;");
}

/* Two rotations within one tick of the kernel's clock: modified at the same time, renamed one after the other. */
static void
test_agent_tail_tells_generations_of_one_moment_apart (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	move (world, "eve.json", "eve.json.2");
	append (world, "eve.json", "two\n");
	age (world, "eve.json.2", 1);
	age (world, "eve.json", 1);
	struct stat first, second = {0};
	assert_int_equal (stat (path_of (world, "eve.json.2"), &first), 0);
	do { /* until the rename falls into another tick */
		move (world, "eve.json", "eve.json.1");
		assert_int_equal (stat (path_of (world, "eve.json.1"), &second), 0);
		move (world, "eve.json.1", "eve.json");
	} while (second.st_ctim.tv_nsec == first.st_ctim.tv_nsec &&
		 second.st_ctim.tv_sec == first.st_ctim.tv_sec);
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "three\n");
	assert_seen (world, "two;three;");
}

/* Two that were both written and renamed within one tick: no time tells which was first, but what was read is known. */
static void
test_agent_tail_misses_no_generation_of_the_same_tick (void **state)
{
	struct world *world = *state;
	struct stat first, second;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	move (world, "eve.json", "eve.json.2");
	append (world, "eve.json.1", "two\n");
	age (world, "eve.json.2", 1);
	age (world, "eve.json.1", 1);
	do { /* until both fall into one tick */
		char path[512];
		snprintf (path, sizeof path, "%s", path_of (world, "eve.json.2"));
		assert_int_equal (chmod (path, 0644), 0);
		assert_int_equal (chmod (path_of (world, "eve.json.1"), 0644), 0);
		assert_int_equal (stat (path, &first), 0);
		assert_int_equal (stat (path_of (world, "eve.json.1"), &second), 0);
	} while (first.st_mtim.tv_nsec != second.st_mtim.tv_nsec ||
		 first.st_ctim.tv_nsec != second.st_ctim.tv_nsec);
	append (world, "eve.json", "three\n");
	assert_seen (world, "two;three;");
}

static void
test_agent_tail_unread_file_rotated_while_down_is_read (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "");
	begin (world, true);
	assert_seen (world, "");
	append (world, "eve.json", "one\n");
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "two\n");
	restart (world);
	assert_seen (world, "one;two;");
}

static void
test_agent_tail_starts_again_after_truncation (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\ntwo\n");
	begin (world, true);
	assert_seen (world, "one;two;");
	cut (world, "eve.json");
	assert_seen (world, "");
	append (world, "eve.json", "three\n");
	assert_seen (world, "three;");
	/* Cut back and already longer than before: the first bytes tell. */
	cut (world, "eve.json");
	append (world, "eve.json", "four\nfive\nsix\nseven\n");
	assert_seen (world, "four;five;six;seven;");
	cut (world, "eve.json");
	append (world, "eve.json", "eight, and this line is the longest of all of them\n");
	restart (world);
	assert_seen (world, "eight, and this line is the longest of all of them;");
}

#define LONG "a line that is long enough for its first bytes to tell one file from another, "

static void
test_agent_tail_copytruncate_loses_nothing (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", LONG "1\n");
	begin (world, true);
	run (world);
	world->seen[0] = '\0';
	append (world, "eve.json", "two\n");
	copy (world, "eve.json", "eve.json.1");
	cut (world, "eve.json");
	append (world, "eve.json", "three\n");
	assert_seen (world, "two;three;");
}

static void
test_agent_tail_copytruncate_while_down_loses_nothing (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", LONG "1\n");
	begin (world, true);
	run (world);
	uint64_t inode = world->inode;
	world->seen[0] = '\0';
	append (world, "eve.json", "two\n");
	copy (world, "eve.json", "eve.json.1");
	cut (world, "eve.json");
	restart (world);
	assert_seen (world, "two;");
	assert_int_equal (world->inode,
			  inode); /* the ids of its lines stay what they would have been */
	append (world, "eve.json", "three\n");
	assert_seen (world, "three;");
}

static void
append_two_copy_and_cut (struct world *world)
{
	append (world, "eve.json", "two\n");
	copy (world, "eve.json", "eve.json.1");
	cut (world, "eve.json");
	append (world, "eve.json", "three\n");
}

static void
test_agent_tail_copytruncate_while_a_file_is_first_read_loses_nothing (void **state)
{
	struct world *world = *state;
	world->meanwhile = append_two_copy_and_cut;
	append (world, "eve.json", LONG "1\n");
	begin (world, true);
	run (world);
	assert_int_equal (world->lines, 3);
	assert_string_equal (world->seen + strlen (world->seen) - 11, ";two;three;");
}

/* Where what is done to a file falls among the ticks of the clock of files must not matter here. */
static void
finish_one_file (struct world *world)
{
	append (world, "eve.json", LONG "1\n");
	begin (world, true);
	run (world);
	age (world, "eve.json", 9);
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", LONG "half a "); /* not a line: nothing is read of it */
	run (world);
	world->seen[0] = '\0';
	world->lines = 0;
}

/* Copied and cut back before a byte of it was read. */
static void
test_agent_tail_copy_of_what_was_never_read_is_read (void **state)
{
	for (int down = 0; down < 2; down++) {
		struct world *world = *state;
		finish_one_file (world);
		append (world, "eve.json", "line\n");
		copy (world, "eve.json", "eve.json.2");
		age (world, "eve.json.2", 8);
		cut (world, "eve.json");
		append (world, "eve.json", "three\n");
		if (down)
			restart (world);
		run (world);
		assert_int_equal (world->lines, 2);
		assert_string_equal (world->seen + strlen (world->seen) - 7, ";three;");
		restart (world);
		append (world, "eve.json", "four\n");
		world->seen[0] = '\0';
		assert_seen (world, "four;");
		tail_destroy (&world->tail);
		unlink (path_of (world, "eve.json"));
		unlink (path_of (world, "eve.json.2"));
		world->has_position = false;
	}
}

/* The copy is there already, and the file not cut yet. */
static void
test_agent_tail_copy_being_made_is_not_read (void **state)
{
	struct world *world = *state;
	finish_one_file (world);
	append (world, "eve.json", "line\n");
	copy (world, "eve.json", "eve.json.2");
	age (world, "eve.json.2", 8);
	run (world);
	assert_int_equal (world->lines, 1);
	world->seen[0] = '\0';
	cut (world, "eve.json");
	append (world, "eve.json", "three\n");
	assert_seen (world, "three;");
	append (world, "eve.json", "four\n");
	assert_seen (world, "four;");
}

/* Somebody's copy of what was read is nobody's loss, however the file is cut back later. */
static void
test_agent_tail_older_copy_is_not_read_again (void **state)
{
	struct world *world = *state;
	finish_one_file (world);
	append (world, "eve.json", "line\n");
	run (world);
	copy (world, "eve.json", "eve.json.2");
	append (world, "eve.json",
		"two\n"); /* read before it is cut off: copytruncate itself loses it */
	run (world);
	world->seen[0] = '\0';
	cut (world, "eve.json");
	append (world, "eve.json", "three\n");
	assert_seen (world, "three;");
}

static void
test_agent_tail_same_file_on_another_inode_goes_on (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", LONG "1\n");
	begin (world, true);
	run (world);
	world->seen[0] = '\0';
	copy (world, "eve.json", "new");
	move (world, "new", "eve.json");
	append (world, "eve.json", "two\n");
	assert_seen (world, "two;");
	restart (world);
	append (world, "eve.json", "three\n");
	assert_seen (world, "three;");
}

static void
test_agent_tail_deleted_and_made_again (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	assert_int_equal (unlink (path_of (world, "eve.json")), 0);
	assert_seen (world, "");
	append (world, "eve.json", "two\n");
	assert_seen (world, "two;");
	restart (world);
	assert_seen (world, "");
}

static void
test_agent_tail_lost_file_starts_the_new_one (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	tail_destroy (&world->tail);
	append (world, "other", "keeps the inode from being used again\n");
	move (world, "other", "eve.json");
	begin (world, false);
	assert_seen (world, "keeps the inode from being used again;");
}

/* A line of `size` bytes, its newline counted. */
static void
append_long (const struct world *world, size_t size, bool newline)
{
	char *line = malloc (size);
	assert_non_null (line);
	memset (line, 'x', size);
	if (newline)
		line[size - 1] = '\n';
	put (world, "eve.json", O_APPEND, line, size);
	free (line);
}

/* What is seen of such a line. */
#define XS "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;"

static void
test_agent_tail_cuts_lines_over_the_limit (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	append_long (world, TAIL_LINE_MAX + 2, true);
	append (world, "eve.json", "two\n");
	append_long (world, 3 * TAIL_LINE_MAX, true);
	append (world, "eve.json", "three\n");
	begin (world, true);
	assert_seen (world, "one;" XS "two;" XS "three;");
	assert_int_equal (tail_long_lines (world->tail), 2);
	assert_false (world->last_cut);
	append_long (world, 2 * TAIL_LINE_MAX, true);
	assert_seen (world, XS);
	assert_true (world->last_cut);
	assert_int_equal (world->last_size, TAIL_LINE_MAX);
}

static void
test_agent_tail_gives_a_line_at_the_limit (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	append_long (world, TAIL_LINE_MAX + 1, true);
	begin (world, true);
	run (world);
	assert_int_equal (world->lines, 2);
	assert_int_equal (world->last_size, TAIL_LINE_MAX);
	append (world, "eve.json", "two\n");
	run (world);
	assert_int_equal (world->lines, 3);
	assert_int_equal (tail_long_lines (world->tail), 0);
}

static void
test_agent_tail_restart_inside_a_long_line_skips_its_rest (void **state)
{
	struct world *world = *state;
	append_long (world, TAIL_LINE_MAX + 100, false);
	begin (world, true);
	assert_seen (world, XS);
	restart (world);
	append (world, "eve.json", "the rest\ntwo\n");
	assert_seen (world, "two;");
}

static void
test_agent_tail_long_unfinished_line_at_a_files_end_is_cut (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	append_long (world, TAIL_LINE_MAX + 1, false);
	begin (world, true);
	assert_seen (world, "one;" XS);
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "two\n");
	assert_seen (world, "two;");
}

static uint64_t
inode_of (const struct world *world, const char *name)
{
	struct stat status;
	assert_int_equal (stat (path_of (world, name), &status), 0);
	return status.st_ino;
}

static void
test_agent_tail_leaves_another_tails_file_alone (void **state)
{
	struct world *world = *state;
	struct tail_place place;
	append (world, "eve.json", "one\n");
	append (world, "other", "of another\n");
	world->taken = inode_of (world, "other");
	begin (world, true);
	assert_seen (world, "one;");
	uint64_t inode = inode_of (world, "eve.json");
	move (world, "eve.json", "eve.json.1");
	move (world, "other", "eve.json");
	assert_seen (world, "");
	assert_false (tail_left (world->tail, &place));
	restart (world);
	assert_seen (world, "");
	move (world, "eve.json", "other");
	append (world, "eve.json", "two\n");
	assert_seen (world, "two;");
	assert_true (tail_left (world->tail, &place));
	assert_int_equal (place.inode, inode);
	assert_int_equal (place.offset, 4);
	assert_false (tail_left (world->tail, &place));
}

/* As when the outbox was full for days. */
static void
test_agent_tail_held_up_through_several_rotations (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	age (world, "eve.json", 9);
	begin (world, true);
	assert_seen (world, "one;");
	append (world, "eve.json", "two\n");
	age (world, "eve.json", 8);
	move (world, "eve.json", "eve.json.2");
	append (world, "eve.json.1", "three\n");
	age (world, "eve.json.1", 7);
	append (world, "eve.json-offset", "of another tool\n");
	append (world, "eve.json", "four\n");
	assert_seen (world, "two;three;four;");
	append (world, "eve.json", "five\n");
	assert_seen (world, "five;");
}

static void
test_agent_tail_held_up_through_several_copies (void **state)
{
	struct world *world = *state;
	append (world, "eve.json", LONG "one\n");
	begin (world, true);
	run (world);
	append (world, "eve.json", "two\n");
	copy (world, "eve.json", "eve.json.2");
	age (world, "eve.json.2", 8);
	cut (world, "eve.json");
	append (world, "eve.json", "three\n");
	copy (world, "eve.json", "eve.json.1");
	age (world, "eve.json.1", 7);
	cut (world, "eve.json");
	append (world, "eve.json", "four\n");
	world->seen[0] = '\0';
	assert_seen (world, "two;three;four;");
}

static void
test_agent_tail_knows_whose_a_position_is (void **state)
{
	struct world *world = *state;
	char path[512];
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	snprintf (path, sizeof path, "%s", path_of (world, "eve.json"));
	assert_true (tail_is_of (path, world->position));
	assert_false (tail_is_of (path, "nonsense"));
	append (world, "other", "one\n");
	assert_false (tail_is_of (path_of (world, "other"), world->position));
	cut (world, "eve.json");
	append (world, "eve.json", "two\n");
	assert_false (tail_is_of (path, world->position));
}

static void
test_agent_tail_many_chunks_arrive_in_order (void **state)
{
	struct world *world = *state;
	for (int i = 0; i < 3000; i++) {
		char line[128];
		snprintf (line, sizeof line, "%0100d\n", i);
		append (world, "eve.json", line);
	}
	begin (world, true);
	size_t chunks = 0;
	while (tail_read (world->tail, on_line, world) > 0) {
		assert_int_equal (world->offset / 101, world->lines - 1);
		tail_accept (world->tail);
		world->seen[0] = '\0';
		chunks++;
	}
	assert_int_equal (world->lines, 3000);
	assert_true (chunks > 3);
	assert_int_equal (tail_unsaved_bytes (world->tail), 3000 * 101);
}

static void
test_agent_tail_nul_and_broken_utf8_pass_through (void **state)
{
	struct world *world = *state;
	put (world, "eve.json", 0, "a\0b\n\xff\xfe\nc\n", 9);
	begin (world, true);
	run (world);
	assert_int_equal (world->lines, 3);
	assert_string_equal (world->seen, "a;\xff\xfe;c;");
}

static void
test_agent_tail_passes_over_a_hole (void **state)
{
	struct world *world = *state;
	static const char hole[200000];
	append (world, "eve.json", "one\n");
	begin (world, true);
	assert_seen (world, "one;");
	put (world, "eve.json", O_APPEND, hole, sizeof hole);
	append (world, "eve.json", "two\n");
	assert_seen (world, "two;");
	assert_int_equal (world->offset, 4 + sizeof hole);
}

static void
test_agent_tail_position_not_understood_counts_as_none (void **state)
{
	static const char *const texts[] = {
		"",
		"2 1 1 - 00112233445566778899aabbccddeeff",
		"1 1 1 - 0011",
		"1 1 1 x 00112233445566778899aabbccddeeff",
		"1 1 1 - 00112233445566778899aabbccddeeff more",
		"1 1 0 - 00112233445566778899aabbccddeeff 1 more",
		"1 1 0 - 00112233445566778899aabbccddeeff -1",
		"1 -1 99999999999999999999 - 00",
	};
	struct world *world = *state;
	append (world, "eve.json", "one\n");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		world->has_position = true;
		strcpy (world->position, texts[i]);
		begin (world, true);
		assert_seen (world, "one;");
		tail_destroy (&world->tail);
	}
}

static bool
is_readable (const struct world *world)
{
	struct pollfd item = {.fd = tail_fd (world->tail), .events = POLLIN};
	return poll (&item, 1, 0) > 0;
}

static void
test_agent_tail_watches_what_it_must (void **state)
{
	struct world *world = *state;
	begin (world, true);
	run (world);
	assert_false (tail_needs_polling (world->tail));
	append (world, "eve.json", "one\n");
	assert_true (is_readable (world));
	tail_drain (world->tail);
	assert_seen (world, "one;");
	tail_drain (world->tail);
	assert_false (is_readable (world));
	append (world, "eve.json", "two\n");
	assert_true (is_readable (world));
	tail_drain (world->tail);
	assert_seen (world, "two;");
	move (world, "eve.json", "eve.json.1");
	append (world, "eve.json", "");
	tail_drain (world->tail);
	assert_seen (world, "");
	append (world, "eve.json.1", "three\n"); /* both the old and the new one are watched */
	assert_true (is_readable (world));
	tail_drain (world->tail);
	assert_seen (world, "three;");
	append (world, "eve.json", "four\n");
	assert_true (is_readable (world));
	tail_drain (world->tail);
	assert_seen (world, "four;");
	append (world, "stats.log", "x");
	tail_drain (world->tail);
	append (world, "stats.log", "another log's lines wake nobody\n");
	assert_false (is_readable (world));
}

static void
test_agent_tail_missing_directory_is_polled_for (void **state)
{
	struct tail_options options = {
		.name = "test",
		.path = "/tmp/siaga-no-such-directory/eve.json",
		.from_start = true,
	};
	struct world *world = *state;
	world->tail = tail_new (&options, NULL);
	assert_non_null (world->tail);
	assert_seen (world, "");
	assert_true (tail_needs_polling (world->tail));
}

#define TAIL_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TAIL_TEST (test_agent_tail_gives_each_line_once),
		TAIL_TEST (test_agent_tail_from_end_gives_only_new_lines),
		TAIL_TEST (test_agent_tail_from_end_is_remembered_before_the_first_line),
		TAIL_TEST (test_agent_tail_waits_for_a_missing_file_and_reads_all_of_it),
		TAIL_TEST (test_agent_tail_half_line_waits_for_its_newline),
		TAIL_TEST (test_agent_tail_forgotten_lines_come_again),
		TAIL_TEST (test_agent_tail_says_where_a_line_stands),
		TAIL_TEST (test_agent_tail_follows_a_rename),
		TAIL_TEST (test_agent_tail_finishes_a_file_rotated_while_down),
		TAIL_TEST (test_agent_tail_reads_every_generation_rotated_while_down),
		TAIL_TEST (test_agent_tail_reads_every_generation_rotated_while_not_looking),
		TAIL_TEST (test_agent_tail_tells_generations_of_one_moment_apart),
		TAIL_TEST (test_agent_tail_misses_no_generation_of_the_same_tick),
		TAIL_TEST (test_agent_tail_unread_file_rotated_while_down_is_read),
		TAIL_TEST (test_agent_tail_starts_again_after_truncation),
		TAIL_TEST (test_agent_tail_copytruncate_loses_nothing),
		TAIL_TEST (test_agent_tail_copytruncate_while_down_loses_nothing),
		TAIL_TEST (test_agent_tail_copytruncate_while_a_file_is_first_read_loses_nothing),
		TAIL_TEST (test_agent_tail_copy_of_what_was_never_read_is_read),
		TAIL_TEST (test_agent_tail_copy_being_made_is_not_read),
		TAIL_TEST (test_agent_tail_older_copy_is_not_read_again),
		TAIL_TEST (test_agent_tail_same_file_on_another_inode_goes_on),
		TAIL_TEST (test_agent_tail_deleted_and_made_again),
		TAIL_TEST (test_agent_tail_lost_file_starts_the_new_one),
		TAIL_TEST (test_agent_tail_cuts_lines_over_the_limit),
		TAIL_TEST (test_agent_tail_gives_a_line_at_the_limit),
		TAIL_TEST (test_agent_tail_restart_inside_a_long_line_skips_its_rest),
		TAIL_TEST (test_agent_tail_long_unfinished_line_at_a_files_end_is_cut),
		TAIL_TEST (test_agent_tail_leaves_another_tails_file_alone),
		TAIL_TEST (test_agent_tail_held_up_through_several_rotations),
		TAIL_TEST (test_agent_tail_held_up_through_several_copies),
		TAIL_TEST (test_agent_tail_knows_whose_a_position_is),
		TAIL_TEST (test_agent_tail_many_chunks_arrive_in_order),
		TAIL_TEST (test_agent_tail_nul_and_broken_utf8_pass_through),
		TAIL_TEST (test_agent_tail_passes_over_a_hole),
		TAIL_TEST (test_agent_tail_position_not_understood_counts_as_none),
		TAIL_TEST (test_agent_tail_watches_what_it_must),
		TAIL_TEST (test_agent_tail_missing_directory_is_polled_for),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
