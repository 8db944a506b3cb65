/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subscription's filter: its map on the wire, and which entries it lets through. Need to know is
 * decided elsewhere (siaga_may_see ()); a filter only narrows.
 */
#include "siaga/filter.h"
#include "fields.h"
#include "pairs.h"

enum filter_key {
	FILTER_MIN_SEVERITY = 1,
	FILTER_MIN_CERTAINTY = 2,
	FILTER_CATEGORIES = 3,
	FILTER_SYSTEMS = 4,
	FILTER_ORIGINS = 5,
	FILTER_STATUSES = 6,
	FILTER_KINDS = 7,
	FILTER_ACCEPTED_FROM = 8,
	FILTER_KEYS_END
};

static void
s_write_list (struct pairs *pairs, uint64_t key, const struct siaga_filter_list *list)
{
	if (!list->count || !pairs_key (pairs, key))
		return;
	siaga_writer_array (pairs->writer, list->count);
	for (size_t i = 0; i < list->count; i++)
		siaga_writer_text (pairs->writer, list->items[i]);
}

static void
s_write_filter (struct pairs *pairs, const void *record)
{
	const struct siaga_filter *filter = record;

	pairs_some_uint (pairs, FILTER_MIN_SEVERITY, filter->min_severity);
	pairs_some_uint (pairs, FILTER_MIN_CERTAINTY, filter->min_certainty);
	s_write_list (pairs, FILTER_CATEGORIES, &filter->categories);
	s_write_list (pairs, FILTER_SYSTEMS, &filter->systems);
	s_write_list (pairs, FILTER_ORIGINS, &filter->origins);
	pairs_some_uint (pairs, FILTER_STATUSES, filter->statuses);
	pairs_some_uint (pairs, FILTER_KINDS, filter->kinds);
	pairs_some_uint (pairs, FILTER_ACCEPTED_FROM, filter->accepted_from_us);
}

void
siaga_filter_write (struct siaga_writer *writer, const struct siaga_filter *filter)
{
	bool fits = filter->categories.count <= SIAGA_FILTER_ITEMS_MAX &&
		    filter->systems.count <= SIAGA_FILTER_ITEMS_MAX &&
		    filter->origins.count <= SIAGA_FILTER_ITEMS_MAX;

	if (fits)
		pairs_write (writer, s_write_filter, filter);
	else if (!writer->error)
		writer->error = SIAGA_ELIMIT;
}

static void
s_read_min_severity (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_severity *) at = some_enum_value (reader, max);
}

static void
s_read_min_certainty (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_certainty *) at = some_enum_value (reader, max);
}

/* Bits of an enumeration: a bit this version has no value for asks for something newer. */
static void
s_read_bits (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(uint32_t *) at = some_enum_value (reader, max);
}

static void
s_read_list (struct siaga_reader *reader, struct siaga_filter_list *list, size_t max,
	     bool (*is_valid) (struct siaga_text))
{
	list->count = some_array (reader, SIAGA_FILTER_ITEMS_MAX);
	for (size_t i = 0; i < list->count && !reader->error; i++) {
		list->items[i] = some_text (reader, max);
		require (reader, is_valid (list->items[i]));
	}
}

/* Any words: a category of a later taxonomy matches nothing, which is what it should. */
static bool
s_category_is_valid (struct siaga_text category)
{
	return category.size > 0;
}

static void
s_read_categories (struct siaga_reader *reader, void *at, uint64_t max)
{
	s_read_list (reader, at, (size_t) max, s_category_is_valid);
}

static void
s_read_systems (struct siaga_reader *reader, void *at, uint64_t max)
{
	s_read_list (reader, at, (size_t) max, siaga_system_is_valid);
}

static bool
s_origin_is_valid (struct siaga_text origin)
{
	return siaga_member_is_valid (origin) || siaga_principal_is_valid (origin);
}

static void
s_read_origins (struct siaga_reader *reader, void *at, uint64_t max)
{
	s_read_list (reader, at, (size_t) max, s_origin_is_valid);
}

#define FIELD(name, function, max)                                                                 \
	{                                                                                          \
		function, offsetof (struct siaga_filter, name), max                                \
	}
#define BITS(last) ((UINT32_C (2) << (last)) - 1)

static const struct field filter_fields[FILTER_KEYS_END] = {
	[FILTER_MIN_SEVERITY] = FIELD (min_severity, s_read_min_severity, SIAGA_SEVERITY_CRITICAL),
	[FILTER_MIN_CERTAINTY] =
		FIELD (min_certainty, s_read_min_certainty, SIAGA_CERTAINTY_OBSERVED),
	[FILTER_CATEGORIES] = FIELD (categories, s_read_categories, SIAGA_CATEGORY_MAX),
	[FILTER_SYSTEMS] = FIELD (systems, s_read_systems, SIAGA_SYSTEM_MAX),
	[FILTER_ORIGINS] = FIELD (origins, s_read_origins, SIAGA_PRINCIPAL_MAX),
	[FILTER_STATUSES] = FIELD (statuses, s_read_bits, BITS (SIAGA_STATUS_SYSTEM)),
	[FILTER_KINDS] = FIELD (kinds, s_read_bits, BITS (SIAGA_KIND_ROSTER)),
	[FILTER_ACCEPTED_FROM] = FIELD (accepted_from_us, read_number, NUMBER_MAX),
};

void
siaga_filter_read (struct siaga_reader *reader, struct siaga_filter *filter)
{
	struct siaga_map map;
	uint64_t key;

	memset (filter, 0, sizeof *filter);
	siaga_reader_map (reader, MAP_PAIRS_MAX, &map);
	while (siaga_reader_key (reader, &map, &key))
		if (!field_read (reader, filter_fields, FILTER_KEYS_END, key, filter))
			siaga_reader_fail (reader, SIAGA_EUPGRADE);
}

static bool
s_origin_is_in (struct siaga_text origin, struct siaga_text asked)
{
	return siaga_text_equal (origin, asked) ||
	       siaga_text_equal (siaga_member_of (origin), asked);
}

static bool
s_list_matches (const struct siaga_filter_list *list, struct siaga_text value,
		bool (*is_in) (struct siaga_text value, struct siaga_text asked))
{
	for (size_t i = 0; i < list->count; i++)
		if (is_in (value, list->items[i]))
			return true;
	return list->count == 0;
}

static bool
s_bits_match (uint32_t bits, unsigned value)
{
	return bits == 0 || (bits >> value & 1);
}

bool
siaga_filter_matches (const struct siaga_filter *filter, const struct siaga_header *header,
		      uint64_t accepted_us)
{
	return header->severity >= filter->min_severity &&
	       header->certainty >= filter->min_certainty &&
	       accepted_us >= filter->accepted_from_us &&
	       s_bits_match (filter->statuses, header->status) &&
	       s_bits_match (filter->kinds, header->kind) &&
	       s_list_matches (&filter->categories, header->category, siaga_category_in) &&
	       s_list_matches (&filter->systems, header->system, siaga_text_equal) &&
	       s_list_matches (&filter->origins, header->origin, s_origin_is_in);
}
