/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a reader is in a log, written down: as the text that stands in each line of `watch --out`, and as the small
 * file of `watch --cursor`.
 *
 *	0f…e1:4712:9c…07        log id, next number, mark (the log leaf of the number before; may be empty)
 */
#ifndef CLI_CURSOR_H
#define CLI_CURSOR_H

#include "siaga/bytes.h"
#include "siaga/wire.h"

#define CURSOR_TEXT 128 /* characters with NUL */

/* `cursor` has a log id. */
void
cursor_write (char out[CURSOR_TEXT], const struct siaga_cursor *cursor);

/* 0 or SIAGA_EFORMAT; *cursor is untouched then. */
int
cursor_parse (struct siaga_text text, struct siaga_cursor *cursor);

/* What a cursor file holds. */
struct cursor_file {
	struct siaga_cursor cursor;
	uint64_t accepted_from_us; /* entries accepted before are not wanted; 0: all are */
	/* After the hub's disk went back in time and the log is read from 0: entries accepted before belong to
	   what stood there before this reader began. 0: none do. */
	uint64_t restored_from_us;
	/* The log was begun again from 0: what was handled before may come again at any time. */
	bool restored;
};

/* 0, SIAGA_ENOTFOUND, SIAGA_EFORMAT, SIAGA_EIO, SIAGA_ENOMEM. */
int
cursor_file_load (const char *path, struct cursor_file *file);

/* Replaces the file durably (file_replace ()): 0, SIAGA_ENOTFOUND (directory), SIAGA_EIO, SIAGA_ENOMEM. */
int
cursor_file_save (const char *path, const struct cursor_file *file);

#endif
