/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enrolled publisher that lies. Each scenario publishes one wrong thing and prints what the hub said of it,
 * a line each: `<scenario> <code id>`. After each it shows that an honest batch is still taken.
 *
 *	forger ROSTER OWN-IDENTITY OTHER-IDENTITY UNROSTERED-IDENTITY READER-IDENTITY
 *
 * READER may read and not publish; UNROSTERED stands in no roster.
 */
#include "peer.h"

struct forger {
	const char *roster;
	const char *own;
	const char *other;
	const char *unrostered;
	const char *reader;
	struct peer *peer;
	uint8_t entry[SIAGA_ENTRY_MAX];
	uint8_t entries[3][SIAGA_ENTRY_MAX];
	uint8_t batch[SIAGA_BATCH_MAX];
	uint64_t oseq;		   /* the last one taken */
	struct siaga_bytes honest; /* the last honest batch */
};

static void
told (const char *scenario, int error)
{
	printf ("%s %s\n", scenario, error ? siaga_error_id (error) : "taken");
	fflush (stdout);
}

/* One honest alert; dies unless it is taken. */
static void
be_honest (struct forger *self)
{
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "honest", self->entry);
	self->honest = peer_batch (self->peer, self->oseq + 1, &entry, 1, NULL, self->batch);
	int error = peer_publish (self->peer, self->honest);

	if (error)
		peer_die ("an honest batch was refused", siaga_strerror (error));
	self->oseq++;
}

static void
reopen (struct forger *self)
{
	peer_open (self->peer);
}

/* A batch not made by the session's principal, or not made well, costs the session. */
static bool
ends_session (const struct peer *peer, int error)
{
	return error && error != SIAGA_EHOLE && error != SIAGA_ECONFLICT &&
	       peer->in.refused.bad_count == 0;
}

static void
start (struct forger *self)
{
	self->peer = peer_new (self->own, self->roster);
	reopen (self);
	be_honest (self);
}

/* Publishes one entry made from `header` and tells; the peer's key signs. */
static void
publish_header (struct forger *self, const char *scenario, const struct siaga_header *header)
{
	struct siaga_bytes entry = peer_entry (header, "forged", self->entry);
	struct siaga_bytes batch =
		peer_batch (self->peer, self->oseq + 1, &entry, 1, NULL, self->batch);
	int error = peer_publish (self->peer, batch);

	if (error == 0)
		self->oseq++;
	else if (self->peer->in.refused.bad_count)
		error = self->peer->in.refused.bad[0].code;
	told (scenario, error);
}

/* Every single flipped bit of a signed batch must be refused; the commonest answers are counted. */
static void
flip_bits (struct forger *self)
{
	static uint8_t copy[SIAGA_BATCH_MAX];
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "flipped", self->entry);
	struct siaga_bytes batch =
		peer_batch (self->peer, self->oseq + 1, &entry, 1, NULL, self->batch);
	size_t taken = 0, refused = 0;

	for (size_t bit = 0; bit < batch.size * 8; bit++) {
		memcpy (copy, batch.data, batch.size);
		copy[bit / 8] ^= (uint8_t) (1u << bit % 8);
		int error = peer_publish (self->peer, (struct siaga_bytes){copy, batch.size});

		if (error == SIAGA_EAGAIN || error == SIAGA_EGRAMMAR)
			peer_die ("flipped bit", siaga_strerror (error));
		if (error)
			refused++;
		else
			taken++;
		if (ends_session (self->peer, error))
			reopen (self);
	}
	printf ("flip-bits %s %zu\n", taken ? "TAKEN" : "refused", taken ? taken : refused);
	told ("flip-bits-untouched", peer_publish (self->peer, batch));
	self->oseq++;
}

static void
other_signer (struct forger *self)
{
	struct siaga_identity *mine = self->peer->identity;
	struct siaga_header header;

	/* A batch that another principal made, sent over this session: a replay across sessions. */
	self->peer->identity = peer_identity (self->other);
	header = peer_header (self->peer);
	publish_header (self, "another-principals-batch", &header);
	siaga_identity_destroy (&self->peer->identity);
	self->peer->identity = mine;
	reopen (self);
	be_honest (self);
}

/* Signed with another's key but in one's own name. */
static void
other_key (struct forger *self, const char *scenario, const char *path)
{
	struct siaga_identity *mine = self->peer->identity;
	struct siaga_identity *theirs = peer_identity (path);
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "forged", self->entry);
	struct siaga_writer writer;
	struct siaga_batch_head head = {
		.network = siaga_text (self->peer->roster->network),
		.origin = siaga_text (mine->card.principal),
		.first_oseq = self->oseq + 1,
	};
	siaga_key_id (head.key_id, theirs->card.sign);
	memcpy (head.epoch, self->peer->epoch, sizeof head.epoch);
	siaga_writer_init (&writer, self->batch, sizeof self->batch);
	if (siaga_batch_make (&writer, &head, &entry, 1, theirs->sign_secret))
		peer_die ("batch", scenario);
	told (scenario, peer_publish (self->peer, (struct siaga_bytes){self->batch, writer.size}));
	siaga_identity_destroy (&theirs);
	reopen (self);
	be_honest (self);
}

static void
other_network (struct forger *self)
{
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "forged", self->entry);

	told ("another-network",
	      peer_publish (self->peer, peer_batch (self->peer, self->oseq + 1, &entry, 1,
						    "demo-1999", self->batch)));
	reopen (self);
	be_honest (self);
}

static void
sequence (struct forger *self)
{
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "hole", self->entry);
	int error = peer_publish (
		self->peer, peer_batch (self->peer, self->oseq + 3, &entry, 1, NULL, self->batch));

	told ("hole", error);
	printf ("hole-expected %d\n",
		error == SIAGA_EHOLE && self->peer->in.refused.expected_oseq == self->oseq + 1);
	be_honest (self);
	/* The same batch again: acknowledged again, under its old number. */
	uint64_t number = self->peer->in.ack.number;
	told ("replayed", peer_publish (self->peer, self->honest));
	printf ("replayed-number-same %d\n", self->peer->in.ack.number == number);
	/* Another batch under the same oseq. */
	header = peer_header (self->peer);
	entry = peer_entry (&header, "conflict", self->entry);
	told ("conflict", peer_publish (self->peer, peer_batch (self->peer, self->oseq, &entry, 1,
								NULL, self->batch)));
	reopen (self);
	be_honest (self);
}

static void
entries (struct forger *self)
{
	struct siaga_header header = peer_header (self->peer);

	header.origin = siaga_text ("polri/dewi");
	publish_header (self, "entry-of-another-origin", &header);
	header = peer_header (self->peer);
	header.kind = SIAGA_KIND_SYSTEM;
	publish_header (self, "system-entry", &header);
	header = peer_header (self->peer);
	header.kind = SIAGA_KIND_UPDATE;
	header.ref_count = 1;
	randombytes_buf (header.refs[0].leaf, sizeof header.refs[0].leaf);
	memcpy (header.refs[0].id, header.id, sizeof header.id);
	header.refs[0].id[15] ^= 1;
	publish_header (self, "update-of-nothing", &header);
	header = peer_header (self->peer);
	publish_header (self, "first-use-of-an-id", &header);
	header.created_us++;
	publish_header (self, "id-used-again", &header);
	be_honest (self);
}

/* One bad entry in the middle of three: all its indexes are named, nothing of the batch is taken. */
static void
bad_in_the_middle (struct forger *self)
{
	struct siaga_bytes three[3];

	for (size_t i = 0; i < 3; i++) {
		struct siaga_header header = peer_header (self->peer);
		three[i] = peer_entry (&header, "middle", self->entries[i]);
	}
	self->entries[1][0] ^= 0x40; /* no longer an array of two */
	int error = peer_publish (
		self->peer, peer_batch (self->peer, self->oseq + 1, three, 3, NULL, self->batch));
	const struct siaga_refused *refused = &self->peer->in.refused;
	printf ("bad-in-the-middle %s %zu %u\n", siaga_error_id (error),
		error ? refused->bad_count : 0,
		error && refused->bad_count ? refused->bad[0].index : 999);
	be_honest (self);
}

static void
hello_lies (struct forger *self)
{
	struct siaga_hello hello;
	uint8_t old[SIAGA_NONCE_BYTES];

	peer_connect (self->peer, NULL, 0);
	peer_knock (self->peer);
	memcpy (old, self->peer->hub_nonce, sizeof old);
	peer_connect (self->peer, NULL, 0);
	peer_knock (self->peer);
	hello = peer_hello_make (self->peer);
	memcpy (hello.hub_nonce, old, sizeof old);
	told ("hello-replayed", peer_hello (self->peer, &hello));

	peer_connect (self->peer, NULL, 0);
	peer_knock (self->peer);
	hello = peer_hello_make (self->peer);
	hello.principal = siaga_text ("polri/dewi");
	told ("hello-as-another", peer_hello (self->peer, &hello));

	peer_connect (self->peer, NULL, 0);
	peer_knock (self->peer);
	hello = peer_hello_make (self->peer);
	hello.network = siaga_text ("demo-1999");
	told ("hello-for-another-network", peer_hello (self->peer, &hello));
	reopen (self);
	be_honest (self);
}

static void
reader_publishes (struct forger *self)
{
	struct peer *reader = peer_new (self->reader, self->roster);
	struct siaga_header header = peer_header (reader);
	struct siaga_bytes entry = peer_entry (&header, "beyond its role", self->entry);

	peer_open (reader);
	int error = peer_publish (reader, peer_batch (reader, 1, &entry, 1, NULL, self->batch));
	if (error && reader->in.refused.bad_count)
		error = reader->in.refused.bad[0].code;
	told ("beyond-its-role", error);
	peer_destroy (&reader);
}

static void
unrostered_knocks (struct forger *self)
{
	struct peer *stranger = peer_new (self->unrostered, self->roster);
	int soon_ms = 1500;

	peer_connect (stranger, NULL, 0);
	zmq_setsockopt (stranger->socket, ZMQ_RCVTIMEO, &soon_ms, sizeof soon_ms);
	int error = peer_knock (stranger);
	printf ("unrostered-transport %s\n", error == SIAGA_EAGAIN ? "silence" : "ANSWERED");
	peer_destroy (&stranger);
}

int
main (int argc, char **argv)
{
	static struct forger self;

	if (argc != 6)
		peer_die ("usage", "forger ROSTER OWN OTHER UNROSTERED READER");
	self.roster = argv[1];
	self.own = argv[2];
	self.other = argv[3];
	self.unrostered = argv[4];
	self.reader = argv[5];
	start (&self);
	flip_bits (&self);
	other_signer (&self);
	other_key (&self, "another-principals-key", self.other);
	other_key (&self, "unrostered-key", self.unrostered);
	other_network (&self);
	sequence (&self);
	entries (&self);
	bad_in_the_middle (&self);
	hello_lies (&self);
	reader_publishes (&self);
	unrostered_knocks (&self);
	be_honest (&self);
	printf ("honest-to-the-end taken\n");
	peer_destroy (&self.peer);
	return 0;
}
