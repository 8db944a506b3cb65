/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an entry's body, and the whole entry. Keys of a later version are kept for showing at the top
 * level and passed over below it.
 */
#include "siaga/entry.h"
#include "entry_keys.h"
#include "fields.h"

/* A map below the top level; one with nothing in it must be left out. */
static void
s_read_record (struct siaga_reader *reader, const struct field *fields, size_t count, void *record)
{
	struct siaga_map map;
	uint64_t key;

	siaga_reader_map (reader, MAP_PAIRS_MAX, &map);
	require (reader, map.left > 0);
	while (siaga_reader_key (reader, &map, &key))
		if (!field_read (reader, fields, count, key, record))
			siaga_reader_skip (reader);
}

static void
s_read_port (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(uint32_t *) at = (uint32_t) some_number (reader, max);
}

#define ENDPOINT(name)                                                                             \
	{                                                                                          \
		read_text, offsetof (struct siaga_endpoint, name), SIAGA_FIELD_MAX                 \
	}

static const struct field endpoint_fields[ENDPOINT_KEYS_END] = {
	[ENDPOINT_IP] = ENDPOINT (ip),
	[ENDPOINT_PORT] = {s_read_port, offsetof (struct siaga_endpoint, port), UINT16_MAX},
	[ENDPOINT_HOST] = ENDPOINT (host),
	[ENDPOINT_USER] = ENDPOINT (user),
	[ENDPOINT_URL] = ENDPOINT (url),
	[ENDPOINT_HASH] = ENDPOINT (hash),
	[ENDPOINT_MAC] = ENDPOINT (mac),
	[ENDPOINT_EMAIL] = ENDPOINT (email),
	[ENDPOINT_FILE] = ENDPOINT (file),
	[ENDPOINT_PROCESS] = ENDPOINT (process),
};

static size_t
s_read_endpoints (struct siaga_reader *reader, struct siaga_endpoint *endpoints, uint64_t max)
{
	size_t count = some_array (reader, (size_t) max);
	for (size_t i = 0; i < count; i++)
		s_read_record (reader, endpoint_fields, ENDPOINT_KEYS_END, &endpoints[i]);
	return count;
}

static void
s_read_source (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_body *body = at;
	body->source_count = s_read_endpoints (reader, body->source, max);
}

static void
s_read_target (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_body *body = at;
	body->target_count = s_read_endpoints (reader, body->target, max);
}

#define DETECTOR(name)                                                                             \
	{                                                                                          \
		read_text, offsetof (struct siaga_detector, name), SIAGA_FIELD_MAX                 \
	}

static const struct field detector_fields[DETECTOR_KEYS_END] = {
	[DETECTOR_TOOL] = DETECTOR (tool),
	[DETECTOR_RULE_ID] = DETECTOR (rule_id),
	[DETECTOR_RULE] = DETECTOR (rule),
	[DETECTOR_NATIVE_SEVERITY] = DETECTOR (native_severity),
};

static void
s_read_detector (struct siaga_reader *reader, void *at, uint64_t max)
{
	s_read_record (reader, detector_fields, (size_t) max, at);
}

static void
s_read_outcome (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(enum siaga_outcome *) at = some_enum_value (reader, max);
}

static void
s_read_member (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_text *member = at;
	*member = some_text (reader, max);
	require (reader, siaga_member_is_valid (*member));
}

static void
s_read_previous (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_body *body = at;
	siaga_reader_array_of (reader, 2);
	siaga_reader_fixed (reader, body->previous_epoch, SIAGA_EPOCH_BYTES);
	body->previous_oseq = siaga_reader_uint_max (reader, max);
	body->has_previous = true;
}

static void
s_read_roster (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_body *body = at;
	siaga_reader_array_of (reader, 2);
	body->roster_serial = siaga_reader_uint_max (reader, max);
	body->roster_hash = siaga_reader_bytes (reader, SIAGA_HASH_BYTES);
	require (reader, body->roster_hash.size == SIAGA_HASH_BYTES);
}

static void
s_read_former_log (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_body *body = at;
	siaga_reader_array_of (reader, 2);
	siaga_reader_fixed (reader, body->former_log, SIAGA_LOG_ID_BYTES);
	body->former_size = siaga_reader_uint_max (reader, max);
	body->has_former_log = true;
}

#define FIELD(name, function, max)                                                                 \
	{                                                                                          \
		function, offsetof (struct siaga_body, name), max                                  \
	}

static const struct field body_fields[BODY_KEYS_END] = {
	[BODY_TITLE] = FIELD (title, read_text, SIAGA_TITLE_MAX),
	[BODY_DESCRIPTION] = FIELD (description, read_text, SIAGA_TEXT_MAX),
	[BODY_INSTRUCTION] = FIELD (instruction, read_text, SIAGA_TEXT_MAX),
	[BODY_SOURCE] = {s_read_source, 0, SIAGA_ENDPOINTS_MAX},
	[BODY_TARGET] = {s_read_target, 0, SIAGA_ENDPOINTS_MAX},
	[BODY_DETECTOR] = FIELD (detector, s_read_detector, DETECTOR_KEYS_END),
	[BODY_COUNT] = FIELD (count, read_number, NUMBER_MAX),
	[BODY_FIRST_SEEN] = FIELD (first_seen_us, read_number, NUMBER_MAX),
	[BODY_LAST_SEEN] = FIELD (last_seen_us, read_number, NUMBER_MAX),
	[BODY_RAW] = FIELD (raw, read_text, SIAGA_RAW_MAX),
	[BODY_OUTCOME] = FIELD (outcome, s_read_outcome, SIAGA_OUTCOME_DUPLICATE),
	[BODY_MEMBER] = FIELD (member, s_read_member, SIAGA_MEMBER_MAX),
	[BODY_PREVIOUS] = {s_read_previous, 0, NUMBER_MAX},
	[BODY_ROSTER] = {s_read_roster, 0, NUMBER_MAX},
	[BODY_FORMER_LOG] = {s_read_former_log, 0, NUMBER_MAX},
};

static void
s_keep_unknown (struct siaga_reader *reader, struct siaga_body *body, uint64_t key)
{
	struct siaga_bytes value = siaga_reader_skip (reader);
	if (body->unknown_count == SIAGA_UNKNOWN_MAX)
		siaga_reader_fail (reader, SIAGA_ELIMIT);
	else
		body->unknown[body->unknown_count++] = (struct siaga_unknown){key, value};
}

int
siaga_body_read (struct siaga_bytes encoded, struct siaga_body *body)
{
	struct siaga_reader reader;
	struct siaga_map map;
	uint64_t key;

	memset (body, 0, sizeof *body);
	siaga_reader_init (&reader, encoded.data, encoded.size);
	siaga_reader_map (&reader, BODY_KEYS_END + SIAGA_UNKNOWN_MAX, &map);
	while (siaga_reader_key (&reader, &map, &key))
		if (!field_read (&reader, body_fields, BODY_KEYS_END, key, body))
			s_keep_unknown (&reader, body, key);
	return siaga_reader_end (&reader);
}

int
siaga_entry_read (struct siaga_bytes entry, struct siaga_header *header, struct siaga_body *body)
{
	struct siaga_bytes encoded;
	int rc = siaga_header_read (entry, header, &encoded);

	if (rc)
		return rc;
	if (header->sealed.size) {
		memset (body, 0, sizeof *body);
		return 0;
	}
	rc = siaga_body_read (encoded, body);
	bool titled = header->kind == SIAGA_KIND_ALERT || header->kind == SIAGA_KIND_UPDATE;
	if (!rc && titled && !body->title.size)
		rc = SIAGA_EMALFORMED;
	return rc;
}
