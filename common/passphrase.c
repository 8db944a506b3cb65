/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a person for a passphrase on the terminal, without echo. Standard input stays free for
 * data.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/identity_file.h"
#include "siaga/error.h"

static void
s_say (int tty, const char *words)
{
	size_t size = strlen (words);

	while (size > 0) {
		ssize_t sent = write (tty, words, size);

		if (sent <= 0)
			return;
		words += sent;
		size -= (size_t) sent;
	}
}

/* A line of the terminal without its newline; false when there is none or it is too long. */
static bool
s_read_line (int tty, char out[PASSPHRASE_MAX])
{
	size_t size = 0;
	ssize_t got;
	char c;

	while ((got = read (tty, &c, 1)) == 1 && c != '\n') {
		if (size == PASSPHRASE_MAX - 1)
			return false;
		out[size++] = c;
	}
	out[size] = '\0';
	return got == 1;
}

int
passphrase_read (const char *prompt, char out[PASSPHRASE_MAX])
{
	int tty = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, quiet;
	bool good;

	if (tty < 0 || tcgetattr (tty, &before) != 0) {
		if (tty >= 0)
			close (tty);
		return SIAGA_EPASSPHRASE;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t) (ECHO | ISIG); /* an interrupt must not leave the echo off */
	quiet.c_lflag |= ICANON;
	tcsetattr (tty, TCSAFLUSH, &quiet);
	s_say (tty, prompt);
	good = s_read_line (tty, out) && strchr (out, 3) == NULL; /* control-C */
	tcsetattr (tty, TCSAFLUSH, &before);
	s_say (tty, "\n");
	close (tty);
	if (!good)
		sodium_memzero (out, PASSPHRASE_MAX);
	return good ? 0 : SIAGA_EPASSPHRASE;
}

int
identity_ask_tty (void *arg, const char *path, char out[PASSPHRASE_MAX])
{
	char prompt[512];

	(void) arg;
	snprintf (prompt, sizeof prompt, "Passphrase of %.400s: ", path);
	return passphrase_read (prompt, out);
}
