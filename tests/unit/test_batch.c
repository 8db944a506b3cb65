/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga/batch.h: both forms read and verify to the same head, and nothing but the signed bytes does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "make_entry.h"
#include "siaga/merkle.h"

#define ENTRY_SIZE 24

/* Entries are only bytes here: small ones, so that 1,024 fit. */
struct sample {
	uint8_t texts[SIAGA_BATCH_ENTRIES_MAX][ENTRY_SIZE];
	struct siaga_bytes entries[SIAGA_BATCH_ENTRIES_MAX];
	uint8_t bytes[SIAGA_BATCH_MAX];
	struct siaga_bytes full;
	struct siaga_batch batch;
	uint8_t sign[SIAGA_KEY_BYTES];
	uint8_t sign_secret[64];
};

static struct sample s_sample;
static struct siaga_batch s_read;
static uint8_t s_buffer[2 * SIAGA_BATCH_MAX];

static struct siaga_text
s_network (void)
{
	return siaga_text (MAKE_NETWORK);
}

/* A batch of `count` entries, made and read back into the sample. */
static struct sample *
s_make (size_t count)
{
	struct sample *self = &s_sample;
	make_keys (self->sign, self->sign_secret);
	for (size_t i = 0; i < count; i++) {
		int size = snprintf ((char *) self->texts[i], ENTRY_SIZE, "entry number %zu", i);
		self->entries[i] = (struct siaga_bytes){self->texts[i], (size_t) size};
	}
	self->full = make_batch (self->bytes, sizeof self->bytes, 5, self->entries, count);
	assert_int_equal (siaga_batch_read (self->full, &self->batch), 0);
	return self;
}

static int
s_read_and_verify (struct siaga_bytes bytes, const uint8_t sign[SIAGA_KEY_BYTES])
{
	int rc = siaga_batch_read (bytes, &s_read);
	return rc ? rc : siaga_batch_verify (&s_read, s_network (), sign);
}

static struct siaga_bytes
s_single (const struct sample *sample, uint32_t index)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	assert_int_equal (siaga_batch_write_single (&writer, &sample->batch, index), 0);
	return (struct siaga_bytes){s_buffer, writer.size};
}

static struct siaga_bytes
s_shown (const struct sample *sample, const bool *shown)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	assert_int_equal (siaga_batch_write_full (&writer, &sample->batch, shown), 0);
	return (struct siaga_bytes){s_buffer, writer.size};
}

static void
s_assert_same_bytes (struct siaga_bytes a, struct siaga_bytes b)
{
	assert_int_equal (a.size, b.size);
	assert_memory_equal (a.data, b.data, a.size);
}

static const size_t s_counts[] = {1, 2, 3, 4, 7, 8, 255, 256, 1023, 1024};
#define COUNTS (sizeof s_counts / sizeof *s_counts)

static void
test_batch_full_form_reads_what_was_made (void **state)
{
	(void) state;
	for (size_t n = 0; n < COUNTS; n++) {
		struct sample *sample = s_make (s_counts[n]);
		assert_int_equal (s_read_and_verify (sample->full, sample->sign), 0);
		assert_int_equal (s_read.form, SIAGA_BATCH_FULL);
		assert_true (siaga_text_is (s_read.head.network, MAKE_NETWORK));
		assert_true (siaga_text_is (s_read.head.origin, MAKE_ORIGIN));
		assert_int_equal (s_read.head.first_oseq, 5);
		assert_int_equal (s_read.head.count, s_counts[n]);
		assert_int_equal (s_read.slot_count, s_counts[n]);
		for (size_t i = 0; i < s_counts[n]; i++)
			s_assert_same_bytes (s_read.slots[i].entry, sample->entries[i]);
	}
}

static void
test_batch_root_is_that_of_rfc6962_over_the_leaves (void **state)
{
	(void) state;
	static uint8_t leaves[SIAGA_BATCH_ENTRIES_MAX * SIAGA_HASH_BYTES];
	uint8_t root[SIAGA_HASH_BYTES];
	for (size_t count = 1; count <= SIAGA_BATCH_ENTRIES_MAX; count += count < 40 ? 1 : 123) {
		struct sample *sample = s_make (count);
		for (size_t i = 0; i < count; i++) {
			uint8_t *leaf = leaves + i * SIAGA_HASH_BYTES;
			siaga_merkle_leaf (leaf, sample->entries[i].data, sample->entries[i].size);
			assert_memory_equal (sample->batch.slots[i].leaf, leaf, SIAGA_HASH_BYTES);
		}
		siaga_merkle_root (root, leaves, count);
		assert_memory_equal (sample->batch.head.root, root, SIAGA_HASH_BYTES);
	}
}

static void
test_batch_single_form_of_each_index_verifies_to_the_same_head (void **state)
{
	(void) state;
	for (size_t n = 0; n < COUNTS; n++) {
		struct sample *sample = s_make (s_counts[n]);
		for (uint32_t i = 0; i < s_counts[n]; i++) {
			assert_int_equal (siaga_batch_read (s_single (sample, i), &s_read), 0);
			if (i % 64 == 0)
				assert_int_equal (
					siaga_batch_verify (&s_read, s_network (), sample->sign),
					0);
			assert_int_equal (s_read.form, SIAGA_BATCH_SINGLE);
			assert_int_equal (s_read.index, i);
			assert_int_equal (s_read.slot_count, 1);
			s_assert_same_bytes (s_read.slots[0].entry, sample->entries[i]);
			s_assert_same_bytes (s_read.head_bytes, sample->batch.head_bytes);
			assert_memory_equal (s_read.signature, sample->batch.signature,
					     SIAGA_SIGNATURE_BYTES);
		}
	}
}

static void
test_batch_with_hidden_slots_verifies_to_the_same_head (void **state)
{
	(void) state;
	static bool shown[SIAGA_BATCH_ENTRIES_MAX];
	for (size_t n = 0; n < COUNTS; n++) {
		struct sample *sample = s_make (s_counts[n]);
		for (size_t modulus = 1; modulus <= 3; modulus++) {
			for (size_t i = 0; i < s_counts[n]; i++)
				shown[i] = i % modulus == modulus - 1;
			assert_int_equal (s_read_and_verify (s_shown (sample, shown), sample->sign),
					  0);
			s_assert_same_bytes (s_read.head_bytes, sample->batch.head_bytes);
			for (size_t i = 0; i < s_counts[n]; i++) {
				assert_int_equal (s_read.slots[i].entry.size,
						  shown[i] ? sample->entries[i].size : 0);
				assert_memory_equal (s_read.slots[i].leaf,
						     sample->batch.slots[i].leaf, SIAGA_HASH_BYTES);
			}
		}
	}
}

static void
test_batch_shown_whole_is_the_received_bytes (void **state)
{
	(void) state;
	const bool shown[] = {true, true, true};
	struct sample *sample = s_make (3);
	s_assert_same_bytes (s_shown (sample, shown), sample->full);
}

static void
s_assert_no_bit_may_flip (struct siaga_bytes good, const uint8_t sign[SIAGA_KEY_BYTES])
{
	uint8_t *copy = malloc (good.size);
	assert_int_equal (s_read_and_verify (good, sign), 0);
	memcpy (copy, good.data, good.size);
	for (size_t bit = 0; bit < 8 * good.size; bit++) {
		copy[bit / 8] ^= (uint8_t) (1U << bit % 8);
		if (s_read_and_verify ((struct siaga_bytes){copy, good.size}, sign) == 0)
			fail_msg ("bit %zu of %zu may flip", bit, 8 * good.size);
		copy[bit / 8] ^= (uint8_t) (1U << bit % 8);
	}
	free (copy);
}

static void
test_batch_no_bit_of_either_form_may_flip (void **state)
{
	(void) state;
	const bool shown[] = {true, false, true};
	struct sample *sample = s_make (3);
	s_assert_no_bit_may_flip (sample->full, sample->sign);
	s_assert_no_bit_may_flip (s_shown (sample, shown), sample->sign);
	for (uint32_t i = 0; i < 3; i++)
		s_assert_no_bit_may_flip (s_single (sample, i), sample->sign);
	sample = s_make (1);
	s_assert_no_bit_may_flip (sample->full, sample->sign);
	s_assert_no_bit_may_flip (s_single (sample, 0), sample->sign);
}

static void
s_assert_every_cut_is_malformed (struct siaga_bytes good)
{
	for (size_t size = 0; size < good.size; size++) {
		uint8_t *part = malloc (size + !size);
		memcpy (part, good.data, size);
		assert_int_equal (siaga_batch_read ((struct siaga_bytes){part, size}, &s_read),
				  SIAGA_EMALFORMED);
		free (part);
	}
}

static void
test_batch_cut_anywhere_is_malformed (void **state)
{
	(void) state;
	struct sample *sample = s_make (3);
	s_assert_every_cut_is_malformed (sample->full);
	s_assert_every_cut_is_malformed (s_single (sample, 1));
}

static void
test_batch_rejects_trailing_bytes (void **state)
{
	(void) state;
	struct sample *sample = s_make (3);
	sample->bytes[sample->full.size] = 0;
	sample->full.size++;
	assert_int_equal (siaga_batch_read (sample->full, &s_read), SIAGA_EMALFORMED);
	struct siaga_bytes single = s_single (sample, 1);
	s_buffer[single.size++] = 0;
	assert_int_equal (siaga_batch_read (single, &s_read), SIAGA_EMALFORMED);
}

static void
test_batch_of_another_network_key_or_signer_does_not_verify (void **state)
{
	(void) state;
	struct sample *sample = s_make (2);
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64], seed[32] = {9};
	crypto_sign_seed_keypair (sign, sign_secret, seed);
	assert_int_equal (
		siaga_batch_verify (&sample->batch, siaga_text ("pemilu-2029"), sample->sign),
		SIAGA_ENETWORK);
	assert_int_equal (siaga_batch_verify (&sample->batch, s_network (), sign), SIAGA_EUNKNOWN);
	siaga_sign (sample->batch.signature, "batch", s_network (), sample->batch.head_bytes,
		    sign_secret);
	assert_int_equal (siaga_batch_verify (&sample->batch, s_network (), sample->sign),
			  SIAGA_ESIGNATURE);
}

static void
test_batch_signature_of_another_purpose_does_not_verify (void **state)
{
	(void) state;
	struct sample *sample = s_make (2);
	siaga_sign (sample->batch.signature, "hello", s_network (), sample->batch.head_bytes,
		    sample->sign_secret);
	assert_int_equal (siaga_batch_verify (&sample->batch, s_network (), sample->sign),
			  SIAGA_ESIGNATURE);
}

/* A full batch of one entry "x" whose head's parts are as said; unsigned. */
struct crafted {
	const char *claim;
	uint64_t version;
	const char *network;
	const char *origin;
	uint64_t first_oseq;
	uint64_t count;
	size_t head_items;
	int error;
};

static void
s_craft_head (struct siaga_writer *writer, const struct crafted *crafted)
{
	static const uint8_t zero[SIAGA_KEY_ID_BYTES];
	uint8_t root[SIAGA_HASH_BYTES];
	siaga_merkle_leaf (root, "x", 1);
	siaga_writer_array (writer, crafted->head_items);
	siaga_writer_uint (writer, crafted->version);
	siaga_writer_text (writer, siaga_text (crafted->network));
	siaga_writer_text (writer, siaga_text (crafted->origin));
	siaga_writer_bytes (writer, zero, SIAGA_KEY_ID_BYTES);
	siaga_writer_bytes (writer, zero, SIAGA_EPOCH_BYTES);
	siaga_writer_uint (writer, crafted->first_oseq);
	siaga_writer_uint (writer, crafted->count);
	siaga_writer_bytes (writer, root, sizeof root);
	for (size_t i = 8; i < crafted->head_items; i++)
		siaga_writer_uint (writer, 0);
}

static int
s_read_crafted (const struct crafted *crafted)
{
	static const uint8_t signature[SIAGA_SIGNATURE_BYTES];
	uint8_t head[512], bytes[1024];
	struct siaga_writer head_writer, writer;
	siaga_writer_init (&head_writer, head, sizeof head);
	s_craft_head (&head_writer, crafted);
	siaga_writer_init (&writer, bytes, sizeof bytes);
	siaga_writer_array (&writer, 4);
	siaga_writer_uint (&writer, SIAGA_BATCH_FULL);
	siaga_writer_bytes (&writer, head, head_writer.size);
	siaga_writer_bytes (&writer, signature, sizeof signature);
	siaga_writer_array (&writer, 1);
	siaga_writer_bytes (&writer, "x", 1);
	assert_int_equal (writer.error, 0);
	return siaga_batch_read ((struct siaga_bytes){bytes, writer.size}, &s_read);
}

static void
test_batch_head_with_one_thing_wrong_is_refused (void **state)
{
	(void) state;
	static const struct crafted cases[] = {
		{"good", 1, "n", "a/b", 1, 1, 8, 0},
		{"good at the last oseq", 1, "n", "a/b", SIAGA_OSEQ_MAX, 1, 8, 0},
		{"version 2", 2, "n", "a/b", 1, 1, 8, SIAGA_EUPGRADE},
		{"version 2 with another shape", 2, "n", "a/b", 1, 1, 9, SIAGA_EUPGRADE},
		{"version 0", 0, "n", "a/b", 1, 1, 8, SIAGA_EUPGRADE},
		{"nine items", 1, "n", "a/b", 1, 1, 9, SIAGA_EMALFORMED},
		{"no network", 1, "", "a/b", 1, 1, 8, SIAGA_EMALFORMED},
		{"network in capitals", 1, "N", "a/b", 1, 1, 8, SIAGA_EMALFORMED},
		{"no origin", 1, "n", "", 1, 1, 8, SIAGA_EMALFORMED},
		{"a member as origin", 1, "n", "a", 1, 1, 8, SIAGA_EMALFORMED},
		{"oseq 0", 1, "n", "a/b", 0, 1, 8, SIAGA_EMALFORMED},
		{"oseq 2^53", 1, "n", "a/b", SIAGA_OSEQ_MAX + 1, 1, 8, SIAGA_ELIMIT},
		{"a last oseq of 2^53", 1, "n", "a/b", SIAGA_OSEQ_MAX, 2, 8, SIAGA_ELIMIT},
		{"count 0", 1, "n", "a/b", 1, 0, 8, SIAGA_EMALFORMED},
		{"count 2 of one slot", 1, "n", "a/b", 1, 2, 8, SIAGA_EMALFORMED},
		{"count 1025", 1, "n", "a/b", 1, 1025, 8, SIAGA_ELIMIT},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rc = s_read_crafted (&cases[i]);
		if (rc != cases[i].error)
			fail_msg ("%s: got %s", cases[i].claim, siaga_error_id (rc));
	}
}

/* [2, head, signature, index, path, entry] with the parts given. */
static int
s_read_single (const struct sample *sample, uint64_t index, const uint8_t *path, size_t length,
	       struct siaga_bytes entry)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	siaga_writer_array (&writer, 6);
	siaga_writer_uint (&writer, SIAGA_BATCH_SINGLE);
	siaga_writer_bytes (&writer, sample->batch.head_bytes.data, sample->batch.head_bytes.size);
	siaga_writer_bytes (&writer, sample->batch.signature, SIAGA_SIGNATURE_BYTES);
	siaga_writer_uint (&writer, index);
	siaga_writer_array (&writer, length);
	for (size_t i = 0; i < length; i++)
		siaga_writer_bytes (&writer, path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
	siaga_writer_bytes (&writer, entry.data, entry.size);
	return siaga_batch_read ((struct siaga_bytes){s_buffer, writer.size}, &s_read);
}

static void
test_batch_single_form_holds_to_index_and_path_length (void **state)
{
	(void) state;
	uint8_t path[(SIAGA_PATH_MAX + 1) * SIAGA_HASH_BYTES] = {0};
	struct sample *sample = s_make (7);
	assert_int_equal (siaga_batch_read (s_single (sample, 6), &s_read), 0);
	assert_int_equal (s_read.path_length, 2); /* the last of seven has the shorter path */
	memcpy (path, s_read.path, 2 * SIAGA_HASH_BYTES);
	struct siaga_bytes entry = sample->entries[6];
	assert_int_equal (s_read_single (sample, 6, path, 2, entry), 0);
	assert_int_equal (s_read_single (sample, 6, path, 1, entry), SIAGA_EMALFORMED);
	assert_int_equal (s_read_single (sample, 6, path, 3, entry), SIAGA_EMALFORMED);
	assert_int_equal (s_read_single (sample, 6, path, SIAGA_PATH_MAX + 1, entry), SIAGA_ELIMIT);
	assert_int_equal (s_read_single (sample, 7, path, 2, entry), SIAGA_EMALFORMED);
	assert_int_equal (s_read_single (sample, 1024, path, 2, entry), SIAGA_ELIMIT);
	assert_int_equal (s_read_single (sample, 6, path, 2, sample->entries[5]), SIAGA_EROOT);
	assert_int_equal (s_read_single (sample, 6, path, 2, (struct siaga_bytes){path, 0}),
			  SIAGA_EMALFORMED);
}

static void
test_batch_with_two_entries_exchanged_has_another_root (void **state)
{
	(void) state;
	struct sample *sample = s_make (3);
	struct siaga_slot slot = sample->batch.slots[0];
	sample->batch.slots[0] = sample->batch.slots[1];
	sample->batch.slots[1] = slot;
	const bool shown[] = {true, true, true};
	assert_int_equal (siaga_batch_read (s_shown (sample, shown), &s_read), SIAGA_EROOT);
}

static void
test_batch_make_holds_to_every_limit (void **state)
{
	(void) state;
	static uint8_t large[SIAGA_ENTRY_MAX + 1];
	struct siaga_bytes entries[SIAGA_BATCH_ENTRIES_MAX + 1];
	struct sample *sample = s_make (1);
	struct siaga_batch_head head, before;
	struct siaga_writer writer;
	for (size_t i = 0; i <= SIAGA_BATCH_ENTRIES_MAX; i++)
		entries[i] = sample->entries[0];
	const struct {
		size_t count, first_size;
		uint64_t first_oseq;
		int error;
	} cases[] = {
		{0, 1, 1, SIAGA_ELIMIT},
		{1025, 1, 1, SIAGA_ELIMIT},
		{1, 0, 1, SIAGA_ELIMIT},
		{1, SIAGA_ENTRY_MAX, 1, 0},
		{1, SIAGA_ENTRY_MAX + 1, 1, SIAGA_ELIMIT},
		{1, 1, 0, SIAGA_ELIMIT},
		{2, 1, SIAGA_OSEQ_MAX - 1, 0},
		{2, 1, SIAGA_OSEQ_MAX, SIAGA_ELIMIT},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		entries[0] = (struct siaga_bytes){large, cases[i].first_size};
		make_head (&head, cases[i].first_oseq);
		before = head;
		siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
		assert_int_equal (siaga_batch_make (&writer, &head, entries, cases[i].count,
						    sample->sign_secret),
				  cases[i].error);
		if (cases[i].error) {
			assert_int_equal (writer.size, 0);
			assert_memory_equal (&head, &before, sizeof head);
		}
	}
}

static void
test_batch_over_60_KiB_is_neither_made_nor_read (void **state)
{
	(void) state;
	static uint8_t large[SIAGA_ENTRY_MAX];
	struct siaga_bytes entries[4];
	struct sample *sample = s_make (1);
	struct siaga_batch_head head;
	struct siaga_writer writer;
	size_t sizes = 0;
	for (size_t i = 0; i < 4; i++) {
		entries[i] = (struct siaga_bytes){large, i < 3 ? SIAGA_ENTRY_MAX : 1000};
		sizes += entries[i].size + SIAGA_SLOT_OVERHEAD;
	}
	entries[3].size += SIAGA_BATCH_MAX - sizes - SIAGA_BATCH_OVERHEAD;
	int rc = 0;
	size_t last_size = 0;
	for (; !rc; entries[3].size++) {
		make_head (&head, 1);
		siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
		rc = siaga_batch_make (&writer, &head, entries, 4, sample->sign_secret);
		last_size = writer.size ? writer.size : last_size;
	}
	assert_int_equal (rc, SIAGA_ELIMIT);
	assert_int_equal (last_size, SIAGA_BATCH_MAX);
	assert_int_equal (
		siaga_batch_read ((struct siaga_bytes){s_buffer, SIAGA_BATCH_MAX + 1}, &s_read),
		SIAGA_ELIMIT);
}

static void
test_batch_overheads_are_upper_bounds (void **state)
{
	(void) state;
	static char network[SIAGA_NETWORK_MAX + 1], origin[SIAGA_PRINCIPAL_MAX + 1];
	static uint8_t large[SIAGA_ENTRY_MAX];
	struct siaga_bytes entries[3];
	struct sample *sample = s_make (1);
	struct siaga_batch_head head;
	struct siaga_writer writer;
	memset (network, 'n', SIAGA_NETWORK_MAX);
	memset (origin, 'a', SIAGA_PRINCIPAL_MAX - 1);
	origin[31] = '/';
	for (size_t i = 0; i < 3; i++)
		entries[i] = (struct siaga_bytes){large, SIAGA_ENTRY_MAX};
	make_head (&head, SIAGA_OSEQ_MAX - 2);
	head.network = siaga_text (network);
	head.origin = siaga_text (origin);
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	assert_int_equal (siaga_batch_make (&writer, &head, entries, 3, sample->sign_secret), 0);
	assert_true (writer.size <=
		     3 * (SIAGA_ENTRY_MAX + SIAGA_SLOT_OVERHEAD) + SIAGA_BATCH_OVERHEAD);
	assert_int_equal (
		s_read_and_verify ((struct siaga_bytes){s_buffer, writer.size}, sample->sign),
		SIAGA_ENETWORK);
}

static void
test_log_leaf_is_the_leaf_of_accepted_and_batch_leaf (void **state)
{
	(void) state;
	uint8_t leaf[SIAGA_HASH_BYTES], hash[SIAGA_HASH_BYTES], expected[SIAGA_HASH_BYTES];
	uint8_t bytes[45] = {0x00, 0x82, 0x1b, 0x00, 0x06, 0x61, 0x01,
			     0x18, 0xd9, 0x00, 0x00, 0x58, 0x20};
	make_run (leaf, sizeof leaf, 0xa0);
	memcpy (bytes + 13, leaf, sizeof leaf);
	crypto_hash_sha256 (expected, bytes, sizeof bytes);
	siaga_log_leaf (hash, MAKE_TIME_US, leaf);
	assert_memory_equal (hash, expected, sizeof hash);
}

static void
test_head_hash_is_sha256_of_the_heads_bytes (void **state)
{
	(void) state;
	struct sample *sample = s_make (2);
	uint8_t hash[SIAGA_HASH_BYTES], expected[SIAGA_HASH_BYTES];
	siaga_head_hash (hash, sample->batch.head_bytes);
	crypto_hash_sha256 (expected, sample->batch.head_bytes.data, sample->batch.head_bytes.size);
	assert_memory_equal (hash, expected, sizeof hash);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_batch_full_form_reads_what_was_made),
		cmocka_unit_test (test_batch_root_is_that_of_rfc6962_over_the_leaves),
		cmocka_unit_test (test_batch_single_form_of_each_index_verifies_to_the_same_head),
		cmocka_unit_test (test_batch_with_hidden_slots_verifies_to_the_same_head),
		cmocka_unit_test (test_batch_shown_whole_is_the_received_bytes),
		cmocka_unit_test (test_batch_no_bit_of_either_form_may_flip),
		cmocka_unit_test (test_batch_cut_anywhere_is_malformed),
		cmocka_unit_test (test_batch_rejects_trailing_bytes),
		cmocka_unit_test (test_batch_of_another_network_key_or_signer_does_not_verify),
		cmocka_unit_test (test_batch_signature_of_another_purpose_does_not_verify),
		cmocka_unit_test (test_batch_head_with_one_thing_wrong_is_refused),
		cmocka_unit_test (test_batch_single_form_holds_to_index_and_path_length),
		cmocka_unit_test (test_batch_with_two_entries_exchanged_has_another_root),
		cmocka_unit_test (test_batch_make_holds_to_every_limit),
		cmocka_unit_test (test_batch_over_60_KiB_is_neither_made_nor_read),
		cmocka_unit_test (test_batch_overheads_are_upper_bounds),
		cmocka_unit_test (test_log_leaf_is_the_leaf_of_accepted_and_batch_leaf),
		cmocka_unit_test (test_head_hash_is_sha256_of_the_heads_bytes),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
