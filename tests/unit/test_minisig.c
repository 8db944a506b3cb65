/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Minisign signatures of both kinds, made here by the stock minisign: what it verifies we do, and
 * nothing that was changed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "roster_fixture.h"
#include "siaga/error.h"

#define COMMENT "siaga roster network=pemilu-2024 serial=7"

/* One file, its key, and its signature of one kind. */
struct signed_file {
	struct siaga_minisig_key key;
	uint8_t *data;
	size_t size;
	char *text; /* of the signature */
	size_t text_size;
};

static const char *const kinds[] = {"", "-l"}; /* prehashed is the default since 0.10; legacy */
static struct signed_file files[2];

static int
make_files (void **state)
{
	static char directory[64];

	*state = directory;
	fixture_enter (directory);
	fixture_write ("file", "serial = 7;\n");
	for (size_t i = 0; i < 2; i++) {
		files[i].key = fixture_root ("root");
		if (fixture_run ("minisign -S %s -W -s root.key -m file -x sig -t '%s'", kinds[i],
				 COMMENT) != 0 ||
		    fixture_run ("minisign -V %s -p root.pub -m file -x sig", i == 0 ? "-H" : "") !=
			    0 ||
		    file_read ("file", 4096, &files[i].data, &files[i].size) != 0 ||
		    file_read ("sig", 4096, (uint8_t **) &files[i].text, &files[i].text_size) != 0)
			return -1;
	}
	return 0;
}

static int
free_files (void **state)
{
	fixture_leave (*state);
	for (size_t i = 0; i < 2; i++) {
		free (files[i].data);
		free (files[i].text);
	}
	return 0;
}

static int
verify (const struct signed_file *file, const char *text, size_t size, struct siaga_minisig *sig)
{
	int error = siaga_minisig_read ((struct siaga_text){text, size}, sig);

	return error != 0 ? error
			  : siaga_minisig_verify (sig, &file->key,
						  (struct siaga_bytes){file->data, file->size});
}

static void
test_minisig_both_kinds_verify (void **state)
{
	struct siaga_minisig sig;

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal (verify (&files[i], files[i].text, files[i].text_size, &sig), 0);
		assert_memory_equal (sig.kind, i == 0 ? "ED" : "Ed", 2);
		assert_string_equal (sig.trusted_comment, COMMENT);
	}
}

static void
test_minisig_refuses_every_flipped_bit (void **state)
{
	struct siaga_minisig sig;

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		char *text = files[i].text;
		size_t start = (size_t) (strchr (text, '\n') - text) + 1;

		for (size_t at = start; at + 1 < files[i].text_size; at++)
			for (unsigned bit = 0; bit < 8; bit++) {
				text[at] = (char) (text[at] ^ 1 << bit);
				assert_int_not_equal (
					verify (&files[i], text, files[i].text_size, &sig), 0);
				text[at] = (char) (text[at] ^ 1 << bit);
			}
	}
}

static void
test_minisig_refuses_every_changed_byte_of_the_file (void **state)
{
	struct siaga_minisig sig;

	(void) state;
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at < files[i].size; at++) {
			files[i].data[at] ^= 1;
			assert_int_equal (
				verify (&files[i], files[i].text, files[i].text_size, &sig),
				SIAGA_ESIGNATURE);
			files[i].data[at] ^= 1;
		}
}

static void
test_minisig_refuses_every_truncation (void **state)
{
	struct siaga_minisig sig;

	(void) state;
	for (size_t size = 0; size + 1 < files[0].text_size; size++)
		assert_int_not_equal (verify (&files[0], files[0].text, size, &sig), 0);
}

static void
test_minisig_of_another_key_is_unknown (void **state)
{
	struct siaga_minisig sig;
	struct siaga_minisig_key forged = files[1].key;
	struct siaga_bytes data = {files[0].data, files[0].size};

	(void) state;
	assert_int_equal (
		siaga_minisig_read ((struct siaga_text){files[0].text, files[0].text_size}, &sig),
		0);
	assert_int_equal (siaga_minisig_verify (&sig, &files[1].key, data), SIAGA_EUNKNOWN);
	memcpy (forged.key_id, files[0].key.key_id, sizeof forged.key_id);
	assert_int_equal (siaga_minisig_verify (&sig, &forged, data), SIAGA_ESIGNATURE);
}

static void
test_minisig_one_kind_does_not_pass_for_the_other (void **state)
{
	struct siaga_minisig sig;
	struct siaga_bytes data = {files[0].data, files[0].size};

	(void) state;
	assert_int_equal (
		siaga_minisig_read ((struct siaga_text){files[0].text, files[0].text_size}, &sig),
		0);
	sig.kind[1] = 'd';
	assert_int_equal (siaga_minisig_verify (&sig, &files[0].key, data), SIAGA_ESIGNATURE);
}

static void
test_minisig_key_reads_a_line_or_a_file (void **state)
{
	struct siaga_minisig_key key, again;
	uint8_t *data;
	char *line;
	size_t size;

	(void) state;
	assert_int_equal (file_read ("root.pub", 4096, &data, &size), 0);
	assert_int_equal (siaga_minisig_key_read ((struct siaga_text){(char *) data, size}, &key),
			  0);
	line = strchr ((char *) data, '\n') + 1;
	assert_int_equal (siaga_minisig_key_read (siaga_text (line), &again), 0);
	assert_memory_equal (&key, &again, sizeof key);
	line[strcspn (line, "\n")] = '\0';
	assert_int_equal (siaga_minisig_key_read (siaga_text (line), &again), 0);
	assert_memory_equal (&key, &again, sizeof key);
	line[strlen (line) - 1] = '\0';
	assert_int_equal (siaga_minisig_key_read (siaga_text (line), &again), SIAGA_EFORMAT);
	assert_int_equal (siaga_minisig_key_read (siaga_text (""), &again), SIAGA_EFORMAT);
	/* "Ed", a key id, and the all-zero key */
	assert_int_equal (
		siaga_minisig_key_read (
			siaga_text ("RWQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
			&again),
		SIAGA_EWEAKKEY);
	free (data);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_minisig_both_kinds_verify),
		cmocka_unit_test (test_minisig_refuses_every_flipped_bit),
		cmocka_unit_test (test_minisig_refuses_every_changed_byte_of_the_file),
		cmocka_unit_test (test_minisig_refuses_every_truncation),
		cmocka_unit_test (test_minisig_of_another_key_is_unknown),
		cmocka_unit_test (test_minisig_one_kind_does_not_pass_for_the_other),
		cmocka_unit_test (test_minisig_key_reads_a_line_or_a_file),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	return siaga_crypto_init () != 0 ||
	       cmocka_run_group_tests (tests, make_files, free_files) != 0;
}
