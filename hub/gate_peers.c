/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What peers do: messages, connections that begin and end, and those that misuse what ZMTP lets them.
 *
 * Whose message is it? libzmq gives with each body frame the descriptor and the key of the connection it
 * came by. A connection in the table is (routing id, descriptor, key); when one of the three differs, it is
 * another connection, and what the core knew by that routing id or descriptor is gone.
 *
 * Descriptors are used again, so an old DISCONNECTED(7) must never be taken for the end of a new connection
 * 7, nor a new connection 7 for the old one. libzmq's one IO thread does all this in order: it puts the
 * event into the monitor's queue, closes the descriptor, accepts another connection under the same number,
 * and later hands on that one's first message. So when a message of an unseen (routing id, descriptor) is
 * here, every event older than its connection is in the monitor's queue already: the queue is drained first,
 * and only then is the connection entered. This needs ZMQ_IO_THREADS 1.
 */
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_private.h"
#include "hub/hub_limits.h"

/* One line a second at most: a peer can offend as often as it likes. */
static void
s_complain (struct gate *self, const char *words, int fd)
{
	uint64_t now_ms = clock_mono_ms ();

	if (self->complained_ms != 0 && now_ms - self->complained_ms < 1000)
		return;
	self->complained_ms = now_ms;
	log_warn ("peer-cut", "%s: descriptor %d", words, fd);
}

void
gate_shut (struct gate *self, int fd)
{
	/* Only what libzmq accepted and has not told to be over: never one of our own. */
	if (fd >= 0 && fd < GATE_DESCRIPTORS_MAX && self->links[fd].live)
		shutdown (fd, SHUT_RDWR);
}

static void
s_forget (struct gate *self, struct gate_conn **conn_p, bool tell)
{
	if (tell)
		gate_tell (self, PACKET_GONE, *conn_p, (struct siaga_bytes){NULL, 0});
	gate_table_remove (self->table, conn_p);
}

void
gate_cut (struct gate *self, struct gate_conn **conn_p, bool tell)
{
	gate_shut (self, (*conn_p)->fd);
	s_forget (self, conn_p, tell);
}

static void
s_on_accepted (struct gate *self, int fd)
{
	struct gate_link *link = &self->links[fd];

	memset (link, 0, sizeof *link);
	link->live = true;
	link->since_ms = clock_mono_ms ();
	if (fd > self->highest_fd)
		self->highest_fd = fd;
}

void
gate_on_events (struct gate *self)
{
	struct gate_event event;

	while (gate_router_event (self->router, &event) == 0) {
		if (event.fd < 0 || event.fd >= GATE_DESCRIPTORS_MAX)
			continue;
		/* Also when a new one is accepted: after a handover libzmq tells no end of the old. */
		struct gate_conn *conn = gate_table_by_fd (self->table, event.fd);
		if (conn)
			s_forget (self, &conn, true);
		if (event.type == GATE_ACCEPTED)
			s_on_accepted (self, event.fd);
		else
			self->links[event.fd].live = false;
	}
}

static bool
s_is_proper (const struct gate_message *message, const char **words)
{
	size_t size = zmq_msg_size (&message->body);

	*words = NULL;
	if (message->fd < 0 || message->fd >= GATE_DESCRIPTORS_MAX || !message->has_key)
		*words = "a message without a key";
	else if (message->rid_size != GATE_RID_BYTES || message->rid[0] == 0)
		*words = "a routing id that is not 16 random bytes";
	else if (message->is_train)
		*words = "more than one body frame";
	else if (size == 0 || size > SIAGA_MESSAGE_MAX)
		*words = "a body frame of a size that is not allowed";
	return !*words;
}

static void
s_on_offence (struct gate *self, const struct gate_message *message, const char *words)
{
	gate_on_events (self);
	s_complain (self, words, message->fd);
	struct gate_conn *conn = gate_table_by_fd (self->table, message->fd);
	if (conn)
		gate_cut (self, &conn, true);
	else
		gate_shut (self, message->fd);
}

static bool
s_is_of (const struct gate_message *message, const struct gate_conn *conn)
{
	return conn->fd == message->fd && memcmp (conn->key, message->key, sizeof conn->key) == 0;
}

/* Enters a connection; NULL when it was cut instead. The reasoning is at the head of this file. */
static struct gate_conn *
s_enter (struct gate *self, const struct gate_message *message)
{
	struct gate_conn *conn;

	gate_on_events (self);
	if ((conn = gate_table_by_rid (self->table, message->rid)))
		s_forget (self, &conn, true);
	if ((conn = gate_table_by_fd (self->table, message->fd)))
		s_forget (self, &conn, true);

	/* Admitted once, but by now the list may be another, or not there. */
	if (zap_keys_have (gate_zap_keys (self->zap), message->key))
		conn = gate_table_add (self->table, self->next_number, message->rid, message->key,
				       message->fd);
	if (!conn) {
		s_complain (self, "a key no longer admitted, or too many connections", message->fd);
		gate_shut (self, message->fd);
		return NULL;
	}
	self->next_number++;
	gate_tell (self, PACKET_OPEN, conn, (struct siaga_bytes){NULL, 0});
	return conn;
}

void
gate_on_message (struct gate *self, const struct gate_message *message)
{
	struct siaga_bytes body = {zmq_msg_data ((zmq_msg_t *) &message->body),
				   zmq_msg_size (&message->body)};
	const char *words;

	if (!s_is_proper (message, &words)) {
		s_on_offence (self, message, words);
		return;
	}
	struct gate_conn *conn = gate_table_by_rid (self->table, message->rid);
	if (!conn || !s_is_of (message, conn))
		conn = s_enter (self, message);
	if (!conn)
		return;
	self->links[conn->fd].moved = true;
	if (conn->cut_at_ms == 0)
		gate_tell (self, PACKET_MESSAGE, conn, body);
}

/* libzmq keeps the frames of an unfinished message where no option bounds them (PITFALLS 2): a peer that has
   sent much without one whole message is cut. What waits while the ROUTER is not read stays far below. */
static bool
s_is_train (struct gate_link *link, int fd)
{
	uint64_t bytes;

	if (!gate_bytes_received (fd, &bytes))
		return false;
	if (link->moved) {
		link->moved = false;
		link->base_bytes = bytes;
	}
	return bytes - link->base_bytes > GATE_UNSEEN_BYTES;
}

static void
s_watch_link (struct gate *self, int fd, uint64_t now_ms)
{
	struct gate_link *link = &self->links[fd];
	struct gate_conn *conn = gate_table_by_fd (self->table, fd);

	if (s_is_train (link, fd)) {
		s_complain (self, "a message without an end", fd);
		gate_shut (self, fd);
	} else if (!conn && !self->paused && now_ms - link->since_ms > GATE_FIRST_WORD_MS) {
		gate_shut (self, fd);
	} else if (conn && conn->cut_at_ms != 0 && now_ms >= conn->cut_at_ms) {
		gate_cut (self, &conn, false);
	}
}

void
gate_watch (struct gate *self)
{
	uint64_t now_ms = clock_mono_ms ();

	gate_on_events (self);
	for (int fd = 0; fd <= self->highest_fd; fd++)
		if (self->links[fd].live)
			s_watch_link (self, fd, now_ms);
}
