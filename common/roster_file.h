/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roster as files: roster.conf and the minisign signatures beside it (DESIGN section 4).
 * Signatures are verified first, over the very bytes that are parsed then. Also the memory of which
 * roster was last adopted, so that an older one never comes back, and enrolling a card by editing
 * the text.
 *
 * Each signature's trusted comment is exactly "siaga roster network=<network> serial=<serial>".
 * Every error comes with words that name the file and the reason.
 */
#ifndef COMMON_ROSTER_FILE_H
#define COMMON_ROSTER_FILE_H

#include "common/conf.h"
#include "siaga/minisig.h"
#include "siaga/roster.h"

#define ROSTER_SIGNATURES_MAX 16       /* of one roster */
#define ROSTER_SIGNATURE_FILES_MAX 32  /* beside it, while one roster replaces another */
#define ROSTER_SIGNATURE_TEXT_MAX 4096 /* bytes of one */

/* What a program pins. */
struct trust_roots {
	char network[SIAGA_NETWORK_MAX + 1];
	struct siaga_minisig_key keys[SIAGA_ROOTS_MAX];
	size_t key_count;
	unsigned threshold;  /* how many different keys must sign; at least 1 */
	uint64_t min_serial; /* older rosters are refused */
};

/* The checker of root keys in a configuration or a roster: a minisign public key. */
bool
roster_check_root (const void *value, char reason[CONF_REASON_MAX]);

#define ROSTER_ROOT_TEXT 57 /* characters of a root key and its NUL: "RW…" */

void
roster_root_text (const struct siaga_minisig_key *key, char out[ROSTER_ROOT_TEXT]);

/* One more root: 0, SIAGA_EFORMAT (not a key), SIAGA_EEXISTS (there already), SIAGA_ELIMIT. */
int
roster_roots_add (struct trust_roots *roots, struct siaga_text text);

/* The same keys, in any order, and the same threshold? */
bool
roster_roots_same (const struct trust_roots *a, const struct trust_roots *b);

/* The roots that a roster announces, else false; network and minimum are those of `roots`. */
bool
roster_next_roots (const struct siaga_roster *roster, const struct trust_roots *roots,
		   struct trust_roots *next);

/* The roots that count: the pinned ones, or those that followed them (remembered in the state directory; a memory of
   other pins counts for nothing). SIAGA_EFORMAT (a damaged file fails closed), SIAGA_ELIMIT, SIAGA_EIO, SIAGA_ENOMEM. */
int
roster_roots_read (const char *state_dir, const struct trust_roots *pinned,
		   struct trust_roots *roots, struct conf_error *error);

/* Remembers durably that these follow the pinned ones. The errors of file_replace (), SIAGA_ELIMIT. */
int
roster_roots_write (const char *state_dir, const struct trust_roots *pinned,
		    const struct trust_roots *roots, struct conf_error *error);

/* A roster's bytes with its signatures, as read or received: what the hub hands on. */
struct roster_bundle {
	uint8_t *text;
	size_t size;
	size_t signature_count;
	struct siaga_text signatures[ROSTER_SIGNATURE_FILES_MAX]; /* each owned, malloc () */
};

void
roster_bundle_finish (struct roster_bundle *self);

/* Reads `path`, `path`.minisig and `path`.*.minisig (in order of name). SIAGA_ENOTFOUND,
   SIAGA_ELIMIT, SIAGA_ENOMEM, SIAGA_EIO. No signature at all is no error here. */
int
roster_bundle_read (struct roster_bundle *self, const char *path, struct conf_error *error);

/* A bundle from bytes received; copied. SIAGA_ELIMIT, SIAGA_ENOMEM. */
int
roster_bundle_copy (struct roster_bundle *self, struct siaga_bytes text,
		    const struct siaga_text *signatures, size_t signature_count);

/* Drops signatures that do not say that they are of this roster: left over from others beside it. Those by keys not
   known here stay, for they may be known to who is handed the bundle. */
void
roster_bundle_tidy (struct roster_bundle *self, const struct siaga_roster *roster);

/* Puts roster and signatures at `path`: first the signatures, under new names beside the old ones,
   then the roster in one step, then the old signatures are removed. So whatever is cut off on the
   way, what stands there verifies. SIAGA_ELIMIT (a name too long), SIAGA_EIO, SIAGA_ENOMEM,
   SIAGA_ENOTFOUND. */
int
roster_bundle_write (const struct roster_bundle *self, const char *path, struct conf_error *error);

/* Reads and checks the text of a roster; no signature, no clock (a key counts as live at `issued`).
   The result is indexed. SIAGA_ECONF, SIAGA_ELIMIT (over SIAGA_ROSTER_MAX), SIAGA_ENOMEM. */
int
roster_parse (const char *file_name, struct siaga_bytes text, struct siaga_roster **roster_p,
	      struct conf_error *error);

/* The same with the same errors, and every problem goes to the report. */
int
roster_parse_report (struct conf_report *report, struct siaga_bytes text,
		     struct siaga_roster **roster_p);

/* The same; cards that stand in a roster read before, under the same name, are not verified again. `known` may be NULL. */
int
roster_parse_after (struct conf_report *report, struct siaga_bytes text,
		    const struct siaga_roster *known, struct siaga_roster **roster_p);

/* Reports also what a roster says and can not work, which keeps nobody from using it (roster_playbook.h). 0: nothing;
   SIAGA_ECONF and the other errors as above. */
int
roster_lint_report (struct conf_report *report, struct siaga_bytes text);

/* Do enough different pinned keys sign these bytes, for this network, and with which serial? Both
   minisign kinds. 0, SIAGA_EUNSIGNED, SIAGA_ENETWORK (signed, but for another network),
   SIAGA_EROLLBACK (serial below min_serial). The caller compares *serial_p with the roster's once
   that is parsed. */
int
roster_verify (const char *file_name, struct siaga_bytes text, const struct siaga_text *signatures,
	       size_t signature_count, const struct trust_roots *roots, uint64_t *serial_p,
	       struct conf_error *error);

/* Verifies, then parses, then verifies by the next roots if it announces any, then looks at the dates. `in_use`: it was adopted before, so it goes on
   through its grace. 0, SIAGA_EUNSIGNED, SIAGA_ENETWORK, SIAGA_EROLLBACK, SIAGA_EEXPIRED,
   SIAGA_ECONF, SIAGA_ELIMIT, SIAGA_ENOMEM. */
int
roster_open (const char *file_name, const struct roster_bundle *bundle,
	     const struct trust_roots *roots, uint64_t now_us, bool in_use,
	     struct siaga_roster **roster_p, struct conf_error *error);

/* The same after another roster, as roster_parse_after (). */
int
roster_open_after (const char *file_name, const struct roster_bundle *bundle,
		   const struct trust_roots *roots, uint64_t now_us, bool in_use,
		   const struct siaga_roster *known, struct siaga_roster **roster_p,
		   struct conf_error *error);

/* roster_bundle_read () and roster_open (); their errors. */
int
roster_load (const char *path, const struct trust_roots *roots, uint64_t now_us, bool in_use,
	     struct siaga_roster **roster_p, struct conf_error *error);

/* 0, or SIAGA_EEXPIRED: past `expires`, or when in use past `expires` and `grace`. */
int
roster_age_check (const struct siaga_roster *roster, uint64_t now_us, bool in_use);

/* Past `expires`? Then whoever goes on using it says so, loudly. */
bool
roster_is_overdue (const struct siaga_roster *roster, uint64_t now_us);

/* What a program remembers of the last roster it adopted: the file `roster.state` in its state
   directory. */
struct roster_state {
	uint64_t serial; /* 0: none yet */
	uint8_t sha256[SIAGA_HASH_BYTES];
};

/* A missing file is serial 0. SIAGA_EFORMAT or SIAGA_ELIMIT (damaged; also a name too long), SIAGA_EIO,
   SIAGA_ENOMEM. */
int
roster_state_read (const char *state_dir, struct roster_state *state, struct conf_error *error);

/* Has exactly this one been adopted? */
bool
roster_state_is (const struct roster_state *state, const uint8_t sha256[SIAGA_HASH_BYTES]);

/* Could this roster be adopted? 0, SIAGA_EROLLBACK: an older serial than the one remembered, or the same with
   other bytes; the errors of roster_state_read (). Nothing is written. */
int
roster_adopt_check (const char *state_dir, const struct siaga_roster *roster,
		    struct conf_error *error);

/* Adopts a roster: remembers it durably (mode 0600) unless it is the one remembered.
   SIAGA_EROLLBACK: an older serial, or the same serial with other bytes; SIAGA_EFORMAT or SIAGA_ELIMIT
   (a damaged state file fails closed), SIAGA_ENOTFOUND (no such directory), SIAGA_EIO, SIAGA_ENOMEM. */
int
roster_adopt (const char *state_dir, const struct siaga_roster *roster, struct conf_error *error);

/* Has the text no principals yet? Then it does not pass roster_parse (). */
bool
roster_lacks_principals (struct siaga_bytes text);

/* Adds a new principal with this card and these roles (SIAGA_ROLE_…) to the text of a roster, as a
   new group at the end of `principals`; not one other byte is changed. When the principal is there
   already the key is added to its `keys`, unless its name or one of its keys is in use otherwise;
   then `roles` must be its own or 0. Where nobody is in the roster yet the section is made too: the first must be
   the hub, for the result to pass. *out_p is the caller's to free. SIAGA_ECONF (the text, or the
   result, does not pass roster_parse ()), SIAGA_ELIMIT (they are too large), SIAGA_EEXISTS, SIAGA_ENOMEM. */
int
roster_enroll (const char *file_name, struct siaga_bytes text, const struct siaga_card *card,
	       unsigned roles, char **out_p, size_t *size_p, struct conf_error *error);

/* The names of roles in the roster; index i is the role 1 << i. */
extern const struct siaga_names roster_role_names;

#endif
