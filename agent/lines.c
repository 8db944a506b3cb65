/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Always at least one byte of room: what fills the largest buffer without a newline is cut or skipped at once.
 */
#include "agent/lines.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

#define CAPACITY_MIN 4096

int
lines_init (struct lines *self, size_t max, bool cuts)
{
	size_t capacity = max < CAPACITY_MIN ? max : CAPACITY_MIN;
	*self = (struct lines){.max = max, .cuts = cuts, .capacity = capacity};
	self->data = malloc (capacity);
	return self->data ? 0 : SIAGA_ENOMEM;
}

void
lines_finish (struct lines *self)
{
	free (self->data);
	self->data = NULL;
}

char *
lines_room (struct lines *self, size_t *size)
{
	if (self->capacity - self->size < self->capacity / 2 && self->capacity < self->max) {
		size_t capacity = self->capacity * 2 < self->max ? self->capacity * 2 : self->max;
		char *larger = realloc (self->data, capacity);
		if (larger) {
			self->data = larger;
			self->capacity = capacity;
		}
	}
	*size = self->capacity - self->size;
	return self->data + self->size;
}

static void
s_take_off (struct lines *self, size_t size)
{
	self->size -= size;
	memmove (self->data, self->data + size, self->size);
}

/* The rest of a line that was too long ends with the first newline behind what was given of it. */
static void
s_skip (struct lines *self)
{
	char *start = self->data + self->cut;
	const char *newline = memchr (start, '\n', self->size - self->cut);
	size_t end = newline ? (size_t) (newline + 1 - self->data) : self->size;
	self->skipping = !newline;
	self->size -= end - self->cut;
	memmove (start, self->data + end, self->size - self->cut);
}

/* A buffer full of one line. */
static void
s_check_long (struct lines *self)
{
	if (self->size < self->max || self->cut > 0 || memchr (self->data, '\n', self->size))
		return;
	self->too_long++;
	self->skipping = true;
	self->size = self->cuts ? self->size - 1 : 0;
	self->cut = self->size;
}

void
lines_added (struct lines *self, size_t size)
{
	assert (size <= self->capacity - self->size);
	self->size += size;
	if (self->skipping)
		s_skip (self);
	s_check_long (self);
}

void
lines_end (struct lines *self)
{
	if (self->size > self->cut && self->data[self->size - 1] != '\n' &&
	    self->size < self->capacity)
		self->data[self->size++] = '\n'; /* lines_drop () left room */
	self->skipping = false;
}

bool
lines_next (const struct lines *self, size_t *at, struct siaga_text *line)
{
	const char *start = self->data + *at;
	if (*at < self->cut) {
		*line = (struct siaga_text){self->data, self->cut};
		*at = self->cut;
		return true;
	}
	const char *newline = self->size > *at ? memchr (start, '\n', self->size - *at) : NULL;
	if (!newline)
		return false;
	size_t size = (size_t) (newline - start);
	*at += size + 1;
	if (size > 0 && start[size - 1] == '\r')
		size--;
	*line = (struct siaga_text){start, size};
	return true;
}

bool
lines_is_cut (const struct lines *self, size_t at)
{
	return self->cut > 0 && at == self->cut;
}

void
lines_drop (struct lines *self, size_t at)
{
	assert (at <= self->size);
	if (at > 0)
		self->cut = 0;
	s_take_off (self, at);
	s_check_long (self);
	if (self->size == 0 && self->capacity > CAPACITY_MIN) {
		char *smaller = realloc (self->data, CAPACITY_MIN);
		self->data = smaller ? smaller : self->data;
		self->capacity = smaller ? CAPACITY_MIN : self->capacity;
	}
}
