/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	files 1 <inode>:<offset>:<fingerprint> …
 */
#include "agent/left_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define MARK "files 1"
#define ROOM 16 /* places more at a time */

void
left_files_finish (struct left_files *self)
{
	free (self->places);
	*self = (struct left_files){.count = 0};
}

int
left_files_add (struct left_files *self, const struct tail_place *place)
{
	if (place->offset == 0)
		return 0; /* nothing in it that could be told twice */
	if (self->count == LEFT_FILES_MAX) {
		self->count--;
		memmove (self->places, self->places + 1, self->count * sizeof *self->places);
	} else if (self->count % ROOM == 0) {
		struct tail_place *more =
			realloc (self->places, (self->count + ROOM) * sizeof *self->places);
		if (!more)
			return SIAGA_ENOMEM;
		self->places = more;
	}
	self->places[self->count++] = *place;
	return 0;
}

bool
left_files_has (const struct left_files *self, int fd, uint64_t inode, bool may_be_copy)
{
	for (size_t i = 0; i < self->count; i++) {
		const struct tail_place *place = &self->places[i];
		if (place->inode == inode
			    ? tail_matches (fd, place)
			    : place->inode == 0 && may_be_copy && tail_may_be_copy (fd, place))
			return true;
	}
	return false;
}

char *
left_files_text (const struct left_files *self)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		return NULL;
	fputs (MARK, out);
	for (size_t i = 0; i < self->count; i++) {
		char print[2 * TAIL_PRINT_BYTES + 1];
		siaga_hex (print, self->places[i].print, TAIL_PRINT_BYTES);
		fprintf (out, " %" PRIu64 ":%" PRIu64 ":%s", self->places[i].inode,
			 self->places[i].offset, print);
	}
	if (fclose (out) == 0)
		return text;
	free (text);
	return NULL;
}

bool
left_files_is_text (const char *text)
{
	return strncmp (text, MARK, strlen (MARK)) == 0;
}

int
left_files_parse (struct left_files *self, const char *text)
{
	int rc = left_files_is_text (text) ? 0 : SIAGA_EFORMAT;
	for (text += rc ? 0 : strlen (MARK); !rc;) {
		struct tail_place place = {.inode = 0};
		char print[2 * TAIL_PRINT_BYTES + 1];
		int size = 0;
		if (sscanf (text, " %" SCNu64 ":%" SCNu64 ":%32[0-9a-f]%n", &place.inode,
			    &place.offset, print, &size) != 3 ||
		    siaga_hex_parse (place.print, TAIL_PRINT_BYTES, siaga_text (print)))
			break;
		rc = left_files_add (self, &place);
		text += size;
	}
	return rc;
}
