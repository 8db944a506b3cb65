/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the disk itself takes: appends of 4 KiB, each made durable; prints percentiles of fdatasync as arrivals.h does.
 *
 *	disk_sync FILE COUNT
 */
#include <fcntl.h>
#include <unistd.h>

#include "arrivals.h"

#define BLOCK_BYTES 4096

int
main (int argc, char **argv)
{
	static const char block[BLOCK_BYTES] = "siaga";
	struct arrivals syncs;

	if (argc != 3 || arrivals_init (&syncs, strtoull (argv[2], NULL, 10)) != 0 ||
	    syncs.count == 0) {
		fprintf (stderr, "usage: disk_sync FILE COUNT\n");
		return 64;
	}
	int fd = open (argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	for (uint64_t i = 0; i < syncs.count; i++) {
		if (fd < 0 || write (fd, block, sizeof block) != (ssize_t) sizeof block)
			return 74;
		uint64_t began_us = clock_now_us ();
		if (fdatasync (fd) != 0)
			return 74;
		arrivals_add (&syncs, began_us);
	}
	arrivals_print (&syncs);
	arrivals_finish (&syncs);
	return close (fd) == 0 ? 0 : 74;
}
