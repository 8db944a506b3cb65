/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hub must not sign two logs under one id. What it signed last stands outside the database, so a database that was put
 * back is found out, whoever put it back and however; then the same entries go on as a new log (log_settle.h).
 */
#include "hub/log_settle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/bundle.h"
#include "common/file.h"
#include "common/log.h"
#include "siaga/checkpoint.h"
#include "siaga/error.h"
#include "siaga/names.h"

/* What was signed last: 0, SIAGA_ENOTFOUND, SIAGA_EFORMAT (no checkpoint of this hub's), or an error with words. */
static int
s_read_file (const struct siaga_roster *roster, const char *path,
	     struct siaga_checkpoint *checkpoint, char words[256])
{
	uint8_t *data;
	size_t size;

	int error = file_read (path, SIAGA_CHECKPOINT_MAX, &data, &size);
	if (error == SIAGA_ELIMIT)
		return SIAGA_EFORMAT;
	if (error && error != SIAGA_ENOTFOUND)
		snprintf (words, 256, "%.150s: %.90s", path,
			  error == SIAGA_EIO ? strerror (errno) : siaga_strerror (error));
	if (error)
		return error;
	/* By any key that the roster ever gave the hub: good at 0, whatever became of it. */
	error = bundle_check_note (roster, (struct siaga_text){(const char *) data, size}, 0,
				   checkpoint);
	free (data);
	return error ? SIAGA_EFORMAT : 0;
}

/* Of this log's id: does the journal have all of it? */
static int
s_compare (struct journal *writer, const struct siaga_checkpoint *told, char reason[256],
	   uint64_t *common)
{
	uint64_t head = writer->ops->head (writer);
	uint8_t root[SIAGA_HASH_BYTES];

	*common = head;
	if (told->size > head) {
		snprintf (reason, 256,
			  "it ends at %" PRIu64 ", but a checkpoint of %" PRIu64
			  " entries was signed",
			  head, told->size);
		return 0;
	}
	int error = writer->ops->root (writer, told->size, root);
	if (error || memcmp (root, told->root, sizeof root) == 0)
		return error;
	*common = 0; /* they part somewhere */
	snprintf (reason, 256, "its first %" PRIu64 " entries are not those that were signed",
		  told->size);
	return 0;
}

/* Why the journal can't go on as the log it is; empty: it can. */
static int
s_judge (struct journal *writer, const struct siaga_checkpoint *told, char reason[256],
	 uint64_t *common)
{
	const struct journal_ops *ops = writer->ops;
	uint8_t former[SIAGA_LOG_ID_BYTES];
	uint64_t size;

	if (memcmp (told->log_id, ops->log_id (writer), SIAGA_LOG_ID_BYTES) == 0)
		return s_compare (writer, told, reason, common);
	/* It became a new log, and was stopped before that log's first checkpoint. */
	if (ops->former (writer, former, &size) == 0 &&
	    memcmp (former, told->log_id, sizeof former) == 0)
		return 0;
	if (ops->head (writer) == 0) {
		log_warn ("log-new",
			  "the journal is empty, but a log of %" PRIu64 " entries was here before",
			  told->size);
		return journal_follow_log (writer, told->log_id);
	}
	snprintf (reason, 256, "the last checkpoint that was signed is another log's");
	return 0;
}

static int
s_begin_log (struct journal *writer, const char *reason, uint64_t common)
{
	char id[2 * SIAGA_LOG_ID_BYTES + 1];
	uint8_t former[SIAGA_LOG_ID_BYTES];

	memcpy (former, writer->ops->log_id (writer), sizeof former);
	int error = journal_begin_log (writer, former, common);
	if (error)
		return error;
	siaga_hex (id, writer->ops->log_id (writer), SIAGA_LOG_ID_BYTES);
	log_error ("log-begun",
		   "the journal does not continue the log it was: %s; it goes on as the new log %s "
		   "from entry %" PRIu64 ", and agents send what is missing again",
		   reason, id, writer->ops->head (writer));
	return 0;
}

int
log_settle (struct journal *writer, const struct siaga_roster *roster, const char *path,
	    char words[256])
{
	struct siaga_checkpoint told;
	char reason[256] = "", note[SIAGA_CHECKPOINT_MAX];
	uint64_t common = writer->ops->head (writer);
	size_t size;

	words[0] = '\0';
	int error = s_read_file (roster, path, &told, words);
	if (error == SIAGA_EFORMAT) {
		snprintf (reason, sizeof reason, "%.200s is no checkpoint of this hub's", path);
		error = 0;
	} else if (error == SIAGA_ENOTFOUND) {
		if (writer->ops->note (writer, note, &size) == 0)
			log_warn ("checkpoint-missing",
				  "%s is not there: whether the journal is the newest is not known",
				  path);
		error = 0;
	} else if (!error) {
		error = s_judge (writer, &told, reason, &common);
	}
	if (!error && !reason[0] && journal_was_restored (writer))
		snprintf (reason, sizeof reason, "it was put back from a backup");
	if (!error && reason[0])
		error = s_begin_log (writer, reason, common);
	if (error && !words[0])
		snprintf (words, 256, "%.200s", siaga_strerror (error));
	return error;
}
