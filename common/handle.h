/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short name people use for an alert: the end of its id, which is random (the beginning is only a time). It has
 * a letter, so that it is never taken for a log number.
 *
 *	0192f3c4-5d6e-7f80-9a0b-1c2d3e4f5061   4f5061
 */
#ifndef COMMON_HANDLE_H
#define COMMON_HANDLE_H

#include "siaga/names.h"

#define HANDLE_MIN 4   /* digits that are understood */
#define HANDLE_SHOWN 6 /* digits shown: more when they would be no letter among them */
#define HANDLE_TEXT 33 /* characters with NUL */

void
handle_write (char out[HANDLE_TEXT], const uint8_t id[SIAGA_ID_BYTES]);

/* HANDLE_MIN to 31 hex digits with a letter among them? Upper case is fine. */
bool
handle_is_valid (struct siaga_text text);

/* Does the id end in it? */
bool
handle_matches (struct siaga_text handle, const uint8_t id[SIAGA_ID_BYTES]);

#endif
