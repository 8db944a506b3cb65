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

static void
s_wait_until (uint64_t at_ns)
{
	struct timespec at = {(time_t) (at_ns / 1000000000), (long) (at_ns % 1000000000)};
	while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		continue;
}

int
main (int argc, char **argv)
{
	char line[EVE_LINE_MAX];
	struct timespec now;
	if (argc != 4) {
		fprintf (stderr, "usage: write_eve FILE COUNT RATE\n");
		return 64;
	}
	int fd = open (argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	uint64_t count = strtoull (argv[2], NULL, 10), rate = strtoull (argv[3], NULL, 10);
	if (fd < 0 || count == 0 || rate == 0)
		return 64;
	clock_gettime (CLOCK_MONOTONIC, &now);
	uint64_t start_ns = (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
	for (uint64_t i = 0; i < count; i++) {
		s_wait_until (start_ns + i * 1000000000 / rate);
		size_t size = eve_line (line, i, eve_now_us ());
		if (write (fd, line, size) != (ssize_t) size)
			return 74;
	}
	return close (fd) == 0 ? 0 : 74;
}
