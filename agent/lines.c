/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Always at least one byte of room: what fills the buffer without a newline is dropped at once.
 */
#include "agent/lines.h"

#include <assert.h>

void
lines_init (struct lines *self)
{
	self->size = 0;
	self->skipping = false;
	self->too_long = 0;
}

char *
lines_room (struct lines *self, size_t *size)
{
	*size = sizeof self->data - self->size;
	return self->data + self->size;
}

/* The rest of a line that was too long ends with the first newline. */
static void
s_skip (struct lines *self)
{
	const char *newline = memchr (self->data, '\n', self->size);
	size_t size = newline ? (size_t) (newline + 1 - self->data) : self->size;
	self->skipping = !newline;
	self->size -= size;
	memmove (self->data, self->data + size, self->size);
}

void
lines_added (struct lines *self, size_t size)
{
	assert (size <= sizeof self->data - self->size);
	self->size += size;
	if (self->skipping)
		s_skip (self);
	lines_drop (self, 0);
}

void
lines_end (struct lines *self)
{
	if (self->size > 0 && self->data[self->size - 1] != '\n')
		self->data[self->size++] = '\n'; /* lines_drop () left room */
	self->skipping = false;
}

bool
lines_next (const struct lines *self, size_t *at, struct siaga_text *line)
{
	const char *start = self->data + *at;
	const char *newline = memchr (start, '\n', self->size - *at);
	if (!newline)
		return false;
	size_t size = (size_t) (newline - start);
	*at += size + 1;
	if (size > 0 && start[size - 1] == '\r')
		size--;
	*line = (struct siaga_text){start, size};
	return true;
}

void
lines_drop (struct lines *self, size_t at)
{
	assert (at <= self->size);
	self->size -= at;
	memmove (self->data, self->data + at, self->size);
	if (self->size < sizeof self->data || memchr (self->data, '\n', self->size))
		return;
	self->size = 0;
	self->skipping = true;
	self->too_long++;
}
