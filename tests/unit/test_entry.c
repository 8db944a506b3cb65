/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga/entry.h: what is written is read back the same, and everything that is not exactly an entry is
 * refused with the right error. Wrong entries are made by editing the maps of a good one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "make_entry.h"

#define PAIRS_MAX 64
#define HEX_MAX 512

struct pair {
	uint64_t key;
	struct siaga_bytes value;
};

/* One change to a map: the pair of `key` replaced by `hex`, added, or (NULL) left out. */
struct edit {
	const char *claim;
	uint64_t key;
	const char *hex;
	int error;
};

static size_t
s_pairs (struct siaga_bytes map_bytes, struct pair *pairs)
{
	struct siaga_reader reader;
	struct siaga_map map;
	size_t count = 0;
	siaga_reader_init (&reader, map_bytes.data, map_bytes.size);
	siaga_reader_map (&reader, PAIRS_MAX, &map);
	while (siaga_reader_key (&reader, &map, &pairs[count].key))
		pairs[count++].value = siaga_reader_skip (&reader);
	assert_int_equal (siaga_reader_end (&reader), 0);
	return count;
}

static void
s_write_pairs (struct siaga_writer *writer, const struct pair *pairs, size_t count)
{
	siaga_writer_map (writer, count);
	for (size_t i = 0; i < count; i++) {
		siaga_writer_uint (writer, pairs[i].key);
		siaga_writer_raw (writer, pairs[i].value);
	}
}

static void
s_write_edited (struct siaga_writer *writer, struct siaga_bytes map, uint64_t key,
		struct siaga_bytes value)
{
	struct pair pairs[PAIRS_MAX], out[PAIRS_MAX];
	size_t count = s_pairs (map, pairs), kept = 0, i = 0;
	while (i < count && pairs[i].key < key)
		out[kept++] = pairs[i++];
	if (value.size)
		out[kept++] = (struct pair){key, value};
	if (i < count && pairs[i].key == key)
		i++;
	while (i < count)
		out[kept++] = pairs[i++];
	s_write_pairs (writer, out, kept);
}

static struct siaga_bytes
s_unhex (const char *hex, uint8_t *out)
{
	size_t size = hex ? strlen (hex) / 2 : 0;
	if (size)
		assert_int_equal (siaga_hex_parse (out, size, siaga_text (hex)), 0);
	return (struct siaga_bytes){out, size};
}

static void
s_split (struct siaga_bytes entry, struct siaga_bytes *header, struct siaga_bytes *body)
{
	struct siaga_reader reader;
	siaga_reader_init (&reader, entry.data, entry.size);
	siaga_reader_array_of (&reader, 2);
	*header = siaga_reader_skip (&reader);
	*body = siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
	assert_int_equal (siaga_reader_end (&reader), 0);
}

static int
s_read_parts (struct siaga_bytes header_map, struct siaga_bytes body_map)
{
	static uint8_t buffer[2 * SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, 2);
	siaga_writer_raw (&writer, header_map);
	siaga_writer_bytes (&writer, body_map.data, body_map.size);
	assert_int_equal (writer.error, 0);
	return siaga_entry_read ((struct siaga_bytes){buffer, writer.size}, &header, &body);
}

static int
s_read_header_edit (struct siaga_bytes entry, uint64_t key, const char *hex)
{
	uint8_t value[HEX_MAX], edited[SIAGA_ENTRY_MAX];
	struct siaga_bytes header, body;
	struct siaga_writer writer;
	s_split (entry, &header, &body);
	siaga_writer_init (&writer, edited, sizeof edited);
	s_write_edited (&writer, header, key, s_unhex (hex, value));
	return s_read_parts ((struct siaga_bytes){edited, writer.size}, body);
}

static int
s_read_body_value (struct siaga_bytes entry, uint64_t key, struct siaga_bytes value)
{
	static uint8_t edited[2 * SIAGA_ENTRY_MAX];
	struct siaga_bytes header, body;
	struct siaga_writer writer;
	s_split (entry, &header, &body);
	siaga_writer_init (&writer, edited, sizeof edited);
	s_write_edited (&writer, body, key, value);
	assert_int_equal (writer.error, 0);
	return s_read_parts (header, (struct siaga_bytes){edited, writer.size});
}

static struct siaga_bytes
s_full_alert (uint8_t *buffer)
{
	struct siaga_header header;
	struct siaga_body body;
	make_full_header (&header);
	make_full_body (&body);
	return make_entry (buffer, SIAGA_ENTRY_MAX, &header, &body);
}

/* Field by field: padding and pointers must not count. */
static void
s_assert_text (struct siaga_text a, struct siaga_text b)
{
	assert_true (siaga_text_equal (a, b));
}

static void
s_assert_endpoint (const struct siaga_endpoint *a, const struct siaga_endpoint *b)
{
	s_assert_text (a->ip, b->ip);
	assert_int_equal (a->port, b->port);
	s_assert_text (a->host, b->host);
	s_assert_text (a->user, b->user);
	s_assert_text (a->url, b->url);
	s_assert_text (a->hash, b->hash);
	s_assert_text (a->mac, b->mac);
	s_assert_text (a->email, b->email);
	s_assert_text (a->file, b->file);
	s_assert_text (a->process, b->process);
}

static void
s_assert_header (const struct siaga_header *a, const struct siaga_header *b)
{
	assert_memory_equal (a->id, b->id, SIAGA_ID_BYTES);
	s_assert_text (a->origin, b->origin);
	assert_int_equal (a->kind, b->kind);
	assert_int_equal (a->action, b->action);
	assert_int_equal (a->ref_count, b->ref_count);
	assert_memory_equal (a->refs, b->refs, sizeof a->refs);
	assert_int_equal (a->status, b->status);
	assert_int_equal (a->created_us, b->created_us);
	assert_int_equal (a->detected_us, b->detected_us);
	assert_int_equal (a->expires_us, b->expires_us);
	assert_int_equal (a->severity, b->severity);
	assert_int_equal (a->certainty, b->certainty);
	s_assert_text (a->category, b->category);
	s_assert_text (a->system, b->system);
	assert_int_equal (a->tlp, b->tlp);
	assert_int_equal (a->audience_count, b->audience_count);
	for (size_t i = 0; i < SIAGA_AUDIENCE_MAX; i++)
		s_assert_text (a->audience[i], b->audience[i]);
	assert_int_equal (a->sealed.size, b->sealed.size);
}

static void
s_assert_body (const struct siaga_body *a, const struct siaga_body *b)
{
	s_assert_text (a->title, b->title);
	s_assert_text (a->description, b->description);
	s_assert_text (a->instruction, b->instruction);
	assert_int_equal (a->source_count, b->source_count);
	assert_int_equal (a->target_count, b->target_count);
	for (size_t i = 0; i < SIAGA_ENDPOINTS_MAX; i++) {
		s_assert_endpoint (&a->source[i], &b->source[i]);
		s_assert_endpoint (&a->target[i], &b->target[i]);
	}
	s_assert_text (a->detector.tool, b->detector.tool);
	s_assert_text (a->detector.rule_id, b->detector.rule_id);
	s_assert_text (a->detector.rule, b->detector.rule);
	s_assert_text (a->detector.native_severity, b->detector.native_severity);
	assert_int_equal (a->count, b->count);
	assert_int_equal (a->first_seen_us, b->first_seen_us);
	assert_int_equal (a->last_seen_us, b->last_seen_us);
	s_assert_text (a->raw, b->raw);
	assert_int_equal (a->outcome, b->outcome);
	s_assert_text (a->member, b->member);
	assert_int_equal (a->has_previous, b->has_previous);
	assert_memory_equal (a->previous_epoch, b->previous_epoch, SIAGA_EPOCH_BYTES);
	assert_int_equal (a->previous_oseq, b->previous_oseq);
	assert_int_equal (a->roster_serial, b->roster_serial);
	assert_int_equal (a->roster_hash.size, b->roster_hash.size);
	if (a->roster_hash.size)
		assert_memory_equal (a->roster_hash.data, b->roster_hash.data, a->roster_hash.size);
	assert_int_equal (a->unknown_count, b->unknown_count);
	for (size_t i = 0; i < a->unknown_count; i++) {
		assert_int_equal (a->unknown[i].key, b->unknown[i].key);
		assert_int_equal (a->unknown[i].value.size, b->unknown[i].value.size);
		assert_memory_equal (a->unknown[i].value.data, b->unknown[i].value.data,
				     a->unknown[i].value.size);
	}
}

static void
s_assert_round_trip (const struct siaga_header *header, const struct siaga_body *body)
{
	uint8_t buffer[SIAGA_ENTRY_MAX], again[SIAGA_ENTRY_MAX];
	struct siaga_header read_header;
	struct siaga_body read_body;
	struct siaga_bytes entry = make_entry (buffer, sizeof buffer, header, body);
	assert_int_equal (siaga_entry_read (entry, &read_header, &read_body), 0);
	s_assert_header (header, &read_header);
	s_assert_body (body, &read_body);
	struct siaga_bytes copy = make_entry (again, sizeof again, &read_header, &read_body);
	assert_int_equal (copy.size, entry.size);
	assert_memory_equal (copy.data, entry.data, entry.size);
}

static void
test_entry_round_trips_the_smallest_alert_response_and_void (void **state)
{
	(void) state;
	struct siaga_header header;
	struct siaga_body body;
	make_alert (&header, &body);
	s_assert_round_trip (&header, &body);
	make_response (&header, &body);
	s_assert_round_trip (&header, &body);
	make_void (&header, &body);
	s_assert_round_trip (&header, &body);
}

static void
test_entry_round_trips_every_field (void **state)
{
	(void) state;
	static const uint8_t zero[] = {0x00}, nested[] = {0x82, 0xf5, 0xa1, 0x01, 0x61, 0x61};
	struct siaga_header header;
	struct siaga_body body;
	make_full_header (&header);
	make_full_body (&body);
	s_assert_round_trip (&header, &body);
	body.unknown_count = 3;
	body.unknown[0] = (struct siaga_unknown){0, {zero, sizeof zero}};
	body.unknown[1] = (struct siaga_unknown){15, {nested, sizeof nested}};
	body.unknown[2] = (struct siaga_unknown){UINT64_MAX, {zero, sizeof zero}};
	s_assert_round_trip (&header, &body);
}

static void
test_entry_round_trips_every_enumeration_value (void **state)
{
	(void) state;
	struct siaga_header header;
	struct siaga_body body;
	make_response (&header, &body);
	for (unsigned i = 0; i < 5; i++) {
		header.severity = i;
		header.certainty = i;
		header.tlp = i;
		header.status = i % 4;
		body.outcome = i;
		s_assert_round_trip (&header, &body);
	}
	for (unsigned action = 1; action <= SIAGA_ACTION_REOPEN; action++) {
		header.action = action;
		s_assert_round_trip (&header, &body);
	}
	header.action = SIAGA_ACTION_NONE;
	header.category = siaga_text ("other/other");
	body.title = siaga_text ("t");
	for (unsigned kind = 0; kind <= SIAGA_KIND_ROSTER; kind++)
		if (kind != SIAGA_KIND_RESPONSE) {
			header.kind = kind;
			s_assert_round_trip (&header, &body);
		}
}

static void
test_entry_round_trips_lists_at_their_limits (void **state)
{
	(void) state;
	static char names[SIAGA_AUDIENCE_MAX][SIAGA_MEMBER_MAX + 1];
	struct siaga_header header;
	struct siaga_body body;
	make_alert (&header, &body);
	header.ref_count = SIAGA_REFS_MAX;
	for (size_t i = 0; i < SIAGA_REFS_MAX; i++)
		make_id (header.refs[i].id, (uint8_t) i);
	header.audience_count = SIAGA_AUDIENCE_MAX;
	for (size_t i = 0; i < SIAGA_AUDIENCE_MAX; i++) {
		memset (names[i], 'a', SIAGA_MEMBER_MAX);
		names[i][i < 16 ? 30 : 29] = 'b';
		names[i][31] = (char) ('a' + i % 16);
		header.audience[i] = siaga_text (names[i]);
	}
	body.source_count = body.target_count = SIAGA_ENDPOINTS_MAX;
	for (size_t i = 0; i < SIAGA_ENDPOINTS_MAX; i++)
		body.source[i] = body.target[i] = make_endpoint ();
	s_assert_round_trip (&header, &body);
}

static void
test_entry_writes_texts_up_to_their_limits_and_not_past_them (void **state)
{
	(void) state;
	static char words[SIAGA_RAW_MAX + 2];
	static uint8_t buffer[2 * SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_writer writer;
	memset (words, 'w', sizeof words);
	const struct {
		struct siaga_text *text;
		size_t max;
	} cases[] = {
		{&body.title, SIAGA_TITLE_MAX},		{&body.description, SIAGA_TEXT_MAX},
		{&body.instruction, SIAGA_TEXT_MAX},	{&body.raw, SIAGA_RAW_MAX},
		{&body.source[0].url, SIAGA_FIELD_MAX}, {&body.detector.rule, SIAGA_FIELD_MAX},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_full_header (&header);
		make_full_body (&body);
		*cases[i].text = (struct siaga_text){words, cases[i].max};
		s_assert_round_trip (&header, &body);
		cases[i].text->size++;
		siaga_writer_init (&writer, buffer, sizeof buffer);
		assert_int_equal (siaga_entry_write (&writer, &header, &body), SIAGA_ELIMIT);
		assert_int_equal (writer.size, 0);
	}
}

static void
test_entry_over_16_KiB_is_neither_written_nor_read (void **state)
{
	(void) state;
	static char words[SIAGA_FIELD_MAX];
	static uint8_t buffer[2 * SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_bytes encoded;
	struct siaga_writer writer;
	memset (words, 'w', sizeof words);
	make_alert (&header, &body);
	body.source_count = SIAGA_ENDPOINTS_MAX;
	for (size_t i = 0; i < SIAGA_ENDPOINTS_MAX; i++)
		body.source[i].url = (struct siaga_text){words, sizeof words};
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), SIAGA_ELIMIT);
	memset (buffer, 0, sizeof buffer);
	assert_int_equal (siaga_header_read ((struct siaga_bytes){buffer, SIAGA_ENTRY_MAX + 1},
					     &header, &encoded),
			  SIAGA_ELIMIT);
}

static void
test_entry_that_does_not_fit_leaves_the_writer_where_it_was (void **state)
{
	(void) state;
	uint8_t whole[SIAGA_ENTRY_MAX], part[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_writer writer;
	make_full_header (&header);
	make_full_body (&body);
	size_t size = make_entry (whole, sizeof whole, &header, &body).size;
	for (size_t capacity = 0; capacity < size; capacity += 7) {
		siaga_writer_init (&writer, part, capacity);
		assert_int_equal (siaga_entry_write (&writer, &header, &body), SIAGA_ELIMIT);
		assert_int_equal (writer.size, 0);
	}
}

static const struct edit header_edits[] = {
	{"id is required", 1, NULL, SIAGA_EMALFORMED},
	{"id is 16 bytes, not 0", 1, "40", SIAGA_EMALFORMED},
	{"id is 16 bytes, not 15", 1, "4f000000000000700080000000000000", SIAGA_EMALFORMED},
	{"id is 16 bytes, not 17", 1, "510000000000007000800000000000000000", SIAGA_EMALFORMED},
	{"id is a UUID of version 7, not 4", 1, "5000000000000040008000000000000000",
	 SIAGA_EMALFORMED},
	{"id has the RFC 9562 variant", 1, "5000000000000070000000000000000000", SIAGA_EMALFORMED},
	{"id is bytes", 1, "01", SIAGA_EMALFORMED},
	{"origin is required", 2, NULL, SIAGA_EMALFORMED},
	{"origin is not empty", 2, "60", SIAGA_EMALFORMED},
	{"origin has a name", 2, "636b7075", SIAGA_EMALFORMED},
	{"origin is lower case", 2, "674b50552f61626364", SIAGA_EMALFORMED},
	{"origin is text", 2, "436b7075", SIAGA_EMALFORMED},
	{"kind is required", 3, NULL, SIAGA_EMALFORMED},
	{"kind 7 is for later", 3, "07", SIAGA_EUPGRADE},
	{"an update may stand here: it has refs", 3, "01", 0},
	{"a cancel may stand here: it has refs", 3, "02", 0},
	{"a response needs an action", 3, "03", SIAGA_EMALFORMED},
	{"kind is a number", 3, "6130", SIAGA_EMALFORMED},
	{"an alert has no action", 4, "01", SIAGA_EMALFORMED},
	{"action none is left out", 4, "00", SIAGA_EMALFORMED},
	{"action 8 is for later", 4, "08", SIAGA_EUPGRADE},
	{"an alert may do without refs", 5, NULL, 0},
	{"refs are not an empty list", 5, "80", SIAGA_EMALFORMED},
	{"a ref has two items", 5, "818150000000000000700080000000000000ff", SIAGA_EMALFORMED},
	{"a ref's leaf is 32 bytes", 5,
	 "81825000000000000070008000000000000000"
	 "40",
	 SIAGA_EMALFORMED},
	{"refs are a list", 5, "00", SIAGA_EMALFORMED},
	{"status is required", 6, NULL, SIAGA_EMALFORMED},
	{"status 4 is for later", 6, "04", SIAGA_EUPGRADE},
	{"created is required", 7, NULL, SIAGA_EMALFORMED},
	{"created may be 0", 7, "00", 0},
	{"created is a number", 7, "f5", SIAGA_EMALFORMED},
	{"created is at most 2^53 - 1", 7, "1b0020000000000000", SIAGA_ELIMIT},
	{"detected may be absent", 8, NULL, 0},
	{"detected 0 is left out", 8, "00", SIAGA_EMALFORMED},
	{"expires may be absent", 9, NULL, 0},
	{"expires 0 is left out", 9, "00", SIAGA_EMALFORMED},
	{"expires is after created", 9, "01", SIAGA_EMALFORMED},
	{"expires is not created", 9, "1b0006610118d90000", SIAGA_EMALFORMED},
	{"severity is required", 10, NULL, SIAGA_EMALFORMED},
	{"severity 5 is for later", 10, "05", SIAGA_EUPGRADE},
	{"certainty is required", 11, NULL, SIAGA_EMALFORMED},
	{"certainty 5 is for later", 11, "05", SIAGA_EUPGRADE},
	{"an alert has a category", 12, NULL, SIAGA_EMALFORMED},
	{"category is not empty", 12, "60", SIAGA_EMALFORMED},
	{"category is class and type", 12, "656f74686572", SIAGA_EUPGRADE},
	{"category is one of RSIT's", 12, "6b6f746865722f6f7468657a", SIAGA_EUPGRADE},
	{"system may be absent", 13, NULL, 0},
	{"system is not empty", 13, "60", SIAGA_EMALFORMED},
	{"system has the shape of a name", 13, "6153", SIAGA_EMALFORMED},
	{"tlp is required", 14, NULL, SIAGA_EMALFORMED},
	{"tlp 5 is for later", 14, "05", SIAGA_EUPGRADE},
	{"audience may be absent", 15, NULL, 0},
	{"audience is not an empty list", 15, "80", SIAGA_EMALFORMED},
	{"audience of one", 15, "81636b7075", 0},
	{"audience names nobody twice", 15, "82636b7075636b7075", SIAGA_EMALFORMED},
	{"audience ascends", 15, "8265706f6c7269636b7075", SIAGA_EMALFORMED},
	{"a prefix stands before the longer name", 15, "82636b7075646b707561", 0},
	{"the longer name does not stand before its prefix", 15, "82646b707561636b7075",
	 SIAGA_EMALFORMED},
	{"audience names members, not principals", 15, "81656b70752f61", SIAGA_EMALFORMED},
	{"an empty seal is none", 16, "80", SIAGA_EMALFORMED},
	{"sealing scheme 0 is none", 16,
	 "830058180000000000000000000000000000000000000000000000008080", SIAGA_EMALFORMED},
	{"sealing scheme 2 is for later", 16,
	 "8302581800000000000000000000000000000000000000000000000080", SIAGA_EUPGRADE},
	{"a seal is for somebody", 16, "8301581800000000000000000000000000000000000000000000000080",
	 SIAGA_EMALFORMED},
	{"header key 0 is for later", 0, "00", SIAGA_EUPGRADE},
	{"header key 17 is for later", 17, "00", SIAGA_EUPGRADE},
};

static void
test_header_with_one_thing_changed (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_bytes entry = s_full_alert (buffer);
	for (size_t i = 0; i < sizeof header_edits / sizeof *header_edits; i++) {
		const struct edit *edit = &header_edits[i];
		int rc = s_read_header_edit (entry, edit->key, edit->hex);
		if (rc != edit->error)
			fail_msg ("%s: got %s", edit->claim, siaga_error_id (rc));
	}
}

static const struct edit body_edits[] = {
	{"an alert has a title", 1, NULL, SIAGA_EMALFORMED},
	{"title is not empty", 1, "60", SIAGA_EMALFORMED},
	{"title is UTF-8", 1, "61ff", SIAGA_EMALFORMED},
	{"title has no NUL", 1, "6100", SIAGA_EMALFORMED},
	{"title is text", 1, "4161", SIAGA_EMALFORMED},
	{"description is not empty", 2, "60", SIAGA_EMALFORMED},
	{"instruction is not empty", 3, "60", SIAGA_EMALFORMED},
	{"source is not an empty list", 4, "80", SIAGA_EMALFORMED},
	{"a source is not empty", 4, "81a0", SIAGA_EMALFORMED},
	{"a source's ip is not empty", 4, "81a10160", SIAGA_EMALFORMED},
	{"a source's keys do not repeat", 4, "81a2016131016131", SIAGA_EMALFORMED},
	{"a source's keys ascend", 4, "81a2021601016131", SIAGA_EMALFORMED},
	{"a port is not 0", 4, "81a10200", SIAGA_EMALFORMED},
	{"a port is at most 65535", 4, "81a10219ffff", 0},
	{"a port is not 65536", 4, "81a1021a00010000", SIAGA_ELIMIT},
	{"an endpoint's unknown key is passed over", 4,
	 "81a2016131"
	 "0b8101",
	 0},
	{"an endpoint's unknown key 0 is passed over", 4, "81a100f5", 0},
	{"what is passed over is of the subset: no floats", 4, "81a10bfb0000000000000000",
	 SIAGA_EMALFORMED},
	{"an endpoint is a map", 4, "8101", SIAGA_EMALFORMED},
	{"target is not an empty list", 5, "80", SIAGA_EMALFORMED},
	{"17 targets are too many", 5,
	 "91a1016131a1016131a1016131a1016131a1016131a1016131a1016131a1016131a1016131a1016131a1016131"
	 "a1016131a1016131a1016131a1016131a1016131a1016131",
	 SIAGA_ELIMIT},
	{"a detector is not empty", 6, "a0", SIAGA_EMALFORMED},
	{"a detector's tool is not empty", 6, "a10160", SIAGA_EMALFORMED},
	{"a detector's unknown key is passed over", 6, "a10560", 0},
	{"count 0 is left out", 7, "00", SIAGA_EMALFORMED},
	{"first seen 0 is left out", 8, "00", SIAGA_EMALFORMED},
	{"last seen 0 is left out", 9, "00", SIAGA_EMALFORMED},
	{"last seen is at most 2^53 - 1", 9, "1b0020000000000000", SIAGA_ELIMIT},
	{"raw is not empty", 10, "60", SIAGA_EMALFORMED},
	{"outcome none is left out", 11, "00", SIAGA_EMALFORMED},
	{"outcome 5 is for later", 11, "05", SIAGA_EUPGRADE},
	{"member is not empty", 12, "60", SIAGA_EMALFORMED},
	{"member has the shape of a name", 12, "624b50", SIAGA_EMALFORMED},
	{"previous has two items", 13, "8148e0e1e2e3e4e5e6e7", SIAGA_EMALFORMED},
	{"previous has an epoch of 8 bytes", 13, "8247e0e1e2e3e4e5e601", SIAGA_EMALFORMED},
	{"previous may know no oseq", 13, "8248e0e1e2e3e4e5e6e700", 0},
	{"previous oseq is at most 2^53 - 1", 13, "8248e0e1e2e3e4e5e6e71b0020000000000000",
	 SIAGA_ELIMIT},
	{"roster has a hash", 14, "820740", SIAGA_EMALFORMED},
	{"roster has two items", 14, "8107", SIAGA_EMALFORMED},
	{"body key 0 is kept", 0, "00", 0},
	{"body key 15 is kept", 15, "a0", 0},
	{"what is kept is of the subset: no null", 15, "f6", SIAGA_EMALFORMED},
	{"what is kept is of the subset: no indefinite lengths", 15, "9fff", SIAGA_EMALFORMED},
};

static void
test_body_with_one_thing_changed (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX], value[HEX_MAX];
	struct siaga_bytes entry = s_full_alert (buffer);
	for (size_t i = 0; i < sizeof body_edits / sizeof *body_edits; i++) {
		const struct edit *edit = &body_edits[i];
		int rc = s_read_body_value (entry, edit->key, s_unhex (edit->hex, value));
		if (rc != edit->error)
			fail_msg ("%s: got %s", edit->claim, siaga_error_id (rc));
	}
}

static void
test_body_text_over_its_limit_is_refused (void **state)
{
	(void) state;
	static const struct {
		uint64_t key;
		size_t max;
	} cases[] = {{1, SIAGA_TITLE_MAX},
		     {2, SIAGA_TEXT_MAX},
		     {3, SIAGA_TEXT_MAX},
		     {10, SIAGA_RAW_MAX}};
	static char words[SIAGA_RAW_MAX + 1];
	static uint8_t buffer[SIAGA_ENTRY_MAX], value[SIAGA_ENTRY_MAX];
	struct siaga_bytes entry = s_full_alert (buffer);
	struct siaga_writer writer;
	memset (words, 'w', sizeof words);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t over = 0; over < 2; over++) {
			siaga_writer_init (&writer, value, sizeof value);
			siaga_writer_text (&writer,
					   (struct siaga_text){words, cases[i].max + over});
			struct siaga_bytes text = {value, writer.size};
			assert_int_equal (s_read_body_value (entry, cases[i].key, text),
					  over ? SIAGA_ELIMIT : 0);
		}
}

static void
test_header_refuses_a_repeated_key (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX], edited[SIAGA_ENTRY_MAX];
	struct pair pairs[PAIRS_MAX], twice[PAIRS_MAX];
	struct siaga_bytes header, body;
	struct siaga_writer writer;
	s_split (s_full_alert (buffer), &header, &body);
	size_t count = s_pairs (header, pairs);
	for (size_t i = 0; i < count; i++) {
		memcpy (twice, pairs, (i + 1) * sizeof *pairs);
		memcpy (twice + i + 1, pairs + i, (count - i) * sizeof *pairs);
		siaga_writer_init (&writer, edited, sizeof edited);
		s_write_pairs (&writer, twice, count + 1);
		assert_int_equal (s_read_parts ((struct siaga_bytes){edited, writer.size}, body),
				  SIAGA_EMALFORMED);
	}
}

static void
test_header_refuses_keys_out_of_order (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX], edited[SIAGA_ENTRY_MAX];
	struct pair pairs[PAIRS_MAX];
	struct siaga_bytes header, body;
	struct siaga_writer writer;
	s_split (s_full_alert (buffer), &header, &body);
	size_t count = s_pairs (header, pairs);
	struct pair first = pairs[0];
	pairs[0] = pairs[count - 1];
	pairs[count - 1] = first;
	siaga_writer_init (&writer, edited, sizeof edited);
	s_write_pairs (&writer, pairs, count);
	assert_int_equal (s_read_parts ((struct siaga_bytes){edited, writer.size}, body),
			  SIAGA_EMALFORMED);
}

static void
test_entry_cut_anywhere_is_refused (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_bytes entry = s_full_alert (buffer);
	struct siaga_header header;
	struct siaga_body body;
	for (size_t size = 0; size < entry.size; size++) {
		uint8_t *part = malloc (size + !size); /* so that a sanitizer sees its end */
		memcpy (part, entry.data, size);
		assert_int_not_equal (
			siaga_entry_read ((struct siaga_bytes){part, size}, &header, &body), 0);
		free (part);
	}
}

static void
test_entry_with_bytes_left_over_is_refused (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX] = {0};
	struct siaga_bytes entry = s_full_alert (buffer), header_map, body_map;
	struct siaga_header header;
	struct siaga_body body;
	entry.size++;
	assert_int_equal (siaga_entry_read (entry, &header, &body), SIAGA_EMALFORMED);
	entry.size--;
	s_split (entry, &header_map, &body_map);
	assert_int_equal (s_read_parts (header_map, body_map), 0);
	memmove (buffer, body_map.data, body_map.size);
	body_map.data = buffer;
	buffer[body_map.size++] = 0x00;
	assert_int_equal (siaga_body_read (body_map, &body), SIAGA_EMALFORMED);
}

static void
test_entry_of_three_items_is_refused (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX] = {0};
	struct siaga_bytes entry = s_full_alert (buffer);
	struct siaga_header header;
	struct siaga_body body;
	buffer[0] = 0x83;
	buffer[entry.size++] = 0x00;
	assert_int_equal (siaga_entry_read (entry, &header, &body), SIAGA_EMALFORMED);
}

static void
test_response_update_and_cancel_need_refs (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	make_response (&header, &body);
	struct siaga_bytes entry = make_entry (buffer, sizeof buffer, &header, &body);
	assert_int_equal (s_read_header_edit (entry, 5, NULL), SIAGA_EMALFORMED);
	for (unsigned kind = SIAGA_KIND_UPDATE; kind <= SIAGA_KIND_CANCEL; kind++) {
		make_full_header (&header);
		make_full_body (&body);
		header.kind = kind;
		entry = make_entry (buffer, sizeof buffer, &header, &body);
		assert_int_equal (s_read_header_edit (entry, 5, NULL), SIAGA_EMALFORMED);
		assert_int_equal (s_read_header_edit (entry, 12, NULL), SIAGA_EMALFORMED);
	}
}

static void
test_cancel_and_response_need_no_title (void **state)
{
	(void) state;
	struct siaga_header header;
	struct siaga_body body;
	make_full_header (&header);
	memset (&body, 0, sizeof body);
	header.kind = SIAGA_KIND_CANCEL;
	s_assert_round_trip (&header, &body);
	make_response (&header, &body);
	memset (&body, 0, sizeof body);
	s_assert_round_trip (&header, &body);
}

static void
test_update_needs_a_title (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	make_full_header (&header);
	make_full_body (&body);
	header.kind = SIAGA_KIND_UPDATE;
	struct siaga_bytes entry = make_entry (buffer, sizeof buffer, &header, &body);
	assert_int_equal (s_read_body_value (entry, 1, (struct siaga_bytes){NULL, 0}),
			  SIAGA_EMALFORMED);
}

static void
test_response_without_an_action_is_refused (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	make_response (&header, &body);
	struct siaga_bytes entry = make_entry (buffer, sizeof buffer, &header, &body);
	assert_int_equal (s_read_header_edit (entry, 4, NULL), SIAGA_EMALFORMED);
	assert_int_equal (s_read_header_edit (entry, 12, "6b6f746865722f6f74686572"), 0);
	assert_int_equal (s_read_header_edit (entry, 12, "6b6f746865722f6f7468657a"),
			  SIAGA_EUPGRADE);
}

static void
test_body_keeps_16_unknown_keys_and_not_17 (void **state)
{
	(void) state;
	static const uint8_t value[] = {0x01};
	uint8_t buffer[256];
	struct pair pairs[SIAGA_UNKNOWN_MAX + 1];
	struct siaga_body body;
	struct siaga_writer writer;
	for (size_t i = 0; i <= SIAGA_UNKNOWN_MAX; i++)
		pairs[i] = (struct pair){100 + i, {value, sizeof value}};
	siaga_writer_init (&writer, buffer, sizeof buffer);
	s_write_pairs (&writer, pairs, SIAGA_UNKNOWN_MAX);
	assert_int_equal (siaga_body_read ((struct siaga_bytes){buffer, writer.size}, &body), 0);
	assert_int_equal (body.unknown_count, SIAGA_UNKNOWN_MAX);
	siaga_writer_init (&writer, buffer, sizeof buffer);
	s_write_pairs (&writer, pairs, SIAGA_UNKNOWN_MAX + 1);
	assert_int_equal (siaga_body_read ((struct siaga_bytes){buffer, writer.size}, &body),
			  SIAGA_ELIMIT);
}

/* A scheme 1 seal for `count` recipients. */
static void
s_write_seal (struct siaga_writer *writer, size_t count)
{
	uint8_t zero[80] = {0};
	siaga_writer_array (writer, 3);
	siaga_writer_uint (writer, 1);
	siaga_writer_bytes (writer, zero, 24);
	siaga_writer_array (writer, count);
	for (size_t i = 0; i < count; i++) {
		siaga_writer_array (writer, 2);
		siaga_writer_bytes (writer, zero, SIAGA_KEY_ID_BYTES);
		siaga_writer_bytes (writer, zero, 80);
	}
}

static int
s_read_sealed (size_t recipients, struct siaga_header *header, struct siaga_body *body)
{
	static uint8_t buffer[SIAGA_ENTRY_MAX], seal[SIAGA_ENTRY_MAX], sealed[SIAGA_ENTRY_MAX];
	struct siaga_bytes header_map, body_bytes;
	struct siaga_writer writer;
	siaga_writer_init (&writer, seal, sizeof seal);
	s_write_seal (&writer, recipients);
	struct siaga_bytes item = {seal, writer.size};
	s_split (s_full_alert (buffer), &header_map, &body_bytes);
	siaga_writer_init (&writer, sealed, sizeof sealed);
	siaga_writer_array (&writer, 2);
	s_write_edited (&writer, header_map, 16, item);
	siaga_writer_bytes (&writer, "ciphertext", 10);
	int rc = siaga_entry_read ((struct siaga_bytes){sealed, writer.size}, header, body);
	if (!rc)
		assert_memory_equal (header->sealed.data, item.data, item.size);
	return rc;
}

static void
test_sealed_entry_gives_its_header_and_an_empty_body (void **state)
{
	(void) state;
	struct siaga_header header;
	struct siaga_body body, empty;
	memset (&empty, 0, sizeof empty);
	assert_int_equal (s_read_sealed (1, &header, &body), 0);
	s_assert_body (&body, &empty);
	assert_int_equal (s_read_sealed (SIAGA_RECIPIENTS_MAX, &header, &body), 0);
	assert_int_equal (s_read_sealed (SIAGA_RECIPIENTS_MAX + 1, &header, &body), SIAGA_ELIMIT);
}

static void
s_assert_not_written (const struct siaga_header *header, const struct siaga_body *body, int error)
{
	static uint8_t buffer[2 * SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, header, body), error);
	assert_int_equal (writer.size, 0);
}

static void
test_entry_write_refuses_what_would_not_be_read (void **state)
{
	(void) state;
	static const uint8_t one[] = {0x01};
	struct siaga_header header, good_header;
	struct siaga_body body, good_body;
	make_full_header (&good_header);
	make_full_body (&good_body);

#define REFUSES(change, error)                                                                     \
	do {                                                                                       \
		header = good_header;                                                              \
		body = good_body;                                                                  \
		change;                                                                            \
		s_assert_not_written (&header, &body, error);                                      \
	} while (0)

	REFUSES (header.id[6] = 0x40, SIAGA_EMALFORMED);
	REFUSES (header.origin = siaga_text (""), SIAGA_EMALFORMED);
	REFUSES (header.action = SIAGA_ACTION_TAKE, SIAGA_EMALFORMED);
	REFUSES (header.kind = SIAGA_KIND_RESPONSE, SIAGA_EMALFORMED);
	REFUSES (header.severity = 5, SIAGA_EMALFORMED);
	REFUSES (header.expires_us = header.created_us, SIAGA_EMALFORMED);
	REFUSES (header.created_us = UINT64_MAX, SIAGA_ELIMIT);
	REFUSES (header.category = siaga_text (NULL), SIAGA_EMALFORMED);
	REFUSES (header.audience[1] = header.audience[0], SIAGA_EMALFORMED);
	REFUSES (header.sealed = ((struct siaga_bytes){one, 1}), SIAGA_EMALFORMED);
	REFUSES (header.ref_count = SIAGA_REFS_MAX + 1, SIAGA_ELIMIT);
	REFUSES (header.audience_count = SIAGA_AUDIENCE_MAX + 1, SIAGA_ELIMIT);
	REFUSES (body.title = siaga_text (NULL), SIAGA_EMALFORMED);
	REFUSES (body.title = siaga_text ("\xff"), SIAGA_EMALFORMED);
	REFUSES (body.source[1].ip = siaga_text (NULL), SIAGA_EMALFORMED);
	REFUSES (body.source_count = SIAGA_ENDPOINTS_MAX + 1, SIAGA_ELIMIT);
	REFUSES (body.target_count = SIAGA_ENDPOINTS_MAX + 1, SIAGA_ELIMIT);
	REFUSES (body.unknown_count = SIAGA_UNKNOWN_MAX + 1, SIAGA_ELIMIT);
	REFUSES (body.roster_hash.size = 31, SIAGA_EMALFORMED);
	REFUSES (body.outcome = 5, SIAGA_EMALFORMED);
	REFUSES (body.unknown_count = 1;
		 body.unknown[0] = ((struct siaga_unknown){14, {one, 1}}), SIAGA_EMALFORMED);
	REFUSES (body.unknown_count = 1; body.count = 0; body.first_seen_us = body.last_seen_us = 0;
		 body.raw = body.member = siaga_text (NULL); body.outcome = SIAGA_OUTCOME_NONE;
		 body.has_previous = false; body.roster_serial = 0; body.roster_hash.size = 0;
		 body.unknown[0] = ((struct siaga_unknown){7, {one, 1}}), SIAGA_EMALFORMED);
#undef REFUSES
}

static void
test_header_is_read_without_looking_into_the_body (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_bytes entry = s_full_alert (buffer), encoded;
	struct siaga_header header;
	struct siaga_body body;
	buffer[entry.size - 1] ^= 0xff;
	buffer[entry.size - 33] ^= 0xff;
	assert_int_equal (siaga_header_read (entry, &header, &encoded), 0);
	assert_true (encoded.data + encoded.size == entry.data + entry.size);
	assert_int_equal (siaga_body_read (encoded, &body), SIAGA_EMALFORMED);
}

static void
test_entry_with_any_byte_changed_never_reads_past_its_end (void **state)
{
	(void) state;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_bytes entry = s_full_alert (buffer);
	struct siaga_header header;
	struct siaga_body body;
	uint8_t *copy = malloc (entry.size);
	for (size_t i = 0; i < entry.size; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			memcpy (copy, entry.data, entry.size);
			copy[i] = (uint8_t) byte;
			siaga_entry_read ((struct siaga_bytes){copy, entry.size}, &header, &body);
		}
	free (copy);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_entry_round_trips_the_smallest_alert_response_and_void),
		cmocka_unit_test (test_entry_round_trips_every_field),
		cmocka_unit_test (test_entry_round_trips_every_enumeration_value),
		cmocka_unit_test (test_entry_round_trips_lists_at_their_limits),
		cmocka_unit_test (test_entry_writes_texts_up_to_their_limits_and_not_past_them),
		cmocka_unit_test (test_entry_over_16_KiB_is_neither_written_nor_read),
		cmocka_unit_test (test_entry_that_does_not_fit_leaves_the_writer_where_it_was),
		cmocka_unit_test (test_header_with_one_thing_changed),
		cmocka_unit_test (test_body_with_one_thing_changed),
		cmocka_unit_test (test_body_text_over_its_limit_is_refused),
		cmocka_unit_test (test_header_refuses_a_repeated_key),
		cmocka_unit_test (test_header_refuses_keys_out_of_order),
		cmocka_unit_test (test_entry_cut_anywhere_is_refused),
		cmocka_unit_test (test_entry_with_bytes_left_over_is_refused),
		cmocka_unit_test (test_entry_of_three_items_is_refused),
		cmocka_unit_test (test_response_update_and_cancel_need_refs),
		cmocka_unit_test (test_cancel_and_response_need_no_title),
		cmocka_unit_test (test_update_needs_a_title),
		cmocka_unit_test (test_response_without_an_action_is_refused),
		cmocka_unit_test (test_body_keeps_16_unknown_keys_and_not_17),
		cmocka_unit_test (test_sealed_entry_gives_its_header_and_an_empty_body),
		cmocka_unit_test (test_entry_write_refuses_what_would_not_be_read),
		cmocka_unit_test (test_header_is_read_without_looking_into_the_body),
		cmocka_unit_test (test_entry_with_any_byte_changed_never_reads_past_its_end),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
