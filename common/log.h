/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the programs: one line for each thing worth telling, to standard error.
 *
 *     2026-11-24T08:00:00.123456Z siaga-agent[123] warn uplink-refused: words, then identifiers
 *
 * The id is short and stable, for searches and alarms. A failure is logged once, where it is
 * handled. Where standard error is the journal (JOURNAL_STREAM, systemd.exec(5)) a priority stands
 * in place of the time: `<4>siaga-agent[123] warn …`.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#define LOG_LINE_MAX 2048 /* bytes of one line with its newline; longer ones end in "…" */

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_NOTHING, /* for tests and quiet commands */
};

/*
 * Names the program (borrowed for as long as anything logs) and chooses what is written:
 * `verbosity` 0 is errors, warnings and information; 1 and more add debugging; -1 is warnings and
 * errors, -2 errors only. Call it before the first thread; until then lines go to standard error as
 * "siaga" with verbosity 0.
 */
void
log_open (const char *program, enum log_target target, int verbosity);

/*
 * Write one line, with one write(2), from any thread; errno stays as it is. Of the id and the
 * message, bytes that are not UTF-8 and characters that control a terminal or break or reorder a
 * line are written as \xNN, so text from outside cannot forge a line. A line that cannot be written
 * is lost.
 */
void
log_error (const char *id, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));

void
log_warn (const char *id, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));

void
log_info (const char *id, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));

void
log_debug (const char *id, const char *fmt, ...) __attribute__ ((format (printf, 2, 3)));

#endif
