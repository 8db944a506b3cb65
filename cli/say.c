/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See say.h.
 */
#include "cli/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "common/escape.h"
#include "siaga/error.h"

static bool s_said;

void
say (const char *fmt, ...)
{
	int saved_errno = errno;
	char *words = NULL;
	va_list args;
	va_start (args, fmt);
	int size = vasprintf (&words, fmt, args);
	va_end (args);
	fputs ("siaga: ", stderr);
	escape_write (stderr, size >= 0 ? (struct siaga_text){words, (size_t) size}
					: siaga_text ("out of memory"));
	fputc ('\n', stderr);
	if (size >= 0)
		free (words);
	s_said = true;
	errno = saved_errno;
}

int
say_usage (const char *words)
{
	say ("%s", words);
	return CMD_USAGE;
}

bool
say_was_heard (void)
{
	return s_said;
}

const char *
say_file_error (int error)
{
	switch (error) {
	case SIAGA_EIO:
		return strerror (errno);
	case SIAGA_ENOTFOUND:
		return "no such file or directory";
	case SIAGA_ELIMIT:
		return "too large";
	default:
		return siaga_strerror (error);
	}
}
