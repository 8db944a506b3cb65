/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's connections, found by routing id, by number and by descriptor. A connection is one CURVE
 * handshake's life: its number is the one that the handshake was admitted under.
 */
#ifndef SIAGA_HUB_GATE_TABLE_H
#define SIAGA_HUB_GATE_TABLE_H

#include <sys/queue.h>

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define GATE_RID_BYTES 16

struct gate_conn {
	uint64_t number; /* of its admission, and what the core calls it */
	uint8_t rid[GATE_RID_BYTES];
	uint8_t key[SIAGA_KEY_BYTES];
	int fd;		    /* libzmq's; ours only to shut down */
	uint64_t cut_at_ms; /* not 0: the core is done with it, last words are leaving */
	LIST_ENTRY (gate_conn) by_rid;
	LIST_ENTRY (gate_conn) by_number;
	LIST_ENTRY (gate_conn) by_key;
	TAILQ_ENTRY (gate_conn) all;
};

struct gate_table;

struct gate_table *
gate_table_new (void);

void
gate_table_destroy (struct gate_table **self_p);

/* A new connection, or NULL when there are HUB_CONNECTIONS_MAX or no memory. No other may have the same
   routing id, number or descriptor. */
struct gate_conn *
gate_table_add (struct gate_table *self, uint64_t number, const uint8_t rid[GATE_RID_BYTES],
		const uint8_t key[SIAGA_KEY_BYTES], int fd);

/* Frees it. */
void
gate_table_remove (struct gate_table *self, struct gate_conn **conn_p);

struct gate_conn *
gate_table_by_rid (const struct gate_table *self, const uint8_t rid[GATE_RID_BYTES]);

struct gate_conn *
gate_table_by_number (const struct gate_table *self, uint64_t number);

struct gate_conn *
gate_table_by_fd (const struct gate_table *self, int fd);

/* All of them, oldest first: `previous` NULL gives the first. Take the next before removing one. */
struct gate_conn *
gate_table_next (const struct gate_table *self, const struct gate_conn *previous);

size_t
gate_table_count (const struct gate_table *self);

/* Those with that key. */
size_t
gate_table_count_of (const struct gate_table *self, const uint8_t key[SIAGA_KEY_BYTES]);

#endif
