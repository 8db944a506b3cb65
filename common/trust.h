/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agent, hub and command line have in common: the pinned network and roots, the roster in
 * force, and who we are in it. One struct trust of a program, made in main and passed down.
 *
 *	struct agent_conf { struct trust_conf trust; … };
 *	static const struct conf_field fields[] = { TRUST_CONF_FIELDS (struct agent_conf, trust), … };
 */
#ifndef COMMON_TRUST_H
#define COMMON_TRUST_H

#include "common/identity_file.h"
#include "common/roster_file.h"

/* The keys of every program's configuration file. */
struct trust_conf {
	char *network;
	struct conf_strings roots; /* minisign public keys */
	int64_t threshold;
	int64_t min_serial;
	char *roster;	/* path */
	char *identity; /* path */
};

/* clang-format off */
#define TRUST_CONF_FIELDS(record, place) \
	{"network", CONF_STRING, offsetof (record, place.network), .required = true, \
	 .check = conf_check_network}, \
	{"roots", CONF_STRING_LIST, offsetof (record, place.roots), .required = true, \
	 .min = 1, .max = SIAGA_ROOTS_MAX, .check = roster_check_root}, \
	{"threshold", CONF_INT, offsetof (record, place.threshold), .fallback = "1", \
	 .min = 1, .max = SIAGA_ROOTS_MAX}, \
	{"min_serial", CONF_INT, offsetof (record, place.min_serial), .fallback = "1", \
	 .min = 1, .max = INT64_MAX}, \
	{"roster", CONF_PATH, offsetof (record, place.roster), .required = true}, \
	{"identity", CONF_PATH, offsetof (record, place.identity), .required = true}
/* clang-format on */

/* The pinned keys from a configuration: the same root twice, or a threshold above their number, is
   SIAGA_ECONF. */
int
trust_roots_init (struct trust_roots *roots, const struct trust_conf *conf,
		  struct conf_error *error);

struct trust {
	struct trust_roots pinned; /* by the configuration */
	struct trust_roots roots;  /* that count: the pinned ones, or those that followed them */
	char *roster_path;
	char *state_dir;	     /* NULL: nothing is remembered (an offline command) */
	bool look_only;		     /* compare with what is remembered, remember nothing */
	bool unkept;		     /* the roster in force could not be remembered */
	bool undated;		     /* a date stops nothing: see trust_load_undated () */
	struct roster_bundle bundle; /* of the roster in force */
	struct siaga_roster *roster; /* in force; never NULL after trust_load () */
	struct siaga_identity *identity;

	/* Who we are in the roster in force; NULL when it does not know us, or our key. */
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key;
};

/* Fills `pinned` from a configuration and `roots` from them and the memory in state_dir, which is set already. The
   errors of trust_roots_init () and roster_roots_read (). */
int
trust_find_roots (struct trust *self, const struct trust_conf *conf, struct conf_error *error);

/*
 * Loads identity and roster, adopts the roster in `state_dir` (made by the caller; NULL: without
 * memory), and finds the identity in it with a live key. `ask` may be NULL. `self` is overwritten;
 * after a failure it holds nothing. Every error of trust_find_roots (), identity_load (),
 * roster_load () and roster_adopt (), and SIAGA_EUNKNOWN or SIAGA_EREVOKED (the identity), each with words. Logs `roster-overdue` for a
 * roster in its grace.
 */
int
trust_load (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	    uint64_t now_us, identity_ask *ask, void *arg, struct conf_error *error);

/* The same for who never stops collecting because of a date, or of a clock that is wrong: a roster that was in use goes
   on being used past its grace, and a key that is retired is used, each with a line in the log. */
int
trust_load_undated (struct trust *self, const struct trust_conf *conf, const char *state_dir,
		    uint64_t now_us, struct conf_error *error);

/* The same for `-n`: everything is checked, a roster older than the one remembered in `state_dir` (which need not
   exist) too, and nothing is written. */
int
trust_check (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	     uint64_t now_us, struct conf_error *error);

/* The roster alone, without an identity: the newer one of the configured files and of the copy of what the hub sent
   last in `state_dir` (NULL: no copy). Nothing is written; `principal`, `key` and `identity` stay NULL. The errors of
   trust_load () that concern the roster, each with words; after one `self` holds nothing. */
int
trust_look (struct trust *self, const struct trust_conf *conf, const char *state_dir,
	    uint64_t now_us, struct conf_error *error);

void
trust_finish (struct trust *self);

/* Reads the roster's files again (SIGHUP), also the copy of what the hub sent last in the state directory where that is
   newer, and puts a newer roster in force. *old_p is the former
   one, the caller's to destroy when nobody borrows from it any more; NULL when nothing changed.
   Errors leave the roster in force as it is, but that the new one could not be remembered is only logged and tried
   again with the next call; but that our own key is not in the new one
   (SIAGA_EUNKNOWN, SIAGA_EREVOKED) is told after the change. */
int
trust_reload (struct trust *self, uint64_t now_us, struct siaga_roster **old_p,
	      struct conf_error *error);

/* The same from bytes received (QUERY_ROSTER): verifies, writes a copy into the state directory and the files at
   roster_path (a failure of the latter is only logged where there is a state directory), then remembers it. */
int
trust_take (struct trust *self, struct siaga_bytes text, const struct siaga_text *signatures,
	    size_t signature_count, uint64_t now_us, struct siaga_roster **old_p,
	    struct conf_error *error);

/* Is the identity in the roster in force with a key that is live now? 0, SIAGA_EUNKNOWN,
   SIAGA_EREVOKED. Also sets `principal` and `key`. */
int
trust_identify (struct trust *self, uint64_t now_us, struct conf_error *error);

/* The hub's principal in the roster in force. */
const struct siaga_principal *
trust_hub (const struct trust *self);

#endif
