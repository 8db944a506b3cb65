/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every verb that talks to the hub starts from: the configuration file, the trust it pins (roster and
 * identity), and the directory where this principal's state is kept.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "common/render_text.h"
#include "common/trust.h"

struct settings_conf {
	struct trust_conf trust;
	int timezone;		  /* enum render_zone */
	struct conf_list filters; /* struct filter_conf */
};

struct settings {
	struct settings_conf conf;
	struct trust trust;
	char *state_dir; /* $XDG_STATE_HOME/siaga/<principal>, there with mode 0700 */
	size_t former_count;
	struct siaga_roster **former; /* rosters that may still be borrowed from */
};

/* An identity_ask: the first line of $SIAGA_PASSPHRASE_FILE, or what the person at the terminal types. */
int
settings_ask (void *arg, const char *path, char out[PASSPHRASE_MAX]);

/* Where a person's state is, by the name in the identity: the caller's to free (). NULL when the identity cannot be looked
   at, or the environment names no directory. */
char *
settings_find_state (const char *identity_path);

/* The configuration's path: `given` (NULL: none), $SIAGA_CONF, $XDG_CONFIG_HOME/siaga/siaga.conf (by default
   ~/.config/…), /etc/siaga/siaga.conf; the caller's to free (). NULL when out of memory. */
char *
settings_path (const char *given);

/* Reads only the configuration: 0 or an enum cmd_exit, said to the user. */
int
settings_conf_load (struct settings_conf *conf, const char *given);

void
settings_conf_finish (struct settings_conf *conf);

/* Loads everything; asks for the identity's passphrase where it has one ($SIAGA_PASSPHRASE_FILE, else the
   terminal). 0 or an enum cmd_exit, said to the user; then nothing is left to finish. */
int
settings_load (struct settings *self, const char *given);

void
settings_finish (struct settings *self);

/* Puts a newer roster in force, from the bytes of a QUERY_ROSTER answer. The former one is kept until
   settings_finish (). 0 or SIAGA_E…, with words. */
int
settings_take_roster (struct settings *self, struct siaga_bytes answer, struct conf_error *error);

/* `state_dir`/`name`, the caller's to free (); NULL when out of memory. */
char *
settings_state_path (const struct settings *self, const char *name);

#endif
