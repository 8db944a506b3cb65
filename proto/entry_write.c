/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing an entry: the one deterministic encoding of the records. What is valid is known to the
 * readers only (header_read.c, body_read.c), so what was written is read back before it is let go.
 */
#include "siaga/entry.h"
#include "entry_keys.h"
#include "pairs.h"
#include "siaga/error.h"

static void
s_write_refs (struct pairs *pairs, const struct siaga_header *header)
{
	if (!header->ref_count || !pairs_key (pairs, HEADER_REFS))
		return;
	siaga_writer_array (pairs->writer, header->ref_count);
	for (size_t i = 0; i < header->ref_count; i++) {
		siaga_writer_array (pairs->writer, 2);
		siaga_writer_bytes (pairs->writer, header->refs[i].id, SIAGA_ID_BYTES);
		siaga_writer_bytes (pairs->writer, header->refs[i].leaf, SIAGA_HASH_BYTES);
	}
}

static void
s_write_audience (struct pairs *pairs, const struct siaga_header *header)
{
	if (!header->audience_count || !pairs_key (pairs, HEADER_AUDIENCE))
		return;
	siaga_writer_array (pairs->writer, header->audience_count);
	for (size_t i = 0; i < header->audience_count; i++)
		siaga_writer_text (pairs->writer, header->audience[i]);
}

static void
s_write_header (struct pairs *pairs, const void *record)
{
	const struct siaga_header *header = record;

	pairs_bytes (pairs, HEADER_ID, header->id, SIAGA_ID_BYTES);
	pairs_text (pairs, HEADER_ORIGIN, header->origin);
	pairs_uint (pairs, HEADER_KIND, header->kind);
	pairs_some_uint (pairs, HEADER_ACTION, header->action);
	s_write_refs (pairs, header);
	pairs_uint (pairs, HEADER_STATUS, header->status);
	pairs_uint (pairs, HEADER_CREATED, header->created_us);
	pairs_some_uint (pairs, HEADER_DETECTED, header->detected_us);
	pairs_some_uint (pairs, HEADER_EXPIRES, header->expires_us);
	pairs_uint (pairs, HEADER_SEVERITY, header->severity);
	pairs_uint (pairs, HEADER_CERTAINTY, header->certainty);
	pairs_some_text (pairs, HEADER_CATEGORY, header->category);
	pairs_some_text (pairs, HEADER_SYSTEM, header->system);
	pairs_uint (pairs, HEADER_TLP, header->tlp);
	s_write_audience (pairs, header);
}

static void
s_write_endpoint (struct pairs *pairs, const void *record)
{
	const struct siaga_endpoint *endpoint = record;

	pairs_some_text (pairs, ENDPOINT_IP, endpoint->ip);
	pairs_some_uint (pairs, ENDPOINT_PORT, endpoint->port);
	pairs_some_text (pairs, ENDPOINT_HOST, endpoint->host);
	pairs_some_text (pairs, ENDPOINT_USER, endpoint->user);
	pairs_some_text (pairs, ENDPOINT_URL, endpoint->url);
	pairs_some_text (pairs, ENDPOINT_HASH, endpoint->hash);
	pairs_some_text (pairs, ENDPOINT_MAC, endpoint->mac);
	pairs_some_text (pairs, ENDPOINT_EMAIL, endpoint->email);
	pairs_some_text (pairs, ENDPOINT_FILE, endpoint->file);
	pairs_some_text (pairs, ENDPOINT_PROCESS, endpoint->process);
}

static void
s_write_endpoints (struct pairs *pairs, uint64_t key, const struct siaga_endpoint *endpoints,
		   size_t count)
{
	if (!count || !pairs_key (pairs, key))
		return;
	siaga_writer_array (pairs->writer, count);
	for (size_t i = 0; i < count; i++)
		pairs_write (pairs->writer, s_write_endpoint, &endpoints[i]);
}

static void
s_write_detector (struct pairs *pairs, const void *record)
{
	const struct siaga_detector *detector = record;

	pairs_some_text (pairs, DETECTOR_TOOL, detector->tool);
	pairs_some_text (pairs, DETECTOR_RULE_ID, detector->rule_id);
	pairs_some_text (pairs, DETECTOR_RULE, detector->rule);
	pairs_some_text (pairs, DETECTOR_NATIVE_SEVERITY, detector->native_severity);
}

static bool
s_detector_is_there (const struct siaga_detector *detector)
{
	return detector->tool.size || detector->rule_id.size || detector->rule.size ||
	       detector->native_severity.size;
}

static void
s_write_previous (struct pairs *pairs, const struct siaga_body *body)
{
	if (!body->has_previous || !pairs_key (pairs, BODY_PREVIOUS))
		return;
	siaga_writer_array (pairs->writer, 2);
	siaga_writer_bytes (pairs->writer, body->previous_epoch, SIAGA_EPOCH_BYTES);
	siaga_writer_uint (pairs->writer, body->previous_oseq);
}

static void
s_write_roster (struct pairs *pairs, const struct siaga_body *body)
{
	if ((!body->roster_serial && !body->roster_hash.size) || !pairs_key (pairs, BODY_ROSTER))
		return;
	siaga_writer_array (pairs->writer, 2);
	siaga_writer_uint (pairs->writer, body->roster_serial);
	siaga_writer_bytes (pairs->writer, body->roster_hash.data, body->roster_hash.size);
}

static void
s_write_former_log (struct pairs *pairs, const struct siaga_body *body)
{
	if (!body->has_former_log || !pairs_key (pairs, BODY_FORMER_LOG))
		return;
	siaga_writer_array (pairs->writer, 2);
	siaga_writer_bytes (pairs->writer, body->former_log, SIAGA_LOG_ID_BYTES);
	siaga_writer_uint (pairs->writer, body->former_size);
}

/* Key 0 stands before the known keys, the others behind them. */
static void
s_write_unknown (struct pairs *pairs, const struct siaga_body *body, bool before)
{
	for (size_t i = 0; i < body->unknown_count; i++)
		if ((body->unknown[i].key < BODY_TITLE) == before &&
		    pairs_key (pairs, body->unknown[i].key))
			siaga_writer_raw (pairs->writer, body->unknown[i].value);
}

static void
s_write_body (struct pairs *pairs, const void *record)
{
	const struct siaga_body *body = record;

	s_write_unknown (pairs, body, true);
	pairs_some_text (pairs, BODY_TITLE, body->title);
	pairs_some_text (pairs, BODY_DESCRIPTION, body->description);
	pairs_some_text (pairs, BODY_INSTRUCTION, body->instruction);
	s_write_endpoints (pairs, BODY_SOURCE, body->source, body->source_count);
	s_write_endpoints (pairs, BODY_TARGET, body->target, body->target_count);
	if (s_detector_is_there (&body->detector) && pairs_key (pairs, BODY_DETECTOR))
		pairs_write (pairs->writer, s_write_detector, &body->detector);
	pairs_some_uint (pairs, BODY_COUNT, body->count);
	pairs_some_uint (pairs, BODY_FIRST_SEEN, body->first_seen_us);
	pairs_some_uint (pairs, BODY_LAST_SEEN, body->last_seen_us);
	pairs_some_text (pairs, BODY_RAW, body->raw);
	pairs_some_uint (pairs, BODY_OUTCOME, body->outcome);
	pairs_some_text (pairs, BODY_MEMBER, body->member);
	s_write_previous (pairs, body);
	s_write_roster (pairs, body);
	s_write_former_log (pairs, body);
	s_write_unknown (pairs, body, false);
}

/* No count points outside its array, and there is nothing here that would seal a body. */
static int
s_check_records (const struct siaga_header *header, const struct siaga_body *body)
{
	if (header->ref_count > SIAGA_REFS_MAX || header->audience_count > SIAGA_AUDIENCE_MAX ||
	    body->source_count > SIAGA_ENDPOINTS_MAX || body->target_count > SIAGA_ENDPOINTS_MAX ||
	    body->unknown_count > SIAGA_UNKNOWN_MAX)
		return SIAGA_ELIMIT;
	return header->sealed.size ? SIAGA_EMALFORMED : 0;
}

static void
s_write_entry (struct siaga_writer *writer, const struct siaga_header *header,
	       const struct siaga_body *body)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer encoded;

	siaga_writer_init (&encoded, buffer, sizeof buffer);
	pairs_write (&encoded, s_write_body, body);
	siaga_writer_array (writer, 2);
	pairs_write (writer, s_write_header, header);
	siaga_writer_bytes (writer, buffer, encoded.size);
	if (encoded.error && !writer->error)
		writer->error = encoded.error;
}

/* An unknown key that is a known one would be read as that: then the count differs. */
static int
s_read_back (struct siaga_bytes entry, const struct siaga_body *written)
{
	struct siaga_header header;
	struct siaga_body body;
	int rc = siaga_entry_read (entry, &header, &body);

	if (rc == SIAGA_ELIMIT)
		return rc;
	return rc || body.unknown_count != written->unknown_count ? SIAGA_EMALFORMED : 0;
}

int
siaga_entry_write (struct siaga_writer *writer, const struct siaga_header *header,
		   const struct siaga_body *body)
{
	size_t start = writer->size;
	int rc = s_check_records (header, body);

	if (!rc) {
		s_write_entry (writer, header, body);
		rc = writer->error;
	}
	if (!rc)
		rc = s_read_back ((struct siaga_bytes){writer->data + start, writer->size - start},
				  body);
	if (rc) {
		writer->size = start;
		writer->error = rc;
	}
	return rc;
}
