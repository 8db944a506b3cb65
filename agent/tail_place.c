/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in a file as text, and what is known of the file before it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/tail_private.h"
#include "siaga/names.h"

#define NS_PER_S INT64_C (1000000000)

/* When the file before was last written; of one known by that only. `ns` 0: nothing is known. */
static struct stat
s_former (int64_t ns)
{
	if (ns == 0)
		ns = INT64_MAX;
	return (struct stat){.st_mtim = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S},
			     .st_ctim = {.tv_sec = INT64_MAX}}; /* itself is not after it */
}

struct stat
tail_former_now (void)
{
	struct timespec now;
	clock_gettime (CLOCK_REALTIME, &now); /* never behind the clock of files */
	return (struct stat){.st_mtim = now, .st_ctim = {.tv_sec = INT64_MAX}};
}

bool
tail_position_parse (struct tail_place *place, struct stat *former, const char *text)
{
	char print[2 * TAIL_PRINT_BYTES + 1], state;
	int end = 0, end_of_all = 0;
	int64_t former_ns = 0;
	struct tail_place read = {.offset = 0};
	if (sscanf (text, "1 %" SCNu64 " %" SCNu64 " %c %32[0-9a-f]%n %" SCNd64 "%n", &read.inode,
		    &read.offset, &state, print, &end, &former_ns, &end_of_all) < 4 ||
	    (end_of_all > 0 ? text[end_of_all] : text[end]) != '\0' || former_ns < 0 ||
	    (state != '-' && state != 's') || read.offset > INT64_MAX ||
	    siaga_hex_parse (read.print, TAIL_PRINT_BYTES, siaga_text (print)))
		return false;
	read.skipping = state == 's';
	*place = read;
	*former = s_former (former_ns);
	return true;
}

bool
tail_is_of (const char *path, const char *position)
{
	struct tail_place place;
	struct stat status, former;
	int fd = tail_position_parse (&place, &former, position) ? tail_open (path, &status) : -1;
	bool is_of = fd >= 0 && status.st_ino == place.inode && tail_matches (fd, &place);
	if (fd >= 0)
		close (fd);
	return is_of;
}

void
tail_position (const struct tail *self, char text[TAIL_POSITION_TEXT])
{
	const struct tail_place *place = self->pending ? &self->next : &self->now;
	char print[2 * TAIL_PRINT_BYTES + 1];
	siaga_hex (print, place->print, TAIL_PRINT_BYTES);
	int end = snprintf (text, TAIL_POSITION_TEXT, "1 %" PRIu64 " %" PRIu64 " %c %s",
			    place->inode, place->offset, place->skipping ? 's' : '-', print);
	const struct timespec *former = &self->former.st_mtim;
	if (place->offset == 0 && former->tv_sec < INT64_MAX / NS_PER_S)
		snprintf (text + end, TAIL_POSITION_TEXT - (size_t) end, " %" PRId64,
			  former->tv_sec * NS_PER_S + former->tv_nsec);
}
