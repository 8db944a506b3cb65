/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What peers do: messages, connections that begin and end, and those that misuse what ZMTP lets them.
 *
 * Whose message is it? libzmq gives with each body frame the descriptor it came by and the User-Id that the ZAP
 * handler gave: key and number of the admission. The number is the connection's name; routing id and descriptor
 * are only its addresses.
 *
 * Both addresses are used again. A message may be read after its connection ended, when another has the
 * descriptor; a message to a routing id may find another peer there. libzmq's one IO thread does in order: it
 * puts ACCEPTED into the monitor's queue, has the handshake admitted, hands on messages, puts DISCONNECTED into
 * the queue, closes the descriptor, and only then tells the ROUTER that the pipe is over. The gate counts
 * connections accepted and handshakes admitted in one count, and drains the monitor's queue before it admits a
 * handshake, before it enters a connection, and between the two frames of what it sends. So:
 *
 *	a message is of the connection that has its descriptor now, when that was accepted before the message's
 *	handshake was admitted, and has not ended (gate_link_is_of);
 *	when the pipe of a routing id is another's by now, the end of the connection meant is known (gate_send).
 *
 * This needs ZMQ_IO_THREADS 1.
 */
#include "hub/gate_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

void
gate_complain (struct gate *self, const char *words, int fd)
{
	uint64_t now_ms = clock_mono_ms ();

	if (self->complained_ms != 0 && now_ms - self->complained_ms < 1000)
		return;
	self->complained_ms = now_ms;
	log_warn ("peer-cut", "%s: descriptor %d", words, fd);
}

void
gate_forget (struct gate *self, struct gate_conn **conn_p, bool tell)
{
	if (tell)
		gate_tell (self, PACKET_GONE, *conn_p, (struct siaga_bytes){NULL, 0});
	gate_table_remove (self->table, conn_p);
}

void
gate_cut (struct gate *self, struct gate_conn **conn_p, bool tell)
{
	if (gate_link_is_of (self, (*conn_p)->fd, (*conn_p)->number))
		gate_link_shut (self, (*conn_p)->fd);
	gate_forget (self, conn_p, tell);
}

void
gate_on_events (struct gate *self)
{
	struct gate_event event;

	while (gate_router_event (self->router, &event) == 0) {
		if (event.fd < 0 || event.fd >= GATE_DESCRIPTORS_MAX)
			continue;
		struct gate_conn *conn = gate_table_by_fd (self->table, event.fd);
		if (conn)
			gate_forget (self, &conn, true);
		if (event.type == GATE_ACCEPTED)
			gate_link_begin (self, event.fd);
		else
			gate_link_end (self, event.fd);
	}
}

/* --- messages from peers ------------------------------------------------------------------------------- */

static bool
s_is_proper (const struct gate_message *message, const char **words)
{
	size_t size = zmq_msg_size (&message->body);

	*words = NULL;
	if (message->rid_size != GATE_RID_BYTES || message->rid[0] == 0)
		*words = "a routing id that is not 16 random bytes";
	else if (message->is_train)
		*words = "more than one body frame";
	else if (size == 0 || size > SIAGA_MESSAGE_MAX)
		*words = "a body frame of a size that is not allowed";
	return !*words;
}

/* Enters a connection, the monitor's queue just drained; NULL when it was cut instead. */
static struct gate_conn *
s_enter (struct gate *self, const struct gate_message *message)
{
	struct gate_conn *conn = gate_table_by_rid (self->table, message->rid);
	const char *words = NULL;

	if (conn) /* over in libzmq, which lets nobody in under an id that somebody has */
		gate_forget (self, &conn, true);
	/* Admitted once, but by now the list may be another, or not there. */
	if (!zap_keys_have (gate_zap_keys (self->zap), message->key))
		words = "a key no longer admitted";
	else if (gate_table_count_of (self->table, message->key) >= HUB_CONNECTIONS_PER_KEY_MAX)
		words = "too many connections with one key";
	else if (gate_table_count (self->table) >= self->conn_max ||
		 !(conn = gate_table_add (self->table, message->admission, message->rid,
					  message->key, message->fd)))
		words = "too many connections";
	if (words) {
		gate_complain (self, words, message->fd);
		gate_link_shut (self, message->fd);
		return NULL;
	}
	gate_tell (self, PACKET_OPEN, conn, (struct siaga_bytes){NULL, 0});
	return conn;
}

static void
s_on_offence (struct gate *self, const struct gate_message *message, const char *words)
{
	gate_complain (self, words, message->fd);
	gate_on_events (self);
	struct gate_conn *conn = gate_table_by_number (self->table, message->admission);
	if (conn)
		gate_cut (self, &conn, true);
	else if (gate_link_is_of (self, message->fd, message->admission))
		gate_link_shut (self, message->fd);
}

void
gate_on_message (struct gate *self, const struct gate_message *message)
{
	struct siaga_bytes body = {zmq_msg_data ((zmq_msg_t *) &message->body),
				   zmq_msg_size (&message->body)};
	const char *words;

	if (!message->has_key || message->fd < 0 || message->fd >= GATE_DESCRIPTORS_MAX) {
		gate_complain (self, "a message without a key", message->fd);
		return; /* of nobody: there is no such connection to cut */
	}
	struct gate_conn *conn = gate_table_by_number (self->table, message->admission);
	if (!conn)
		gate_on_events (self);
	if (!gate_link_is_of (self, message->fd, message->admission))
		return; /* its connection is over */
	if (!s_is_proper (message, &words)) {
		s_on_offence (self, message, words);
		return;
	}
	if (!conn)
		conn = s_enter (self, message);
	if (!conn)
		return;
	gate_link_took (self, conn->fd, body.size);
	if (conn->cut_at_ms == 0)
		gate_tell (self, PACKET_MESSAGE, conn, body);
}

/* --- messages to peers --------------------------------------------------------------------------------- */

struct meant {
	struct gate *gate;
	uint64_t number;
};

static bool
s_is_meant (void *arg)
{
	const struct meant *meant = arg;

	gate_on_events (meant->gate);
	return gate_table_by_number (meant->gate->table, meant->number) != NULL;
}

int
gate_send (struct gate *self, struct gate_conn *conn, struct siaga_bytes body)
{
	struct meant meant = {self, conn->number};

	int error = gate_router_send (self->router, conn->rid, body, s_is_meant, &meant);
	gate_on_events (self); /* what failed may be over, and its descriptor another's */
	conn = gate_table_by_number (self->table, meant.number);
	if (error == SIAGA_ENOMEM || !conn)
		return error == SIAGA_ENOMEM ? error : 0;
	if (error == 0)
		gate_link_sent (self, conn->fd, body.size);
	if (error == SIAGA_EAGAIN)
		gate_complain (self, "does not read what it asked for", conn->fd);
	if (error)
		gate_cut (self, &conn, true);
	return 0;
}
