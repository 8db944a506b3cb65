/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See audit.h. Need to know is not touched: only hashes are asked for, 32 bytes an entry of the log.
 */
#include "cli/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/audit_own.h"
#include "cli/cmd.h"
#include "cli/cursor.h"
#include "cli/say.h"
#include "common/bundle.h"
#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

struct audit {
	struct settings *settings;
	const struct options_common *common;
	struct siaga_checkpoint checkpoint;
	char note[SIAGA_CHECKPOINT_MAX]; /* it, as the hub signed it */
	size_t note_size;
	uint8_t *leaves; /* checkpoint.size of them */
	uint64_t found;
	uint64_t elsewhere; /* of other logs */
	uint64_t later;	    /* not yet covered */
	uint64_t wrong;
	struct audit_own own;
};

/* --- the hub's part -------------------------------------------------------------------------------------- */

static int
s_fetch_checkpoint (struct audit *self)
{
	struct siaga_query query = {.what = SIAGA_QUERY_CHECKPOINT};
	struct asked asked;

	int status = ask_run (self->settings, self->common, &query, &asked);
	if (status)
		return status;
	struct siaga_bytes bytes = answer_bytes (&asked.answer);
	struct siaga_text note = {(const char *) bytes.data, bytes.size};
	int error = bundle_check_note (self->settings->trust.roster, note, clock_now_us (),
				       &self->checkpoint);
	if (!error) {
		memcpy (self->note, note.data, note.size);
		self->note_size = note.size;
	}
	answer_finish (&asked.answer);
	if (error)
		say ("the hub's checkpoint does not verify: %s", siaga_strerror (error));
	return error ? CMD_REFUSED : CMD_OK;
}

/* What is fetched is bounded by the size that the hub signed. */
static int
s_fetch_leaves (struct audit *self, uint64_t from, uint64_t *got)
{
	struct siaga_query query = {.what = SIAGA_QUERY_LEAVES, .has_number = true, .number = from};
	struct asked asked;

	int status = ask_run (self->settings, self->common, &query, &asked);
	if (status)
		return status;
	struct siaga_bytes bytes = answer_bytes (&asked.answer);
	uint64_t left = self->checkpoint.size - from, count = bytes.size / SIAGA_HASH_BYTES;
	if (bytes.size % SIAGA_HASH_BYTES != 0 || count == 0) {
		say ("the hub's answer is malformed");
		status = CMD_REFUSED;
	} else {
		*got = count < left ? count : left;
		memcpy (self->leaves + from * SIAGA_HASH_BYTES, bytes.data,
			(size_t) *got * SIAGA_HASH_BYTES);
	}
	answer_finish (&asked.answer);
	return status;
}

static int
s_fetch (struct audit *self)
{
	uint64_t got = 0;

	int status = s_fetch_checkpoint (self);
	if (status)
		return status;
	self->leaves = calloc (self->checkpoint.size + 1, SIAGA_HASH_BYTES);
	if (!self->leaves) {
		say ("no memory for the hashes of %" PRIu64 " entries", self->checkpoint.size);
		return CMD_INTERNAL;
	}
	for (uint64_t at = 0; !status && at < self->checkpoint.size; at += got)
		status = s_fetch_leaves (self, at, &got);
	return status;
}

static int
s_check_root (struct audit *self)
{
	uint8_t root[SIAGA_HASH_BYTES];

	siaga_merkle_root (root, self->leaves, self->checkpoint.size);
	if (memcmp (root, self->checkpoint.root, sizeof root) == 0)
		return CMD_OK;
	say ("the hub's hashes do not make the root it signed: keep this checkpoint and tell the others");
	return CMD_REFUSED;
}

/* The checkpoint of the last audit, in the state directory: its log must still be the beginning of this one. */
static int
s_check_last (struct audit *self, const char *path)
{
	struct siaga_checkpoint last;
	uint8_t *data, root[SIAGA_HASH_BYTES];
	size_t size;

	int error = file_read (path, SIAGA_CHECKPOINT_MAX, &data, &size);
	if (error == SIAGA_ENOTFOUND)
		return CMD_OK;
	if (!error) {
		struct siaga_text note = {(const char *) data, size};
		error = bundle_check_note (self->settings->trust.roster, note, 0, &last);
		free (data);
	}
	if (error) {
		say ("%s: cannot be compared with: %s", path, siaga_strerror (error));
		return CMD_DATA;
	}
	if (memcmp (last.log_id, self->checkpoint.log_id, sizeof last.log_id) != 0) {
		say ("the log is another one than at the last audit: siaga log --kind system says why");
		return CMD_OK;
	}
	if (last.size <= self->checkpoint.size) {
		siaga_merkle_root (root, self->leaves, last.size);
		if (memcmp (root, last.root, sizeof root) == 0)
			return CMD_OK;
	}
	say ("the hub signed two logs under one id: this one, and that of %s; keep both and tell "
	     "the others",
	     path);
	return CMD_REFUSED;
}

static int
s_remember (struct audit *self, const char *path)
{
	int error = file_replace (path, 0600, self->note, self->note_size);

	if (error)
		say ("%s: %s", path, say_file_error (error));
	return error ? CMD_IO : CMD_OK;
}

/* --- our part --------------------------------------------------------------------------------------------- */

/* One line: its cursor has the leaf that was delivered at next - 1. */
static bool
s_take_line (struct audit *self, const char *line, size_t size)
{
	struct siaga_cursor cursor;
	json_t *object = json_loadb (line, size, 0, NULL);
	const char *text = json_string_value (json_object_get (object, "cursor"));
	bool ours = text && cursor_parse (siaga_text (text), &cursor) == 0;

	json_decref (object);
	if (!ours || !cursor.has_mark || cursor.next == 0)
		return false;
	if (memcmp (cursor.log_id, self->checkpoint.log_id, sizeof cursor.log_id) != 0) {
		self->elsewhere++;
	} else if (cursor.next > self->checkpoint.size) {
		self->later++;
	} else if (memcmp (self->leaves + (cursor.next - 1) * SIAGA_HASH_BYTES, cursor.mark,
			   SIAGA_HASH_BYTES) == 0) {
		self->found++;
	} else {
		self->wrong++;
		say ("entry %" PRIu64 " is not what was delivered", cursor.next - 1);
	}
	return true;
}

static int
s_take_file (struct audit *self, const char *path)
{
	FILE *in = fopen (path, "r");
	char *line = NULL;
	size_t capacity = 0;
	uint64_t number = 0;
	int status = CMD_OK;

	if (!in) {
		say ("%s: %s", path, strerror (errno));
		return CMD_NOINPUT;
	}
	for (ssize_t size; !status && (size = getline (&line, &capacity, in)) > 0;) {
		number++;
		/* A half last line was never delivered. */
		if (line[size - 1] != '\n' || s_take_line (self, line, (size_t) size))
			continue;
		say ("%s: line %" PRIu64 " is not one of siaga watch --out", path, number);
		status = CMD_DATA;
	}
	free (line);
	fclose (in);
	return status;
}

static int
s_check_own (struct audit *self)
{
	self->own = (struct audit_own){.settings = self->settings,
				       .common = self->common,
				       .checkpoint = &self->checkpoint,
				       .leaves = self->leaves};
	int status = audit_own_run (&self->own);
	self->wrong += self->own.wrong;
	return status;
}

static void
s_say (const struct audit *self, const char *file)
{
	char log_id[2 * SIAGA_LOG_ID_BYTES + 1];

	siaga_hex (log_id, self->checkpoint.log_id, SIAGA_LOG_ID_BYTES);
	printf ("audited: the %" PRIu64 " entries of the log %s make the root that the hub signed",
		self->checkpoint.size, log_id);
	if (file)
		printf ("; of those in %s, %" PRIu64 " are at their numbers, %" PRIu64
			" are newer than the checkpoint, %" PRIu64 " are of other logs",
			file, self->found, self->later, self->elsewhere);
	if (self->own.found + self->own.later > 0)
		printf ("; of ours, %" PRIu64 " are at their numbers and %" PRIu64
			" are newer than the checkpoint",
			self->own.found, self->own.later);
	putchar ('\n');
}

int
audit_run (struct settings *settings, const struct options_common *common, const char *file)
{
	struct audit self = {.settings = settings, .common = common};

	char *last = settings_state_path (settings, "audited");
	int status = last ? s_fetch (&self) : CMD_INTERNAL;
	if (!status)
		status = s_check_root (&self);
	if (!status)
		status = s_check_last (&self, last);
	if (!status && file)
		status = s_take_file (&self, file);
	if (!status)
		status = s_check_own (&self);
	if (!status && self.wrong > 0)
		status = CMD_REFUSED;
	if (!status)
		status = s_remember (&self, last);
	if (!status)
		s_say (&self, file);
	free (last);
	free (self.leaves);
	return status;
}
