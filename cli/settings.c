/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory is named after the principal, so the identity's card is looked at before the identity is
 * opened: the memory of rosters lies there too. See settings.h.
 */
#include "cli/settings.h"

#include <errno.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/filter_conf.h"
#include "cli/say.h"
#include "common/answer.h"
#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"

static const struct conf_field s_fields[] = {
	TRUST_CONF_FIELDS (struct settings_conf, trust),
	{"timezone", CONF_ENUM, offsetof (struct settings_conf, timezone),
	 .names = &render_zone_names, .fallback = "system"},
	{"filters", CONF_GROUP_LIST, offsetof (struct settings_conf, filters),
	 .schema = &filter_conf_schema, .max = FILTERS_MAX},
};
static const struct conf_schema s_schema = CONF_SCHEMA (struct settings_conf, s_fields);

/* An absolute directory from the environment, or one under $HOME; NULL when there is neither. */
static char *
s_xdg (const char *variable, const char *under_home)
{
	const char *value = getenv (variable);
	const char *home = getenv ("HOME");
	char *path = NULL;
	if (value && value[0] == '/')
		return strdup (value);
	if (!home || home[0] != '/' || asprintf (&path, "%s/%s", home, under_home) < 0)
		return NULL;
	return path;
}

char *
settings_path (const char *given)
{
	const char *named = given ? given : getenv ("SIAGA_CONF");
	if (named && *named)
		return strdup (named);
	char *base = s_xdg ("XDG_CONFIG_HOME", ".config");
	char *path = NULL;
	if (base && asprintf (&path, "%s/siaga/siaga.conf", base) < 0)
		path = NULL;
	free (base);
	if (path && access (path, F_OK) == 0)
		return path;
	free (path);
	return strdup ("/etc/siaga/siaga.conf");
}

static int
s_exit_for (int error)
{
	switch (error) {
	case SIAGA_EUNKNOWN:
	case SIAGA_EREVOKED:
		return CMD_REFUSED;
	case SIAGA_ENOMEM:
		return CMD_INTERNAL;
	default:
		return CMD_CONFIG;
	}
}

static int
s_fail (int error, const char *words)
{
	say ("%s", words[0] ? words : siaga_strerror (error));
	return s_exit_for (error);
}

int
settings_conf_load (struct settings_conf *conf, const char *given)
{
	struct conf_error words = {""};
	char *path = settings_path (given);
	if (path && access (path, R_OK)) {
		say ("%s: %s (the configuration; see siaga(1))", path, strerror (errno));
		free (path);
		return CMD_CONFIG;
	}
	int error = path ? conf_load (path, &s_schema, conf, &words) : SIAGA_ENOMEM;
	free (path);
	return error ? s_fail (error, words.words) : CMD_OK;
}

void
settings_conf_finish (struct settings_conf *conf)
{
	conf_free (&s_schema, conf);
}

int
settings_ask (void *arg, const char *path, char out[PASSPHRASE_MAX])
{
	const char *file = getenv ("SIAGA_PASSPHRASE_FILE");
	uint8_t *data = NULL;
	size_t size = 0;
	if (!file || !*file)
		return identity_ask_tty (arg, path, out);
	if (file_read (file, PASSPHRASE_MAX - 1, &data, &size)) {
		say ("%s: cannot be read (SIAGA_PASSPHRASE_FILE)", file);
		return SIAGA_EPASSPHRASE;
	}
	snprintf (out, PASSPHRASE_MAX, "%.*s", (int) strcspn ((char *) data, "\r\n"),
		  (char *) data);
	sodium_memzero (data, size);
	free (data);
	return 0;
}

/* Whose identity is it? Its text says so in the clear: "card siaga-card-1 …". */
static int
s_principal (const char *path, struct siaga_card *card)
{
	uint8_t *data = NULL;
	size_t size = 0;
	int error = file_read (path, 2 * SIAGA_IDENTITY_TEXT_MAX, &data, &size);
	if (error)
		return error;
	const char *line = strstr ((char *) data, "\ncard ");
	error = SIAGA_EFORMAT;
	if (line) {
		struct siaga_text text = {line + 6, strcspn (line + 6, "\n")};
		error = siaga_card_read (text, card);
	}
	sodium_memzero (data, size);
	free (data);
	return error;
}

char *
settings_find_state (const char *identity_path)
{
	struct siaga_card card;
	char *path = NULL;
	if (s_principal (identity_path, &card))
		return NULL;
	char *base = s_xdg ("XDG_STATE_HOME", ".local/state");
	if (base && asprintf (&path, "%s/siaga/%s", base, card.principal) < 0)
		path = NULL;
	free (base);
	return path;
}

/* Makes the directory of this principal's state. When the identity cannot be looked at, loading it will say
   better why. */
static int
s_state_dir (struct settings *self)
{
	struct siaga_card card;
	if (s_principal (self->conf.trust.identity, &card))
		return CMD_OK;
	char *base = s_xdg ("XDG_STATE_HOME", ".local/state");
	if (!base) {
		say ("neither XDG_STATE_HOME nor HOME names a directory for siaga's state");
		return CMD_CONFIG;
	}
	int size = asprintf (&self->state_dir, "%s/siaga/%s", base, card.principal);
	free (base);
	if (size < 0) {
		self->state_dir = NULL;
		return s_fail (SIAGA_ENOMEM, "");
	}
	int error = file_mkdirs (self->state_dir, 0700);
	if (!error)
		return CMD_OK;
	say ("%s: cannot be made: %s", self->state_dir, say_file_error (error));
	return CMD_CANTCREAT;
}

int
settings_load (struct settings *self, const char *given)
{
	struct conf_error words = {""};
	memset (self, 0, sizeof *self);
	int status = settings_conf_load (&self->conf, given);
	if (status)
		return status;
	status = s_state_dir (self);
	if (!status) {
		int error = trust_load (&self->trust, &self->conf.trust, self->state_dir,
					clock_now_us (), settings_ask, NULL, &words);
		status = error ? s_fail (error, words.words) : CMD_OK;
	}
	if (status) {
		free (self->state_dir);
		settings_conf_finish (&self->conf);
	}
	return status;
}

void
settings_finish (struct settings *self)
{
	trust_finish (&self->trust);
	for (size_t i = 0; i < self->former_count; i++)
		siaga_roster_destroy (&self->former[i]);
	free (self->former);
	free (self->state_dir);
	settings_conf_finish (&self->conf);
	memset (self, 0, sizeof *self);
}

int
settings_take_roster (struct settings *self, struct siaga_bytes answer, struct conf_error *error)
{
	struct siaga_bytes text;
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX];
	size_t count = 0;
	struct siaga_roster *old = NULL;
	int status = answer_roster (answer, &text, signatures, &count);
	if (status) {
		snprintf (error->words, sizeof error->words, "the hub's answer is malformed");
		return status;
	}
	struct siaga_roster **former =
		realloc (self->former, (self->former_count + 1) * sizeof *former);
	if (!former)
		return SIAGA_ENOMEM;
	self->former = former;
	status = trust_take (&self->trust, text, signatures, count, clock_now_us (), &old, error);
	if (old)
		self->former[self->former_count++] = old;
	return status;
}

char *
settings_state_path (const struct settings *self, const char *name)
{
	char *path = NULL;
	return asprintf (&path, "%s/%s", self->state_dir, name) < 0 ? NULL : path;
}
