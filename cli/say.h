/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands tell people beside their output: one line each on standard error, as "siaga: words".
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>

/* Text from outside in it is escaped (common/escape.h). errno stays as it is. */
void
say (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));

/* The same; CMD_USAGE (cli/cmd.h). */
int
say_usage (const char *words);

/* Was anything said? What fails silently for lack of memory is told by main (). */
bool
say_was_heard (void);

/* Words for an error of common/file.h; SIAGA_EIO is told by errno. */
const char *
say_file_error (int error);

#endif
