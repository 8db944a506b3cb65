/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks an item and writes it down. The depth is bounded by the reader's own bound. See cbor_diag.h.
 */
#include "common/cbor_diag.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/cbor.h"
#include "siaga/error.h"
#include "siaga/limits.h"

static void
s_item (FILE *out, struct siaga_reader *reader, unsigned depth);

static void
s_bytes (FILE *out, struct siaga_bytes bytes)
{
	fputs ("h'", out);
	for (size_t i = 0; i < bytes.size; i++)
		fprintf (out, "%02x", bytes.data[i]);
	fputc ('\'', out);
}

static void
s_text (FILE *out, struct siaga_text text)
{
	fputc ('"', out);
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			fputc ('\\', out);
		fputc (text.data[i], out);
	}
	fputc ('"', out);
}

static void
s_array (FILE *out, struct siaga_reader *reader, unsigned depth)
{
	size_t count = siaga_reader_array (reader, reader->size);
	fputc ('[', out);
	for (size_t i = 0; i < count && !reader->error; i++) {
		fputs (i ? ", " : "", out);
		s_item (out, reader, depth + 1);
	}
	fputc (']', out);
}

static void
s_map (FILE *out, struct siaga_reader *reader, unsigned depth)
{
	struct siaga_map map;
	uint64_t key;
	siaga_reader_map (reader, reader->size, &map);
	fputc ('{', out);
	for (bool first = true; siaga_reader_key (reader, &map, &key); first = false) {
		fprintf (out, "%s%" PRIu64 ": ", first ? "" : ", ", key);
		s_item (out, reader, depth + 1);
	}
	fputc ('}', out);
}

static void
s_item (FILE *out, struct siaga_reader *reader, unsigned depth)
{
	if (depth > SIAGA_CBOR_DEPTH_MAX)
		siaga_reader_fail (reader, SIAGA_ELIMIT);
	switch (siaga_reader_peek (reader)) {
	case SIAGA_CBOR_UINT:
		fprintf (out, "%" PRIu64, siaga_reader_uint (reader));
		break;
	case SIAGA_CBOR_BYTES:
		s_bytes (out, siaga_reader_bytes (reader, reader->size));
		break;
	case SIAGA_CBOR_TEXT:
		s_text (out, siaga_reader_text (reader, reader->size));
		break;
	case SIAGA_CBOR_ARRAY:
		s_array (out, reader, depth);
		break;
	case SIAGA_CBOR_MAP:
		s_map (out, reader, depth);
		break;
	case SIAGA_CBOR_BOOL:
		fputs (siaga_reader_bool (reader) ? "true" : "false", out);
		break;
	case SIAGA_CBOR_NONE:
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
		break;
	}
}

char *
cbor_diag (struct siaga_bytes item)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		return NULL;
	struct siaga_reader reader;
	siaga_reader_init (&reader, item.data, item.size);
	s_item (out, &reader, 0);
	if (siaga_reader_end (&reader))
		fputs ("…", out);
	if (fclose (out)) {
		free (text);
		return NULL;
	}
	return text;
}
