/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes each line whole in a buffer on the stack and hands it to the system at once: lines of
 * several threads and processes on one pipe do not mix (they are shorter than PIPE_BUF), and there
 * is no lock.
 */
#include "common/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/escape.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define ELLIPSIS_BYTES 3
#define PROGRAM_MAX 64 /* bytes of the program's name that are shown */

/* From the gravest on: a level is written when it is at most 2 + verbosity. */
enum level {
	LEVEL_ERROR,
	LEVEL_WARN,
	LEVEL_INFO,
	LEVEL_DEBUG
};

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} s_levels[] = {
	[LEVEL_ERROR] = {"error", 3},
	[LEVEL_WARN] = {"warn", 4},
	[LEVEL_INFO] = {"info", 6},
	[LEVEL_DEBUG] = {"debug", 7},
};

static struct {
	const char *program;
	enum log_target target;
	int verbosity;
	bool journal;
} s_log = {.program = "siaga", .target = LOG_TO_STDERR};

/* A line being made. */
struct line {
	char data[LOG_LINE_MAX];
	size_t size;
	bool full;
};

/* Appends all of the bytes, or none and marks the line full. Leaves room for the ellipsis and
 * newline. */
static void
s_line_put (struct line *self, const void *data, size_t size)
{
	if (self->full || size > sizeof self->data - ELLIPSIS_BYTES - 1 - self->size) {
		self->full = true;
		return;
	}
	memcpy (self->data + self->size, data, size);
	self->size += size;
}

static void
s_line_put_escaped (struct line *self, const uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		char escaped[5];
		snprintf (escaped, sizeof escaped, "\\x%02x", bytes[at]);
		s_line_put (self, escaped, 4);
	}
}

static void
s_line_put_text (struct line *self, const char *string)
{
	struct siaga_text text = siaga_text (string);
	while (text.size > 0 && !self->full) {
		uint32_t code = 0;
		size_t size = siaga_utf8_decode (text, &code);
		if (size == 0 || escape_is_hostile (code)) {
			size = size ? size : 1;
			s_line_put_escaped (self, (const uint8_t *) text.data, size);
		} else {
			s_line_put (self, text.data, size);
		}
		text.data += size;
		text.size -= size;
	}
}

static void
s_line_put_time (struct line *self)
{
	uint64_t now_us = clock_now_us ();
	time_t seconds = (time_t) (now_us / 1000000);
	struct tm tm;
	char text[64];
	if (!gmtime_r (&seconds, &tm))
		return;
	size_t size = strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	s_line_put (self, text, size);
	int length = snprintf (text, sizeof text, ".%06uZ ", (unsigned) (now_us % 1000000));
	s_line_put (self, text, (size_t) length);
}

static void
s_line_put_head (struct line *self, enum level level)
{
	char text[PROGRAM_MAX + 64];
	if (s_log.journal)
		snprintf (text, sizeof text, "<%d>", s_levels[level].priority);
	else
		text[0] = '\0';
	s_line_put (self, text, strlen (text));
	if (!s_log.journal)
		s_line_put_time (self);
	int length = snprintf (text, sizeof text, "%.*s[%ld] %s ", PROGRAM_MAX, s_log.program,
			       (long) getpid (), s_levels[level].name);
	s_line_put (self, text, (size_t) length);
}

static void
s_line_write (struct line *self)
{
	if (self->full) {
		memcpy (self->data + self->size, ELLIPSIS, ELLIPSIS_BYTES);
		self->size += ELLIPSIS_BYTES;
	}
	self->data[self->size++] = '\n';
	ssize_t written;
	do
		written = write (STDERR_FILENO, self->data, self->size);
	while (written < 0 && errno == EINTR);
}

static void __attribute__ ((format (printf, 3, 0)))
s_log_line (enum level level, const char *id, const char *fmt, va_list args)
{
	if (s_log.target == LOG_TO_NOTHING || (int) level > LEVEL_INFO + s_log.verbosity)
		return;

	int saved_errno = errno;
	char message[LOG_LINE_MAX]; /* what does not fit here does not fit the line */
	if (vsnprintf (message, sizeof message, fmt, args) < 0)
		snprintf (message, sizeof message, "(a message that cannot be formatted)");

	struct line line;
	line.size = 0;
	line.full = false;
	s_line_put_head (&line, level);
	s_line_put_text (&line, id);
	s_line_put (&line, ": ", 2);
	s_line_put_text (&line, message);
	s_line_write (&line);
	errno = saved_errno;
}

/* Whether standard error is the journal's stream: JOURNAL_STREAM is "device:inode"
 * (systemd.exec(5)). */
static bool
s_stderr_is_journal (void)
{
	const char *stream = getenv ("JOURNAL_STREAM");
	struct stat status;
	if (!stream || fstat (STDERR_FILENO, &status))
		return false;
	char own[64];
	snprintf (own, sizeof own, "%ju:%ju", (uintmax_t) status.st_dev, (uintmax_t) status.st_ino);
	return strcmp (stream, own) == 0;
}

void
log_open (const char *program, enum log_target target, int verbosity)
{
	assert (program);
	s_log.program = program;
	s_log.target = target;
	s_log.verbosity = verbosity < -LEVEL_INFO ? -LEVEL_INFO : verbosity > 1 ? 1 : verbosity;
	s_log.journal = target == LOG_TO_STDERR && s_stderr_is_journal ();
}

void
log_error (const char *id, const char *fmt, ...)
{
	va_list args;
	va_start (args, fmt);
	s_log_line (LEVEL_ERROR, id, fmt, args);
	va_end (args);
}

void
log_warn (const char *id, const char *fmt, ...)
{
	va_list args;
	va_start (args, fmt);
	s_log_line (LEVEL_WARN, id, fmt, args);
	va_end (args);
}

void
log_info (const char *id, const char *fmt, ...)
{
	va_list args;
	va_start (args, fmt);
	s_log_line (LEVEL_INFO, id, fmt, args);
	va_end (args);
}

void
log_debug (const char *id, const char *fmt, ...)
{
	va_list args;
	va_start (args, fmt);
	s_log_line (LEVEL_DEBUG, id, fmt, args);
	va_end (args);
}
