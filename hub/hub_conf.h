/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's configuration file: siaga-hub.conf(5).
 */
#ifndef SIAGA_HUB_CONF_H
#define SIAGA_HUB_CONF_H

#include "common/trust.h"
#include "hub/quota.h"
#include "hub/presence_conf.h"

struct hub_conf {
	struct trust_conf trust;
	char *state; /* directory: journal.db, roster.state */
	struct conf_strings listen;
	struct quota_conf quota;
	int sandbox;		      /* enum sandbox_mode */
	struct conf_strings expected; /* principals that must be connected */
	struct presence_conf presence;
	char *checkpoint; /* the file outside the journal; NULL: checkpoint in `state` */
	uint64_t keep_us;
	uint64_t keep_bytes;
	uint64_t reserve_bytes;
	uint64_t check_us;
	char *metrics_file; /* NULL: none */
};

/* 0, or an error with words. */
int
hub_conf_load (struct hub_conf *self, const char *path, struct conf_error *error);

void
hub_conf_finish (struct hub_conf *self);

/* Is the identity that of the roster's hub? 0, SIAGA_EUNKNOWN with words. */
int
hub_conf_check_principal (const struct trust *trust, struct conf_error *error);

/* What `-n` does: roster and identity as the hub would take them, without touching its state. 0, or an error
   with words. */
int
hub_conf_check (const struct hub_conf *self, struct conf_error *error);

#endif
