/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of `watch --out`: JSON lines, each of which carries the cursor behind it, so that what is in the file
 * and where to go on are one write. That makes it exactly once, through kill -9 at any byte: a half last line is
 * cut off and asked for again.
 */
#ifndef CLI_OUT_FILE_H
#define CLI_OUT_FILE_H

#include "cli/cursor.h"
#include "cli/handled.h"

#define OUT_FILE_WORDS 512
#define OUT_FILE_LINE_MAX (1 << 20) /* bytes of one line */

struct out_file;

/* Opens and locks the file, makes it (0600) when there is none, and cuts a half last line. 0, or with words that
   name file and line, and nothing touched: SIAGA_ELOCKED, SIAGA_EFORMAT (its last whole line is not one of ours),
   SIAGA_ENOTFOUND (directory), SIAGA_EIO, SIAGA_ENOMEM. */
int
out_file_open (struct out_file **self_p, const char *path, char words[OUT_FILE_WORDS]);

/* Closes without writing what was not synced; NULL is fine. */
void
out_file_close (struct out_file **self_p);

/* The cursor of the last line; false when the file has none. */
bool
out_file_cursor (const struct out_file *self, struct siaga_cursor *cursor);

/* Adds one line with its newline, in memory until out_file_sync (): 0, SIAGA_ENOMEM, SIAGA_ELIMIT. */
int
out_file_add (struct out_file *self, const char *line, size_t size);

/* Writes what was added and has it on the disk (fdatasync). 0, or SIAGA_EIO with errno: half of a line may be there, so
   from then on it writes nothing and fails alike, until the file is opened again. */
int
out_file_sync (struct out_file *self);

/* Reads every line that is synced and adds its id to `handled`. 0, SIAGA_EFORMAT, SIAGA_EIO, SIAGA_ENOMEM with words. */
int
out_file_handled (struct out_file *self, struct handled *handled, char words[OUT_FILE_WORDS]);

#endif
