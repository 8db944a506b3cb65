/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes alerts into an eve.json at an even rate; the time in each line is that of its writing.
 *
 *	write_eve FILE COUNT RATE-A-SECOND
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "eve_line.h"
#include "pace.h"

int
main (int argc, char **argv)
{
	char line[EVE_LINE_MAX];
	struct pace pace;
	if (argc != 4) {
		fprintf (stderr, "usage: write_eve FILE COUNT RATE\n");
		return 64;
	}
	int fd = open (argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	uint64_t count = strtoull (argv[2], NULL, 10), rate = strtoull (argv[3], NULL, 10);
	if (fd < 0 || count == 0 || rate == 0)
		return 64;
	pace_begin (&pace, rate);
	for (uint64_t i = 0; i < count; i++) {
		pace_wait (&pace, i);
		size_t size = eve_line (line, i, eve_now_us ());
		if (write (fd, line, size) != (ssize_t) size)
			return 74;
	}
	return close (fd) == 0 ? 0 : 74;
}
