/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/vectors/: what stands in the files is what this code makes, byte for byte, and what it reads.
 * A failure here means that the wire has changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../vectors/vectors.h"

static struct vectors *s_vectors;
static struct siaga_batch s_batch, s_other;

static int
s_setup (void **state)
{
	(void) state;
	s_vectors = vectors_new ();
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	vectors_destroy (&s_vectors);
	return 0;
}

static char *
s_file_text (const char *file)
{
	static char text[1 << 16];
	char path[4096];
	const char *top = getenv ("SIAGA_SOURCE_DIR");
	snprintf (path, sizeof path, "%s/tests/vectors/%s.json", top ? top : ".", file);
	FILE *in = fopen (path, "rb");
	if (!in)
		fail_msg ("%s is not there", path);
	text[fread (text, 1, sizeof text - 1, in)] = 0;
	fclose (in);
	return text;
}

static void
test_vectors_in_the_files_are_what_the_code_makes (void **state)
{
	(void) state;
	for (size_t i = 0; i < VECTOR_FILES; i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream (&text, &size);
		vectors_print (s_vectors, vector_files[i], out);
		fclose (out);
		assert_string_equal (s_file_text (vector_files[i]), text);
		free (text);
	}
}

static void
test_vectors_entries_are_read (void **state)
{
	(void) state;
	static const char *const names[] = {"smallest-alert", "full-alert", "response", "void"};
	struct siaga_header header;
	struct siaga_body body;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal (siaga_entry_read (vectors_get (s_vectors, "entry", names[i]),
						    &header, &body),
				  0);
}

/* Spelled out by hand from siaga.cddl: writer and reader can not both be wrong the same way. */
static void
test_vectors_smallest_alert_is_as_written_by_hand (void **state)
{
	(void) state;
	static const char hex[] = "82" /* [header, body] */
				  "a9" /* nine pairs */
				  "01"
				  "50"
				  "01a20c91a00070018203040506070809" /* id */
				  "02"
				  "6a"
				  "6273736e2f736f632d31" /* origin: bssn/soc-1 */
				  "03"
				  "00" /* kind: alert */
				  "06"
				  "00" /* status: actual */
				  "07"
				  "1b0006610118d90000" /* created */
				  "0a"
				  "00" /* severity: info */
				  "0b"
				  "00" /* certainty: unknown */
				  "0c"
				  "781e" /* category */
				  "696e74727573696f6e2d617474656d7074732f62727574652d666f726365"
				  "0e"
				  "00" /* tlp: clear */
				  "4e" /* body: 14 bytes */
				  "a1"
				  "01"
				  "6b"
				  "427275746520666f726365"; /* title: Brute force */
	char text[2 * 256 + 1];
	struct siaga_bytes entry = vectors_get (s_vectors, "entry", "smallest-alert");
	siaga_hex (text, entry.data, entry.size);
	assert_string_equal (text, hex);
}

static void
test_vectors_batches_verify (void **state)
{
	(void) state;
	static const char *const names[] = {"one-full",	      "three-full",	"three-hidden",
					    "three-single-0", "three-single-1", "three-single-2"};
	struct siaga_bytes sign = vectors_get (s_vectors, "keys", "public");
	for (size_t i = 0; i < 6; i++) {
		struct siaga_bytes bytes = vectors_get (s_vectors, "batch", names[i]);
		assert_int_equal (siaga_batch_read (bytes, &s_batch), 0);
		assert_int_equal (
			siaga_batch_verify (&s_batch, siaga_text (MAKE_NETWORK), sign.data), 0);
	}
}

static void
test_vectors_forms_of_one_batch_have_one_head (void **state)
{
	(void) state;
	static const char *const names[] = {"three-hidden", "three-single-0", "three-single-2"};
	struct siaga_bytes head = vectors_get (s_vectors, "batch", "three-head");
	assert_int_equal (
		siaga_batch_read (vectors_get (s_vectors, "batch", "three-full"), &s_batch), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal (
			siaga_batch_read (vectors_get (s_vectors, "batch", names[i]), &s_other), 0);
		assert_int_equal (s_other.head_bytes.size, head.size);
		assert_memory_equal (s_other.head_bytes.data, head.data, head.size);
	}
	assert_int_equal (s_other.index, 2);
	assert_memory_equal (s_other.slots[0].leaf, s_batch.slots[2].leaf, SIAGA_HASH_BYTES);
}

static void
test_vectors_messages_are_read_and_verify (void **state)
{
	(void) state;
	static struct siaga_message message;
	struct siaga_text network = siaga_text (MAKE_NETWORK);
	struct siaga_bytes sign = vectors_get (s_vectors, "keys", "public");
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		struct siaga_bytes frame =
			vectors_get (s_vectors, "message", siaga_message_name (type));
		assert_int_equal (siaga_message_read (frame, &message), 0);
		assert_int_equal (message.type, type);
		if (type == SIAGA_HELLO)
			assert_int_equal (siaga_hello_verify (&message.hello, network, sign.data),
					  0);
		if (type == SIAGA_WELCOME)
			assert_int_equal (
				siaga_welcome_verify (&message.welcome, network, sign.data), 0);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_vectors_in_the_files_are_what_the_code_makes),
		cmocka_unit_test (test_vectors_entries_are_read),
		cmocka_unit_test (test_vectors_smallest_alert_is_as_written_by_hand),
		cmocka_unit_test (test_vectors_batches_verify),
		cmocka_unit_test (test_vectors_forms_of_one_batch_have_one_head),
		cmocka_unit_test (test_vectors_messages_are_read_and_verify),
	};
	return cmocka_run_group_tests (tests, s_setup, s_teardown);
}
