/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a source that were read to their end and left for the next generation: where they match the source's
 * wildcards under their new names, they are not read again. Bounded; the oldest are forgotten.
 */
#ifndef AGENT_LEFT_FILES_H
#define AGENT_LEFT_FILES_H

#include <stddef.h>

#include "agent/tail_files.h"

#define LEFT_FILES_MAX 1024

struct left_files {
	size_t count;
	struct tail_place *places; /* the latest last */
};

void
left_files_finish (struct left_files *self);

/* 0 or SIAGA_ENOMEM. */
int
left_files_add (struct left_files *self, const struct tail_place *place);

/* Is the open file, whose inode that is, one of them? `may_be_copy`: or a copy of one that is gone, by its name. */
bool
left_files_has (const struct left_files *self, int fd, uint64_t inode, bool may_be_copy);

/* As text for the outbox, the caller's to free (NULL when out of memory), and back into an empty list: 0, SIAGA_EFORMAT
   when it is not such a text, SIAGA_ENOMEM. */
char *
left_files_text (const struct left_files *self);
int
left_files_parse (struct left_files *self, const char *text);

/* Is it such a text? */
bool
left_files_is_text (const char *text);

#endif
