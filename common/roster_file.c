/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a roster: the text with its signatures as one bundle, and the small file that
 * remembers which roster was adopted last. Nothing here judges; roster_verify.c does.
 */
#include "common/roster_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/conf_value.h"
#include "common/file.h"
#include "siaga/error.h"

#define STATE_NAME "roster.state"
#define STATE_WORD "siaga-roster-state-1"
#define STATE_MAX 256 /* bytes */

/* The names of signature files in a directory. */
struct names {
	size_t count;
	char *items[ROSTER_SIGNATURE_FILES_MAX];
};

static int
s_fail (struct conf_error *error, int status, const char *path, const char *what)
{
	snprintf (error->words, sizeof error->words, "%.300s: %s: %s", path, what,
		  status == SIAGA_EIO && errno != 0 ? strerror (errno) : siaga_strerror (status));
	return status;
}

void
roster_bundle_finish (struct roster_bundle *self)
{
	for (size_t i = 0; i < self->signature_count; i++)
		free ((char *) self->signatures[i].data);
	free (self->text);
	memset (self, 0, sizeof *self);
}

static void
s_names_finish (struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free (names->items[i]);
	names->count = 0;
}

static int
s_compare_names (const void *a, const void *b)
{
	return strcmp (*(char *const *) a, *(char *const *) b);
}

/* `base`.minisig or `base`.*.minisig? */
static bool
s_is_signature_of (const char *name, const char *base)
{
	size_t size = strlen (name), base_size = strlen (base), end_size = strlen (".minisig");

	return size >= base_size + end_size && strncmp (name, base, base_size) == 0 &&
	       name[base_size] == '.' && strcmp (name + size - end_size, ".minisig") == 0;
}

static int
s_names_collect (struct names *names, DIR *directory, const char *base)
{
	const struct dirent *entry;

	while ((entry = readdir (directory)) != NULL) {
		if (!s_is_signature_of (entry->d_name, base))
			continue;
		if (names->count == ROSTER_SIGNATURE_FILES_MAX)
			return SIAGA_ELIMIT;
		names->items[names->count] = strdup (entry->d_name);
		if (names->items[names->count] == NULL)
			return SIAGA_ENOMEM;
		names->count++;
	}
	qsort (names->items, names->count, sizeof *names->items, s_compare_names);
	return 0;
}

/* The path of a file `name` beside `path`; false when too long. */
static bool
s_beside (char out[PATH_MAX], const char *path, const char *name)
{
	int length = snprintf (out, PATH_MAX, "%.*s%s", (int) conf_directory (path), path, name);

	return length > 0 && length < PATH_MAX;
}

static int
s_names_read (struct names *names, const char *path)
{
	char place[PATH_MAX];
	DIR *directory;
	int status;

	names->count = 0;
	if (!s_beside (place, path, "."))
		return SIAGA_ELIMIT;
	directory = opendir (place);
	if (directory == NULL)
		return errno == ENOENT ? SIAGA_ENOTFOUND : SIAGA_EIO;
	status = s_names_collect (names, directory, path + conf_directory (path));
	closedir (directory);
	if (status != 0)
		s_names_finish (names);
	return status;
}

static int
s_bundle_read_signatures (struct roster_bundle *self, const char *path, const struct names *names,
			  struct conf_error *error)
{
	char place[PATH_MAX];
	uint8_t *data;
	size_t size;
	int status;

	for (size_t i = 0; i < names->count; i++) {
		if (!s_beside (place, path, names->items[i]))
			return s_fail (error, SIAGA_ELIMIT, path, "name is too long");
		status = file_read (place, ROSTER_SIGNATURE_TEXT_MAX, &data, &size);
		if (status != 0)
			return s_fail (error, status, place, "cannot be read");
		self->signatures[self->signature_count++] =
			(struct siaga_text){(char *) data, size};
	}
	return 0;
}

int
roster_bundle_read (struct roster_bundle *self, const char *path, struct conf_error *error)
{
	struct names names;
	int status;

	memset (self, 0, sizeof *self);
	error->words[0] = '\0';
	status = file_read (path, SIAGA_ROSTER_MAX, &self->text, &self->size);
	if (status != 0)
		return s_fail (error, status, path, "cannot be read");
	status = s_names_read (&names, path);
	if (status != 0)
		s_fail (error, status, path, "its signatures cannot be listed");
	else
		status = s_bundle_read_signatures (self, path, &names, error);
	s_names_finish (&names);
	if (status != 0)
		roster_bundle_finish (self);
	return status;
}

static void *
s_copy_of (const void *data, size_t size)
{
	void *copy = malloc (size + 1);

	if (copy != NULL && size > 0)
		memcpy (copy, data, size);
	return copy;
}

int
roster_bundle_copy (struct roster_bundle *self, struct siaga_bytes text,
		    const struct siaga_text *signatures, size_t signature_count)
{
	memset (self, 0, sizeof *self);
	if (text.size > SIAGA_ROSTER_MAX || signature_count > ROSTER_SIGNATURES_MAX)
		return SIAGA_ELIMIT;
	self->text = s_copy_of (text.data, text.size);
	self->size = text.size;
	for (size_t i = 0; self->text != NULL && i < signature_count; i++) {
		char *copy = signatures[i].size <= ROSTER_SIGNATURE_TEXT_MAX
				     ? s_copy_of (signatures[i].data, signatures[i].size)
				     : NULL;

		if (copy == NULL)
			break;
		self->signatures[self->signature_count++] =
			(struct siaga_text){copy, signatures[i].size};
	}
	if (self->text != NULL && self->signature_count == signature_count)
		return 0;
	for (size_t i = 0; i < signature_count; i++)
		if (signatures[i].size > ROSTER_SIGNATURE_TEXT_MAX) {
			roster_bundle_finish (self);
			return SIAGA_ELIMIT;
		}
	roster_bundle_finish (self);
	return SIAGA_ENOMEM;
}

/* The name of the i-th new signature: `base`.<start of the roster's hash>-<i>.minisig. */
static bool
s_signature_name (char out[NAME_MAX + 1], const char *path, const uint8_t sha256[SIAGA_HASH_BYTES],
		  size_t i)
{
	char hex[17];
	int length;

	siaga_hex (hex, sha256, 8);
	length = snprintf (out, NAME_MAX + 1, "%s.%s-%zu.minisig", path + conf_directory (path),
			   hex, i);
	return length > 0 && length <= NAME_MAX;
}

static int
s_write_signatures (const struct roster_bundle *self, const char *path,
		    const uint8_t sha256[SIAGA_HASH_BYTES], struct conf_error *error)
{
	char place[PATH_MAX], name[NAME_MAX + 1];
	int status = 0;

	for (size_t i = 0; i < self->signature_count && status == 0; i++) {
		if (!s_signature_name (name, path, sha256, i) || !s_beside (place, path, name))
			return s_fail (error, SIAGA_ELIMIT, path, "name is too long");
		status = file_replace (place, 0644, self->signatures[i].data,
				       self->signatures[i].size);
		if (status != 0)
			s_fail (error, status, place, "cannot be written");
	}
	return status;
}

/* Removes the signatures beside `path` that s_write_signatures () did not make. A file that stays
   does no harm. */
static void
s_remove_old_signatures (const struct roster_bundle *self, const char *path,
			 const uint8_t sha256[SIAGA_HASH_BYTES])
{
	char place[PATH_MAX], name[NAME_MAX + 1];
	struct names names;

	if (s_names_read (&names, path) != 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		bool is_new = false;

		for (size_t k = 0; k < self->signature_count && !is_new; k++)
			is_new = s_signature_name (name, path, sha256, k) &&
				 strcmp (name, names.items[i]) == 0;
		if (!is_new && s_beside (place, path, names.items[i]))
			unlink (place);
	}
	s_names_finish (&names);
}

int
roster_bundle_write (const struct roster_bundle *self, const char *path, struct conf_error *error)
{
	uint8_t sha256[SIAGA_HASH_BYTES];
	int status;

	error->words[0] = '\0';
	crypto_hash_sha256 (sha256, self->text, self->size);
	status = s_write_signatures (self, path, sha256, error);
	if (status != 0)
		return status;
	status = file_replace (path, 0644, self->text, self->size);
	if (status != 0)
		return s_fail (error, status, path, "cannot be written");
	s_remove_old_signatures (self, path, sha256);
	return 0;
}

static int
s_state_path (char out[PATH_MAX], const char *state_dir, struct conf_error *error)
{
	int length = snprintf (out, PATH_MAX, "%s/" STATE_NAME, state_dir);

	return length > 0 && length < PATH_MAX
		       ? 0
		       : s_fail (error, SIAGA_ELIMIT, state_dir, "name is too long");
}

/* "siaga-roster-state-1 <serial> <SHA-256 in hex>\n" */
static int
s_state_parse (const char *text, struct roster_state *state)
{
	char again[STATE_MAX], hex[2 * SIAGA_HASH_BYTES + 1];
	struct roster_state read;

	if (sscanf (text, STATE_WORD " %" SCNu64 " %64[0-9a-f]", &read.serial, hex) != 2 ||
	    siaga_hex_parse (read.sha256, sizeof read.sha256, siaga_text (hex)) != 0)
		return SIAGA_EFORMAT;
	snprintf (again, sizeof again, STATE_WORD " %" PRIu64 " %s\n", read.serial, hex);
	if (strcmp (again, text) != 0)
		return SIAGA_EFORMAT;
	*state = read;
	return 0;
}

int
roster_state_read (const char *state_dir, struct roster_state *state, struct conf_error *error)
{
	char path[PATH_MAX];
	uint8_t *data;
	size_t size;
	int status = s_state_path (path, state_dir, error);

	if (status != 0)
		return status;
	status = file_read (path, STATE_MAX, &data, &size);
	if (status == SIAGA_ENOTFOUND) {
		memset (state, 0, sizeof *state);
		return 0;
	}
	if (status != 0)
		return s_fail (error, status, path, "cannot be read");
	status = s_state_parse ((const char *) data, state);
	free (data);
	return status != 0 ? s_fail (error, status, path, "is damaged") : 0;
}

bool
roster_state_is (const struct roster_state *state, const uint8_t sha256[SIAGA_HASH_BYTES])
{
	return state->serial != 0 && memcmp (state->sha256, sha256, SIAGA_HASH_BYTES) == 0;
}

static int
s_state_write (const char *state_dir, const struct siaga_roster *roster, struct conf_error *error)
{
	char path[PATH_MAX], text[STATE_MAX], hex[2 * SIAGA_HASH_BYTES + 1];
	int status = s_state_path (path, state_dir, error);

	if (status != 0)
		return status;
	siaga_hex (hex, roster->sha256, sizeof roster->sha256);
	snprintf (text, sizeof text, STATE_WORD " %" PRIu64 " %s\n", roster->serial, hex);
	status = file_replace (path, 0600, text, strlen (text));
	return status != 0 ? s_fail (error, status, path, "cannot be written") : 0;
}

int
roster_adopt_check (const char *state_dir, const struct siaga_roster *roster,
		    struct conf_error *error)
{
	struct roster_state state;
	int status;

	error->words[0] = '\0';
	status = roster_state_read (state_dir, &state, error);
	if (status != 0 || roster_state_is (&state, roster->sha256) ||
	    roster->serial > state.serial)
		return status;
	snprintf (error->words, sizeof error->words,
		  "roster: serial %" PRIu64 " %s than the serial %" PRIu64
		  " adopted before (%.200s/%s)",
		  roster->serial, roster->serial == state.serial ? "has other bytes" : "is older",
		  state.serial, state_dir, STATE_NAME);
	return SIAGA_EROLLBACK;
}

int
roster_adopt (const char *state_dir, const struct siaga_roster *roster, struct conf_error *error)
{
	struct roster_state state;
	int status = roster_adopt_check (state_dir, roster, error);

	if (status == 0)
		status = roster_state_read (state_dir, &state, error);
	if (status != 0 || roster_state_is (&state, roster->sha256))
		return status;
	return s_state_write (state_dir, roster, error);
}
