/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays a fuzz target without a fuzzing engine: one empty input, then every file named on the
 * command line or standing in a directory named there. Finding inputs is an engine's work
 * (libFuzzer, AFL++).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"

#define INPUT_MAX (8u << 20) /* bytes */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static size_t s_replayed = 0;

static void
s_fail (const char *path, const char *words)
{
	fprintf (stderr, "replay: %s: %s\n", path, words);
	exit (EXIT_FAILURE);
}

static void
s_replay_file (const char *path)
{
	uint8_t *data = NULL;
	size_t size = 0;
	if (file_read (path, INPUT_MAX, &data, &size))
		s_fail (path, "cannot be read");

	/* A copy of exactly the input's size, so that a sanitizer sees the first byte beyond it. */
	uint8_t *input = malloc (size ? size : 1);
	if (!input)
		s_fail (path, "out of memory");
	memcpy (input, data, size);
	free (data);
	LLVMFuzzerTestOneInput (input, size);
	free (input);
	s_replayed++;
}

static void
s_replay_directory (const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir (path, &entries, NULL, alphasort);
	if (count < 0)
		s_fail (path, strerror (errno));
	for (int index = 0; index < count; index++) {
		char file[PATH_MAX];
		int length = snprintf (file, sizeof file, "%s/%s", path, entries[index]->d_name);
		if (length < 0 || (size_t) length >= sizeof file)
			s_fail (path, "name is too long");
		if (entries[index]->d_name[0] != '.')
			s_replay_file (file);
		free (entries[index]);
	}
	free (entries);
}

int
main (int argc, char **argv)
{
	uint8_t *nothing = calloc (1, 1);
	if (!nothing)
		s_fail ("empty input", "out of memory");
	LLVMFuzzerTestOneInput (nothing, 0);
	free (nothing);

	for (int index = 1; index < argc; index++) {
		struct stat status;
		if (stat (argv[index], &status))
			s_fail (argv[index], strerror (errno));
		if (S_ISDIR (status.st_mode))
			s_replay_directory (argv[index]);
		else
			s_replay_file (argv[index]);
	}
	printf ("%zu files and one empty input replayed\n", s_replayed);
	return EXIT_SUCCESS;
}
