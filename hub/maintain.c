/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator does with a journal as a whole (maintain.h). A backup is copied from one snapshot: the hub goes on
 * writing meanwhile, and only its WAL grows. A backup is checked in full before it takes a journal's place.
 */
#include "hub/maintain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/bundle.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "hub/core_process.h"
#include "hub/journal_sqlite.h"
#include "hub/journal_verify.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define BACKUP_NICE 10
#define PATH_MAX_BYTES 4096
#define KEPT_NAMES 1024 /* tried for a former journal */

struct maintain {
	char path[PATH_MAX_BYTES];
	char checkpoint[PATH_MAX_BYTES];
	struct trust trust;
	char words[256];
};

static int
s_status_of (int error)
{
	switch (error) {
	case 0:
		return EX_OK;
	case SIAGA_ENOTFOUND:
		return EX_NOINPUT;
	case SIAGA_EFORMAT:
	case SIAGA_EROOT:
	case SIAGA_ESIGNATURE:
		return EX_DATAERR;
	case SIAGA_EEXISTS:
		return EX_CANTCREAT;
	case SIAGA_ELOCKED:
		return EX_TEMPFAIL;
	default:
		return EX_IOERR;
	}
}

static int
s_fail (struct maintain *self, const char *id, int error)
{
	log_error (id, "%s", self->words[0] ? self->words : siaga_strerror (error));
	return s_status_of (error);
}

/* The roster as the hub would take it; nothing is written. */
static bool
s_begin (struct maintain *self, const struct hub_conf *conf)
{
	struct conf_error error = {""};

	memset (self, 0, sizeof *self);
	core_paths (conf, self->path, self->checkpoint);
	if (trust_check (&self->trust, &conf->trust, conf->state, clock_now_us (), &error) == 0)
		return true;
	log_error ("trust", "%s", error.words);
	return false;
}

/* --- verify ------------------------------------------------------------------------------------------- */

/* Does a signed note agree with the journal? 0, SIAGA_EFORMAT with words, or an error. */
static int
s_check_note (struct maintain *self, struct journal *journal, struct siaga_text note,
	      const char *where, uint64_t *size)
{
	struct siaga_checkpoint checkpoint;
	uint8_t root[SIAGA_HASH_BYTES], former[SIAGA_LOG_ID_BYTES];
	uint64_t common;

	*size = 0;
	if (bundle_check_note (self->trust.roster, note, 0, &checkpoint) != 0) {
		snprintf (self->words, 256, "%.150s: no checkpoint of this hub's", where);
		return SIAGA_EFORMAT;
	}
	/* The file is still the former log's until this one has a checkpoint. */
	if (journal->ops->former (journal, former, &common) == 0 &&
	    memcmp (former, checkpoint.log_id, sizeof former) == 0)
		return 0;
	if (memcmp (checkpoint.log_id, journal->ops->log_id (journal), SIAGA_LOG_ID_BYTES) != 0 ||
	    journal->ops->root (journal, checkpoint.size, root) != 0 ||
	    memcmp (root, checkpoint.root, sizeof root) != 0) {
		snprintf (self->words, 256,
			  "%.120s: the checkpoint of %" PRIu64
			  " entries is not of this journal, or of more than it has",
			  where, checkpoint.size);
		return SIAGA_EFORMAT;
	}
	*size = checkpoint.size;
	return 0;
}

/* The one in the journal, and for the hub's own journal the one in the file. */
static int
s_check_notes (struct maintain *self, struct journal *journal, bool has_file, uint64_t *signed_size)
{
	char note[SIAGA_CHECKPOINT_MAX];
	uint8_t *data;
	size_t size;
	uint64_t of_file = 0;

	*signed_size = 0;
	int error = journal->ops->note (journal, note, &size);
	if (!error)
		error = s_check_note (self, journal, (struct siaga_text){note, size},
				      "the journal's checkpoint", signed_size);
	else if (error == SIAGA_ENOTFOUND)
		error = 0;
	if (error || !has_file)
		return error;
	error = file_read (self->checkpoint, SIAGA_CHECKPOINT_MAX, &data, &size);
	if (error == SIAGA_ENOTFOUND)
		return 0;
	if (error)
		return error;
	error = s_check_note (self, journal, (struct siaga_text){(const char *) data, size},
			      self->checkpoint, &of_file);
	free (data);
	if (of_file > *signed_size)
		*signed_size = of_file;
	return error;
}

/* All of a journal or a backup, opened to read or to keep; `report` is filled in. */
static int
s_verify (struct maintain *self, const char *path, enum journal_mode mode, bool has_file,
	  struct journal_report *report, uint64_t *signed_size)
{
	struct journal *journal = NULL;
	char words[200];

	int error = journal_open_sqlite (&journal, path, self->trust.roster->network, mode,
					 self->words);
	if (error)
		return journal_verify_error (error, self->words);
	error = journal_verify (journal, self->trust.roster, report, self->words);
	if (!error)
		error = s_check_notes (self, journal, has_file, signed_size);
	if (error) {
		snprintf (words, sizeof words, "%.190s", self->words);
		snprintf (self->words, 256, "%.50s: %.190s", path, words);
	}
	journal->ops->close (&journal);
	return error;
}

static void
s_say_sound (const char *path, const struct journal_report *report, uint64_t signed_size)
{
	char root[2 * SIAGA_HASH_BYTES + 1];

	siaga_hex (root, report->root, sizeof report->root);
	printf ("%s: sound: %" PRIu64 " entries (from %" PRIu64 " on with their bytes) in %" PRIu64
		" batches of %" PRIu64 " epochs, root %s, checkpoint of %" PRIu64 "\n",
		path, report->head, report->first, report->batches, report->lanes, root,
		signed_size);
}

int
maintain_verify (const struct hub_conf *conf, const char *file)
{
	struct maintain self;
	struct journal_report report;
	uint64_t signed_size;

	if (!s_begin (&self, conf))
		return EX_CONFIG;
	const char *path = file ? file : self.path;
	int error = s_verify (&self, path, JOURNAL_READ, !file, &report, &signed_size);
	int status = error ? s_fail (&self, "verify", error) : EX_OK;
	if (!error)
		s_say_sound (path, &report, signed_size);
	trust_finish (&self.trust);
	return status;
}

/* --- backup -------------------------------------------------------------------------------------------- */

/* Copies a journal's database to a new file. */
static int
s_copy (struct maintain *self, const char *from, const char *to, uint64_t *head)
{
	struct journal *journal = NULL;

	int error = journal_open_sqlite (&journal, from, self->trust.roster->network, JOURNAL_COPY,
					 self->words);
	if (error)
		return journal_verify_error (error, self->words);
	struct journal_sqlite *sqlite = (struct journal_sqlite *) journal;
	error = store_begin_read (sqlite->store);
	if (!error)
		error = journal_read_head (sqlite, head);
	if (!error)
		error = store_copy (sqlite->store, to, NULL, NULL);
	if (error)
		snprintf (self->words, 256, "%.200s", store_error (sqlite->store));
	journal->ops->close (&journal);
	return error;
}

/* Gives a finished file its name, which must be free, durably. */
static int
s_give_name (struct maintain *self, const char *part, const char *file)
{
	int error = 0;

	if (link (part, file) != 0) {
		error = errno == EEXIST ? SIAGA_EEXISTS : SIAGA_EIO;
		snprintf (self->words, 256, "%.180s: %s", file, strerror (errno));
	}
	unlink (part);
	if (!error)
		error = file_sync_parent (file);
	return error;
}

int
maintain_backup (const struct hub_conf *conf, const char *file)
{
	struct maintain self;
	char part[PATH_MAX_BYTES];
	uint64_t head = 0;

	if (!s_begin (&self, conf))
		return EX_CONFIG;
	if (setpriority (PRIO_PROCESS, 0, BACKUP_NICE) != 0)
		log_debug ("backup", "runs at ordinary priority");
	snprintf (part, sizeof part, "%.4000s.part-%ld", file, (long) getpid ());
	int error = 0;
	if (access (file, F_OK) == 0) {
		error = SIAGA_EEXISTS;
		snprintf (self.words, 256, "%.180s: exists already", file);
	}
	if (!error)
		error = s_copy (&self, self.path, part, &head);
	if (!error)
		error = s_give_name (&self, part, file);
	int status = error ? s_fail (&self, "backup", error) : EX_OK;
	if (!error)
		printf ("%s: the first %" PRIu64 " entries of the log\n", file, head);
	trust_finish (&self.trust);
	return status;
}

/* The superuser may do this for the account that the hub runs as: what is made must be that account's. */
static int
s_give_away (struct maintain *self, const char *path, const char *like)
{
	struct stat status;

	if (geteuid () != 0)
		return 0;
	if (stat (like, &status) == 0 && chown (path, status.st_uid, status.st_gid) == 0)
		return 0;
	snprintf (self->words, 256, "%.180s: %s", path, strerror (errno));
	return SIAGA_EIO;
}

/* --- restore ------------------------------------------------------------------------------------------- */

/* Where the journal that is there goes: a name that is free, with either tail, also when the clock was set back or this
   second had one already. */
static int
s_free_name (const char *path, char kept[PATH_MAX_BYTES])
{
	char wal[PATH_MAX_BYTES + 8];

	for (unsigned i = 0; i < KEPT_NAMES; i++) {
		snprintf (kept, PATH_MAX_BYTES, "%.4000s.before-%" PRIu64, path,
			  clock_now_us () / 1000000 + i);
		snprintf (wal, sizeof wal, "%s-wal", kept);
		if (access (kept, F_OK) != 0 && access (wal, F_OK) != 0)
			return 0;
	}
	errno = EEXIST;
	return SIAGA_EIO;
}

/* The journal that is there goes beside, with its WAL, and the new one takes its name. First the WAL: a database
   without it is an older state, which is noticed; a WAL over another database would not be. */
static int
s_swap (struct maintain *self, const char *fresh, char kept[PATH_MAX_BYTES])
{
	static const char *const tails[] = {"-wal", "-shm", ""};
	char from[PATH_MAX_BYTES + 8], to[PATH_MAX_BYTES + 8];

	if (s_free_name (self->path, kept) != 0)
		return SIAGA_EIO;
	for (size_t i = 0; i < 3; i++) {
		snprintf (from, sizeof from, "%s%s", self->path, tails[i]);
		snprintf (to, sizeof to, "%s%s", kept, tails[i]);
		int rc = i < 2 ? rename (from, to) : link (from, to);
		if (rc != 0 && errno != ENOENT)
			return SIAGA_EIO;
		if (rc != 0 && i == 2)
			kept[0] = '\0'; /* there was none */
	}
	return rename (fresh, self->path) == 0 ? file_sync_parent (self->path) : SIAGA_EIO;
}

/* What is checked is the copy: a backup of an older version is no longer one there. */
static int
s_restore (struct maintain *self, const char *file, const char *state,
	   struct journal_report *report, char kept[PATH_MAX_BYTES])
{
	char fresh[PATH_MAX_BYTES];
	uint64_t head, signed_size;

	snprintf (fresh, sizeof fresh, "%.4000s.restoring", self->path);
	unlink (fresh); /* of an attempt that was interrupted */
	int error = s_copy (self, file, fresh, &head);
	if (!error)
		error = s_verify (self, fresh, JOURNAL_KEEP, false, report, &signed_size);
	if (!error)
		error = journal_mark_restored (fresh, self->trust.roster->network, self->words);
	if (!error)
		error = s_give_away (self, fresh, state);
	if (!error && (error = s_swap (self, fresh, kept)))
		snprintf (self->words, 256, "%.180s: %s", self->path, strerror (errno));
	if (error)
		unlink (fresh);
	return error;
}

int
maintain_restore (const struct hub_conf *conf, const char *file)
{
	struct maintain self;
	struct journal_report report;
	char lock[PATH_MAX_BYTES], kept[PATH_MAX_BYTES] = "";

	if (!s_begin (&self, conf))
		return EX_CONFIG;
	int error = file_mkdirs (conf->state, 0700);
	snprintf (lock, sizeof lock, "%.4000s.lock", self.path);
	int fd = error ? error : file_lock (lock);
	if (fd < 0)
		snprintf (self.words, 256, "%.180s: %s", lock, siaga_strerror (fd));
	error = fd < 0 ? fd : s_give_away (&self, lock, conf->state);
	if (!error)
		error = s_restore (&self, file, conf->state, &report, kept);
	int status = error ? s_fail (&self, "restore", error) : EX_OK;
	if (!error)
		printf ("%s: put back with %" PRIu64 " entries; the hub goes on as a new log%s%s\n",
			self.path, report.head, kept[0] ? "; the former journal is " : "", kept);
	if (fd >= 0)
		close (fd);
	trust_finish (&self.trust);
	return status;
}
