/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside made fit for a terminal: what could move the cursor, change colours, reorder or hide
 * what is read is shown as \u{…} instead of obeyed.
 */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stdio.h>

#include "siaga/names.h"

/* Is it a character that is never obeyed: a control (C0, DEL, C1), a line or paragraph separator, a
   bidirectional control, a zero-width space or a tag character (Trojan Source, CVE-2021-42574)? */
bool
escape_is_hostile (uint32_t code);

/* Writes `text` with every hostile character as \u{hex} and every byte that is not UTF-8 as \x{hex}. Everything
   else is written as it is. Errors are the stream's (ferror ()). */
void
escape_write (FILE *out, struct siaga_text text);

/* As above, at most `columns` wide: what does not fit ends in "…". Returns the columns written. */
size_t
escape_write_cut (FILE *out, struct siaga_text text, size_t columns);

/* Writes JSON as it is, but hostile characters, which stand in its strings only, as \uXXXX: the same JSON to who reads
   it, and harmless to who looks at it. */
void
escape_write_json (FILE *out, struct siaga_text json);

/* The columns of a terminal that escape_write () takes for it, by the locale's wcwidth (3). */
size_t
escape_columns (struct siaga_text text);

#endif
