/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting parts off the front of a text: the lines of an identity or a minisign file, and their first words.
 */
#ifndef PROTO_CUT_H
#define PROTO_CUT_H

#include "siaga/bytes.h"

/* The next line, without its end ("\n" or "\r\n"); empty at the end of the text. */
static inline struct siaga_text
cut_line (struct siaga_text *text)
{
	const char *end = text->size > 0 ? memchr (text->data, '\n', text->size) : NULL;
	size_t size = end != NULL ? (size_t) (end - text->data) : text->size;
	struct siaga_text line = {text->data, size};

	size += end != NULL ? 1 : 0;
	text->data += size;
	text->size -= size;
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

/* Cuts `word` off, if the text begins with it. */
static inline bool
cut_word (struct siaga_text *text, const char *word)
{
	size_t size = strlen (word);

	if (text->size < size || memcmp (text->data, word, size) != 0)
		return false;
	text->data += size;
	text->size -= size;
	return true;
}

#endif
