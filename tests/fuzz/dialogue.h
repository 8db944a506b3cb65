/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub, the peers and the queue between them, of fuzz_hub_dialogue.c. Peers are connections; what a principal publishes goes on in its
 * lanes, whichever connection it uses.
 */
#ifndef TESTS_DIALOGUE_H
#define TESTS_DIALOGUE_H

#include <poll.h>
#include <stdlib.h>

#define HUB_FIXTURE_ALONE
#include "../unit/hub_fixture.h"
#include "fixed_random.h"

#define must(what) ((what) ? (void) 0 : abort ())

#define VERBS_MAX 200 /* of one input */
#define PEERS 6
#define LANES 3 /* epochs of a principal */
#define REFS_KEPT 16
#define SAME_MS UINT64_C (1795507200000)

struct lane {
	uint64_t cut, acked, number;
	size_t batch_size; /* of the last one cut */
	uint8_t batch[SIAGA_BATCH_MAX];
};

struct who {
	const char *name;
	enum siaga_tlp clearance[2]; /* in either roster */
	struct lane lanes[LANES];
};

struct guest {
	uint64_t conn; /* 0: none */
	struct who *who;
	unsigned lane;
	bool is_challenged;
	uint8_t nonce[SIAGA_NONCE_BYTES];
	struct hub_lane made; /* the batch being made */
};

struct script {
	const uint8_t *data;
	size_t size;
};

static struct who s_people[] = {
	{.name = "bssn/soc-1", .clearance = {SIAGA_TLP_RED, SIAGA_TLP_RED}},
	{.name = "polri/dewi", .clearance = {SIAGA_TLP_RED, SIAGA_TLP_GREEN}},
	{.name = "brin/rina", .clearance = {SIAGA_TLP_GREEN, SIAGA_TLP_AMBER}},
	{.name = "kpu/ops", .clearance = {SIAGA_TLP_RED, SIAGA_TLP_RED}},
};
#define PEOPLE (sizeof s_people / sizeof *s_people)

static struct hub *s_hub;
static struct guest s_peers[PEERS];
static uint64_t s_conn;	  /* the last one given */
static unsigned s_roster; /* 0 or 1 */
static unsigned s_serial;
static uint64_t s_acked;
static uint64_t s_made; /* entries, so that each has its id */
static struct siaga_ref s_refs[REFS_KEPT];
static size_t s_ref_count;

/* fuzz_hub_dialogue.c: the hub said that; what must not be aborts. */
void
dialogue_heard (struct guest *peer, const struct siaga_message *message);

/* --- bytes ------------------------------------------------------------------------------------------------------ */

static inline uint8_t
next_byte (struct script *script)
{
	if (script->size == 0)
		return 0;
	script->size--;
	return *script->data++;
}

static inline struct siaga_bytes
next_bytes (struct script *script)
{
	size_t size = next_byte (script);
	struct siaga_bytes bytes = {script->data, size < script->size ? size : script->size};

	script->data += bytes.size;
	script->size -= bytes.size;
	return bytes;
}

static inline struct guest *
next_peer (struct script *script)
{
	return &s_peers[next_byte (script) % PEERS];
}

/* --- the queue -------------------------------------------------------------------------------------------------- */

static inline struct lane *
dialogue_lane (struct who *who, const uint8_t *epoch)
{
	return epoch[0] < LANES ? &who->lanes[epoch[0]] : NULL;
}

static inline struct guest *
s_peer_of (uint64_t conn)
{
	for (size_t i = 0; i < PEERS; i++)
		if (s_peers[i].conn == conn && conn != 0)
			return &s_peers[i];
	return NULL;
}

static inline void
s_take (const struct packet *packet, struct siaga_bytes payload)
{
	struct guest *peer = s_peer_of (packet->conn);

	if (packet->type == PACKET_CUT && peer)
		peer->conn = 0;
	if (packet->type != PACKET_SEND)
		return;
	must (payload.size <= sizeof s_hub->frame);
	memcpy (s_hub->frame, payload.data, payload.size);
	must (siaga_message_read ((struct siaga_bytes){s_hub->frame, payload.size}, &s_hub->in) ==
	      0);
	if (!peer)
		return;
	if (s_hub->in.type == SIAGA_CHALLENGE) {
		peer->is_challenged = true;
		memcpy (peer->nonce, s_hub->in.challenge.nonce, sizeof peer->nonce);
	}
	dialogue_heard (peer, &s_hub->in);
}

/* Hears all that was said; true when there was anything. */
static inline bool
s_hear (void)
{
	struct packet packet;
	struct siaga_bytes payload;
	bool any = false;

	while (packet_queue_first (core_out (s_hub->core), &packet, &payload)) {
		s_take (&packet, payload);
		packet_queue_drop_first (core_out (s_hub->core));
		any = true;
	}
	return any;
}

static inline void
dialogue_settle (void)
{
	do {
		s_hear ();
		hub_wait_jobs (s_hub);
	} while (core_work (s_hub->core) || s_hear ());
}

static inline void
s_say (struct guest *peer, const struct siaga_message *message)
{
	if (peer->conn == 0)
		return;
	if (!core_wants_packets (s_hub->core))
		dialogue_settle ();
	hub_says (s_hub, peer->conn, message);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static inline void
s_gone (struct guest *peer)
{
	if (peer->conn != 0)
		hub_gate_says (s_hub, PACKET_GONE, peer->conn, NULL, NO_BYTES);
	peer->conn = 0;
}

static inline void
s_hello (struct guest *peer, uint8_t how)
{
	struct siaga_hello hello;

	if (!peer->is_challenged || peer->conn == 0)
		return;
	s_hub->in.type = SIAGA_CHALLENGE; /* what hub_hello () answers */
	memcpy (s_hub->in.challenge.nonce, peer->nonce, sizeof peer->nonce);
	hello = hub_hello (s_hub, peer->who->name, how & 1 ? NULL : peer->made.epoch);
	hello.last_oseq = how & 1 ? 0 : peer->who->lanes[peer->lane].cut;
	if (how & 8)
		hello.hub_nonce[0] ^= 1;
	if (how & 16)
		hello.roster_serial = 3;
	hub_says_hello (s_hub, peer->conn, peer->who->name, &hello);
	s_hear ();
}

/* --- an input ------------------------------------------------------------------------------------------------ */

/* `text` with the first `find` in it replaced by what is as long or shorter. */
static inline void
s_replace (char *text, const char *find, const char *replacement)
{
	char *at = strstr (text, find);
	size_t size = strlen (replacement);

	must (at && size <= strlen (find));
	memcpy (at, replacement, size);
	memset (at + size, ' ', strlen (find) - size);
}

/* Both, parsed once in a process: in the second one others are cleared for other things, and rina may not answer. */
static struct siaga_roster *s_rosters[2];

static inline void
s_make_rosters (void)
{
	static char text[sizeof hub_roster];

	memcpy (text, hub_roster, sizeof text);
	s_rosters[0] = hub_parse (text);
	s_replace (text, "polri\"; clearance = \"red\"", "polri\"; clearance=\"green\"");
	s_replace (text, "brin\"; clearance = \"green\"", "brin\"; clearance = \"amber\"");
	s_replace (text, "brin/rina\"; roles = [\"respond\", \"read\"]",
		   "brin/rina\"; roles = [\"read\"]");
	s_rosters[1] = hub_parse (text);
}

/* The same keys in every process. */
static inline void
s_make_keys (void)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		fixed_random (1000 * (i + 1));
		fixture_identity (s_people[i].name);
	}
}

static inline void
s_forget (void)
{
	for (size_t i = 0; i < PEERS; i++) {
		s_peers[i].conn = 0;
		s_peers[i].who = NULL;
	}
	for (size_t i = 0; i < PEOPLE; i++)
		for (size_t k = 0; k < LANES; k++) {
			struct lane *lane = &s_people[i].lanes[k];
			lane->cut = lane->acked = lane->number = lane->batch_size = 0;
		}
	memset (s_refs, 0, sizeof s_refs);
	s_ref_count = 0;
	s_conn = s_acked = s_made = 0;
	s_roster = 0;
	s_serial = 7;
}

static inline void
dialogue_begin (void)
{
	if (!s_rosters[0]) {
		s_make_keys ();
		s_make_rosters ();
	}
	fixed_random (1000000);
	s_forget ();
	s_rosters[0]->serial = s_serial;
	s_hub = hub_new_with (s_rosters[0]);
	dialogue_settle ();
}

static inline void
dialogue_end (void)
{
	core_destroy (&s_hub->core); /* the rosters are used again */
	free (s_hub);
}

#endif
