/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a roster's bytes are signed by enough of the pinned root keys, before anybody parses
 * them; and whether its dates still hold.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/roster_file.h"
#include "siaga/error.h"

/* What one signature is worth. */
struct verdict {
	int error;
	uint64_t serial;    /* when error is 0 */
	const uint8_t *key; /* the pinned key it verifies with */
};

/* "siaga roster network=<network> serial=<serial>" and nothing else. */
static int
s_read_comment (const char *comment, const char *network, uint64_t *serial)
{
	char expected[128];
	const char *number = strstr (comment, " serial=");

	if (number == NULL || strncmp (comment, "siaga roster network=", 21) != 0)
		return SIAGA_EFORMAT;
	*serial = strtoull (number + strlen (" serial="), NULL, 10);
	snprintf (expected, sizeof expected, "siaga roster network=%s serial=%" PRIu64, network,
		  *serial);
	if (strcmp (comment, expected) == 0)
		return 0;
	snprintf (expected, sizeof expected, "%.*s serial=%" PRIu64, (int) (number - comment),
		  comment, *serial);
	return strcmp (comment, expected) == 0 ? SIAGA_ENETWORK : SIAGA_EFORMAT;
}

static struct verdict
s_judge (struct siaga_bytes text, struct siaga_text signature, const struct trust_roots *roots)
{
	struct verdict verdict = {SIAGA_EUNKNOWN, 0, NULL};
	struct siaga_minisig sig;

	if (siaga_minisig_read (signature, &sig) != 0) {
		verdict.error = SIAGA_EFORMAT;
		return verdict;
	}
	for (size_t i = 0; i < roots->key_count && verdict.error != 0; i++) {
		int error = siaga_minisig_verify (&sig, &roots->keys[i], text);

		if (error == SIAGA_EUNKNOWN)
			continue;
		verdict.error = error;
		verdict.key = roots->keys[i].key;
	}
	if (verdict.error == 0)
		verdict.error =
			s_read_comment (sig.trusted_comment, roots->network, &verdict.serial);
	return verdict;
}

/* How many different keys sign with this serial? The same key under two names counts once. */
static unsigned
s_count_signers (const struct verdict *verdicts, size_t count, uint64_t serial)
{
	unsigned signers = 0;

	for (size_t i = 0; i < count; i++) {
		bool again = false;

		if (verdicts[i].error != 0 || verdicts[i].serial != serial)
			continue;
		for (size_t j = 0; j < i && !again; j++)
			again = verdicts[j].error == 0 && verdicts[j].serial == serial &&
				memcmp (verdicts[i].key, verdicts[j].key, SIAGA_KEY_BYTES) == 0;
		if (!again)
			signers++;
	}
	return signers;
}

static const char *
s_verdict_words (int error)
{
	switch (error) {
	case SIAGA_EUNKNOWN:
		return "made with a key that is not pinned";
	case SIAGA_EFORMAT:
		return "no minisign signature, or its trusted comment is not "
		       "\"siaga roster network=<network> serial=<serial>\"";
	case SIAGA_ENETWORK:
		return "made for another network";
	default:
		return "does not verify";
	}
}

static int
s_refuse (const char *file_name, const struct verdict *verdicts, size_t count, unsigned signers,
	  unsigned threshold, struct conf_error *error)
{
	int worst = SIAGA_EUNSIGNED;
	size_t length;

	snprintf (error->words, sizeof error->words,
		  "%.200s: signed by %u of the %u root keys needed", file_name, signers, threshold);
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].error == 0)
			continue;
		if (verdicts[i].error == SIAGA_ENETWORK)
			worst = SIAGA_ENETWORK;
		length = strlen (error->words);
		snprintf (error->words + length, sizeof error->words - length,
			  "; signature %zu: %s", i + 1, s_verdict_words (verdicts[i].error));
	}
	return worst;
}

int
roster_verify (const char *file_name, struct siaga_bytes text, const struct siaga_text *signatures,
	       size_t signature_count, const struct trust_roots *roots, uint64_t *serial_p,
	       struct conf_error *error)
{
	struct verdict verdicts[ROSTER_SIGNATURE_FILES_MAX];
	unsigned threshold = roots->threshold > 0 ? roots->threshold : 1;
	unsigned signers = 0, best = 0;
	uint64_t serial = 0;

	if (signature_count > ROSTER_SIGNATURE_FILES_MAX)
		signature_count = ROSTER_SIGNATURE_FILES_MAX;
	for (size_t i = 0; i < signature_count; i++)
		verdicts[i] = s_judge (text, signatures[i], roots);
	for (size_t i = 0; i < signature_count; i++) {
		if (verdicts[i].error != 0)
			continue;
		signers = s_count_signers (verdicts, signature_count, verdicts[i].serial);
		if (signers > best) {
			best = signers;
			serial = verdicts[i].serial;
		}
	}
	if (best < threshold)
		return s_refuse (file_name, verdicts, signature_count, best, threshold, error);
	if (serial < roots->min_serial) {
		snprintf (error->words, sizeof error->words,
			  "%.200s: serial %" PRIu64 " is below the pinned minimum of %" PRIu64,
			  file_name, serial, roots->min_serial);
		return SIAGA_EROLLBACK;
	}
	*serial_p = serial;
	return 0;
}

/* Does it say that it is of this roster? By whom and whether it verifies is left open. */
static bool
s_is_meant (struct siaga_text signature, const struct siaga_roster *roster)
{
	struct siaga_minisig sig;
	uint64_t serial;

	return siaga_minisig_read (signature, &sig) == 0 &&
	       s_read_comment (sig.trusted_comment, roster->network, &serial) == 0 &&
	       serial == roster->serial;
}

void
roster_bundle_tidy (struct roster_bundle *self, const struct siaga_roster *roster)
{
	size_t kept = 0;

	for (size_t i = 0; i < self->signature_count; i++) {
		if (kept < ROSTER_SIGNATURES_MAX && s_is_meant (self->signatures[i], roster))
			self->signatures[kept++] = self->signatures[i];
		else
			free ((char *) self->signatures[i].data);
	}
	self->signature_count = kept;
}

int
roster_age_check (const struct siaga_roster *roster, uint64_t now_us, bool in_use)
{
	uint64_t end = roster->expires_us + (in_use ? roster->grace_us : 0);

	return now_us < end ? 0 : SIAGA_EEXPIRED;
}

bool
roster_is_overdue (const struct siaga_roster *roster, uint64_t now_us)
{
	return now_us >= roster->expires_us;
}

/* What the signatures' comments say must be what the roster says. */
static int
s_check_signed (const char *file_name, const struct siaga_roster *roster,
		const struct trust_roots *roots, uint64_t serial, struct conf_error *error)
{
	if (strcmp (roster->network, roots->network) != 0) {
		snprintf (error->words, sizeof error->words, "%.200s: is for network %s, not %s",
			  file_name, roster->network, roots->network);
		return SIAGA_ENETWORK;
	}
	if (roster->serial != serial) {
		snprintf (error->words, sizeof error->words,
			  "%.200s: has serial %" PRIu64 ", but is signed as serial %" PRIu64,
			  file_name, roster->serial, serial);
		return SIAGA_EUNSIGNED;
	}
	return 0;
}

/* The next roots count from this roster on, so enough of them must have signed it too: nobody is made a root who does
   not hold the key. */
static int
s_check_next (const char *file_name, const struct roster_bundle *bundle,
	      const struct siaga_roster *roster, const struct trust_roots *roots,
	      struct conf_error *error)
{
	struct trust_roots next;
	struct conf_error why;
	uint64_t serial;

	if (!roster_next_roots (roster, roots, &next))
		return 0;
	int status =
		roster_verify ("next_roots", (struct siaga_bytes){bundle->text, bundle->size},
			       bundle->signatures, bundle->signature_count, &next, &serial, &why);
	if (status == 0 && serial != roster->serial) {
		snprintf (why.words, sizeof why.words, "next_roots: signed as another serial");
		status = SIAGA_EUNSIGNED;
	}
	if (status != 0)
		snprintf (error->words, sizeof error->words, "%.200s: %.300s", file_name,
			  why.words);
	return status;
}

static int
s_check_age (const char *file_name, const struct siaga_roster *roster, uint64_t now_us, bool in_use,
	     struct conf_error *error)
{
	char when[SIAGA_TIME_TEXT];
	int status = roster_age_check (roster, now_us, in_use);

	if (status != 0) {
		siaga_time_text (when, roster->expires_us);
		snprintf (error->words, sizeof error->words, "%.200s: expired at %s%s", file_name,
			  when, in_use ? ", and its grace is over" : "");
	}
	return status;
}

int
roster_open (const char *file_name, const struct roster_bundle *bundle,
	     const struct trust_roots *roots, uint64_t now_us, bool in_use,
	     struct siaga_roster **roster_p, struct conf_error *error)
{
	return roster_open_after (file_name, bundle, roots, now_us, in_use, NULL, roster_p, error);
}

int
roster_open_after (const char *file_name, const struct roster_bundle *bundle,
		   const struct trust_roots *roots, uint64_t now_us, bool in_use,
		   const struct siaga_roster *known, struct siaga_roster **roster_p,
		   struct conf_error *error)
{
	struct siaga_bytes text = {bundle->text, bundle->size};
	struct conf_report report;
	struct siaga_roster *roster;
	uint64_t serial;
	int status = roster_verify (file_name, text, bundle->signatures, bundle->signature_count,
				    roots, &serial, error);

	if (status != 0)
		return status;
	conf_report_init (&report, file_name, error);
	status = roster_parse_after (&report, text, known, &roster);
	if (status != 0)
		return status;
	status = s_check_signed (file_name, roster, roots, serial, error);
	if (status == 0)
		status = s_check_next (file_name, bundle, roster, roots, error);
	if (status == 0)
		status = s_check_age (file_name, roster, now_us, in_use, error);
	if (status == 0)
		*roster_p = roster;
	else
		siaga_roster_destroy (&roster);
	return status;
}

int
roster_load (const char *path, const struct trust_roots *roots, uint64_t now_us, bool in_use,
	     struct siaga_roster **roster_p, struct conf_error *error)
{
	struct roster_bundle bundle;
	int status = roster_bundle_read (&bundle, path, error);

	if (status != 0)
		return status;
	status = roster_open (path, &bundle, roots, now_us, in_use, roster_p, error);
	roster_bundle_finish (&bundle);
	return status;
}
