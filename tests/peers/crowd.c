/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of honest readers in one process, some of which stop reading when told, and a publisher. Commands come
 * on standard input, a line each; each is answered by a line when it is done.
 *
 *	crowd ROSTER PUBLISHER-IDENTITY READER-IDENTITY…
 *
 *	open N           N readers more, by turns of each identity, of what is new
 *	lag N            N that ask for everything from the beginning, and never read again
 *	slow N           N that ask for everything and take one message a second
 *	publish N SIZE   N alerts with descriptions of SIZE bytes, one acknowledged before the next
 *	flood N SIZE     the same as quick as the window allows
 *	wait             until every reader has had everything published since it was opened
 *	measure N        N alerts, each waited for by all readers: their times in microseconds
 *	cut N            N readers are reset, all at once, and come again from where they were
 *	brace            from now on the hub may end sessions
 *	back             all that are gone come back, the publisher too
 *	idle S           only heartbeats, for S seconds
 *
 * A reader that gets an entry twice, out of order or not at all is a failure: exit 1.
 */
#include <signal.h>

#include "crowd_open.h"

#define HEARTBEAT_MS 12000
#define SLOW_MS 1000
#define TEND_MS 10
#define SAMPLES_MAX 1000000
#define WINDOW 8

static struct siaga_batch s_batch;

/* --- what comes ------------------------------------------------------------------------------------------ */

static void
s_sample (struct crowd *self)
{
	if (self->sent_us && self->sample_count < SAMPLES_MAX)
		self->samples[self->sample_count++] = (uint32_t) (s_now_us () - self->sent_us);
}

static void
s_take_batch (struct crowd *self, struct member *member, const struct siaga_delivery *delivery)
{
	if (siaga_batch_read (delivery->batch, &s_batch) != 0)
		s_fail (self, member, "a batch that cannot be read");
	for (uint32_t i = 0; i < s_batch.slot_count; i++) {
		uint64_t number = delivery->number + s_batch.index + i;
		if (s_batch.slots[i].entry.size == 0)
			continue;
		if (number < member->cursor.next)
			s_fail (self, member, "an entry again");
		member->cursor.next = number + 1;
		if (++member->seen == member->due)
			self->behind--;
		s_sample (self);
	}
}

static void
s_take_deliver (struct crowd *self, struct member *member, const struct siaga_deliver *deliver)
{
	struct siaga_reader reader;
	struct siaga_delivery delivery;
	uint64_t cost =
		deliver->items.size; /* a little less than it was: more would be refused one day */

	siaga_reader_init (&reader, deliver->items.data, deliver->items.size);
	for (size_t left = siaga_deliveries_begin (&reader); left > 0 && !reader.error; left--) {
		siaga_delivery_read (&reader, &delivery);
		if (!reader.error && member->manner == READS)
			s_take_batch (self, member, &delivery);
	}
	member->cursor.next = deliver->through;
	member->cursor.has_mark = deliver->has_mark;
	memcpy (member->cursor.mark, deliver->mark, sizeof member->cursor.mark);
	memset (&s_message.credit, 0, sizeof s_message.credit);
	s_message.type = SIAGA_CREDIT;
	s_message.credit.id = 1;
	s_message.credit.more = cost < SIAGA_DELIVER_COST_MIN ? SIAGA_DELIVER_COST_MIN : cost;
	s_message.credit.through = deliver->through;
	raw_say (&member->raw, &s_message);
}

static void
s_hear (struct crowd *self, struct member *member)
{
	if (raw_hear (&member->raw, member->peer) != 0) {
		s_lose (self, member);
		return;
	}
	const struct siaga_message *in = &member->peer->in;
	if (in->type == SIAGA_DELIVER)
		s_take_deliver (self, member, &in->deliver);
	else if (in->type == SIAGA_BYE || in->type == SIAGA_REFUSED)
		s_lose (self, member);
}

static bool
s_has_news (const struct member *member)
{
	uint8_t byte;

	return recv (member->raw.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

/* Heartbeats; and those that are slow take their message. */
static void
s_tend (struct crowd *self)
{
	static uint64_t tended_ms;
	uint64_t now_ms = clock_mono_ms ();

	if (now_ms - tended_ms < TEND_MS)
		return;
	tended_ms = now_ms;
	if (now_ms - self->uplink_said_ms > HEARTBEAT_MS) {
		self->uplink_said_ms = now_ms;
		s_say_status (&self->uplink);
	}
	for (size_t i = 0; i < self->count; i++) {
		struct member *member = &self->members[i];
		if (member->alive && now_ms - member->said_ms > HEARTBEAT_MS) {
			member->said_ms = now_ms;
			s_say_status (&member->raw);
		}
		if (member->alive && member->manner == SLOW && now_ms - member->read_ms > SLOW_MS &&
		    s_has_news (member)) {
			member->read_ms = now_ms;
			s_hear (self, member);
		}
	}
}

/* What is there for readers, or comes within `wait_ms`. */
static void
s_turn (struct crowd *self, int wait_ms)
{
	struct epoll_event events[512];
	int count = epoll_wait (self->epoll, events, 512, wait_ms);

	for (int i = 0; i < count; i++)
		s_hear (self, &self->members[events[i].data.u64]);
	s_tend (self);
}

/* --- publishing ------------------------------------------------------------------------------------------ */

static void
s_publish (struct crowd *self, size_t size)
{
	static uint8_t entry[SIAGA_ENTRY_MAX], batch[SIAGA_BATCH_MAX];
	static char title[SIAGA_TEXT_MAX + 1];
	struct siaga_body *body = calloc (1, sizeof *body);
	struct siaga_header header = peer_header (self->publisher);
	struct siaga_writer writer;

	memset (title, 'x', sizeof title - 1);
	header.tlp = SIAGA_TLP_GREEN;
	body->title = siaga_text ("crowd");
	body->description =
		(struct siaga_text){title, size < SIAGA_TEXT_MAX ? size : SIAGA_TEXT_MAX};
	siaga_writer_init (&writer, entry, sizeof entry);
	if (siaga_entry_write (&writer, &header, body))
		peer_die ("entry", "too large");
	free (body);
	struct siaga_bytes bytes = {entry, writer.size};
	s_message.publish.batch =
		peer_batch (self->publisher, ++self->oseq, &bytes, 1, NULL, batch);
	s_message.type = SIAGA_PUBLISH;
	self->sent_us = s_now_us ();
	if (raw_say (&self->uplink, &s_message))
		peer_die ("publish", "the hub ended the session");
	for (size_t i = 0; i < self->count; i++) {
		struct member *member = &self->members[i];
		if (member->manner == READS && member->due++ == member->seen)
			self->behind++;
	}
}

/* Until so many of what was published are acknowledged. */
static void
s_await_acks (struct crowd *self, uint64_t oseq)
{
	while (self->acked < oseq) {
		if (raw_hear (&self->uplink, self->publisher))
			peer_die ("publish", "no answer");
		if (self->publisher->in.type == SIAGA_ACK)
			self->acked = self->publisher->in.ack.oseq;
		else if (self->publisher->in.type != SIAGA_PONG &&
			 self->publisher->in.type != SIAGA_CHECKPOINT)
			peer_die ("publish", siaga_message_name (self->publisher->in.type));
		s_tend (self);
	}
}

static void
s_await_all (struct crowd *self)
{
	uint64_t end_ms = clock_mono_ms () + WAIT_MS;

	while (self->behind > 0 && clock_mono_ms () < end_ms)
		s_turn (self, TEND_MS);
	for (size_t i = 0; self->behind > 0 && i < self->count; i++)
		if (self->members[i].manner == READS &&
		    self->members[i].seen < self->members[i].due)
			s_fail (self, &self->members[i], "has not had all");
}

/* --- commands -------------------------------------------------------------------------------------------- */

static void
s_add (struct crowd *self, size_t count, enum manner manner)
{
	for (size_t i = 0; i < count; i++) {
		if (self->count == self->room)
			peer_die ("open", "too many");
		struct member *member = &self->members[self->count++];
		member->peer = self->peers[self->count % self->peer_count];
		member->manner = manner;
		/* Who is slow is so in his own time, not all in one moment. */
		member->read_ms = clock_mono_ms () - i * 389 % SLOW_MS;
		s_open_all (self, member, 1);
		s_turn (self, 0);
	}
}

/* The first `count`, which were opened as readers, are gone in one moment and back in another. */
static void
s_cut (struct crowd *self, size_t count)
{
	struct linger none = {1, 0};

	if (count > self->count)
		count = self->count;
	for (size_t i = 0; i < count; i++) {
		if (self->members[i].manner != READS)
			peer_die ("cut", "readers are to be opened first");
		setsockopt (self->members[i].raw.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
		raw_close (&self->members[i].raw);
		self->members[i].alive = false;
	}
	s_open_all (self, self->members, count);
}

/* After the hub's end of all sessions was gone. */
static void
s_back (struct crowd *self)
{
	raw_close (&self->uplink);
	int error = raw_session (&self->uplink, self->publisher, self->publisher->epoch);
	if (error)
		peer_die ("publisher", siaga_strerror (error));
	self->acked = self->publisher->in.welcome.held_oseq;
	self->uplink_said_ms = clock_mono_ms ();
	s_open_all (self, self->members, self->count);
}

static int
s_compare (const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

	return x < y ? -1 : x > y;
}

static void
s_measure (struct crowd *self, size_t rounds)
{
	self->sample_count = 0;
	for (size_t i = 0; i < rounds; i++) {
		s_publish (self, 100);
		s_await_all (self);
		s_await_acks (self, self->oseq);
	}
	qsort (self->samples, self->sample_count, sizeof *self->samples, s_compare);
	const uint32_t *samples = self->samples;
	size_t count = self->sample_count;
	printf ("median %u p99 %u max %u samples %zu ", samples[count / 2],
		samples[count * 99 / 100], samples[count - 1], count);
}

static void
s_command (struct crowd *self, const char *word, size_t count, size_t size)
{
	uint64_t end_ms = clock_mono_ms () + count * 1000;

	if (!strcmp (word, "open"))
		s_add (self, count, READS);
	else if (!strcmp (word, "lag"))
		s_add (self, count, STOPPED);
	else if (!strcmp (word, "slow"))
		s_add (self, count, SLOW);
	else if (!strcmp (word, "wait"))
		s_await_all (self);
	else if (!strcmp (word, "measure"))
		s_measure (self, count);
	else if (!strcmp (word, "cut"))
		s_cut (self, count);
	else if (!strcmp (word, "brace"))
		self->is_braced = true;
	else if (!strcmp (word, "back"))
		s_back (self);
	else if (!strcmp (word, "idle"))
		while (clock_mono_ms () < end_ms)
			s_turn (self, TEND_MS);
	else if (strcmp (word, "publish") && strcmp (word, "flood"))
		peer_die ("command", word);
	bool floods = !strcmp (word, "flood");
	for (size_t i = 0; (floods || !strcmp (word, "publish")) && i < count; i++) {
		s_publish (self, size);
		s_await_acks (self, self->oseq - (floods && self->oseq > WINDOW ? WINDOW : 0));
		s_turn (self, 0);
	}
	s_await_acks (self, self->oseq);
}

static void
s_run (struct crowd *self)
{
	char line[128], word[16];
	bool ended = false;
	struct epoll_event commands = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
	struct epoll_event event;
	int waits = epoll_create1 (0); /* for a command, or for readers */

	epoll_ctl (waits, EPOLL_CTL_ADD, STDIN_FILENO, &commands);
	epoll_ctl (waits, EPOLL_CTL_ADD, self->epoll, &(struct epoll_event){.events = EPOLLIN});
	while (!ended) {
		size_t count = 0, size = 0;
		int ready = epoll_wait (waits, &event, 1, TEND_MS);
		s_turn (self, 0);
		if (ready < 1 || event.data.u64 != UINT64_MAX)
			continue;
		ended = !fgets (line, sizeof line, stdin);
		if (ended || sscanf (line, "%15s %zu %zu", word, &count, &size) < 1)
			continue;
		uint64_t start_ms = clock_mono_ms ();
		s_command (self, word, count, size);
		printf ("%s done in %llu ms, readers %zu, lost %llu, again %llu\n", word,
			(unsigned long long) (clock_mono_ms () - start_ms), self->count,
			(unsigned long long) self->lost, (unsigned long long) self->again);
		fflush (stdout);
	}
	close (waits);
}

int
main (int argc, char **argv)
{
	static struct crowd self;

	if (argc < 4)
		peer_die ("usage", "crowd ROSTER PUBLISHER-IDENTITY READER-IDENTITY…");
	signal (SIGPIPE, SIG_IGN);
	setvbuf (stdin, NULL, _IONBF, 0);
	self.publisher = peer_new (argv[2], argv[1]);
	self.peer_count = (size_t) argc - 3;
	self.peers = calloc (self.peer_count, sizeof *self.peers);
	self.room = self.peer_count * 64;
	self.members = calloc (self.room, sizeof *self.members);
	self.samples = calloc (SAMPLES_MAX, sizeof *self.samples);
	self.epoll = epoll_create1 (0);
	if (!self.peers || !self.members || !self.samples || self.epoll < 0)
		peer_die ("start", "out of memory");
	for (size_t i = 0; i < self.peer_count; i++)
		self.peers[i] = peer_new (argv[3 + i], argv[1]);
	int error = raw_session (&self.uplink, self.publisher, self.publisher->epoch);
	if (error)
		peer_die ("publisher", siaga_strerror (error));
	self.uplink_said_ms = clock_mono_ms ();
	s_run (&self);
	return 0; /* what is left is the system's to take back */
}
