/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An honest publisher and an honest reader in one process, for measuring what an attack does to others.
 *
 *	pulse ROSTER PUBLISHER READER COUNT INTERVAL_MS
 *
 * Publishes COUNT alerts, one after the other, INTERVAL_MS from one to the next, and waits for each until the hub
 * has acknowledged and delivered it. Prints a line: `ack MEDIAN MAX deliver MEDIAN MAX`, in milliseconds.
 */
#include "common/clock.h"
#include "peer.h"

#define CREDIT (256 << 10)

struct pulse {
	struct peer *publisher;
	struct peer *reader;
	size_t count;
	uint64_t *ack_us;
	uint64_t *deliver_us;
	uint8_t entry[SIAGA_ENTRY_MAX];
	uint8_t batch[SIAGA_BATCH_MAX];
};

static uint64_t
s_mono_us (void)
{
	struct timespec now;

	clock_gettime (CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* From the head of the log on. */
static void
s_subscribe (struct pulse *self)
{
	static struct siaga_message message;

	peer_open (self->reader);
	uint64_t head = self->reader->in.welcome.head;
	message.type = SIAGA_SUBSCRIBE;
	message.subscribe.id = 1;
	message.subscribe.cursor.next = head;
	message.subscribe.credit = CREDIT;
	peer_send_message (self->reader, &message);
}

/* Until the reader has been told of `number`. */
static void
s_await (struct pulse *self, uint64_t number)
{
	static struct siaga_message credit;
	uint64_t through = 0;

	credit.type = SIAGA_CREDIT;
	credit.credit.id = 1;
	while (through <= number) {
		if (peer_receive (self->reader))
			peer_die ("pulse", "nothing was delivered in time");
		if (self->reader->in.type != SIAGA_DELIVER)
			peer_die ("pulse", siaga_message_name (self->reader->in.type));
		through = self->reader->in.deliver.through;
		size_t cost = self->reader->in.deliver.items.size + 64;
		credit.credit.more = cost > SIAGA_DELIVER_COST_MIN ? cost : SIAGA_DELIVER_COST_MIN;
		credit.credit.through = through;
		peer_send_message (self->reader, &credit);
	}
}

static void
s_beat (struct pulse *self, size_t turn)
{
	struct siaga_header header = peer_header (self->publisher);
	struct siaga_bytes entry = peer_entry (&header, "pulse", self->entry);
	struct siaga_bytes batch =
		peer_batch (self->publisher, turn + 1, &entry, 1, NULL, self->batch);
	uint64_t start_us = s_mono_us ();
	int error = peer_publish (self->publisher, batch);

	if (error)
		peer_die ("pulse: publish", siaga_strerror (error));
	self->ack_us[turn] = s_mono_us () - start_us;
	s_await (self, self->publisher->in.ack.number);
	self->deliver_us[turn] = s_mono_us () - start_us;
}

/* Keeps both sessions alive too: what comes unasked is not expected, and would be seen in the next beat. */
static void
s_rest (uint64_t until_us)
{
	uint64_t now_us = s_mono_us ();

	if (now_us < until_us)
		zmq_poll (NULL, 0, (long) ((until_us - now_us) / 1000));
}

static int
s_compare (const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

static void
s_print (const char *what, uint64_t *us, size_t count)
{
	qsort (us, count, sizeof *us, s_compare);
	printf ("%s %.1f %.1f ", what, (double) us[count / 2] / 1000,
		(double) us[count - 1] / 1000);
}

int
main (int argc, char **argv)
{
	static struct pulse self;

	if (argc != 6)
		peer_die ("usage", "pulse ROSTER PUBLISHER READER COUNT INTERVAL_MS");
	self.publisher = peer_new (argv[2], argv[1]);
	self.reader = peer_new (argv[3], argv[1]);
	self.count = strtoull (argv[4], NULL, 10);
	uint64_t interval_us = 1000 * strtoull (argv[5], NULL, 10);
	self.ack_us = calloc (self.count, sizeof *self.ack_us);
	self.deliver_us = calloc (self.count, sizeof *self.deliver_us);
	if (!self.count || !self.ack_us || !self.deliver_us)
		peer_die ("usage", "COUNT");

	s_subscribe (&self);
	peer_open (self.publisher);
	uint64_t start_us = s_mono_us ();
	for (size_t turn = 0; turn < self.count; turn++) {
		s_beat (&self, turn);
		s_rest (start_us + (turn + 1) * interval_us);
	}
	s_print ("ack", self.ack_us, self.count);
	s_print ("deliver", self.deliver_us, self.count);
	printf ("\n");
	free (self.ack_us);
	free (self.deliver_us);
	peer_destroy (&self.publisher);
	peer_destroy (&self.reader);
	return 0;
}
