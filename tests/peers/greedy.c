/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enrolled peer that takes all it can get, in well-formed messages.
 *
 *	greedy ROSTER IDENTITY SCENARIO [NUMBER…]
 *
 *	knock COUNT            connections that stop after KNOCK, until standard input ends
 *	unread COUNT NUMBER    sessions that subscribe to everything and ask for that story over and over, and never
 *	                       read; until standard input ends
 *	scan COUNT             sessions with every subscription they may have, from the beginning, with a filter that
 *	                       takes nothing, again and again; until standard input ends
 *	stories COUNT NUMBER   sessions that ask for that story as fast as the hub reads; until standard input ends
 *	status COUNT           the same with heartbeats
 *	fill BATCHES ENTRIES REFS   publishes batches of so many small entries, each with REFS refs to entries of
 *	                       earlier batches (0: none), in a window of 16
 *	churn COUNT TURNS      COUNT connections, TURNS times one of them opened, used or broken off, at random; whatever
 *	                       comes must be meant for the one it comes to
 *	window COUNT           publishes COUNT batches without waiting for an answer
 *	flood BATCHES ENTRIES REFS COUNT   fill on COUNT sessions at once, until standard input ends
 */
#include <fcntl.h>
#include <poll.h>

#include "raw.h"
#include "siaga/merkle.h"

#define WINDOW 16
#define TARGETS_MAX 4096

struct session {
	struct raw raw;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	unsigned in_flight;
	uint64_t acked; /* oseq */
	uint64_t done;	/* batches */
	bool rewinds;	/* something was refused: after the last answer it goes on from there */
	bool is_over;
};

struct greedy {
	struct peer *peer;
	const char **arguments;
	struct session *sessions;
	size_t count;
	struct siaga_ref targets[TARGETS_MAX];
	size_t target_count;
	size_t acked, refused, later;
	int refusal;	 /* the last one */
	bool until_told; /* publishing ends with standard input */
	struct siaga_message message;
	uint8_t batch[SIAGA_BATCH_MAX];
};

static uint64_t
s_number (const struct greedy *self, int place)
{
	if (!self->arguments[place])
		peer_die ("usage", "a number is missing");
	return strtoull (self->arguments[place], NULL, 10);
}

static struct siaga_message *
s_message (struct greedy *self, enum siaga_message_type type)
{
	memset (&self->message, 0, offsetof (struct siaga_message, bad));
	self->message.type = type;
	return &self->message;
}

/* Opens COUNT sessions (the argument at `place`); those that are refused are left out. */
static void
s_open_all (struct greedy *self, int place, bool publishes)
{
	size_t count = s_number (self, place);

	self->sessions = calloc (count, sizeof *self->sessions);
	if (!self->sessions)
		peer_die ("start", "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct session *session = &self->sessions[self->count];
		randombytes_buf (session->epoch, sizeof session->epoch);
		if (raw_session (&session->raw, self->peer, publishes ? session->epoch : NULL) == 0)
			self->count++;
		else
			raw_close (&session->raw);
	}
}

static void
s_tell (const char *what, size_t count)
{
	printf ("%s %zu\n", what, count);
	fflush (stdout);
}

/* Has whoever started this seen enough, or will within that time? */
static bool
s_is_over_in (int ms)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll (&in, 1, ms) != 0;
}

static bool
s_is_over (void)
{
	return s_is_over_in (0);
}

/* Is there something to be read on the session's socket? */
static bool
s_has_news (const struct session *session)
{
	struct pollfd in = {.fd = session->raw.fd, .events = POLLIN};

	return poll (&in, 1, 0) > 0;
}

static void
s_subscribe (struct greedy *self, struct session *session, uint64_t id, uint64_t next,
	     const char *origin)
{
	struct siaga_subscribe *subscribe = &s_message (self, SIAGA_SUBSCRIBE)->subscribe;

	subscribe->id = id;
	subscribe->cursor.next = next;
	subscribe->credit = SIAGA_CREDIT_MAX;
	if (origin) {
		subscribe->filter.origins.count = 1;
		subscribe->filter.origins.items[0] = siaga_text (origin);
	}
	session->is_over |= raw_say (&session->raw, &self->message) != 0;
}

static void
s_ask (struct greedy *self, struct session *session, uint64_t what, uint64_t number)
{
	struct siaga_query *query = &s_message (self, SIAGA_QUERY)->query;

	query->id = 1;
	query->what = what;
	query->has_number = true;
	query->number = number;
	session->is_over |= raw_say (&session->raw, &self->message) != 0;
}

/* --- scenarios ------------------------------------------------------------------------------------------ */

static void
s_knock (struct greedy *self)
{
	size_t count = s_number (self, 0), answered = 0;
	uint8_t metadata[RAW_METADATA_MAX];

	self->sessions = calloc (count, sizeof *self->sessions);
	for (size_t i = 0; self->sessions && i < count; i++) {
		struct raw *raw = &self->sessions[i].raw;
		size_t size = raw_metadata (metadata);
		if (raw_open (raw, self->peer, metadata, size))
			continue;
		s_message (self, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
		answered += raw_say (raw, &self->message) == 0 && raw_hear (raw, self->peer) == 0;
	}
	s_tell ("knock", answered);
	s_is_over_in (-1);
}

static void
s_unread (struct greedy *self)
{
	uint64_t number = s_number (self, 1);

	s_open_all (self, 0, false);
	s_tell ("unread", self->count);
	for (size_t i = 0; i < self->count; i++)
		fcntl (self->sessions[i].raw.fd, F_SETFL, O_NONBLOCK);
	while (!s_is_over_in (20))
		for (size_t i = 0; i < self->count; i++) {
			struct session *session = &self->sessions[i];
			for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX && !session->is_over;
			     id++)
				s_subscribe (self, session, id, 0, NULL);
			if (!session->is_over)
				s_ask (self, session, SIAGA_QUERY_STORY, number);
		}
	size_t over = 0;
	for (size_t i = 0; i < self->count; i++)
		over += self->sessions[i].is_over;
	s_tell ("cut", over);
}

/* Reads what has come; a subscription that has seen it all begins again. */
static void
s_scan_one (struct greedy *self, struct session *session)
{
	while (!session->is_over && s_has_news (session)) {
		session->is_over = raw_hear (&session->raw, self->peer) != 0;
		const struct siaga_message *in = &self->peer->in;
		if (session->is_over || in->type != SIAGA_DELIVER)
			continue;
		s_subscribe (self, session, in->deliver.id, 0, "kominfo");
	}
}

static void
s_scan (struct greedy *self)
{
	s_open_all (self, 0, false);
	for (size_t i = 0; i < self->count; i++)
		for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX; id++)
			s_subscribe (self, &self->sessions[i], id, 0, "kominfo");
	s_tell ("scan", self->count);
	while (!s_is_over ())
		for (size_t i = 0; i < self->count; i++)
			s_scan_one (self, &self->sessions[i]);
}

/* Sends as fast as the hub takes it, and reads away what comes back. */
static void
s_pump (struct greedy *self, void (*say) (struct greedy *, struct session *))
{
	static uint8_t rest[1 << 16];
	size_t said = 0;

	for (size_t i = 0; i < self->count; i++)
		fcntl (self->sessions[i].raw.fd, F_SETFL, O_NONBLOCK);
	while (!s_is_over ())
		for (size_t i = 0; i < self->count; i++) {
			struct session *session = &self->sessions[i];
			struct pollfd both = {.fd = session->raw.fd, .events = POLLIN | POLLOUT};
			if (session->is_over || poll (&both, 1, 0) <= 0)
				continue;
			while ((both.revents & POLLIN) != 0 &&
			       recv (session->raw.fd, rest, sizeof rest, 0) > 0)
				continue;
			for (int k = 0; k < 32 && (both.revents & POLLOUT) != 0; k++)
				if (!session->is_over) {
					say (self, session);
					said++;
				}
		}
	s_tell ("said", said);
}

static void
s_say_story (struct greedy *self, struct session *session)
{
	s_ask (self, session, SIAGA_QUERY_STORY, s_number (self, 1));
}

static void
s_stories (struct greedy *self)
{
	s_open_all (self, 0, false);
	s_tell ("stories", self->count);
	s_pump (self, s_say_story);
}

static void
s_say_status (struct greedy *self, struct session *session)
{
	s_message (self, SIAGA_STATUS)->status.now_us = 1;
	session->is_over |= raw_say (&session->raw, &self->message) != 0;
}

static void
s_status (struct greedy *self)
{
	s_open_all (self, 0, false);
	s_tell ("status", self->count);
	s_pump (self, s_say_status);
}

/* --- publishing ----------------------------------------------------------------------------------------- */

static void
s_make_header (struct greedy *self, struct siaga_header *header, size_t refs)
{
	*header = peer_header (self->peer);
	header->category = siaga_text ("test/test");
	header->tlp = SIAGA_TLP_CLEAR;
	header->severity = SIAGA_SEVERITY_INFO;
	if (refs > 0 && self->target_count > 0)
		header->kind = SIAGA_KIND_UPDATE;
	for (size_t i = 0; i < refs && self->target_count > 0; i++)
		header->refs[header->ref_count++] =
			self->targets[randombytes_uniform ((uint32_t) self->target_count)];
}

static void
s_remember (struct greedy *self, const struct siaga_header *header, struct siaga_bytes entry)
{
	size_t place = self->target_count < TARGETS_MAX ? self->target_count++
							: randombytes_uniform (TARGETS_MAX);

	memcpy (self->targets[place].id, header->id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (self->targets[place].leaf, entry.data, entry.size);
}

/* A batch of up to `count` entries, as many as fit; sent at once. */
static void
s_publish (struct greedy *self, struct session *session, size_t count, size_t refs)
{
	static uint8_t room[SIAGA_BATCH_ENTRIES_MAX][1024];
	static struct siaga_bytes entries[SIAGA_BATCH_ENTRIES_MAX];
	struct siaga_header header;
	size_t bytes = 256, made = 0;

	while (made < count) {
		s_make_header (self, &header, refs);
		entries[made] = peer_entry (&header, "x", room[made]);
		if (bytes + entries[made].size + 3 > SIAGA_BATCH_MAX)
			break;
		bytes += entries[made].size + 3;
		if (made++ == 0 && refs == 0)
			s_remember (self, &header, entries[0]);
	}
	memcpy (self->peer->epoch, session->epoch, sizeof session->epoch);
	struct siaga_bytes batch =
		peer_batch (self->peer, session->oseq + 1, entries, made, NULL, self->batch);
	s_message (self, SIAGA_PUBLISH)->publish.batch = batch;
	session->is_over |= raw_say (&session->raw, &self->message) != 0;
	session->oseq += made;
	session->in_flight++;
}

/* Why: of a batch with bad entries, the first one's code. */
static int
s_refusal (const struct siaga_message *in)
{
	if (in->type != SIAGA_REFUSED)
		return SIAGA_EGRAMMAR;
	return in->refused.bad_count > 0 ? in->refused.bad[0].code : in->refused.code;
}

/* Takes one answer. What was refused for now is made again at once, whatever the hub said about when. */
static void
s_take_answer (struct greedy *self, struct session *session)
{
	session->is_over |= raw_hear (&session->raw, self->peer) != 0;
	if (session->is_over)
		return;
	const struct siaga_message *in = &self->peer->in;
	session->in_flight--;
	if (in->type == SIAGA_ACK) {
		self->acked++;
		session->done++;
		session->acked = in->ack.oseq;
	} else {
		bool is_later = in->type == SIAGA_REFUSED && in->refused.retry_ms > 0;
		self->refused++;
		self->later += is_later;
		self->refusal = s_refusal (in);
		session->is_over = !is_later && !session->rewinds;
		session->rewinds = true;
	}
	if (session->in_flight == 0 && session->rewinds) {
		session->oseq = session->acked;
		session->rewinds = false;
	}
}

static void
s_publish_all (struct greedy *self, uint64_t batches, size_t entries, size_t refs)
{
	bool busy = true;

	while (busy && !(self->until_told && s_is_over ())) {
		busy = false;
		for (size_t i = 0; i < self->count; i++) {
			struct session *session = &self->sessions[i];
			while (!session->is_over && !session->rewinds &&
			       session->in_flight < WINDOW &&
			       session->done + session->in_flight < batches)
				s_publish (self, session, entries, refs);
			while (!session->is_over && session->in_flight > 0 &&
			       (session->in_flight == WINDOW || session->rewinds ||
				s_has_news (session) ||
				session->done + session->in_flight == batches))
				s_take_answer (self, session);
			busy |= !session->is_over && session->done < batches;
		}
	}
	printf ("acked %zu, refused %zu (%s), later %zu\n", self->acked, self->refused,
		siaga_error_id (self->refusal), self->later);
	fflush (stdout);
}

static void
s_fill (struct greedy *self)
{
	uint64_t batches = s_number (self, 0);

	self->arguments[3] = "1";
	s_open_all (self, 3, true);
	if (s_number (self, 2) > 0)
		s_publish_all (self, 64, s_number (self, 1), 0);
	batches += self->count ? self->sessions[0].done : 0;
	s_publish_all (self, batches, s_number (self, 1), s_number (self, 2));
}

static void
s_flood (struct greedy *self)
{
	uint64_t batches = s_number (self, 0);

	s_open_all (self, 3, true);
	if (s_number (self, 2) > 0)
		s_publish_all (self, 4, s_number (self, 1), 0);
	s_tell ("flood", self->count);
	self->until_told = true;
	s_publish_all (self, batches, s_number (self, 1), s_number (self, 2));
}

static void
s_window (struct greedy *self)
{
	uint64_t count = s_number (self, 0), i;

	self->arguments[1] = "1";
	s_open_all (self, 1, true);
	for (i = 0; i < count && !self->sessions[0].is_over; i++)
		s_publish (self, &self->sessions[0], 1, 0);
	while (!self->sessions[0].is_over && self->sessions[0].in_flight > 0)
		s_take_answer (self, &self->sessions[0]);
	printf ("window acked %zu, refused %zu (%s), later %zu\n", self->acked, self->refused,
		siaga_error_id (self->refusal), self->later);
}

/* --- churn ---------------------------------------------------------------------------------------------- */

/* Is what came meant for this session? Its subscriptions carry its epoch as their number. */
static void
s_check_mail (struct greedy *self, struct session *session)
{
	const struct siaga_message *in = &self->peer->in;
	uint64_t id;

	memcpy (&id, session->epoch, sizeof id);
	if (in->type == SIAGA_WELCOME &&
	    memcmp (in->welcome.nonce, self->peer->nonce, SIAGA_NONCE_BYTES) != 0)
		peer_die ("churn", "a WELCOME for somebody else");
	if (in->type == SIAGA_DELIVER && in->deliver.id != id)
		peer_die ("churn", "a DELIVER for somebody else");
	if (in->type == SIAGA_ACK && memcmp (in->ack.epoch, session->epoch, SIAGA_EPOCH_BYTES) != 0)
		peer_die ("churn", "an ACK for somebody else");
}

static void
s_read_mail (struct greedy *self, struct session *session)
{
	while (!session->is_over && s_has_news (session)) {
		session->is_over = raw_hear (&session->raw, self->peer) != 0;
		if (!session->is_over)
			s_check_mail (self, session);
	}
}

static void
s_break_off (struct session *session)
{
	struct linger at_once = {randombytes_uniform (2), 0};

	if (session->raw.fd >= 0)
		setsockopt (session->raw.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	raw_close (&session->raw);
	session->is_over = true;
}

/* Opens it, or only half: then it is broken off the next time. */
static bool
s_begin (struct greedy *self, struct session *session)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);

	randombytes_buf (session->epoch, sizeof session->epoch);
	session->oseq = 0;
	session->is_over = raw_open (&session->raw, self->peer, metadata, size) != 0;
	if (session->is_over || randombytes_uniform (4) == 0)
		return false;
	session->is_over = raw_enter (&session->raw, self->peer,
				      self->peer->identity->card.principal, session->epoch) != 0;
	if (!session->is_over)
		s_check_mail (self, session);
	return !session->is_over;
}

static void
s_use (struct greedy *self, struct session *session)
{
	uint64_t id;

	memcpy (&id, session->epoch, sizeof id);
	if (randombytes_uniform (2))
		s_subscribe (self, session, id, 0, NULL);
	if (!session->is_over && randombytes_uniform (2))
		s_publish (self, session, 1, 0);
	if (!session->is_over)
		s_read_mail (self, session);
	if (randombytes_uniform (2))
		s_break_off (session);
}

static void
s_churn (struct greedy *self)
{
	size_t turns = s_number (self, 1), opened = 0;

	self->count = s_number (self, 0);
	self->sessions = calloc (self->count, sizeof *self->sessions);
	for (size_t i = 0; self->sessions && i < self->count; i++) {
		self->sessions[i].raw.fd = -1;
		self->sessions[i].is_over = true;
	}
	for (; self->sessions && turns > 0; turns--) {
		struct session *session =
			&self->sessions[randombytes_uniform ((uint32_t) self->count)];
		if (!session->is_over) {
			s_use (self, session);
			continue;
		}
		s_break_off (session);
		opened += s_begin (self, session);
	}
	s_tell ("churn", opened);
}

static const struct {
	const char *name;
	void (*play) (struct greedy *);
} s_scenes[] = {
	{"knock", s_knock},	{"unread", s_unread}, {"scan", s_scan},
	{"stories", s_stories}, {"status", s_status}, {"fill", s_fill},
	{"flood", s_flood},	{"window", s_window}, {"churn", s_churn},
};

int
main (int argc, char **argv)
{
	static struct greedy self;
	const char *arguments[8] = {NULL};

	if (argc < 4 || argc > 10)
		peer_die ("usage", "greedy ROSTER IDENTITY SCENARIO [NUMBER...]");
	memcpy (arguments, argv + 4, (size_t) (argc - 4) * sizeof *argv);
	self.arguments = arguments;
	self.peer = peer_new (argv[2], argv[1]);
	for (size_t i = 0; i < sizeof s_scenes / sizeof *s_scenes; i++)
		if (strcmp (argv[3], s_scenes[i].name) == 0) {
			s_scenes[i].play (&self);
			free (self.sessions);
			peer_destroy (&self.peer);
			return 0;
		}
	peer_die ("no such scenario", argv[3]);
}
