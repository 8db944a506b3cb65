/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a list of paths with wildcards stands for, now and as they come: the directories are watched.
 */
#ifndef AGENT_FILE_GLOB_H
#define AGENT_FILE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

struct conf_strings;
struct file_glob;

/* Does the path have wildcards? */
bool
file_glob_is_wild (const char *path);

/* Is it what a log rotation leaves behind compressed, by its name? */
bool
file_glob_is_compressed (const char *path);

/* `paths` is borrowed until file_glob_configure (). NULL when out of memory. */
struct file_glob *
file_glob_new (const struct conf_strings *paths);

void
file_glob_destroy (struct file_glob **self_p);

void
file_glob_configure (struct file_glob *self, const struct conf_strings *paths);

/* Does the path match one with wildcards, be there a file or not? */
bool
file_glob_matches (const struct file_glob *self, const char *path);

/* Calls `each` with every path there is that matches one with wildcards, short ones first and then the latest written,
   and watches their directories. 0, or what `each` said first. */
int
file_glob_scan (struct file_glob *self, int (*each) (void *arg, const char *path), void *arg);

/* Readable when a scan may find others; -1: can not be watched. */
int
file_glob_fd (const struct file_glob *self);

void
file_glob_drain (struct file_glob *self);

/* Is there a directory that is not watched, so that a scan now and then is needed? */
bool
file_glob_needs_polling (const struct file_glob *self);

#endif
