/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core says, by a table of packet types.
 */
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_private.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

#define NO_BYTES ((struct siaga_bytes){NULL, 0})

static void
s_cut_all (struct gate *self)
{
	struct gate_conn *conn;

	gate_on_events (self);
	while ((conn = gate_table_next (self->table, NULL)))
		gate_cut (self, &conn, false);
}

/* A new core knows no session: everybody starts again, and nobody is admitted before it has said whom.
   The generation changes too, so that what is still in the sockets counts for nothing. */
static int
s_on_core_up (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct zap_keys none = {.known = false};

	(void) packet;
	(void) payload;
	s_cut_all (self);
	zap_keys_finish (&self->staged);
	gate_zap_put (self->zap, &none);
	packet_queue_finish (&self->out);
	self->generation++;
	gate_tell (self, PACKET_GATE_UP, NULL, NO_BYTES);
	return 0;
}

static int
s_on_keys_begin (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	(void) packet;
	(void) payload;
	zap_keys_finish (&self->staged);
	return 0;
}

static int
s_on_keys (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	(void) packet;
	int error = zap_keys_add (&self->staged, payload);
	if (error) {
		log_error ("gate-keys", "%s", siaga_strerror (error));
		self->status = EX_SOFTWARE;
		return -1;
	}
	return 0;
}

/* Removing a key does not end its connection (PITFALLS 8). */
static void
s_cut_removed (struct gate *self)
{
	gate_on_events (self);
	for (struct gate_conn *conn = gate_table_next (self->table, NULL); conn;) {
		struct gate_conn *next = gate_table_next (self->table, conn);
		if (conn->cut_at_ms == 0 && !zap_keys_have (gate_zap_keys (self->zap), conn->key))
			gate_cut (self, &conn, true);
		conn = next;
	}
}

static int
s_bind_one (struct gate *self, const char *endpoint)
{
	char bound[256];
	size_t used = strlen (self->addresses);

	if (gate_router_bind (self->router, endpoint, bound, sizeof bound) != 0) {
		bool is_system = zmq_errno () == EADDRINUSE || zmq_errno () == EADDRNOTAVAIL ||
				 zmq_errno () == EACCES || zmq_errno () == EMFILE;
		log_error ("bind-failed", "%s: %s", endpoint, zmq_strerror (zmq_errno ()));
		self->status = is_system ? EX_OSERR : EX_CONFIG;
		return -1;
	}
	snprintf (self->addresses + used, sizeof self->addresses - used, "%s%s",
		  used > 0 ? " " : "", bound);
	return 0;
}

static int
s_on_keys_end (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	(void) packet;
	(void) payload;
	zap_keys_seal (&self->staged);
	gate_zap_put (self->zap, &self->staged);
	s_cut_removed (self);
	for (size_t i = 0; !self->is_bound && i < self->options->listen_count; i++)
		if (s_bind_one (self, self->options->listen[i]) != 0)
			return -1;
	self->is_bound = true;
	gate_tell (
		self, PACKET_READY, NULL,
		(struct siaga_bytes){(const uint8_t *) self->addresses, strlen (self->addresses)});
	return 0;
}

static int
s_on_send (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct gate_conn *conn = gate_table_by_number (self->table, packet->conn);

	if (!conn || conn->cut_at_ms != 0)
		return 0;
	if (gate_send (self, conn, payload) == 0)
		return 0;
	log_error ("gate-memory", "no memory for a message");
	self->status = EX_SOFTWARE;
	return -1;
}

static int
s_on_cut (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct gate_conn *conn = gate_table_by_number (self->table, packet->conn);

	(void) payload;
	if (conn && conn->cut_at_ms == 0)
		conn->cut_at_ms = clock_mono_ms () + HUB_CUT_GRACE_MS;
	return 0;
}

static int (*const s_handlers[PACKET_TYPES]) (struct gate *, const struct packet *,
					      struct siaga_bytes) = {
	[PACKET_CORE_UP] = s_on_core_up, [PACKET_KEYS_BEGIN] = s_on_keys_begin,
	[PACKET_KEYS] = s_on_keys,	 [PACKET_KEYS_END] = s_on_keys_end,
	[PACKET_SEND] = s_on_send,	 [PACKET_CUT] = s_on_cut,
};

int
gate_on_packet (struct gate *self, const struct packet *packet, struct siaga_bytes payload)
{
	if (packet->type != PACKET_CORE_UP && packet->generation != self->generation)
		return 0;
	return s_handlers[packet->type](self, packet, payload);
}
