/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libzmq accepted: who has not said a word yet, how long, and how much memory each peer makes libzmq hold.
 *
 * libzmq bounds messages, not bytes, and of an unfinished message nothing (PITFALLS 2); it accepts whatever
 * connects until descriptors run out, and then spins (PITFALLS 14). So: those that have not said a word are few,
 * the oldest go first; what came from a connection and was not taken as a message, and what it was sent and has not
 * read, are bounded for each; and of all together, where the greediest go first. The kernel counts the bytes.
 */
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_private.h"
#include "hub/hub_limits.h"

/* Bytes of a message on the wire: ZMTP's head, CURVE's, and the box around a byte of flags. */
#define WIRE_BYTES(size) ((size) + 33 < 256 ? (size) + 35 : (size) + 42)

static int
s_fd_of (const struct gate *self, const struct gate_link *link)
{
	return (int) (link - self->links);
}

void
gate_links_limit (struct gate *self, size_t descriptors)
{
	size_t room = descriptors > 2 * GATE_DESCRIPTORS_OWN ? descriptors - GATE_DESCRIPTORS_OWN
							     : GATE_DESCRIPTORS_OWN;

	TAILQ_INIT (&self->strangers);
	self->stranger_max = room / 4 < GATE_STRANGERS_MAX ? room / 4 : GATE_STRANGERS_MAX;
	self->conn_max = room - self->stranger_max;
	if (self->conn_max > HUB_CONNECTIONS_MAX)
		self->conn_max = HUB_CONNECTIONS_MAX;
	else
		log_warn ("descriptors-few", "room for %zu connections, not %d: raise LimitNOFILE",
			  self->conn_max, HUB_CONNECTIONS_MAX);
}

static void
s_leave_strangers (struct gate *self, struct gate_link *link)
{
	if (!link->is_stranger)
		return;
	link->is_stranger = false;
	TAILQ_REMOVE (&self->strangers, link, strangers);
	self->stranger_count--;
}

static void
s_say_if_low (struct gate *self)
{
	size_t used = self->stranger_count + gate_table_count (self->table);
	size_t room = self->stranger_max + self->conn_max;
	uint64_t now_ms = clock_mono_ms ();

	if (used * 100 < room * GATE_DESCRIPTORS_LOW ||
	    (self->low_ms != 0 && now_ms - self->low_ms < GATE_DESCRIPTORS_LOW_MS))
		return;
	self->low_ms = now_ms;
	log_warn ("descriptors-low", "%zu connections and %zu that said nothing yet, of %zu",
		  gate_table_count (self->table), self->stranger_count, room);
}

/* The oldest that has not said a word makes room for the newest. */
static void
s_shed (struct gate *self)
{
	struct gate_link *link = TAILQ_FIRST (&self->strangers);
	uint64_t now_ms = clock_mono_ms ();

	gate_link_shut (self, s_fd_of (self, link));
	if (self->low_ms != 0 && now_ms - self->low_ms < GATE_DESCRIPTORS_LOW_MS)
		return;
	self->low_ms = now_ms;
	log_warn ("descriptors-low",
		  "more than %zu connections that said nothing yet: "
		  "the oldest are cut",
		  self->stranger_max);
}

void
gate_link_begin (struct gate *self, int fd)
{
	struct gate_link *link = &self->links[fd];

	s_leave_strangers (self, link);
	memset (link, 0, sizeof *link);
	link->live = true;
	link->accepted = ++self->count;
	link->since_ms = clock_mono_ms ();
	link->is_stranger = true;
	TAILQ_INSERT_TAIL (&self->strangers, link, strangers);
	self->stranger_count++;
	if (fd > self->highest_fd)
		self->highest_fd = fd;
	if (self->stranger_count > self->stranger_max)
		s_shed (self);
	else
		s_say_if_low (self);
}

void
gate_link_end (struct gate *self, int fd)
{
	struct gate_link *link = &self->links[fd];

	if (link->live)
		self->left_bytes += link->measured ? link->unseen_bytes : GATE_GUESS_BYTES;
	slack_note (&self->slack, HUB_SLACK_OF_CONNECTION);
	s_leave_strangers (self, link);
	link->live = false;
}

bool
gate_link_is_of (const struct gate *self, int fd, uint64_t number)
{
	const struct gate_link *link = &self->links[fd];

	return link->live && !link->shut && link->accepted < number;
}

void
gate_link_took (struct gate *self, int fd, size_t size)
{
	s_leave_strangers (self, &self->links[fd]);
	self->links[fd].newly_bytes += WIRE_BYTES (size);
}

void
gate_link_sent (struct gate *self, int fd, size_t size)
{
	self->links[fd].sent_bytes += WIRE_BYTES (size);
}

void
gate_link_shut (struct gate *self, int fd)
{
	struct gate_link *link = &self->links[fd];

	/* Only what libzmq accepted and has not told to be over: never one of our own. */
	if (!link->live || link->shut)
		return;
	shutdown (fd, SHUT_RDWR);
	/* What the kernel has received is not for libzmq any more: it would take it all in before it saw the end, of
	   every connection that is cut at the same time. A message with bytes missing does not authenticate. */
	recv (fd, NULL, GATE_UNSEEN_BYTES, MSG_DONTWAIT | MSG_TRUNC);
	link->shut = true;
	s_leave_strangers (self, link);
}

/* --- what is held -------------------------------------------------------------------------------------- */

static void
s_cut_link (struct gate *self, int fd, const char *words)
{
	uint64_t accepted = self->links[fd].accepted;

	gate_on_events (self);
	if (!self->links[fd].live || self->links[fd].accepted != accepted)
		return; /* it is over, and this another one */
	if (*words)
		gate_complain (self, words, fd);
	struct gate_conn *conn = gate_table_by_fd (self->table, fd);
	if (conn)
		gate_cut (self, &conn, *words != '\0');
	else
		gate_link_shut (self, fd);
}

/* Of what was received, what libzmq has taken from the kernel; asked for after `received`, so that it is rather too
   little. */
static uint64_t
s_read_bytes (int fd, uint64_t received)
{
	ssize_t waiting = recv (fd, NULL, GATE_UNSEEN_BYTES, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

	if (waiting <= 0)
		return received;
	return received > (uint64_t) waiting ? received - (uint64_t) waiting : 0;
}

/* Does libzmq hold more of it than one frame, with no whole message among it? Whole messages would have been taken since
   the last look, or be waiting now. */
static bool
s_is_endless (struct gate_link *link, int fd, uint64_t received, bool is_empty)
{
	bool was_stalled = link->is_stalled;

	link->is_stalled = is_empty && link->newly_bytes == 0 &&
			   received > link->taken_bytes + GATE_TRAIN_BYTES &&
			   s_read_bytes (fd, received) > link->taken_bytes + GATE_TRAIN_BYTES;
	return was_stalled && link->is_stalled;
}

/* What has been taken of what was received. The handshake, and commands of ZMTP, are never taken: while nothing
   waits they are forgiven, a little at a time. */
static void
s_settle (struct gate_link *link, uint64_t received, bool is_empty)
{
	if (link->newly_bytes > 0 && is_empty)
		link->newly_bytes += GATE_DRIFT_BYTES;
	link->taken_bytes += link->newly_bytes;
	link->newly_bytes = 0;
	if (link->taken_bytes > received)
		link->taken_bytes = received;
	link->unseen_bytes = received - link->taken_bytes;
	link->measured = true;
}

/* Measures what libzmq holds of a link; why it is too much, or NULL. */
static const char *
s_measure (struct gate_link *link, int fd, bool is_empty)
{
	uint64_t received, acknowledged;

	link->held_bytes = 0;
	if (!gate_bytes (fd, &received, &acknowledged))
		return NULL;
	bool is_endless = s_is_endless (link, fd, received, is_empty);
	s_settle (link, received, is_empty);
	uint64_t unread = link->sent_bytes > acknowledged ? link->sent_bytes - acknowledged : 0;
	link->held_bytes = link->unseen_bytes + unread;
	if (is_endless ||
	    link->unseen_bytes > (link->is_stranger ? GATE_STRANGER_BYTES : GATE_UNSEEN_BYTES))
		return "a message without an end, or more than its window";
	return unread > GATE_UNREAD_BYTES ? "does not read what it asked for" : NULL;
}

static void
s_watch_link (struct gate *self, int fd, uint64_t now_ms, bool is_empty)
{
	struct gate_link *link = &self->links[fd];
	struct gate_conn *conn = gate_table_by_fd (self->table, fd);
	const char *words = s_measure (link, fd, is_empty);

	if (!words && link->is_stranger && !self->paused &&
	    now_ms > link->since_ms + GATE_FIRST_WORD_MS)
		words = "says nothing";
	if (!words && conn && conn->cut_at_ms != 0 && now_ms >= conn->cut_at_ms)
		words = ""; /* the core has said why */
	if (words)
		s_cut_link (self, fd, words);
}

/* Of those that hold something and are not cut: its descriptor, or -1. */
static int
s_greediest (const struct gate *self)
{
	uint64_t most_bytes = 0;
	int greediest = -1;

	for (int fd = 0; fd <= self->highest_fd; fd++) {
		const struct gate_link *link = &self->links[fd];
		if (!link->live || link->shut || link->held_bytes <= most_bytes)
			continue;
		most_bytes = link->held_bytes;
		greediest = fd;
	}
	return greediest;
}

/* The greediest are cut until the others hold little enough together. */
static void
s_watch_all (struct gate *self)
{
	int fd;

	while (self->held_bytes > GATE_HELD_BYTES && (fd = s_greediest (self)) >= 0) {
		self->held_bytes -= self->links[fd].held_bytes;
		self->links[fd].held_bytes = 0;
		s_cut_link (self, fd, "all peers together hold too much, and this one the most");
	}
}

bool
gate_links_are_full (const struct gate *self)
{
	return self->held_bytes + self->left_bytes > GATE_HELD_BYTES;
}

/* Where there are many, each is looked at every few ticks: asking the kernel has its price. */
void
gate_watch (struct gate *self)
{
	size_t count = self->stranger_count + gate_table_count (self->table);
	unsigned slices = 1 + (unsigned) (count / GATE_LOOKS_PER_TICK);
	uint64_t now_ms = clock_mono_ms ();
	bool is_empty = gate_router_is_empty (self->router);

	gate_on_events (self);
	if (is_empty)
		self->left_bytes = 0;
	self->slice++;
	self->held_bytes = 0;
	for (int fd = 0; fd <= self->highest_fd; fd++) {
		const struct gate_link *link = &self->links[fd];
		bool has_turn = (unsigned) fd % slices == self->slice % slices;
		if (has_turn && link->live && !link->shut)
			s_watch_link (self, fd, now_ms, is_empty);
		if (link->live && !link->shut)
			self->held_bytes += link->held_bytes;
	}
	s_watch_all (self);
	slack_note (&self->slack, self->held_bytes + self->left_bytes);
	slack_on_tick (&self->slack, now_ms);
}
