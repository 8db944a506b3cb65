/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roots that follow the pinned ones. A roster may announce the next roots; whoever adopts it, signed by enough of the
 * present and enough of the next, remembers them in the file `roster.roots` of its state directory, and only they
 * count from then on. As in TUF (specification section 5.3), so that no root has to be carried to every machine by
 * hand, and none that is retired can come back.
 *
 * The file also says which pins it follows from: whoever pins other roots in the configuration means it.
 */
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "common/roster_file.h"
#include "siaga/error.h"

#define ROOTS_NAME "roster.roots"
#define ROOTS_WORD "siaga-roster-roots-1"
#define ROOTS_FILE_MAX 2048 /* bytes */
#define KEY_BYTES (2 + 8 + SIAGA_KEY_BYTES)
#define KEY_TEXT sodium_base64_ENCODED_LEN (KEY_BYTES, sodium_base64_VARIANT_ORIGINAL)

bool
roster_check_root (const void *value, char reason[CONF_REASON_MAX])
{
	struct siaga_minisig_key key;

	if (siaga_minisig_key_read (siaga_text (value), &key) == 0)
		return true;
	snprintf (reason, CONF_REASON_MAX, "\"%.80s\" is not a minisign public key (RW…)",
		  (const char *) value);
	return false;
}

void
roster_root_text (const struct siaga_minisig_key *key, char out[ROSTER_ROOT_TEXT])
{
	uint8_t bytes[KEY_BYTES] = {'E', 'd'};

	_Static_assert(KEY_TEXT == ROSTER_ROOT_TEXT, "what siaga_minisig_key_read () reads");
	memcpy (bytes + 2, key->key_id, sizeof key->key_id);
	memcpy (bytes + 10, key->key, sizeof key->key);
	sodium_bin2base64 (out, ROSTER_ROOT_TEXT, bytes, sizeof bytes,
			   sodium_base64_VARIANT_ORIGINAL);
}

int
roster_roots_add (struct trust_roots *roots, struct siaga_text text)
{
	struct siaga_minisig_key *key = &roots->keys[roots->key_count];

	if (roots->key_count == SIAGA_ROOTS_MAX)
		return SIAGA_ELIMIT;
	if (siaga_minisig_key_read (text, key) != 0)
		return SIAGA_EFORMAT;
	for (size_t i = 0; i < roots->key_count; i++)
		if (memcmp (roots->keys[i].key, key->key, SIAGA_KEY_BYTES) == 0)
			return SIAGA_EEXISTS;
	roots->key_count++;
	return 0;
}

static int
s_compare_keys (const void *a, const void *b)
{
	return memcmp (a, b, sizeof (struct siaga_minisig_key));
}

/* The same for the same keys in any order and the same threshold. */
static void
s_hash_of (uint8_t hash[SIAGA_HASH_BYTES], const struct trust_roots *roots)
{
	struct trust_roots sorted;

	memset (&sorted, 0, sizeof sorted);
	sorted.threshold = roots->threshold;
	sorted.key_count = roots->key_count;
	memcpy (sorted.keys, roots->keys, sizeof sorted.keys[0] * roots->key_count);
	qsort (sorted.keys, sorted.key_count, sizeof sorted.keys[0], s_compare_keys);
	snprintf (sorted.network, sizeof sorted.network, "%s", roots->network);
	crypto_hash_sha256 (hash, (const uint8_t *) &sorted, sizeof sorted);
}

bool
roster_roots_same (const struct trust_roots *a, const struct trust_roots *b)
{
	uint8_t left[SIAGA_HASH_BYTES], right[SIAGA_HASH_BYTES];

	s_hash_of (left, a);
	s_hash_of (right, b);
	return memcmp (left, right, sizeof left) == 0;
}

bool
roster_next_roots (const struct siaga_roster *roster, const struct trust_roots *roots,
		   struct trust_roots *next)
{
	if (roster->next_root_count == 0)
		return false;
	*next = *roots;
	next->key_count = roster->next_root_count;
	next->threshold = roster->next_threshold;
	memcpy (next->keys, roster->next_roots, sizeof next->keys);
	return true;
}

static int
s_fail (struct conf_error *error, int status, const char *state_dir, const char *what)
{
	snprintf (error->words, sizeof error->words, "%.300s/" ROOTS_NAME ": %s: %s", state_dir,
		  what, siaga_strerror (status));
	return status;
}

static int
s_path (char out[PATH_MAX], const char *state_dir, struct conf_error *error)
{
	int length = snprintf (out, PATH_MAX, "%s/" ROOTS_NAME, state_dir);

	return length > 0 && length < PATH_MAX
		       ? 0
		       : s_fail (error, SIAGA_ELIMIT, state_dir, "name is too long");
}

/* "siaga-roster-roots-1 <hash of the pins> <threshold>\n", then a key on each line. */
static size_t
s_write_text (char out[ROOTS_FILE_MAX], const struct trust_roots *pinned,
	      const struct trust_roots *next)
{
	char hex[2 * SIAGA_HASH_BYTES + 1], key[ROSTER_ROOT_TEXT];
	uint8_t hash[SIAGA_HASH_BYTES];
	size_t size;

	s_hash_of (hash, pinned);
	siaga_hex (hex, hash, sizeof hash);
	size = (size_t) snprintf (out, ROOTS_FILE_MAX, ROOTS_WORD " %s %u\n", hex, next->threshold);
	for (size_t i = 0; i < next->key_count; i++) {
		roster_root_text (&next->keys[i], key);
		size += (size_t) snprintf (out + size, ROOTS_FILE_MAX - size, "%s\n", key);
	}
	return size;
}

/* Reads what s_write_text () wrote; `follows`: from these pins. */
static int
s_read_text (const char *text, const struct trust_roots *pinned, struct trust_roots *next,
	     bool *follows)
{
	char hex[2 * SIAGA_HASH_BYTES + 1], again[ROOTS_FILE_MAX];
	uint8_t hash[SIAGA_HASH_BYTES];
	int head = 0;

	if (sscanf (text, ROOTS_WORD " %64[0-9a-f] %u%n", hex, &next->threshold, &head) != 2)
		return SIAGA_EFORMAT;
	for (const char *at = text + head; *at == '\n' && at[1] != '\0'; at += ROSTER_ROOT_TEXT)
		if (strlen (at + 1) < ROSTER_ROOT_TEXT ||
		    roster_roots_add (next, (struct siaga_text){at + 1, ROSTER_ROOT_TEXT - 1}) != 0)
			return SIAGA_EFORMAT;
	if (next->threshold < 1 || next->threshold > next->key_count)
		return SIAGA_EFORMAT;
	s_write_text (again, pinned, next);
	s_hash_of (hash, pinned);
	*follows = strcmp (again, text) == 0;
	/* Of other pins: then all but their hash must be as we would write it. */
	memcpy (again + strlen (ROOTS_WORD " "), hex, strlen (hex));
	return strcmp (again, text) == 0 ? 0 : SIAGA_EFORMAT;
}

int
roster_roots_read (const char *state_dir, const struct trust_roots *pinned,
		   struct trust_roots *roots, struct conf_error *error)
{
	struct trust_roots next = *pinned;
	bool follows = false;
	char path[PATH_MAX];
	uint8_t *data;
	size_t size;
	int status = s_path (path, state_dir, error);

	*roots = *pinned;
	if (status != 0)
		return status;
	status = file_read (path, ROOTS_FILE_MAX - 1, &data, &size);
	if (status == SIAGA_ENOTFOUND)
		return 0;
	if (status != 0)
		return s_fail (error, status, state_dir, "cannot be read");
	next.key_count = 0;
	status = s_read_text ((const char *) data, pinned, &next, &follows);
	free (data);
	if (status != 0)
		return s_fail (error, status, state_dir, "is damaged");
	if (follows)
		*roots = next;
	return 0;
}

int
roster_roots_write (const char *state_dir, const struct trust_roots *pinned,
		    const struct trust_roots *roots, struct conf_error *error)
{
	char path[PATH_MAX], text[ROOTS_FILE_MAX];
	int status = s_path (path, state_dir, error);

	if (status == 0)
		status = file_replace (path, 0600, text, s_write_text (text, pinned, roots));
	return status != 0 ? s_fail (error, status, state_dir, "cannot be written") : 0;
}
