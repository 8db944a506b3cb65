/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a roster in force and finding ourselves in it. Every roster, whether from a file or from
 * the hub, comes in through the same steps: verify, parse, dates, memory of the last one.
 */
#include "common/trust.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "siaga/error.h"

#define COPY_NAME "roster.conf" /* in the state directory: what the hub sent last */

static int
s_fail (struct conf_error *error, int status, const char *words)
{
	snprintf (error->words, sizeof error->words, "%s", words);
	return status;
}

int
trust_roots_init (struct trust_roots *roots, const struct trust_conf *conf,
		  struct conf_error *error)
{
	int status = 0;

	memset (roots, 0, sizeof *roots);
	snprintf (roots->network, sizeof roots->network, "%s", conf->network);
	roots->threshold = (unsigned) conf->threshold;
	roots->min_serial = (uint64_t) conf->min_serial;
	for (size_t i = 0; i < conf->roots.count && status == 0; i++)
		status = roster_roots_add (roots, siaga_text (conf->roots.items[i]));
	if (status != 0)
		return s_fail (error, SIAGA_ECONF,
			       status == SIAGA_EEXISTS	? "roots: the same key twice"
			       : status == SIAGA_ELIMIT ? "roots: too many"
							: "roots: not a minisign public key");
	if (roots->threshold > roots->key_count)
		return s_fail (error, SIAGA_ECONF, "threshold: more than there are roots");
	return 0;
}

int
trust_find_roots (struct trust *self, const struct trust_conf *conf, struct conf_error *error)
{
	int status = trust_roots_init (&self->pinned, conf, error);

	self->roots = self->pinned;
	if (status == 0 && self->state_dir != NULL)
		status = roster_roots_read (self->state_dir, &self->pinned, &self->roots, error);
	return status;
}

const struct siaga_principal *
trust_hub (const struct trust *self)
{
	return siaga_roster_principal (self->roster, siaga_text (self->roster->hub));
}

int
trust_identify (struct trust *self, uint64_t now_us, struct conf_error *error)
{
	const struct siaga_card *card = &self->identity->card;
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key = NULL;
	uint8_t key_id[SIAGA_KEY_ID_BYTES];

	self->principal = NULL;
	self->key = NULL;
	siaga_key_id (key_id, card->sign);
	principal = siaga_roster_principal (self->roster, siaga_text (card->principal));
	if (principal != NULL)
		key = siaga_roster_key (principal, key_id);
	/* the whole card, not the key id alone */
	if (key == NULL || memcmp (key->card.sign, card->sign, SIAGA_KEY_BYTES) != 0 ||
	    memcmp (key->card.transport, card->transport, SIAGA_KEY_BYTES) != 0 ||
	    memcmp (key->card.seal, card->seal, SIAGA_KEY_BYTES) != 0) {
		snprintf (error->words, sizeof error->words, "%.300s: %s %s is not in the roster",
			  self->roster_path, principal != NULL ? "this key of" : "principal",
			  card->principal);
		return SIAGA_EUNKNOWN;
	}
	if (siaga_roster_key_check (key, now_us) != 0) {
		snprintf (error->words, sizeof error->words,
			  "%.300s: this key of %s is retired or no longer trusted",
			  self->roster_path, card->principal);
		if (!self->undated)
			return SIAGA_EREVOKED;
		log_error ("key-retired", "%s: nothing will be published with it", error->words);
	}
	self->principal = principal;
	self->key = key;
	return 0;
}

/* Has the program adopted exactly these bytes before? */
static int
s_is_in_use (const struct trust *self, const struct roster_bundle *bundle, bool *in_use,
	     struct conf_error *error)
{
	uint8_t sha256[SIAGA_HASH_BYTES];
	struct roster_state state;
	int status = 0;

	crypto_hash_sha256 (sha256, bundle->text, bundle->size);
	*in_use = self->roster != NULL && memcmp (self->roster->sha256, sha256, sizeof sha256) == 0;
	if (!*in_use && self->state_dir != NULL) {
		status = roster_state_read (self->state_dir, &state, error);
		*in_use = status == 0 && roster_state_is (&state, sha256);
	}
	return status;
}

static void
s_warn_overdue (const struct siaga_roster *roster, const char *path, uint64_t now_us)
{
	char when[SIAGA_TIME_TEXT];

	if (!roster_is_overdue (roster, now_us))
		return;
	siaga_time_text (when, roster->expires_us);
	log_warn ("roster-overdue",
		  "the roster expired and is used in its grace: have a new one signed; "
		  "expired=%s serial=%" PRIu64 " path=%s",
		  when, roster->serial, path);
}

/* A roster with the serial and bytes in force is nothing new; an older one is refused. */
static int
s_check_newer (const struct trust *self, const struct siaga_roster *roster, bool *is_new,
	       struct conf_error *error)
{
	*is_new = self->roster == NULL ||
		  memcmp (self->roster->sha256, roster->sha256, SIAGA_HASH_BYTES) != 0;
	if (self->roster == NULL || !*is_new || roster->serial > self->roster->serial)
		return 0;
	snprintf (error->words, sizeof error->words,
		  "%.300s: serial %" PRIu64 " does not replace serial %" PRIu64
		  ", which is in force",
		  self->roster_path, roster->serial, self->roster->serial);
	return SIAGA_EROLLBACK;
}

/* Not older than what was adopted before. */
static int
s_check_adopted (const struct trust *self, const struct siaga_roster *roster,
		 struct conf_error *error)
{
	char words[sizeof error->words];
	int status = roster_adopt_check (self->state_dir, roster, error);

	if (status == SIAGA_EROLLBACK) {
		memcpy (words, error->words, sizeof words);
		snprintf (error->words, sizeof error->words, "%.200s: %.300s", self->roster_path,
			  words);
	}
	return status;
}

/* As roster_open (), past its dates where those stop nothing and it was in use. */
static int
s_open (const struct trust *self, const struct roster_bundle *bundle, uint64_t now_us, bool in_use,
	struct siaga_roster **roster_p, struct conf_error *error)
{
	int status = roster_open_after (self->roster_path, bundle, &self->roots, now_us, in_use,
					self->roster, roster_p, error);

	if (status != SIAGA_EEXPIRED || !in_use || !self->undated)
		return status;
	log_error ("roster-expired",
		   "%s; alerts are collected all the same. Is this machine's clock right?",
		   error->words);
	return roster_open (self->roster_path, bundle, &self->roots, 0, true, roster_p, error);
}

/* Where a roster that the hub sent is kept whatever becomes of the configured path. NULL: nowhere, or no memory. */
static char *
s_copy_path (const struct trust *self)
{
	char *path = NULL;

	if (self->state_dir == NULL || asprintf (&path, "%s/" COPY_NAME, self->state_dir) < 0)
		return NULL;
	return path;
}

/* The serial that enough roots sign; 0: it is not signed well. */
static uint64_t
s_signed_serial (const struct trust *self, const struct roster_bundle *bundle,
		 const struct trust_roots *roots)
{
	struct conf_error error;
	uint64_t serial = 0;

	if (roster_verify (self->roster_path, (struct siaga_bytes){bundle->text, bundle->size},
			   bundle->signatures, bundle->signature_count, roots, &serial,
			   &error) != 0)
		return 0;
	return serial;
}

/* The same of a file, which may be from before the roots changed. */
static uint64_t
s_file_serial (const struct trust *self, const struct roster_bundle *bundle)
{
	uint64_t serial = s_signed_serial (self, bundle, &self->roots);

	return serial != 0 ? serial : s_signed_serial (self, bundle, &self->pinned);
}

/* Does the configured path hold an older roster, or none? Not over a newer one that somebody put there since the hub sent
   this one, nor over one half of a new pair: whoever remembers it could not start again. */
static bool
s_may_replace (const struct trust *self, const struct siaga_roster *roster)
{
	struct roster_bundle there;
	struct conf_error error;

	if (roster_bundle_read (&there, self->roster_path, &error) != 0)
		return access (self->roster_path, F_OK) != 0;
	uint64_t serial = s_file_serial (self, &there);
	roster_bundle_finish (&there);
	return serial != 0 && serial < roster->serial;
}

/* Writes what the hub sent: into the state directory first, which is ours, then to the configured path, which may be
   the administrator's. Only where there is no state directory must the latter succeed. */
static int
s_write_files (const struct trust *self, const struct roster_bundle *bundle,
	       const struct siaga_roster *roster, struct conf_error *error)
{
	char *copy = s_copy_path (self);
	int status = copy != NULL ? roster_bundle_write (bundle, copy, error) : 0;

	if (status == 0 && (copy == NULL || s_may_replace (self, roster))) {
		status = roster_bundle_write (bundle, self->roster_path, error);
		if (status != 0 && copy != NULL) {
			log_warn ("roster-not-written", "%s; the copy in %s is used", error->words,
				  self->state_dir);
			error->words[0] = '\0';
			status = 0;
		}
	}
	free (copy);
	return status;
}

/* Remembers the roster, and before it the roots that it announces: it verifies by either, and whoever remembers it
   must never again take one that only former roots sign. */
static int
s_remember (const struct trust *self, const struct siaga_roster *roster, struct conf_error *error)
{
	const struct trust_roots *known = self->unkept ? &self->pinned : &self->roots;
	struct trust_roots roots = self->roots;
	int status = 0;

	if (self->state_dir == NULL || self->look_only)
		return 0;
	roster_next_roots (roster, &self->roots, &roots);
	if (!roster_roots_same (&roots, known))
		status = roster_roots_write (self->state_dir, &self->pinned, &roots, error);
	return status == 0 ? roster_adopt (self->state_dir, roster, error) : status;
}

/* Writes the files (when asked to) and remembers the roster, in this order: a program that remembers a newer
   roster than its files hold could not start again. A disk that is full stops no running program from taking a roster
   that stands in the files: somebody may be revoked by it. */
static int
s_keep (struct trust *self, const struct roster_bundle *bundle, const struct siaga_roster *roster,
	bool write_files, struct conf_error *error)
{
	int status = self->state_dir != NULL ? s_check_adopted (self, roster, error) : 0;

	if (status == 0 && write_files)
		status = s_write_files (self, bundle, roster, error);
	if (status != 0)
		return status;
	status = s_remember (self, roster, error);
	self->unkept = status != 0;
	if (status == 0 || write_files || self->roster == NULL)
		return status;
	log_error ("roster-not-remembered", "%s; the roster is taken all the same", error->words);
	error->words[0] = '\0';
	return 0;
}

/* Once there is room again. */
static void
s_remember_late (struct trust *self)
{
	struct conf_error error;

	if (!self->unkept || s_remember (self, self->roster, &error) != 0)
		return;
	self->unkept = false;
	log_info ("roster-remembered", "roster %" PRIu64, self->roster->serial);
}

/* The bytes in force, still signed and in time? A hub looks often, and reading a large roster takes its while. */
static bool
s_is_known (const struct trust *self, const struct roster_bundle *bundle, uint64_t now_us)
{
	uint8_t sha256[SIAGA_HASH_BYTES];

	if (self->roster == NULL || roster_age_check (self->roster, now_us, true) != 0)
		return false;
	crypto_hash_sha256 (sha256, bundle->text, bundle->size);
	return memcmp (self->roster->sha256, sha256, sizeof sha256) == 0 &&
	       s_signed_serial (self, bundle, &self->roots) == self->roster->serial;
}

/* Verifies a bundle and keeps the roster. *roster_p is NULL when it is the one in force. */
static int
s_admit (struct trust *self, const struct roster_bundle *bundle, uint64_t now_us, bool write_files,
	 struct siaga_roster **roster_p, struct conf_error *error)
{
	struct siaga_roster *roster = NULL;
	bool in_use, is_new = false;

	if (s_is_known (self, bundle, now_us)) {
		s_remember_late (self);
		return 0;
	}
	int status = s_is_in_use (self, bundle, &in_use, error);
	if (status == 0)
		status = s_open (self, bundle, now_us, in_use, &roster, error);
	if (status == 0)
		status = s_check_newer (self, roster, &is_new, error);
	if (status == 0 && is_new)
		status = s_keep (self, bundle, roster, write_files, error);
	if (status != 0 || !is_new)
		siaga_roster_destroy (&roster);
	if (status == 0)
		*roster_p = roster;
	return status;
}

/* Takes over bundle and roster; the former roster goes to the caller. */
static void
s_put_in_force (struct trust *self, struct roster_bundle *bundle, struct siaga_roster *roster,
		struct siaga_roster **old_p)
{
	struct trust_roots next;

	if (roster_next_roots (roster, &self->roots, &next) &&
	    !roster_roots_same (&next, &self->roots)) {
		log_info ("roots",
			  "%u of the %zu root keys that roster %" PRIu64
			  " announces sign the rosters from now on",
			  next.threshold, next.key_count, roster->serial);
		self->roots = next;
	}
	*old_p = self->roster;
	self->roster = roster;
	roster_bundle_finish (&self->bundle);
	self->bundle = *bundle;
	roster_bundle_tidy (&self->bundle, roster);
	memset (bundle, 0, sizeof *bundle);
}

static int
s_replace (struct trust *self, struct roster_bundle *bundle, uint64_t now_us, bool write_files,
	   struct siaga_roster **old_p, struct conf_error *error)
{
	struct siaga_roster *roster = NULL;
	int status = s_admit (self, bundle, now_us, write_files, &roster, error);

	*old_p = NULL;
	if (status == 0 && roster != NULL) {
		s_put_in_force (self, bundle, roster, old_p);
		s_warn_overdue (roster, self->roster_path, now_us);
		if (self->identity != NULL)
			status = trust_identify (self, now_us, error);
	}
	roster_bundle_finish (bundle);
	return status;
}

/* Puts the copy that the hub once sent in place of an older roster from the configured path. */
static void
s_prefer_copy (const struct trust *self, struct roster_bundle *bundle)
{
	struct roster_bundle copy;
	struct conf_error error;
	char *path = s_copy_path (self);

	if (path == NULL || roster_bundle_read (&copy, path, &error) != 0) {
		free (path);
		return;
	}
	uint64_t serial = s_file_serial (self, bundle);
	if (serial != 0 && s_signed_serial (self, &copy, &self->roots) > serial) {
		struct roster_bundle older = *bundle;
		*bundle = copy;
		copy = older;
	}
	roster_bundle_finish (&copy);
	free (path);
}

int
trust_reload (struct trust *self, uint64_t now_us, struct siaga_roster **old_p,
	      struct conf_error *error)
{
	struct roster_bundle bundle;
	int status = roster_bundle_read (&bundle, self->roster_path, error);

	*old_p = NULL;
	if (status != 0)
		return status;
	s_prefer_copy (self, &bundle);
	return s_replace (self, &bundle, now_us, false, old_p, error);
}

int
trust_take (struct trust *self, struct siaga_bytes text, const struct siaga_text *signatures,
	    size_t signature_count, uint64_t now_us, struct siaga_roster **old_p,
	    struct conf_error *error)
{
	struct roster_bundle bundle;
	int status = roster_bundle_copy (&bundle, text, signatures, signature_count);

	*old_p = NULL;
	if (status != 0)
		return s_fail (error, status, siaga_strerror (status));
	return s_replace (self, &bundle, now_us, true, old_p, error);
}

static int
s_copy_paths (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	      struct conf_error *error)
{
	self->roster_path = strdup (conf->roster);
	self->state_dir = state_dir != NULL ? strdup (state_dir) : NULL;
	if (self->roster_path == NULL || (state_dir != NULL && self->state_dir == NULL))
		return s_fail (error, SIAGA_ENOMEM, siaga_strerror (SIAGA_ENOMEM));
	return 0;
}

static int
s_load (struct trust *self, const struct trust_conf *conf, const char *state_dir, uint64_t now_us,
	identity_ask *ask, void *arg, struct conf_error *error)
{
	struct siaga_roster *none;
	int status;

	error->words[0] = '\0';
	status = s_copy_paths (self, conf, state_dir, error);
	if (status == 0)
		status = trust_find_roots (self, conf, error);
	if (status == 0)
		status = identity_load (conf->identity, ask, arg, &self->identity, error);
	if (status == 0)
		status = trust_reload (self, now_us, &none, error);
	if (status != 0)
		trust_finish (self);
	return status;
}

int
trust_look (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	    uint64_t now_us, struct conf_error *error)
{
	struct siaga_roster *none = NULL;
	int status;

	memset (self, 0, sizeof *self);
	self->look_only = true;
	error->words[0] = '\0';
	status = trust_roots_init (&self->roots, conf, error);
	if (status == 0)
		status = s_copy_paths (self, conf, state_dir, error);
	if (status == 0)
		status = trust_reload (self, now_us, &none, error);
	if (status != 0)
		trust_finish (self);
	return status;
}

int
trust_load (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	    uint64_t now_us, identity_ask *ask, void *arg, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	return s_load (self, conf, state_dir, now_us, ask, arg, error);
}

int
trust_load_undated (struct trust *self, const struct trust_conf *conf, const char *state_dir,
		    uint64_t now_us, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	self->undated = true;
	return s_load (self, conf, state_dir, now_us, NULL, NULL, error);
}

int
trust_check (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	     uint64_t now_us, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	self->look_only = true;
	return s_load (self, conf, state_dir, now_us, NULL, NULL, error);
}

void
trust_finish (struct trust *self)
{
	siaga_identity_destroy (&self->identity);
	siaga_roster_destroy (&self->roster);
	roster_bundle_finish (&self->bundle);
	free (self->roster_path);
	free (self->state_dir);
	memset (self, 0, sizeof *self);
}
