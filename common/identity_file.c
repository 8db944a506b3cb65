/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity files, and keeping what is in them from others: modes, passphrases, locked memory, no
 * dumps.
 */
#include "common/identity_file.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/log.h"
#include "siaga/error.h"

static int
s_fail (struct conf_error *error, int status, const char *path, const char *words)
{
	snprintf (error->words, sizeof error->words, "%.300s: %s", path, words);
	return status;
}

void
process_harden (void)
{
	if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_warn ("harden-dumpable", "core dumps stay possible: %s", strerror (errno));
}

static int
s_check_mode (const char *path, struct conf_error *error)
{
	struct stat stat_of;
	char words[64];

	if (stat (path, &stat_of) != 0)
		return s_fail (error,
			       errno == ENOENT || errno == ENOTDIR ? SIAGA_ENOTFOUND : SIAGA_EIO,
			       path, strerror (errno));
	if (!S_ISREG (stat_of.st_mode))
		return s_fail (error, SIAGA_EIO, path, "is not a regular file");
	if ((stat_of.st_mode & 077) == 0)
		return 0;
	snprintf (words, sizeof words, "others may use this secret file (mode %04o): chmod 600 it",
		  (unsigned) stat_of.st_mode & 07777);
	return s_fail (error, SIAGA_EIO, path, words);
}

static const char *
s_identity_words (int status)
{
	switch (status) {
	case SIAGA_EFORMAT:
		return "is not an identity file, or damaged";
	case SIAGA_ESIGNATURE:
	case SIAGA_EWEAKKEY:
		return "holds a damaged card";
	default:
		return siaga_strerror (status);
	}
}

static int
s_read_with_passphrase (struct siaga_text text, const char *path, identity_ask *ask, void *arg,
			struct siaga_identity **identity_p)
{
	char passphrase[PASSPHRASE_MAX] = "";
	int status = 0;

	if (siaga_identity_is_locked (text))
		status = ask != NULL ? ask (arg, path, passphrase) : SIAGA_EPASSPHRASE;
	if (status == 0)
		status = siaga_identity_read (text, passphrase, identity_p);
	sodium_memzero (passphrase, sizeof passphrase);
	return status;
}

int
identity_load (const char *path, identity_ask *ask, void *arg, struct siaga_identity **identity_p,
	       struct conf_error *error)
{
	uint8_t *data;
	size_t size;
	int status;

	error->words[0] = '\0';
	status = s_check_mode (path, error);
	if (status != 0)
		return status;
	status = file_read (path, SIAGA_IDENTITY_TEXT_MAX, &data, &size);
	if (status != 0)
		return s_fail (error, status, path,
			       status == SIAGA_EIO ? strerror (errno) : siaga_strerror (status));
	status = s_read_with_passphrase ((struct siaga_text){(char *) data, size}, path, ask, arg,
					 identity_p);
	sodium_memzero (data, size);
	free (data);
	if (status != 0)
		return s_fail (error, status, path, s_identity_words (status));
	/* sodium_malloc () does not say when it could not */
	if (sodium_mlock (*identity_p, sizeof **identity_p) != 0)
		log_warn ("identity-unlocked", "secret keys may be swapped to disk: %s",
			  strerror (errno));
	return 0;
}

int
identity_save (const char *path, const struct siaga_identity *identity, const char *passphrase,
	       struct conf_error *error)
{
	char text[SIAGA_IDENTITY_TEXT_MAX];
	int status = siaga_identity_write (identity, passphrase, text, sizeof text);

	if (status == 0)
		status = file_write_new (path, 0600, text, strlen (text));
	sodium_memzero (text, sizeof text);
	if (status != 0)
		s_fail (error, status, path,
			status == SIAGA_EIO ? strerror (errno) : siaga_strerror (status));
	return status;
}
