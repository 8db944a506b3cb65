/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard output: aligned and coloured text for a terminal, JSON lines for what reads a pipe. A reader that went
 * away (`| head`) ends the command quietly.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/book.h"
#include "cli/options.h"
#include "cli/settings.h"

#define OUTPUT_CLOSED (-1) /* nobody reads any more: stop, all is well */

struct output {
	bool json;
	bool terminal;
	struct render_style style;
	struct book *book; /* may be NULL */
	char title[SIAGA_TITLE_MAX + 1];
};

/* Finds out what standard output is. `settings` may be NULL. */
void
output_init (struct output *self, enum options_format format, const struct settings *settings);

/* Takes note of the alerts that people are shown, and names them in lines about them. Then output_finish (). */
void
output_remember (struct output *self, const struct settings *settings);

void
output_finish (struct output *self);

/* Writes one entry: 0, OUTPUT_CLOSED, or an enum cmd_exit, said to the user. */
int
output_entry (struct output *self, const struct reader_entry *entry,
	      const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster);

/* The same as text in memory, for later; NULL when out of memory. */
char *
output_render (struct output *self, const struct reader_entry *entry,
	       const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster);

/* Of the terminal; 0 when it is none, and lines may be as long as they are. */
size_t
output_columns (const struct output *self);

/* Writes text that is fit for standard output as it is; frees nothing. 0, OUTPUT_CLOSED, or an enum cmd_exit. */
int
output_text (struct output *self, const char *text);

/* Words of ours, and text from outside made fit (escape.h); failures are found by what is written next. */
void
output_printf (struct output *self, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));
void
output_escaped (struct output *self, struct siaga_text text);
void
output_padded (struct output *self, const char *text, size_t columns);

/* Writes an object as a JSON line; results as above. */
int
output_json (struct output *self, const json_t *object);

/* Has it all gone out? 0, OUTPUT_CLOSED, or an enum cmd_exit. Call before exiting. */
int
output_flush (struct output *self);

#endif
