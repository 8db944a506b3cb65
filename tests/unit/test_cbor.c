/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CBOR subset: what is written is read back, and whatever has a second spelling, lies about its
 * length or is not of the subset is refused. Input is copied to memory of exactly its size, so that a
 * sanitizer sees a read past it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "siaga/cbor.h"
#include "siaga/error.h"
#include "siaga/limits.h"
#include "siaga/names.h"

#define INPUT_MAX 512

/* An input in memory of its own. */
struct input {
	uint8_t *data;
	struct siaga_reader reader;
};

static void
input_init (struct input *self, const char *hex)
{
	size_t size = strlen (hex) / 2;

	self->data = malloc (size ? size : 1);
	assert_non_null (self->data);
	assert_int_equal (0, siaga_hex_parse (self->data, size, siaga_text (hex)));
	siaga_reader_init (&self->reader, self->data, size);
}

static void
input_finish (struct input *self)
{
	free (self->data);
}

/* What skipping one item and ending says. */
static int
skipped (const char *hex)
{
	struct input input;
	struct siaga_bytes item;
	int error;

	input_init (&input, hex);
	item = siaga_reader_skip (&input.reader);
	if (input.reader.error) {
		assert_null (item.data);
		assert_int_equal (0, item.size);
	}
	error = siaga_reader_end (&input.reader);
	input_finish (&input);
	return error;
}

/* What reading it as an unsigned integer says. */
static int
read_uint (const char *hex)
{
	struct input input;
	int error;

	input_init (&input, hex);
	siaga_reader_uint (&input.reader);
	error = siaga_reader_end (&input.reader);
	input_finish (&input);
	return error;
}

static void
assert_refused (const char *const *inputs)
{
	for (; *inputs; inputs++)
		if (skipped (*inputs) != SIAGA_EMALFORMED)
			fail_msg ("%s: %d", *inputs, skipped (*inputs));
}

static void
test_cbor_takes_every_type_of_the_subset (void **state)
{
	static const char *const inputs[] = {
		"00",
		"17",
		"1818",
		"1903e8",
		"1a000f4240",
		"1b000000e8d4a51000",
		"40",
		"4401020304",
		"60",
		"6449455446",
		"80",
		"83010203",
		"a0",
		"a201020304",
		"f4",
		"f5",
		"8301820203820405",
		"a1008100",
		"62c3bc",
		"64f0908591",
		"a11bffffffffffffffff00",
		NULL,
	};

	(void) state;
	for (const char *const *input = inputs; *input; input++)
		assert_int_equal (0, skipped (*input));
}

static void
test_cbor_refuses_long_heads (void **state)
{
	static const char *const inputs[] = {
		"1800",
		"1817",
		"190000",
		"190017",
		"1900ff",
		"1a00000000",
		"1a0000ffff",
		"1b0000000000000000",
		"1b00000000ffffffff",
		"5800",
		"580100",
		"59000100",
		"5a0000000100",
		"5b000000000000000100",
		"7800",
		"780161",
		"79000161",
		"9800",
		"980100",
		"99000100",
		"b800",
		"b8010000",
		"b900010000",
		"a1180000",
		NULL,
	};

	(void) state;
	assert_refused (inputs);
	assert_int_equal (SIAGA_EMALFORMED, read_uint ("1817"));
	assert_int_equal (SIAGA_EMALFORMED, read_uint ("1b00000000ffffffff"));
}

static void
test_cbor_refuses_indefinite_lengths (void **state)
{
	static const char *const inputs[] = {
		"5f4100ff", "5fff", "7f6161ff", "7fff", "9f00ff", "9fff", "bf0000ff", "bfff",
		"819fff",   "ff",   "81ff",	"1f",	"3f",	  "df",	  NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_reserved_heads (void **state)
{
	static const char *const inputs[] = {
		"1c", "1d", "1e", "5c", "7d", "9e", "bc", "1c0000000000000000", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_negative_numbers (void **state)
{
	static const char *const inputs[] = {
		"20",	"37",	  "3818",   "3903e7", "3a000f423f", "3bffffffffffffffff",
		"8120", "a12000", "a10020", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_floats_null_undefined_and_other_simple_values (void **state)
{
	static const char *const inputs[] = {
		"f90000", "f93c00", "fa47c35000", "fb3ff199999999999a",
		"f6",	  "f7",	    "e0",	  "f0",
		"f8ff",	  "f820",   "f814",	  "f815",
		"fc",	  "81f6",   "a100f6",	  NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_tags (void **state)
{
	static const char *const inputs[] = {
		"c000", "c11a514b67b0", "d81800", "d9d9f700", "81c000", "a100c000", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_duplicate_and_descending_keys (void **state)
{
	static const char *const inputs[] = {
		"a200000000",	  "a201000100",		"a201000000",
		"a3010003000200", "a218ff001700",	"81a200000000",
		"a100a200000000", "a202a2000001000100", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_keys_that_are_not_unsigned (void **state)
{
	static const char *const inputs[] = {
		"a1616100", "a1410000", "a12000", "a18000", "a1a000", "a1f400", "a1f600", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_trailing_bytes (void **state)
{
	static const char *const inputs[] = {"0000", "8000", "a000",	 "4000",
					     "6000", "f4f4", "820000f5", NULL};

	(void) state;
	assert_refused (inputs);
	assert_int_equal (SIAGA_EMALFORMED, read_uint ("0000"));
}

static void
test_cbor_refuses_input_that_ends_early (void **state)
{
	static const char *const inputs[] = {
		"",	"18",	"19", "1901", "1a010203", "1b01020304050607",
		"41",	"420a", "58", "5818", "61",	  "6261",
		"81",	"8201", "a1", "a101", "a2010002", "8280",
		"9818", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_huge_announced_lengths (void **state)
{
	static const char *const inputs[] = {
		"5a7fffffff",
		"5affffffff",
		"7a7fffffff",
		"9a7fffffff",
		"9affffffff",
		"ba7fffffff",
		"baffffffff",
		"5bffffffffffffffff",
		"7bffffffffffffffff",
		"9bffffffffffffffff",
		"bbffffffffffffffff",
		"9b8000000000000000",
		"bb8000000000000000",
		"8181819affffffff",
		"5bfffffffffffffff7",
		"bb7fffffffffffffff00",
		NULL,
	};

	(void) state;
	assert_refused (inputs);
}

static void
test_cbor_refuses_a_huge_length_in_every_typed_read (void **state)
{
	static const char *const inputs[] = {"5affffffff", "7affffffff", "9affffffff",
					     "baffffffff"};

	(void) state;
	for (size_t i = 0; i < 4; i++) {
		struct siaga_map map;
		struct input input;

		input_init (&input, inputs[i]);
		if (i == 0)
			assert_null (siaga_reader_bytes (&input.reader, SIZE_MAX).data);
		if (i == 1)
			assert_null (siaga_reader_text (&input.reader, SIZE_MAX).data);
		if (i == 2)
			assert_int_equal (0, siaga_reader_array (&input.reader, SIZE_MAX));
		if (i == 3)
			siaga_reader_map (&input.reader, SIZE_MAX, &map);
		assert_int_equal (SIAGA_EMALFORMED, input.reader.error);
		input_finish (&input);
	}
}

static void
test_cbor_refuses_text_that_is_not_utf8 (void **state)
{
	static const char *const inputs[] = {
		"6180",	      "61ff",	"62c080", "62c328",   "63eda080", "63e08080",
		"64f4908080", "62e282", "6100",	  "63610062", NULL,
	};

	(void) state;
	assert_refused (inputs);
}

/* `hex` in `depth` arrays of one, or maps of one. */
static void
nested (char *out, size_t depth, const char *around, const char *hex)
{
	*out = '\0';
	for (size_t i = 0; i < depth; i++)
		strcat (out, around);
	strcat (out, hex);
}

static void
test_cbor_takes_depth_8_and_refuses_depth_9 (void **state)
{
	char hex[INPUT_MAX];

	(void) state;
	nested (hex, SIAGA_CBOR_DEPTH_MAX, "81", "00");
	assert_int_equal (0, skipped (hex));
	nested (hex, SIAGA_CBOR_DEPTH_MAX, "a100", "00");
	assert_int_equal (0, skipped (hex));
	nested (hex, SIAGA_CBOR_DEPTH_MAX, "81", "80");
	assert_int_equal (SIAGA_ELIMIT, skipped (hex));
	nested (hex, SIAGA_CBOR_DEPTH_MAX, "a100", "a0");
	assert_int_equal (SIAGA_ELIMIT, skipped (hex));
	nested (hex, 9, "81", "00");
	assert_int_equal (SIAGA_ELIMIT, skipped (hex));
	nested (hex, 100, "81", "00");
	assert_int_equal (SIAGA_ELIMIT, skipped (hex));
}

static void
test_cbor_takes_wide_but_flat_input (void **state)
{
	(void) state;
	assert_int_equal (0, skipped ("8880808080808080a0"));
	assert_int_equal (0, skipped ("a3008101018202030280"));
}

static void
test_cbor_skip_stops_after_one_item (void **state)
{
	struct siaga_bytes item;
	struct input input;

	(void) state;
	input_init (&input, "82a10041ff616105");
	item = siaga_reader_skip (&input.reader);
	assert_ptr_equal (input.data, item.data);
	assert_int_equal (7, item.size);
	assert_int_equal (5, siaga_reader_uint (&input.reader));
	assert_int_equal (0, siaga_reader_end (&input.reader));
	input_finish (&input);
}

static void
test_cbor_peek_names_the_next_item_and_consumes_nothing (void **state)
{
	static const struct {
		const char *hex;
		enum siaga_cbor_type type;
	} cases[] = {
		{"05", SIAGA_CBOR_UINT}, {"20", SIAGA_CBOR_NONE},  {"40", SIAGA_CBOR_BYTES},
		{"60", SIAGA_CBOR_TEXT}, {"80", SIAGA_CBOR_ARRAY}, {"a0", SIAGA_CBOR_MAP},
		{"c0", SIAGA_CBOR_NONE}, {"f4", SIAGA_CBOR_BOOL},  {"f5", SIAGA_CBOR_BOOL},
		{"f6", SIAGA_CBOR_NONE}, {"ff", SIAGA_CBOR_NONE},  {"", SIAGA_CBOR_NONE},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct input input;

		input_init (&input, cases[i].hex);
		assert_int_equal (cases[i].type, siaga_reader_peek (&input.reader));
		assert_int_equal (0, input.reader.at);
		assert_int_equal (0, input.reader.error);
		siaga_reader_fail (&input.reader, SIAGA_ELIMIT);
		assert_int_equal (SIAGA_CBOR_NONE, siaga_reader_peek (&input.reader));
		input_finish (&input);
	}
}

static void
test_cbor_reads_only_the_type_asked_for (void **state)
{
	static const char *const items[] = {"00", "40", "60", "80", "a0", "f5"};
	static const enum siaga_cbor_type types[] = {
		SIAGA_CBOR_UINT,  SIAGA_CBOR_BYTES, SIAGA_CBOR_TEXT,
		SIAGA_CBOR_ARRAY, SIAGA_CBOR_MAP,   SIAGA_CBOR_BOOL,
	};

	(void) state;
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++) {
			struct siaga_map map;
			struct input input;

			input_init (&input, items[i]);
			switch (types[j]) {
			case SIAGA_CBOR_UINT:
				siaga_reader_uint (&input.reader);
				break;
			case SIAGA_CBOR_BYTES:
				siaga_reader_bytes (&input.reader, 9);
				break;
			case SIAGA_CBOR_TEXT:
				siaga_reader_text (&input.reader, 9);
				break;
			case SIAGA_CBOR_ARRAY:
				siaga_reader_array (&input.reader, 9);
				break;
			case SIAGA_CBOR_MAP:
				siaga_reader_map (&input.reader, 9, &map);
				break;
			default:
				siaga_reader_bool (&input.reader);
			}
			assert_int_equal (i == j ? 0 : SIAGA_EMALFORMED,
					  siaga_reader_end (&input.reader));
			input_finish (&input);
		}
}

static void
test_cbor_limits_are_kept_to_the_last_unit (void **state)
{
	struct siaga_map map;
	struct input input;

	(void) state;
	input_init (&input, "430102036361626383010203a2000001001903e8");
	assert_int_equal (3, siaga_reader_bytes (&input.reader, 3).size);
	assert_int_equal (3, siaga_reader_text (&input.reader, 3).size);
	assert_int_equal (3, siaga_reader_array (&input.reader, 3));
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal (i, siaga_reader_uint_max (&input.reader, i));
	siaga_reader_map (&input.reader, 2, &map);
	assert_int_equal (2, map.left);
	input.reader.at += 4;
	assert_int_equal (1000, siaga_reader_uint_max (&input.reader, 1000));
	assert_int_equal (0, siaga_reader_end (&input.reader));
	input_finish (&input);
}

static void
test_cbor_one_over_a_limit_is_refused (void **state)
{
	static const char *const inputs[] = {"43010203", "63616263", "83010203", "a2000001001903e8",
					     "1903e8"};

	(void) state;
	for (size_t i = 0; i < 5; i++) {
		struct siaga_map map;
		struct input input;

		input_init (&input, inputs[i]);
		if (i == 0)
			siaga_reader_bytes (&input.reader, 2);
		if (i == 1)
			siaga_reader_text (&input.reader, 2);
		if (i == 2)
			siaga_reader_array (&input.reader, 2);
		if (i == 3)
			siaga_reader_map (&input.reader, 1, &map);
		if (i == 4)
			assert_int_equal (0, siaga_reader_uint_max (&input.reader, 999));
		assert_int_equal (SIAGA_ELIMIT, input.reader.error);
		input_finish (&input);
	}
}

static void
test_cbor_exact_sizes_are_exact (void **state)
{
	uint8_t out[4] = {1, 2, 3, 4};
	struct input input;

	(void) state;
	input_init (&input, "44aabbccdd82000140");
	siaga_reader_fixed (&input.reader, out, 4);
	assert_memory_equal ("\xaa\xbb\xcc\xdd", out, 4);
	siaga_reader_array_of (&input.reader, 2);
	siaga_reader_uint (&input.reader);
	siaga_reader_uint (&input.reader);
	siaga_reader_fixed (&input.reader, NULL, 0);
	assert_int_equal (0, siaga_reader_end (&input.reader));
	input_finish (&input);

	for (size_t size = 3; size <= 4; size++) {
		input_init (&input, size == 3 ? "44aabbccdd" : "43aabbcc");
		siaga_reader_fixed (&input.reader, out, size);
		assert_int_equal (SIAGA_EMALFORMED, input.reader.error);
		assert_memory_equal ("\0\0\0\0", out, size);
		input_finish (&input);
	}
	input_init (&input, "820001");
	siaga_reader_array_of (&input.reader, 1);
	assert_int_equal (SIAGA_EMALFORMED, input.reader.error);
	input_finish (&input);
}

static void
test_cbor_map_gives_its_keys_and_ends (void **state)
{
	struct siaga_map map;
	struct input input;
	uint64_t key = 99;

	(void) state;
	input_init (&input, "a3000102031b000000e8d4a51000f507");
	siaga_reader_map (&input.reader, 3, &map);
	assert_true (siaga_reader_key (&input.reader, &map, &key));
	assert_int_equal (0, key);
	assert_int_equal (1, siaga_reader_uint (&input.reader));
	assert_true (siaga_reader_key (&input.reader, &map, &key));
	assert_int_equal (2, key);
	assert_int_equal (3, siaga_reader_uint (&input.reader));
	assert_true (siaga_reader_key (&input.reader, &map, &key));
	assert_int_equal (UINT64_C (1000000000000), key);
	assert_true (siaga_reader_bool (&input.reader));
	assert_false (siaga_reader_key (&input.reader, &map, &key));
	assert_int_equal (7, siaga_reader_uint (&input.reader));
	assert_int_equal (0, siaga_reader_end (&input.reader));
	input_finish (&input);
}

static void
test_cbor_map_refuses_a_repeated_key_when_it_comes (void **state)
{
	struct siaga_map map;
	struct input input;
	uint64_t key = 99;

	(void) state;
	input_init (&input, "a205010502");
	siaga_reader_map (&input.reader, 9, &map);
	assert_true (siaga_reader_key (&input.reader, &map, &key));
	siaga_reader_uint (&input.reader);
	key = 99;
	assert_false (siaga_reader_key (&input.reader, &map, &key));
	assert_int_equal (99, key);
	assert_int_equal (SIAGA_EMALFORMED, siaga_reader_end (&input.reader));
	input_finish (&input);
}

/* Every read of a failed reader gives nothing and moves nothing. */
static void
test_cbor_reader_error_is_sticky (void **state)
{
	uint8_t fixed[2] = {1, 2};
	struct siaga_map map;
	struct input input;
	uint64_t key;
	size_t at;

	(void) state;
	input_init (&input, "2005a1000041016161f58105");
	siaga_reader_uint (&input.reader);
	siaga_reader_fail (&input.reader, SIAGA_ELIMIT);
	at = input.reader.at;
	assert_int_equal (0, siaga_reader_uint (&input.reader));
	assert_int_equal (0, siaga_reader_uint_max (&input.reader, 0));
	assert_false (siaga_reader_bool (&input.reader));
	assert_null (siaga_reader_bytes (&input.reader, 9).data);
	assert_null (siaga_reader_text (&input.reader, 9).data);
	assert_int_equal (0, siaga_reader_array (&input.reader, 9));
	siaga_reader_array_of (&input.reader, 0);
	siaga_reader_fixed (&input.reader, fixed, 2);
	assert_int_equal (0, fixed[0] | fixed[1]);
	siaga_reader_map (&input.reader, 9, &map);
	assert_int_equal (0, map.left);
	map.left = 1;
	assert_false (siaga_reader_key (&input.reader, &map, &key));
	assert_null (siaga_reader_skip (&input.reader).data);
	assert_int_equal (at, input.reader.at);
	assert_int_equal (SIAGA_EMALFORMED, siaga_reader_end (&input.reader));
	input_finish (&input);
}

static void
test_cbor_reader_fail_keeps_the_first_error (void **state)
{
	struct siaga_reader reader;

	(void) state;
	siaga_reader_init (&reader, NULL, 0);
	assert_int_equal (0, siaga_reader_end (&reader));
	siaga_reader_fail (&reader, SIAGA_EUPGRADE);
	siaga_reader_fail (&reader, SIAGA_ELIMIT);
	assert_int_equal (SIAGA_EUPGRADE, siaga_reader_end (&reader));
}

static const uint64_t boundaries[] = {
	0,
	1,
	23,
	24,
	255,
	256,
	65535,
	65536,
	0xffffffff,
	UINT64_C (0x100000000),
	UINT64_MAX - 1,
	UINT64_MAX,
};

static void
test_cbor_numbers_round_trip_at_every_width_with_the_shortest_head (void **state)
{
	static const size_t sizes[] = {1, 1, 1, 2, 2, 3, 3, 5, 5, 9, 9, 9};

	(void) state;
	for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
		struct siaga_writer writer;
		struct siaga_reader reader;
		uint8_t buffer[9];

		siaga_writer_init (&writer, buffer, sizeof buffer);
		siaga_writer_uint (&writer, boundaries[i]);
		assert_int_equal (0, writer.error);
		assert_int_equal (sizes[i], writer.size);
		siaga_reader_init (&reader, buffer, writer.size);
		assert_true (siaga_reader_uint (&reader) == boundaries[i]);
		assert_int_equal (0, siaga_reader_end (&reader));
	}
}

static void
test_cbor_strings_round_trip_at_every_width (void **state)
{
	static uint8_t letters[65536], buffer[2 * (65536 + 5)];

	(void) state;
	memset (letters, 'x', sizeof letters);
	for (size_t i = 0; boundaries[i] <= sizeof letters; i++) {
		size_t size = (size_t) boundaries[i];
		struct siaga_text text = {(const char *) letters, size};
		struct siaga_writer writer;
		struct siaga_reader reader;
		struct siaga_bytes bytes;

		siaga_writer_init (&writer, buffer, sizeof buffer);
		siaga_writer_bytes (&writer, letters, size);
		siaga_writer_text (&writer, text);
		assert_int_equal (0, writer.error);
		siaga_reader_init (&reader, buffer, writer.size);
		bytes = siaga_reader_bytes (&reader, size);
		assert_int_equal (size, bytes.size);
		assert_memory_equal (letters, bytes.data, size);
		assert_true (siaga_text_equal (text, siaga_reader_text (&reader, size)));
		assert_int_equal (0, siaga_reader_end (&reader));
	}
}

static void
test_cbor_arrays_round_trip_at_every_width (void **state)
{
	static uint8_t buffer[65536 + 5];

	(void) state;
	for (size_t i = 0; boundaries[i] <= 65536; i++) {
		size_t count = (size_t) boundaries[i];
		struct siaga_writer writer;
		struct siaga_reader reader;

		siaga_writer_init (&writer, buffer, sizeof buffer);
		siaga_writer_array (&writer, count);
		for (size_t n = 0; n < count; n++)
			siaga_writer_bool (&writer, n % 2);
		assert_int_equal (0, writer.error);
		siaga_reader_init (&reader, buffer, writer.size);
		assert_int_equal (writer.size, siaga_reader_skip (&reader).size);
		assert_int_equal (0, siaga_reader_end (&reader));
	}
}

static void
test_cbor_writer_makes_the_bytes_of_rfc_8949 (void **state)
{
	static const uint8_t want[] = {
		0x86, 0x19, 0x03, 0xe8, 0x44, 1,    2,	  3,	4,    0x64, 'I',
		'E',  'T',  'F',  0xa1, 0x01, 0xf5, 0xf4, 0x82, 0x02, 0x03,
	};
	static const uint8_t raw[] = {0x82, 0x02, 0x03};
	struct siaga_writer writer;
	uint8_t buffer[sizeof want];

	(void) state;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, 6);
	siaga_writer_uint (&writer, 1000);
	siaga_writer_bytes (&writer, "\1\2\3\4", 4);
	siaga_writer_text (&writer, siaga_text ("IETF"));
	siaga_writer_map (&writer, 1);
	siaga_writer_uint (&writer, 1);
	siaga_writer_bool (&writer, true);
	siaga_writer_bool (&writer, false);
	siaga_writer_raw (&writer, (struct siaga_bytes){raw, sizeof raw});
	assert_int_equal (0, writer.error);
	assert_int_equal (sizeof want, writer.size);
	assert_memory_equal (want, buffer, sizeof want);
}

static void
test_cbor_writer_error_is_sticky_and_begins_no_item (void **state)
{
	struct siaga_writer writer;
	uint8_t buffer[5] = {9, 9, 9, 9, 9};

	(void) state;
	siaga_writer_init (&writer, buffer, 4);
	siaga_writer_uint (&writer, 1);
	siaga_writer_bytes (&writer, "abc", 3); /* needs 4 of the 3 that are left */
	assert_int_equal (SIAGA_ELIMIT, writer.error);
	assert_int_equal (1, writer.size);
	siaga_writer_uint (&writer, 1);
	siaga_writer_bool (&writer, true);
	siaga_writer_raw (&writer, (struct siaga_bytes){NULL, 0});
	assert_int_equal (1, writer.size);
	assert_int_equal (SIAGA_ELIMIT, writer.error);
	assert_int_equal (9, buffer[1]);
}

static void
test_cbor_writer_fills_its_buffer_to_the_last_byte (void **state)
{
	struct siaga_writer writer;
	uint8_t buffer[4];

	(void) state;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_bytes (&writer, "abc", 3);
	assert_int_equal (0, writer.error);
	siaga_writer_text (&writer, siaga_text (NULL));
	assert_int_equal (SIAGA_ELIMIT, writer.error);
	siaga_writer_init (&writer, NULL, 0);
	siaga_writer_raw (&writer, (struct siaga_bytes){NULL, 0});
	assert_int_equal (0, writer.error);
	siaga_writer_bytes (&writer, buffer, SIZE_MAX);
	assert_int_equal (SIAGA_ELIMIT, writer.error);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_cbor_takes_every_type_of_the_subset),
		cmocka_unit_test (test_cbor_refuses_long_heads),
		cmocka_unit_test (test_cbor_refuses_indefinite_lengths),
		cmocka_unit_test (test_cbor_refuses_reserved_heads),
		cmocka_unit_test (test_cbor_refuses_negative_numbers),
		cmocka_unit_test (test_cbor_refuses_floats_null_undefined_and_other_simple_values),
		cmocka_unit_test (test_cbor_refuses_tags),
		cmocka_unit_test (test_cbor_refuses_duplicate_and_descending_keys),
		cmocka_unit_test (test_cbor_refuses_keys_that_are_not_unsigned),
		cmocka_unit_test (test_cbor_refuses_trailing_bytes),
		cmocka_unit_test (test_cbor_refuses_input_that_ends_early),
		cmocka_unit_test (test_cbor_refuses_huge_announced_lengths),
		cmocka_unit_test (test_cbor_refuses_a_huge_length_in_every_typed_read),
		cmocka_unit_test (test_cbor_refuses_text_that_is_not_utf8),
		cmocka_unit_test (test_cbor_takes_depth_8_and_refuses_depth_9),
		cmocka_unit_test (test_cbor_takes_wide_but_flat_input),
		cmocka_unit_test (test_cbor_skip_stops_after_one_item),
		cmocka_unit_test (test_cbor_peek_names_the_next_item_and_consumes_nothing),
		cmocka_unit_test (test_cbor_reads_only_the_type_asked_for),
		cmocka_unit_test (test_cbor_limits_are_kept_to_the_last_unit),
		cmocka_unit_test (test_cbor_one_over_a_limit_is_refused),
		cmocka_unit_test (test_cbor_exact_sizes_are_exact),
		cmocka_unit_test (test_cbor_map_gives_its_keys_and_ends),
		cmocka_unit_test (test_cbor_map_refuses_a_repeated_key_when_it_comes),
		cmocka_unit_test (test_cbor_reader_error_is_sticky),
		cmocka_unit_test (test_cbor_reader_fail_keeps_the_first_error),
		cmocka_unit_test (
			test_cbor_numbers_round_trip_at_every_width_with_the_shortest_head),
		cmocka_unit_test (test_cbor_strings_round_trip_at_every_width),
		cmocka_unit_test (test_cbor_arrays_round_trip_at_every_width),
		cmocka_unit_test (test_cbor_writer_makes_the_bytes_of_rfc_8949),
		cmocka_unit_test (test_cbor_writer_error_is_sticky_and_begins_no_item),
		cmocka_unit_test (test_cbor_writer_fills_its_buffer_to_the_last_byte),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
