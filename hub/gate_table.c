/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chained hashes. Peers choose their routing ids and keys, so those are hashed with a secret.
 */
#include "hub/gate_table.h"

#include <sodium.h>
#include <stdlib.h>

#include "hub/hub_limits.h"

#define BUCKETS 8192 /* a power of two */

LIST_HEAD (conn_list, gate_conn);
TAILQ_HEAD (conn_queue, gate_conn);

struct gate_table {
	uint8_t secret[crypto_shorthash_KEYBYTES];
	size_t count;
	struct conn_queue all;
	struct conn_list by_rid[BUCKETS];
	struct conn_list by_number[BUCKETS];
	struct conn_list by_key[BUCKETS];
	struct gate_conn *by_fd[GATE_DESCRIPTORS_MAX];
};

struct gate_table *
gate_table_new (void)
{
	struct gate_table *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	crypto_shorthash_keygen (self->secret);
	TAILQ_INIT (&self->all);
	return self;
}

void
gate_table_destroy (struct gate_table **self_p)
{
	struct gate_table *self = *self_p;
	struct gate_conn *conn;

	if (!self)
		return;
	while ((conn = TAILQ_FIRST (&self->all)))
		gate_table_remove (self, &conn);
	free (self);
	*self_p = NULL;
}

static size_t
s_bucket (const struct gate_table *self, const uint8_t *data, size_t size)
{
	uint64_t hash;
	uint8_t bytes[crypto_shorthash_BYTES];

	crypto_shorthash (bytes, data, size, self->secret);
	memcpy (&hash, bytes, sizeof hash);
	return hash & (BUCKETS - 1);
}

static size_t
s_number_bucket (uint64_t number)
{
	return number & (BUCKETS - 1);
}

struct gate_conn *
gate_table_add (struct gate_table *self, uint64_t number, const uint8_t rid[GATE_RID_BYTES],
		const uint8_t key[SIAGA_KEY_BYTES], int fd)
{
	struct gate_conn *conn;

	if (self->count == HUB_CONNECTIONS_MAX || fd < 0 || fd >= GATE_DESCRIPTORS_MAX)
		return NULL;
	conn = calloc (1, sizeof *conn);
	if (!conn)
		return NULL;
	conn->number = number;
	conn->fd = fd;
	memcpy (conn->rid, rid, sizeof conn->rid);
	memcpy (conn->key, key, sizeof conn->key);
	LIST_INSERT_HEAD (&self->by_rid[s_bucket (self, rid, GATE_RID_BYTES)], conn, by_rid);
	LIST_INSERT_HEAD (&self->by_key[s_bucket (self, key, SIAGA_KEY_BYTES)], conn, by_key);
	LIST_INSERT_HEAD (&self->by_number[s_number_bucket (number)], conn, by_number);
	TAILQ_INSERT_TAIL (&self->all, conn, all);
	self->by_fd[fd] = conn;
	self->count++;
	return conn;
}

void
gate_table_remove (struct gate_table *self, struct gate_conn **conn_p)
{
	struct gate_conn *conn = *conn_p;

	LIST_REMOVE (conn, by_rid);
	LIST_REMOVE (conn, by_number);
	LIST_REMOVE (conn, by_key);
	TAILQ_REMOVE (&self->all, conn, all);
	self->by_fd[conn->fd] = NULL;
	self->count--;
	free (conn);
	*conn_p = NULL;
}

struct gate_conn *
gate_table_by_rid (const struct gate_table *self, const uint8_t rid[GATE_RID_BYTES])
{
	struct gate_conn *conn;

	LIST_FOREACH (conn, &self->by_rid[s_bucket (self, rid, GATE_RID_BYTES)], by_rid)
	if (memcmp (conn->rid, rid, GATE_RID_BYTES) == 0)
		return conn;
	return NULL;
}

struct gate_conn *
gate_table_by_number (const struct gate_table *self, uint64_t number)
{
	struct gate_conn *conn;

	LIST_FOREACH (conn, &self->by_number[s_number_bucket (number)], by_number)
	if (conn->number == number)
		return conn;
	return NULL;
}

struct gate_conn *
gate_table_by_fd (const struct gate_table *self, int fd)
{
	return fd >= 0 && fd < GATE_DESCRIPTORS_MAX ? self->by_fd[fd] : NULL;
}

struct gate_conn *
gate_table_next (const struct gate_table *self, const struct gate_conn *previous)
{
	return previous ? TAILQ_NEXT (previous, all) : TAILQ_FIRST (&self->all);
}

size_t
gate_table_count (const struct gate_table *self)
{
	return self->count;
}

size_t
gate_table_count_of (const struct gate_table *self, const uint8_t key[SIAGA_KEY_BYTES])
{
	const struct gate_conn *conn;
	size_t count = 0;

	LIST_FOREACH (conn, &self->by_key[s_bucket (self, key, SIAGA_KEY_BYTES)], by_key)
	count += memcmp (conn->key, key, SIAGA_KEY_BYTES) == 0;
	return count;
}
