/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests with files: a directory of their own.
 */
#ifndef SIAGA_TESTS_DIRECTORY_FIXTURE_H
#define SIAGA_TESTS_DIRECTORY_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new directory to work in, which becomes the current one. */
static inline void
fixture_enter (char out[64])
{
	snprintf (out, 64, "/tmp/siaga-test-XXXXXX");
	if (mkdtemp (out) == NULL || chdir (out) != 0)
		abort ();
}

static inline int
fixture_remove_one (const char *path, const struct stat *stat_of, int type, struct FTW *ftw)
{
	(void) stat_of;
	(void) type;
	(void) ftw;
	return remove (path);
}

static inline void
fixture_leave (const char *directory)
{
	if (chdir ("/") != 0 || nftw (directory, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		abort ();
}

#endif
