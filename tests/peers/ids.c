/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What routing ids can be made to do, if they can be guessed: who gets whose mail.
 *
 *	ids ROSTER READER ATTACKER PUBLISHER SCENARIO [COUNT]
 *
 *	live           ATTACKER takes the routing id of READER, who is there and reads; PUBLISHER says something
 *	gone COUNT     COUNT times READER leaves in the middle of a delivery and ATTACKER takes its id at once
 *	odd            ATTACKER's ids are empty, short, long, or begin with 0
 *	twins COUNT    COUNT times two of ATTACKER's with one id, the second filled with messages and reset
 *	automatic COUNT  COUNT peers of ATTACKER's without an id, and as many whose ids look like what libzmq gives
 *
 * Prints who got what.
 */
#include <poll.h>

#include "raw.h"

#define ID_BYTES 16

struct ids {
	struct peer *reader;
	struct peer *attacker;
	struct peer *publisher;
	struct raw read, attack, publish;
	uint64_t oseq;
	size_t count;
};

/* Opens to READY with a routing id of one's choice: 0 or an error. */
static int
s_open_as (struct raw *raw, struct peer *peer, const void *id, size_t size)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t used = raw_property (metadata, 0, "Socket-Type", "DEALER", 6);

	used = raw_property (metadata, used, "Identity", id, size);
	return raw_open (raw, peer, metadata, used);
}

static void
s_choose (uint8_t id[ID_BYTES])
{
	randombytes_buf (id, ID_BYTES);
	id[0] |= 1;
}

static void
s_must (int error, const char *what)
{
	if (error)
		peer_die (what, siaga_strerror (error));
}

/* READER under that id, subscribed from the head on. */
static void
s_subscribe (struct ids *self, const uint8_t id[ID_BYTES])
{
	static struct siaga_message message;

	s_must (s_open_as (&self->read, self->reader, id, ID_BYTES), "reader");
	s_must (raw_enter (&self->read, self->reader, self->reader->identity->card.principal, NULL),
		"reader's hello");
	message.type = SIAGA_SUBSCRIBE;
	message.subscribe.id = 1;
	message.subscribe.cursor.next = self->reader->in.welcome.head;
	message.subscribe.credit = SIAGA_CREDIT_MAX;
	s_must (raw_say (&self->read, &message), "subscribe");
}

/* Says something, and waits for the ACK when `waits`. */
static void
s_publish (struct ids *self, bool waits)
{
	static struct siaga_message message;
	static uint8_t room[SIAGA_ENTRY_MAX], batch[SIAGA_BATCH_MAX];
	struct siaga_header header = peer_header (self->publisher);
	struct siaga_bytes entry = peer_entry (&header, "for the reader", room);

	if (self->oseq == 0)
		s_must (raw_session (&self->publish, self->publisher, self->publisher->epoch),
			"publisher");
	message.type = SIAGA_PUBLISH;
	message.publish.batch = peer_batch (self->publisher, ++self->oseq, &entry, 1, NULL, batch);
	s_must (raw_say (&self->publish, &message), "publish");
	if (waits)
		s_must (raw_hear (&self->publish, self->publisher), "ack");
}

static size_t
s_inbox (struct raw *raw, struct peer *peer, int wait_ms)
{
	struct pollfd in = {.fd = raw->fd, .events = POLLIN};
	size_t count = 0;

	while (poll (&in, 1, wait_ms) > 0 && raw_hear (raw, peer) == 0)
		count++;
	return count;
}

/* The reader's PONG comes after what was sent before it. */
static const char *
s_read_alert (struct ids *self)
{
	if (raw_hear (&self->read, self->reader) != 0)
		return "cut";
	return siaga_message_name (self->reader->in.type);
}

static void
s_live (struct ids *self)
{
	uint8_t id[ID_BYTES];

	s_choose (id);
	s_subscribe (self, id);
	s_must (s_open_as (&self->attack, self->attacker, id, ID_BYTES), "attacker");
	s_publish (self, true);
	printf ("reader %s\n", s_read_alert (self));
	printf ("attacker %zu\n", s_inbox (&self->attack, self->attacker, 500));
	raw_close (&self->attack);

	/* And one that speaks. */
	s_must (s_open_as (&self->attack, self->attacker, id, ID_BYTES), "attacker");
	int error = raw_enter (&self->attack, self->attacker,
			       self->attacker->identity->card.principal, NULL);
	printf ("attacker-speaks %s\n", error ? "silence" : "welcome");
	s_publish (self, true);
	printf ("reader %s\n", s_read_alert (self));
	printf ("attacker %zu\n", s_inbox (&self->attack, self->attacker, 500));
}

static void
s_gone (struct ids *self)
{
	size_t stolen = 0;

	for (size_t turn = 0; turn < self->count; turn++) {
		uint8_t id[ID_BYTES];
		s_choose (id);
		s_subscribe (self, id);
		for (int i = 0; i < 8; i++)
			s_publish (self, false);
		raw_close (&self->read);
		s_must (s_open_as (&self->attack, self->attacker, id, ID_BYTES), "attacker");
		for (int i = 0; i < 8; i++)
			s_must (raw_hear (&self->publish, self->publisher), "ack");
		stolen += s_inbox (&self->attack, self->attacker, 5);
		raw_close (&self->attack);
	}
	printf ("stolen %zu\n", stolen);
}

static void
s_odd (struct ids *self)
{
	static uint8_t id[256];
	static const struct {
		const char *name;
		size_t size;
		uint8_t first;
	} odd[] = {{"empty", 0, 1}, {"one", 1, 7},	 {"short", 15, 7},
		   {"long", 17, 7}, {"longest", 255, 7}, {"begins-with-0", 16, 0},
		   {"five", 5, 0}};

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		randombytes_buf (id, sizeof id);
		id[0] = odd[i].first;
		int error = s_open_as (&self->attack, self->attacker, id, odd[i].size);
		if (!error)
			error = raw_enter (&self->attack, self->attacker,
					   self->attacker->identity->card.principal, NULL);
		printf ("%s %s\n", odd[i].name, error ? "cut" : "WELCOME");
		raw_close (&self->attack);
	}
}

static void
s_twins (struct ids *self)
{
	struct linger at_once = {1, 0};
	static uint8_t burst[1 << 16];
	uint8_t id[ID_BYTES];

	for (size_t turn = 0; turn < self->count; turn++) {
		size_t used = 0;
		s_choose (id);
		s_must (s_open_as (&self->read, self->attacker, id, ID_BYTES), "first");
		s_must (raw_enter (&self->read, self->attacker,
				   self->attacker->identity->card.principal, NULL),
			"first's hello");
		s_must (s_open_as (&self->attack, self->attacker, id, ID_BYTES), "second");
		for (int i = 0; i < 256; i++)
			used += raw_seal (&self->attack, 0, "x", 1, burst + used);
		s_must (raw_write (&self->attack, burst, used), "burst");
		setsockopt (self->attack.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		raw_close (&self->attack);
		raw_close (&self->read);
	}
	printf ("twins %zu\n", self->count);
}

static void
s_automatic (struct ids *self)
{
	struct raw *raws = calloc (2 * self->count, sizeof *raws);
	size_t good = 0;

	for (size_t i = 0; raws && i < 2 * self->count; i++) {
		uint8_t id[5] = {0};
		randombytes_buf (id + 1, sizeof id - 1);
		good += s_open_as (&raws[i], self->attacker, id, i % 2 ? 0 : sizeof id) == 0;
	}
	printf ("automatic %zu\n", good);
	free (raws);
}

int
main (int argc, char **argv)
{
	static struct ids self = {.read.fd = -1, .attack.fd = -1, .publish.fd = -1};

	if (argc < 6)
		peer_die ("usage", "ids ROSTER READER ATTACKER PUBLISHER SCENARIO [COUNT]");
	self.reader = peer_new (argv[2], argv[1]);
	self.attacker = peer_new (argv[3], argv[1]);
	self.publisher = peer_new (argv[4], argv[1]);
	self.count = argc > 6 ? strtoull (argv[6], NULL, 10) : 1;
	if (strcmp (argv[5], "live") == 0)
		s_live (&self);
	else if (strcmp (argv[5], "gone") == 0)
		s_gone (&self);
	else if (strcmp (argv[5], "twins") == 0)
		s_twins (&self);
	else if (strcmp (argv[5], "odd") == 0)
		s_odd (&self);
	else if (strcmp (argv[5], "automatic") == 0)
		s_automatic (&self);
	else
		peer_die ("no such scenario", argv[5]);
	peer_destroy (&self.reader);
	peer_destroy (&self.attacker);
	peer_destroy (&self.publisher);
	return 0;
}
