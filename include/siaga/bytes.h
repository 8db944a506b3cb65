/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Borrowed bytes and borrowed text: a pointer into somebody else's memory and a length.
 */
#ifndef SIAGA_BYTES_H
#define SIAGA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. `data` may be NULL only when `size` is 0. */
struct siaga_bytes {
	const uint8_t *data;
	size_t size;
};

/* Borrowed UTF-8 text without a terminator. `data` may be NULL only when `size` is 0 (absent). */
struct siaga_text {
	const char *data;
	size_t size;
};

static inline struct siaga_text
siaga_text (const char *string)
{
	struct siaga_text text = {string, string ? strlen (string) : 0};
	return text;
}

static inline bool
siaga_text_equal (struct siaga_text a, struct siaga_text b)
{
	return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

static inline bool
siaga_text_is (struct siaga_text a, const char *string)
{
	return siaga_text_equal (a, siaga_text (string));
}

#endif
