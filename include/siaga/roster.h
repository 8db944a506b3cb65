/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roster as a value: who is who, who may do what. Reading it from text and checking its signatures
 * is common/roster_file.h; this is the record and the questions asked of it.
 */
#ifndef SIAGA_ROSTER_H
#define SIAGA_ROSTER_H

#include "siaga/entry.h"
#include "siaga/keys.h"
#include "siaga/minisig.h"
#include "siaga/playbook.h"

enum siaga_role {
	SIAGA_ROLE_PUBLISH = 1 << 0, /* alerts, updates, cancels, voids */
	SIAGA_ROLE_RESPOND = 1 << 1, /* responses */
	SIAGA_ROLE_READ = 1 << 2,    /* subscribe and query */
	SIAGA_ROLE_OPERATE = 1 << 3, /* sees the hub's status */
};

struct siaga_member {
	char name[SIAGA_MEMBER_MAX + 1];
	char *title;		  /* may be NULL */
	char *duty_phone;	  /* the same; answered day and night */
	char *mail;		  /* the same */
	enum siaga_tlp clearance; /* the most restricted TLP it may see */
};

struct siaga_roster_key {
	struct siaga_card card;
	uint8_t key_id[SIAGA_KEY_ID_BYTES];
	uint64_t until_us; /* retired from then on; 0: in use */
	uint64_t
		untrusted_from_us; /* compromised: nothing accepted from then on counts; 0: trusted */
};

struct siaga_principal {
	char name[SIAGA_PRINCIPAL_MAX + 1];
	unsigned roles;
	const struct siaga_member *member;
	size_t key_count;
	struct siaga_roster_key *keys;
};

struct siaga_system {
	char name[SIAGA_SYSTEM_MAX + 1];
	char *title;
	char owner[SIAGA_MEMBER_MAX + 1];
	bool vital; /* vital information infrastructure: incidents are reported in time */
};

struct siaga_roster {
	char network[SIAGA_NETWORK_MAX + 1];
	uint64_t serial;
	uint64_t issued_us;
	uint64_t expires_us;
	uint64_t grace_us; /* how long one in use goes on past `expires` */
	char hub[SIAGA_PRINCIPAL_MAX + 1];
	size_t address_count;
	char **addresses; /* "tcp://host:port" */
	size_t member_count;
	struct siaga_member *members;
	size_t principal_count;
	struct siaga_principal *principals; /* in the order of the file */
	size_t system_count;
	struct siaga_system *systems;
	size_t play_count;
	struct siaga_play *plays; /* first match wins */
	size_t next_root_count;	  /* 0: it announces no other roots */
	struct siaga_minisig_key next_roots[SIAGA_ROOTS_MAX];
	unsigned next_threshold;
	struct siaga_play_defaults play_defaults;
	size_t phase_count;
	struct siaga_phase *phases;	  /* in the order of the file */
	uint8_t sha256[SIAGA_HASH_BYTES]; /* of the signed bytes */

	/* Private: sorted indexes made by siaga_roster_index (); without them lookups are linear. */
	const struct siaga_principal **by_name;
	struct siaga_roster_transport *by_transport;
	size_t transport_count;
};

/* Makes the indexes that keep lookups fast, after `principals` is filled and before it is shared; a second
   call makes them anew. Returns 0 or SIAGA_ENOMEM. */
int
siaga_roster_index (struct siaga_roster *self);

/* Frees a roster made by roster_parse (); NULL is fine. */
void
siaga_roster_destroy (struct siaga_roster **self_p);

/* Who or what bears that name; NULL when nobody does. */
const struct siaga_member *
siaga_roster_member (const struct siaga_roster *self, struct siaga_text name);

const struct siaga_principal *
siaga_roster_principal (const struct siaga_roster *self, struct siaga_text name);

const struct siaga_system *
siaga_roster_system (const struct siaga_roster *self, struct siaga_text name);

/* Has the member a principal that may operate? */
bool
siaga_roster_operates (const struct siaga_roster *self, const struct siaga_member *member);

/* Whose transport key is this, and which of its keys; NULL when nobody's. */
const struct siaga_principal *
siaga_roster_by_transport (const struct siaga_roster *self,
			   const uint8_t transport[SIAGA_KEY_BYTES],
			   const struct siaga_roster_key **key_p);

/* The principal's key with that id; NULL when it has none. */
const struct siaga_roster_key *
siaga_roster_key (const struct siaga_principal *principal,
		  const uint8_t key_id[SIAGA_KEY_ID_BYTES]);

/* Is the key good at `at_us` (the hub's accepted time)? 0 or SIAGA_EREVOKED. */
int
siaga_roster_key_check (const struct siaga_roster_key *key, uint64_t at_us);

/* Finds the key a batch of `origin` must verify with at `accepted_us`: 0, SIAGA_EUNKNOWN, SIAGA_EREVOKED. */
int
siaga_roster_signer (const struct siaga_roster *self, struct siaga_text origin,
		     const uint8_t key_id[SIAGA_KEY_ID_BYTES], uint64_t accepted_us,
		     const struct siaga_principal **principal_p,
		     const struct siaga_roster_key **key_p);

/* May this principal be the origin of that entry (header.origin is checked to be it)? 0, SIAGA_EORIGIN,
   SIAGA_EROLE. The hub alone says `system` and `roster`, and says nothing else. */
int
siaga_may_say (const struct siaga_roster *self, const struct siaga_principal *principal,
	       const struct siaga_header *header);

/* May this member see that entry? Its origin's own member may, but for an escalation;
   others need clearance >= tlp and, where an audience is named, to be in it. The one place where need to know is decided. */
bool
siaga_may_see (const struct siaga_member *member, const struct siaga_header *header);

#endif
