/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an entry's header: the shape of every field and the rules between them. It leaves the body
 * to body_read.c, and who may say what to the roster.
 */
#include "siaga/entry.h"
#include "entry_keys.h"
#include "fields.h"

static void
s_read_id (struct siaga_reader *reader, void *at, uint64_t max)
{
	siaga_reader_fixed (reader, at, (size_t) max);
	require (reader, siaga_uuid_is_v7 (at));
}

static void
s_read_origin (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_text *origin = at;
	*origin = some_text (reader, max);
	require (reader, siaga_principal_is_valid (*origin));
}

static void
s_read_category (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_text *category = at;
	*category = some_text (reader, max);
	/* As with an enumeration: what this version does not know a newer one may. */
	if (!siaga_category_is_valid (*category))
		siaga_reader_fail (reader, SIAGA_EUPGRADE);
}

static void
s_read_system (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_text *system = at;
	*system = some_text (reader, max);
	require (reader, siaga_system_is_valid (*system));
}

/* The one time that may be zero: it is always there. */
static void
s_read_created (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(uint64_t *) at = siaga_reader_uint_max (reader, max);
}

static void
s_read_kind (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_kind *) at = enum_value (reader, max);
}

static void
s_read_action (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_action *) at = some_enum_value (reader, max);
}

static void
s_read_status (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_status *) at = enum_value (reader, max);
}

static void
s_read_severity (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_severity *) at = enum_value (reader, max);
}

static void
s_read_certainty (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_certainty *) at = enum_value (reader, max);
}

static void
s_read_tlp (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_tlp *) at = enum_value (reader, max);
}

static void
s_read_refs (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_header *header = at;
	header->ref_count = some_array (reader, (size_t) max);
	for (size_t i = 0; i < header->ref_count; i++) {
		siaga_reader_array_of (reader, 2);
		s_read_id (reader, header->refs[i].id, SIAGA_ID_BYTES);
		siaga_reader_fixed (reader, header->refs[i].leaf, SIAGA_HASH_BYTES);
	}
}

static bool
s_text_is_before (struct siaga_text a, struct siaga_text b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = memcmp (a.data, b.data, common);
	return order < 0 || (order == 0 && a.size < b.size);
}

static void
s_read_audience (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_header *header = at;
	header->audience_count = some_array (reader, (size_t) max);
	for (size_t i = 0; i < header->audience_count && !reader->error; i++) {
		struct siaga_text *member = &header->audience[i];
		*member = some_text (reader, SIAGA_MEMBER_MAX);
		require (reader, siaga_member_is_valid (*member));
		if (i > 0 && !reader->error)
			require (reader, s_text_is_before (member[-1], *member));
	}
}

/* Checked and kept as it is: [scheme, nonce, [[key id, sealed content key], …]]. */
static void
s_read_sealed (struct siaga_reader *reader, void *at, uint64_t max)
{
	uint8_t nonce[SEALED_NONCE_BYTES], id[SIAGA_KEY_ID_BYTES], key[SEALED_KEY_BYTES];
	struct siaga_bytes *sealed = at;
	size_t start = reader->at;

	siaga_reader_array_of (reader, 3);
	some_enum_value (reader, SEALED_SCHEME);
	siaga_reader_fixed (reader, nonce, sizeof nonce);
	size_t count = some_array (reader, (size_t) max);
	for (size_t i = 0; i < count; i++) {
		siaga_reader_array_of (reader, 2);
		siaga_reader_fixed (reader, id, sizeof id);
		siaga_reader_fixed (reader, key, sizeof key);
	}
	if (!reader->error)
		*sealed = (struct siaga_bytes){reader->data + start, reader->at - start};
}

#define FIELD(name, function, max)                                                                 \
	{                                                                                          \
		function, offsetof (struct siaga_header, name), max                                \
	}

static const struct field header_fields[HEADER_KEYS_END] = {
	[HEADER_ID] = FIELD (id, s_read_id, SIAGA_ID_BYTES),
	[HEADER_ORIGIN] = FIELD (origin, s_read_origin, SIAGA_PRINCIPAL_MAX),
	[HEADER_KIND] = FIELD (kind, s_read_kind, SIAGA_KIND_ROSTER),
	[HEADER_ACTION] = FIELD (action, s_read_action, SIAGA_ACTION_REOPEN),
	[HEADER_REFS] = {s_read_refs, 0, SIAGA_REFS_MAX},
	[HEADER_STATUS] = FIELD (status, s_read_status, SIAGA_STATUS_SYSTEM),
	[HEADER_CREATED] = FIELD (created_us, s_read_created, NUMBER_MAX),
	[HEADER_DETECTED] = FIELD (detected_us, read_number, NUMBER_MAX),
	[HEADER_EXPIRES] = FIELD (expires_us, read_number, NUMBER_MAX),
	[HEADER_SEVERITY] = FIELD (severity, s_read_severity, SIAGA_SEVERITY_CRITICAL),
	[HEADER_CERTAINTY] = FIELD (certainty, s_read_certainty, SIAGA_CERTAINTY_OBSERVED),
	[HEADER_CATEGORY] = FIELD (category, s_read_category, SIAGA_CATEGORY_MAX),
	[HEADER_SYSTEM] = FIELD (system, s_read_system, SIAGA_SYSTEM_MAX),
	[HEADER_TLP] = FIELD (tlp, s_read_tlp, SIAGA_TLP_RED),
	[HEADER_AUDIENCE] = {s_read_audience, 0, SIAGA_AUDIENCE_MAX},
	[HEADER_SEALED] = FIELD (sealed, s_read_sealed, SIAGA_RECIPIENTS_MAX),
};

static const uint32_t header_required =
	1U << HEADER_ID | 1U << HEADER_ORIGIN | 1U << HEADER_KIND | 1U << HEADER_STATUS |
	1U << HEADER_CREATED | 1U << HEADER_SEVERITY | 1U << HEADER_CERTAINTY | 1U << HEADER_TLP;

static void
s_read_fields (struct siaga_reader *reader, struct siaga_header *header)
{
	struct siaga_map map;
	uint64_t key;
	uint32_t seen = 0;

	siaga_reader_map (reader, MAP_PAIRS_MAX, &map);
	while (siaga_reader_key (reader, &map, &key))
		if (field_read (reader, header_fields, HEADER_KEYS_END, key, header))
			seen |= 1U << key;
		else
			siaga_reader_fail (reader, SIAGA_EUPGRADE);
	require (reader, (seen & header_required) == header_required);
}

/* The rules between fields. */
static void
s_check_header (struct siaga_reader *reader, const struct siaga_header *header)
{
	bool about_alert = header->kind <= SIAGA_KIND_CANCEL;
	bool needs_refs = header->kind == SIAGA_KIND_UPDATE || header->kind == SIAGA_KIND_CANCEL ||
			  header->kind == SIAGA_KIND_RESPONSE;

	require (reader,
		 (header->kind == SIAGA_KIND_RESPONSE) == (header->action != SIAGA_ACTION_NONE));
	require (reader, !needs_refs || header->ref_count > 0);
	require (reader, !about_alert || header->category.size > 0);
	require (reader, !header->expires_us || header->expires_us > header->created_us);
}

int
siaga_header_read (struct siaga_bytes entry, struct siaga_header *header, struct siaga_bytes *body)
{
	struct siaga_reader reader;

	if (entry.size > SIAGA_ENTRY_MAX)
		return SIAGA_ELIMIT;
	memset (header, 0, sizeof *header);
	siaga_reader_init (&reader, entry.data, entry.size);
	siaga_reader_array_of (&reader, 2);
	s_read_fields (&reader, header);
	*body = siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
	s_check_header (&reader, header);
	return siaga_reader_end (&reader);
}
