/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One character at a time: decoded, judged, and written as it is or by its number. See escape.h.
 */
#include "common/escape.h"

#include <stdint.h>
#include <wchar.h>

/* The longest way a character is written: \u{10ffff}. */
#define PIECE_MAX 16

/* First and last of each range that is never obeyed (Unicode 15; Trojan Source, CVE-2021-42574). */
static const struct range {
	uint32_t first, last;
} s_hostile[] = {
	{0x00, 0x1f},	  {0x7f, 0x9f},	    {0x061c, 0x061c}, {0x200b, 0x200b}, {0x200e, 0x200f},
	{0x2028, 0x202e}, {0x2060, 0x2069}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

/* A character as it is written, and how much of the text it was. */
struct piece {
	char text[PIECE_MAX];
	size_t size;	/* bytes of `text` */
	size_t columns; /* on a terminal */
	size_t taken;	/* bytes of the source */
};

bool
escape_is_hostile (uint32_t code)
{
	for (size_t i = 0; i < sizeof s_hostile / sizeof *s_hostile; i++)
		if (code >= s_hostile[i].first && code <= s_hostile[i].last)
			return true;
	return false;
}

static struct piece
s_piece (struct siaga_text text)
{
	struct piece piece = {.taken = 1};
	uint32_t code = 0;
	size_t size = siaga_utf8_decode (text, &code);
	int written;
	if (size == 0) {
		written = snprintf (piece.text, PIECE_MAX, "\\x{%02x}", (uint8_t) text.data[0]);
	} else if (escape_is_hostile (code)) {
		written = snprintf (piece.text, PIECE_MAX, "\\u{%x}", (unsigned) code);
		piece.taken = size;
	} else {
		memcpy (piece.text, text.data, size);
		int width = wcwidth ((wchar_t) code);
		piece.size = piece.taken = size;
		piece.columns = width < 0 ? 1 : (size_t) width;
		return piece;
	}
	piece.size = piece.columns = (size_t) written;
	return piece;
}

static struct siaga_text
s_rest (struct siaga_text text, size_t taken)
{
	return (struct siaga_text){text.data + taken, text.size - taken};
}

void
escape_write (FILE *out, struct siaga_text text)
{
	while (text.size > 0) {
		struct piece piece = s_piece (text);
		fwrite (piece.text, 1, piece.size, out);
		text = s_rest (text, piece.taken);
	}
}

/* How many bytes from the beginning need no look: ASCII without DEL. */
static size_t
s_plain (struct siaga_text text)
{
	size_t at = 0;

	while (at < text.size && (uint8_t) text.data[at] < 0x7f)
		at++;
	return at;
}

static void
s_write_utf16 (FILE *out, uint32_t code)
{
	if (code > 0xffff)
		fprintf (out, "\\u%04x\\u%04x", (unsigned) (0xd7c0 + (code >> 10)),
			 (unsigned) (0xdc00 | (code & 0x3ff)));
	else
		fprintf (out, "\\u%04x", (unsigned) code);
}

void
escape_write_json (FILE *out, struct siaga_text json)
{
	while (json.size > 0) {
		size_t plain = s_plain (json);
		uint32_t code = 0;
		fwrite (json.data, 1, plain, out);
		json = s_rest (json, plain);
		size_t size = json.size > 0 ? siaga_utf8_decode (json, &code) : 0;
		if (size > 0 && escape_is_hostile (code))
			s_write_utf16 (out, code);
		else
			fwrite (json.data, 1, json.size > 0 && size == 0 ? (size = 1) : size, out);
		json = s_rest (json, size);
	}
}

size_t
escape_columns (struct siaga_text text)
{
	size_t columns = 0;
	while (text.size > 0) {
		struct piece piece = s_piece (text);
		columns += piece.columns;
		text = s_rest (text, piece.taken);
	}
	return columns;
}

size_t
escape_write_cut (FILE *out, struct siaga_text text, size_t columns)
{
	size_t total = escape_columns (text);
	if (total <= columns) {
		escape_write (out, text);
		return total;
	}
	if (columns == 0)
		return 0;
	size_t used = 0;
	while (text.size > 0) {
		struct piece piece = s_piece (text);
		if (used + piece.columns > columns - 1)
			break;
		fwrite (piece.text, 1, piece.size, out);
		used += piece.columns;
		text = s_rest (text, piece.taken);
	}
	fputs ("…", out);
	return used + 1;
}
