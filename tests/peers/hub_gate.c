/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile gate against the core: it has no key of anybody but may say what it likes on the socket between them.
 *
 *	hub_gate HUB-CONF ROSTER IDENTITY OTHER-IDENTITY SEED
 *
 * Plays each trick, and after each an honest session has to be answered. A line each, `<trick> <answers> [cut]`, and
 * `memory BEFORE AFTER` of the core in KiB at the end.
 */
#include "hub_gate.h"

#include "hub/hub_limits.h"

#define STORM 20000

static struct siaga_identity
	*s_other; /* another principal's: only its card is used, a gate has no secrets */
static uint64_t s_seed;

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t
s_random (void)
{
	uint64_t z = (s_seed += UINT64_C (0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
s_status (struct hostile_gate *self, uint64_t conn)
{
	gate_message (self, SIAGA_STATUS)->status.now_us = 1;
	gate_speak (self, conn);
}

/* --- who it is ------------------------------------------------------------------------------------------- */

static void
s_stranger (struct hostile_gate *self)
{
	uint8_t key[SIAGA_KEY_BYTES];

	randombytes_buf (key, sizeof key);
	uint64_t conn = gate_open (self, key);
	struct siaga_hello hello = gate_knock (self, conn);
	memcpy (hello.transport, key, sizeof key);
	gate_hello (self, conn, &hello);
}

/* In the other's name with the other's transport key, signed by whoever the gate has bribed. */
static void
s_as_other (struct hostile_gate *self)
{
	uint64_t conn = gate_open (self, s_other->card.transport);
	struct siaga_hello hello = gate_knock (self, conn);

	hello.principal = siaga_text (s_other->card.principal);
	memcpy (hello.transport, s_other->card.transport, sizeof hello.transport);
	siaga_key_id (hello.key_id, s_other->card.sign);
	gate_hello (self, conn, &hello);
}

/* One's own HELLO on a connection that is said to be the other's. */
static void
s_own_on_others (struct hostile_gate *self)
{
	uint64_t conn = gate_open (self, s_other->card.transport);
	struct siaga_hello hello = gate_knock (self, conn);

	gate_hello (self, conn, &hello);
}

/* A HELLO that was heard before, on a new connection with the right key. */
static void
s_hello_again (struct hostile_gate *self)
{
	uint64_t first = gate_open (self, self->peer->identity->card.transport);
	struct siaga_hello hello = gate_knock (self, first);
	uint64_t conn = gate_open (self, self->peer->identity->card.transport);

	gate_knock (self, conn);
	gate_hello (self, conn, &hello);
}

static void
s_batch_elsewhere (struct hostile_gate *self)
{
	static uint8_t room[SIAGA_ENTRY_MAX], batch[SIAGA_BATCH_MAX];
	uint64_t conn = gate_session (self, true);
	struct siaga_header header = peer_header (self->peer);

	header.origin = siaga_text (s_other->card.principal);
	struct siaga_bytes entry = peer_entry (&header, "not from here", room);
	gate_message (self, SIAGA_PUBLISH)->publish.batch =
		peer_batch (self->peer, 1, &entry, 1, NULL, batch);
	gate_speak (self, conn);
	while (!self->said[0] && gate_take (self, GATE_WAIT_MS))
		continue;
}

/* --- connections ----------------------------------------------------------------------------------------- */

static void
s_never_opened (struct hostile_gate *self)
{
	self->played = UINT64_MAX;
	s_status (self, UINT64_MAX);
	s_status (self, 0);
	gate_say (self, PACKET_GONE, UINT64_MAX, NULL, NO_PAYLOAD);
}

/* A connection that is opened again under its number is a new one. */
static void
s_opened_twice (struct hostile_gate *self)
{
	uint64_t conn = gate_session (self, false);

	gate_say (self, PACKET_OPEN, conn, self->peer->identity->card.transport, NO_PAYLOAD);
	s_status (self, conn);
}

static void
s_gone_twice (struct hostile_gate *self)
{
	uint64_t conn = gate_session (self, false);

	gate_say (self, PACKET_GONE, conn, NULL, NO_PAYLOAD);
	gate_say (self, PACKET_GONE, conn, NULL, NO_PAYLOAD);
	s_status (self, conn);
}

/* The gate does not do as it is told, and lets the peer talk on. */
static void
s_cut_ignored (struct hostile_gate *self)
{
	uint64_t conn = gate_session (self, false);

	gate_message (self, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
	gate_speak (self, conn);
	for (int i = 0; i < 1000; i++)
		s_status (self, conn);
}

/* Many more than there may be sessions, all in one bucket of the core's table, and gone. */
static void
s_open_storm (struct hostile_gate *self)
{
	uint64_t conn = self->last_conn;

	self->played = 0;
	self->cuts = 0;
	for (int i = 0; i < STORM; i++)
		gate_say (self, PACKET_OPEN, conn += 8192, self->peer->identity->card.transport,
			  NO_PAYLOAD);
	gate_settle (self);
	gate_up (self, "nowhere");
	self->last_conn = conn;
	gate_note (self, self->cuts >= STORM - HUB_SESSIONS_MAX ? "limit" : "NO-LIMIT");
}

static void
s_up_storm (struct hostile_gate *self)
{
	self->played = 0;
	for (int i = 0; i < STORM / 4; i++)
		gate_up (self, "nowhere");
}

/* --- packets --------------------------------------------------------------------------------------------- */

static void
s_other_generation (struct hostile_gate *self)
{
	uint64_t conn = gate_session (self, false);

	self->generation ^= 1;
	s_status (self, conn);
	gate_say (self, PACKET_GONE, conn, NULL, NO_PAYLOAD);
	self->generation ^= 1;
}

static void
s_core_packets (struct hostile_gate *self)
{
	self->played = 0;
	for (uint32_t type = PACKET_CORE_UP; type <= PACKET_TYPES + 3; type++)
		gate_say (self, (enum packet_type) type, 1, NULL, NO_PAYLOAD);
	gate_say (self, (enum packet_type) UINT32_MAX, 1, NULL, NO_PAYLOAD);
	gate_say (self, (enum packet_type) 0, 1, NULL, NO_PAYLOAD);
}

static void
s_misshapen (struct hostile_gate *self)
{
	static uint8_t noise[PACKET_BYTES_MAX + 4096];

	self->played = 0;
	for (size_t size = 1; size < sizeof (struct packet); size++)
		gate_write (self, noise, size, true);
	struct packet packet = {
		.type = PACKET_MESSAGE, .generation = self->generation, .conn = self->witness};
	memcpy (noise, &packet, sizeof packet);
	gate_write (self, noise, sizeof noise, true); /* longer than any */
	packet.type = PACKET_READY;
	memcpy (noise, &packet, sizeof packet);
	gate_write (self, noise, sizeof packet + 4097, true);
}

static void
s_ready_escapes (struct hostile_gate *self)
{
	self->played = 0;
	gate_up (self, "\x1b[2J\x1b]0;owned\x07 %s%n\nready: all is well");
}

/* Right in its head, noise behind it; and sometimes a connection for it. */
static void
s_noise (struct hostile_gate *self)
{
	static uint8_t noise[2048];

	self->played = 0;
	for (int i = 0; i < STORM; i++) {
		size_t size = s_random () % sizeof noise;
		uint64_t conn = self->last_conn + s_random () % 16;
		for (size_t k = 0; k < size; k += 8) {
			uint64_t random = s_random ();
			memcpy (noise + k, &random, 8);
		}
		if (size > 2 && s_random () % 2)
			memcpy (noise, "\x84\x01", 2);
		if (s_random () % 4 == 0)
			gate_say (self, PACKET_OPEN, conn, noise, NO_PAYLOAD);
		gate_say (self, PACKET_MESSAGE, conn, NULL, (struct siaga_bytes){noise, size});
	}
	self->last_conn += 16;
	gate_up (self, "nowhere");
}

/* --- a gate that does not listen -------------------------------------------------------------------------- */

/* Asks and asks and takes no answer: the core stops reading, and goes on when it is listened to again. */
static void
s_deaf (struct hostile_gate *self)
{
	uint64_t conn = gate_session (self, false);
	static uint8_t out[PACKET_BYTES_MAX];
	struct packet packet = {
		.type = PACKET_MESSAGE, .generation = self->generation, .conn = conn};
	size_t sent = 0;

	gate_message (self, SIAGA_STATUS)->status.now_us = 1;
	siaga_writer_init (&self->writer, out + sizeof packet, sizeof out - sizeof packet);
	siaga_message_write (&self->writer, &self->message);
	memcpy (out, &packet, sizeof packet);
	while (sent < 10 * STORM &&
	       gate_write (self, out, sizeof packet + self->writer.size, false))
		sent++;
	gate_note (self, sent < 10 * STORM ? "stopped" : "NO-BOUND");
}

static const struct {
	const char *name;
	void (*play) (struct hostile_gate *self);
} s_tricks[] = {
	{"key-of-nobody", s_stranger},
	{"in-anothers-name", s_as_other},
	{"own-hello-on-anothers-connection", s_own_on_others},
	{"hello-again", s_hello_again},
	{"entry-of-another", s_batch_elsewhere},
	{"never-opened", s_never_opened},
	{"opened-twice", s_opened_twice},
	{"gone-twice", s_gone_twice},
	{"cut-ignored", s_cut_ignored},
	{"another-generation", s_other_generation},
	{"packets-of-the-core", s_core_packets},
	{"misshapen-packets", s_misshapen},
	{"ready-with-escapes", s_ready_escapes},
	{"noise", s_noise},
	{"storm-of-connections", s_open_storm},
	{"storm-of-generations", s_up_storm},
	{"does-not-listen", s_deaf},
};

static long
s_memory_kib (const struct hostile_gate *self)
{
	char path[64], line[256];
	long kib = 0;

	snprintf (path, sizeof path, "/proc/%ld/status", (long) self->core);
	FILE *file = fopen (path, "r");
	while (file && fgets (line, sizeof line, file))
		if (sscanf (line, "RssAnon: %ld", &kib) == 1)
			break;
	if (file)
		fclose (file);
	return kib;
}

static void
s_play (struct hostile_gate *self, size_t i)
{
	self->said[0] = '\0';
	self->is_cut = false;
	gate_settle (self);
	s_tricks[i].play (self);
	gate_settle (self);
	printf ("%s %s%s\n", s_tricks[i].name, self->said[0] ? self->said : "silence",
		self->is_cut ? " cut" : "");
	fflush (stdout);
}

int
main (int argc, char **argv)
{
	static struct hostile_gate self;
	struct conf_error error = {""};
	long before = 0;
	int status;

	if (argc != 6)
		peer_die ("usage", "hub_gate HUB-CONF ROSTER IDENTITY OTHER-IDENTITY SEED");
	if (hub_conf_load (&self.conf, argv[1], &error) != 0)
		peer_die (argv[1], error.words);
	self.peer = peer_new (argv[3], argv[2]);
	s_other = peer_identity (argv[4]);
	s_seed = strtoull (argv[5], NULL, 10);
	self.generation = randombytes_random ();
	gate_start_core (&self);
	gate_up (&self, "nowhere");
	/* Twice: what the first round made grow must not grow again. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof s_tricks / sizeof *s_tricks; i++)
			s_play (&self, i);
		if (round == 0)
			before = s_memory_kib (&self);
	}
	printf ("memory %ld %ld\n", before, s_memory_kib (&self));
	kill (self.core, SIGTERM);
	while (waitpid (self.core, &status, WNOHANG) == 0)
		gate_take (&self, 100);
	printf ("core %d\n", WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status));
	siaga_identity_destroy (&s_other);
	peer_destroy (&self.peer);
	hub_conf_finish (&self.conf);
	return 0;
}
