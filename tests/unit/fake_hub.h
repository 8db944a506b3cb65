/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hub for the tests of link and uplink: a ROUTER with CURVE and ZAP in the test's own loop, speaking the
 * real wire, keeping batches in memory. By default it does what a hub does; a test's hook may do otherwise.
 * Include after cmocka.h.
 */
#ifndef SIAGA_TESTS_FAKE_HUB_H
#define SIAGA_TESTS_FAKE_HUB_H

#include <czmq.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "common/trust.h"
#include "siaga/batch.h"
#include "siaga/error.h"
#include "siaga/wire.h"

#define FAKE_NETWORK "pemilu-2024"
#define FAKE_CLIENT "bssn/soc-1"
#define FAKE_HUB "kpu/hub"
#define FAKE_ZAP "inproc://zeromq.zap.01"
#define FAKE_DEADLINE_MS 20000
#define FAKE_BATCHES_MAX 512
#define FAKE_ADDRESSES_MAX 4

/* -- the loop: runs until a condition holds -- */

struct fake_loop {
	zloop_t *loop;
	int event_fd; /* written by every callback: look at the condition again */
	int deadline_fd;
	bool late;
};

static inline int
fake_loop_on_event (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	uint64_t count;
	(void) loop;
	(void) arg;
	(void) !read (item->fd, &count, sizeof count);
	return -1;
}

static inline int
fake_loop_on_deadline (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct fake_loop *self = arg;
	self->late = true;
	return fake_loop_on_event (loop, item, arg);
}

static inline void
fake_loop_init (struct fake_loop *self)
{
	self->loop = zloop_new ();
	zloop_set_nonstop (self->loop, true);
	self->event_fd = eventfd (0, EFD_NONBLOCK);
	self->deadline_fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK);
	zmq_pollitem_t event = {.fd = self->event_fd, .events = ZMQ_POLLIN};
	zmq_pollitem_t deadline = {.fd = self->deadline_fd, .events = ZMQ_POLLIN};
	zloop_poller (self->loop, &event, fake_loop_on_event, self);
	zloop_poller (self->loop, &deadline, fake_loop_on_deadline, self);
}

static inline void
fake_loop_finish (struct fake_loop *self)
{
	zloop_destroy (&self->loop);
	close (self->event_fd);
	close (self->deadline_fd);
}

static inline void
fake_loop_kick (struct fake_loop *self)
{
	uint64_t one = 1;
	(void) !write (self->event_fd, &one, sizeof one);
}

static inline void
fake_loop_set_deadline (struct fake_loop *self, int ms)
{
	struct itimerspec when = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}};
	timerfd_settime (self->deadline_fd, 0, &when, NULL);
	self->late = false;
}

/* Runs the loop until `condition`, or fails the test at the deadline. */
#define RUN_UNTIL(loop_p, condition)                                                               \
	do {                                                                                       \
		fake_loop_set_deadline (loop_p, FAKE_DEADLINE_MS);                                 \
		while (!(condition)) {                                                             \
			zloop_start ((loop_p)->loop);                                              \
			if ((loop_p)->late && !(condition))                                        \
				fail_msg ("waited in vain for: %s", #condition);                   \
		}                                                                                  \
	} while (0)

/* Runs the loop for that long: for showing that something does not happen. */
static inline void
fake_loop_run (struct fake_loop *self, int ms)
{
	fake_loop_set_deadline (self, ms);
	while (!self->late)
		zloop_start (self->loop);
}

/* -- who is who -- */

struct fake_world {
	struct siaga_identity *hub;
	struct siaga_identity *client;
	struct siaga_roster roster;
	struct siaga_member members[2];
	struct siaga_principal principals[2];
	struct siaga_roster_key keys[2];
	char *addresses[FAKE_ADDRESSES_MAX];
	struct trust trust;
};

static inline void
fake_world_set_key (struct siaga_roster_key *key, const struct siaga_identity *identity)
{
	key->card = identity->card;
	siaga_key_id (key->key_id, identity->card.sign);
}

static inline void
fake_world_init (struct fake_world *self)
{
	memset (self, 0, sizeof *self);
	assert_int_equal (siaga_crypto_init (), 0);
	self->hub = siaga_identity_new (siaga_text (FAKE_HUB));
	self->client = siaga_identity_new (siaga_text (FAKE_CLIENT));
	fake_world_set_key (&self->keys[0], self->hub);
	fake_world_set_key (&self->keys[1], self->client);
	snprintf (self->members[0].name, sizeof self->members[0].name, "kpu");
	snprintf (self->members[1].name, sizeof self->members[1].name, "bssn");
	for (size_t i = 0; i < 2; i++) {
		struct siaga_principal *principal = &self->principals[i];
		snprintf (principal->name, sizeof principal->name, "%s",
			  i ? FAKE_CLIENT : FAKE_HUB);
		principal->roles = SIAGA_ROLE_PUBLISH;
		principal->member = &self->members[i];
		principal->key_count = 1;
		principal->keys = &self->keys[i];
	}
	struct siaga_roster *roster = &self->roster;
	snprintf (roster->network, sizeof roster->network, FAKE_NETWORK);
	snprintf (roster->hub, sizeof roster->hub, FAKE_HUB);
	roster->serial = 7;
	roster->members = self->members;
	roster->member_count = 2;
	roster->principals = self->principals;
	roster->principal_count = 2;
	roster->addresses = self->addresses;
	assert_int_equal (siaga_roster_index (roster), 0);
	self->trust.roster = roster;
	self->trust.identity = self->client;
}

static inline void
fake_world_finish (struct fake_world *self)
{
	siaga_identity_destroy (&self->hub);
	siaga_identity_destroy (&self->client);
	free (self->roster.by_name);
	free (self->roster.by_transport);
}

/* -- the hub -- */

struct fake_batch {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first;
	uint64_t last;
	uint64_t number; /* of the last */
	uint8_t hash[SIAGA_HASH_BYTES];
	size_t size;
	uint8_t *data;
};

struct fake_hub {
	struct fake_loop *loop;
	struct fake_world *world;
	const struct siaga_identity *identity; /* whose keys it uses */
	zsock_t *router;
	zsock_t *monitor; /* of the router: has its port been given back? */
	zsock_t *zap;
	char address[64];
	const char *zap_status;

	uint8_t peer[256]; /* routing id of the session */
	size_t peer_size;
	uint8_t nonce[SIAGA_NONCE_BYTES];
	const char *network;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	struct siaga_hello hello; /* the last one; texts are not kept */
	char software[SIAGA_SOFTWARE_MAX + 1];

	/* Handles a message itself: true. */
	bool (*hook) (struct fake_hub *self, const struct siaga_message *message);
	void *arg;

	unsigned seen[SIAGA_BYE + 1]; /* by type */
	unsigned welcomed;
	size_t batch_count;
	struct fake_batch batches[FAKE_BATCHES_MAX];
	struct siaga_status_message status;
	struct siaga_message message;
	struct siaga_message out;
	uint8_t buffer[SIAGA_MESSAGE_MAX];
	struct siaga_batch batch;
};

static inline void
fake_hub_send_frame (struct fake_hub *self, const void *data, size_t size, int flags)
{
	void *handle = zsock_resolve (self->router);
	zmq_send (handle, self->peer, self->peer_size, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send (handle, data, size, flags | ZMQ_DONTWAIT);
}

static inline void
fake_hub_send (struct fake_hub *self, const struct siaga_message *message)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->buffer, sizeof self->buffer);
	assert_int_equal (siaga_message_write (&writer, message), 0);
	fake_hub_send_frame (self, writer.data, writer.size, 0);
}

static inline void
fake_hub_challenge (struct fake_hub *self)
{
	self->out.type = SIAGA_CHALLENGE;
	self->out.challenge.version = SIAGA_PROTOCOL_VERSION;
	self->out.challenge.network = siaga_text (self->network);
	randombytes_buf (self->nonce, sizeof self->nonce);
	memcpy (self->out.challenge.nonce, self->nonce, sizeof self->nonce);
	fake_hub_send (self, &self->out);
}

/* The last batch held of an epoch, or NULL. */
static inline const struct fake_batch *
fake_hub_held (const struct fake_hub *self, const uint8_t *epoch)
{
	for (size_t i = self->batch_count; i > 0; i--)
		if (memcmp (self->batches[i - 1].epoch, epoch, SIAGA_EPOCH_BYTES) == 0)
			return &self->batches[i - 1];
	return NULL;
}

static inline uint64_t
fake_hub_head (const struct fake_hub *self)
{
	return self->batch_count ? self->batches[self->batch_count - 1].number + 1 : 0;
}

static inline void
fake_hub_fill_welcome (struct fake_hub *self, struct siaga_welcome *welcome)
{
	memset (welcome, 0, sizeof *welcome);
	welcome->network = siaga_text (FAKE_NETWORK);
	memcpy (welcome->hub_nonce, self->nonce, SIAGA_NONCE_BYTES);
	memcpy (welcome->nonce, self->hello.nonce, SIAGA_NONCE_BYTES);
	memcpy (welcome->log_id, self->log_id, SIAGA_LOG_ID_BYTES);
	welcome->roster_serial = 7;
	welcome->head = fake_hub_head (self);
	const struct fake_batch *held =
		self->hello.has_epoch ? fake_hub_held (self, self->hello.epoch) : NULL;
	if (!held)
		return;
	welcome->held_oseq = held->last;
	welcome->has_held = true;
	memcpy (welcome->held_hash, held->hash, SIAGA_HASH_BYTES);
}

static inline void
fake_hub_send_welcome (struct fake_hub *self, const struct siaga_welcome *welcome,
		       const struct siaga_identity *signer)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->buffer, sizeof self->buffer);
	assert_int_equal (siaga_welcome_write (&writer, welcome, signer->sign_secret), 0);
	fake_hub_send_frame (self, writer.data, writer.size, 0);
}

static inline void
fake_hub_take_hello (struct fake_hub *self, const struct siaga_hello *hello)
{
	const struct siaga_card *card = &self->world->client->card;
	assert_int_equal (siaga_hello_verify (hello, siaga_text (FAKE_NETWORK), card->sign), 0);
	assert_memory_equal (hello->hub_nonce, self->nonce, SIAGA_NONCE_BYTES);
	assert_memory_equal (hello->transport, card->transport, SIAGA_KEY_BYTES);
	assert_true (siaga_text_is (hello->principal, FAKE_CLIENT));
	assert_int_equal (hello->roster_serial, 7);
	snprintf (self->software, sizeof self->software, "%.*s", (int) hello->software.size,
		  hello->software.data);
	self->hello = *hello;
}

static inline void
fake_hub_welcome (struct fake_hub *self)
{
	struct siaga_welcome welcome;
	fake_hub_fill_welcome (self, &welcome);
	fake_hub_send_welcome (self, &welcome, self->world->hub);
	self->welcomed++;
}

static inline void
fake_hub_refuse (struct fake_hub *self, const struct siaga_batch_head *head, int code,
		 uint64_t retry_ms, uint64_t expected, struct siaga_bad *bad, size_t bad_count)
{
	memset (&self->out.refused, 0, sizeof self->out.refused);
	self->out.type = SIAGA_REFUSED;
	self->out.refused.what = SIAGA_PUBLISH;
	self->out.refused.code = code;
	self->out.refused.words = siaga_text ("words of the hub");
	self->out.refused.retry_ms = retry_ms;
	self->out.refused.has_epoch = true;
	memcpy (self->out.refused.epoch, head->epoch, SIAGA_EPOCH_BYTES);
	self->out.refused.first_oseq = head->first_oseq;
	self->out.refused.expected_oseq = expected;
	self->out.refused.bad = bad;
	self->out.refused.bad_count = bad_count;
	fake_hub_send (self, &self->out);
}

static inline void
fake_hub_ack (struct fake_hub *self, const struct fake_batch *batch)
{
	self->out.type = SIAGA_ACK;
	memcpy (self->out.ack.epoch, batch->epoch, SIAGA_EPOCH_BYTES);
	self->out.ack.oseq = batch->last;
	self->out.ack.number = batch->number;
	fake_hub_send (self, &self->out);
}

static inline const struct fake_batch *
fake_hub_store (struct fake_hub *self, struct siaga_bytes bytes)
{
	const struct siaga_batch_head *head = &self->batch.head;
	assert_true (self->batch_count < FAKE_BATCHES_MAX);
	uint64_t number = fake_hub_head (self) + head->count - 1;
	struct fake_batch *batch = &self->batches[self->batch_count++];
	memcpy (batch->epoch, head->epoch, SIAGA_EPOCH_BYTES);
	batch->first = head->first_oseq;
	batch->last = head->first_oseq + head->count - 1;
	batch->number = number;
	siaga_head_hash (batch->hash, self->batch.head_bytes);
	batch->size = bytes.size;
	batch->data = malloc (bytes.size);
	memcpy (batch->data, bytes.data, bytes.size);
	return batch;
}

/* Reads a PUBLISH into self->batch and checks what a hub checks of its bytes. */
static inline void
fake_hub_read_publish (struct fake_hub *self, const struct siaga_message *message)
{
	const struct siaga_card *card = &self->world->client->card;
	assert_int_equal (siaga_batch_read (message->publish.batch, &self->batch), 0);
	assert_int_equal (siaga_batch_verify (&self->batch, siaga_text (FAKE_NETWORK), card->sign),
			  0);
	assert_memory_equal (self->batch.head.epoch, self->hello.epoch, SIAGA_EPOCH_BYTES);
}

/* In order, once (PROTOCOL.md section 7). */
static inline void
fake_hub_publish (struct fake_hub *self, const struct siaga_message *message)
{
	fake_hub_read_publish (self, message);
	const struct siaga_batch_head *head = &self->batch.head;
	const struct fake_batch *held = fake_hub_held (self, head->epoch);
	uint64_t next = held ? held->last + 1 : 1;
	uint8_t hash[SIAGA_HASH_BYTES];
	siaga_head_hash (hash, self->batch.head_bytes);
	if (head->first_oseq == next)
		fake_hub_ack (self, fake_hub_store (self, message->publish.batch));
	else if (head->first_oseq > next)
		fake_hub_refuse (self, head, SIAGA_EHOLE, 0, next, NULL, 0);
	else {
		for (size_t i = 0; i < self->batch_count; i++)
			if (memcmp (self->batches[i].hash, hash, sizeof hash) == 0) {
				fake_hub_ack (self, &self->batches[i]);
				return;
			}
		fake_hub_refuse (self, head, SIAGA_ECONFLICT, 0, 0, NULL, 0);
	}
}

static inline void
fake_hub_pong (struct fake_hub *self, const struct siaga_message *message)
{
	self->status = message->status;
	self->out.type = SIAGA_PONG;
	self->out.pong = (struct siaga_pong){1, fake_hub_head (self), 7};
	fake_hub_send (self, &self->out);
}

/* What a hub does. */
static inline void
fake_hub_default (struct fake_hub *self, const struct siaga_message *message)
{
	switch (message->type) {
	case SIAGA_KNOCK:
		fake_hub_challenge (self);
		break;
	case SIAGA_HELLO:
		fake_hub_take_hello (self, &message->hello);
		fake_hub_welcome (self);
		break;
	case SIAGA_PUBLISH:
		fake_hub_publish (self, message);
		break;
	case SIAGA_STATUS:
		fake_hub_pong (self, message);
		break;
	default:
		break;
	}
}

static inline int
fake_hub_on_readable (zloop_t *loop, zsock_t *reader, void *arg)
{
	struct fake_hub *self = arg;
	(void) loop;
	zmsg_t *parts = zmsg_recv (reader);
	zframe_t *id = zmsg_first (parts), *body = zmsg_next (parts);
	assert_int_equal (zmsg_size (parts), 2);
	self->peer_size = zframe_size (id);
	memcpy (self->peer, zframe_data (id), self->peer_size);
	struct siaga_bytes bytes = {zframe_data (body), zframe_size (body)};
	assert_int_equal (siaga_message_read (bytes, &self->message), 0);
	self->seen[self->message.type]++;
	if (!self->hook || !self->hook (self, &self->message))
		fake_hub_default (self, &self->message);
	zmsg_destroy (&parts);
	fake_loop_kick (self->loop);
	return 0;
}

static inline int
fake_hub_on_zap (zloop_t *loop, zsock_t *reader, void *arg)
{
	struct fake_hub *self = arg;
	(void) loop;
	zmsg_t *request = zmsg_recv (reader);
	char *version = zmsg_popstr (request), *id = zmsg_popstr (request);
	zstr_sendm (reader, version);
	zstr_sendm (reader, id);
	zstr_sendm (reader, self->zap_status);
	zstr_sendm (reader, "");
	zstr_sendm (reader, "");
	zstr_send (reader, "");
	zstr_free (&version);
	zstr_free (&id);
	zmsg_destroy (&request);
	fake_loop_kick (self->loop);
	return 0;
}

/* Of one process alone, so that no other takes its port while the hub is down. */
static inline void
fake_hub_pick_address (struct fake_hub *self, char out[64])
{
	uint32_t pid = (uint32_t) getpid ();
	if (self->address[0])
		snprintf (out, 64, "%s", self->address);
	else
		snprintf (out, 64, "tcp://127.%u.%u.%u:*", 1 + (pid >> 16 & 0x3f), pid >> 8 & 0xff,
			  1 + (pid & 0x7f));
}

static inline void
fake_hub_up (struct fake_hub *self)
{
	char address[64];
	self->router = zsock_new (ZMQ_ROUTER);
	zsock_set_curve_server (self->router, 1);
	zsock_set_curve_publickey_bin (self->router, self->identity->card.transport);
	zsock_set_curve_secretkey_bin (self->router, self->identity->transport_secret);
	zsock_set_zap_domain (self->router, "siaga");
	zsock_set_linger (self->router, 0);
	snprintf (address, sizeof address, "inproc://fake-hub-%08x",
		  (unsigned) randombytes_random ());
	zmq_socket_monitor (zsock_resolve (self->router), address, ZMQ_EVENT_CLOSED);
	self->monitor = zsock_new (ZMQ_PAIR);
	zsock_set_rcvtimeo (self->monitor, FAKE_DEADLINE_MS);
	assert_int_equal (zsock_connect (self->monitor, "%s", address), 0);
	fake_hub_pick_address (self, address);
	assert_true (zsock_bind (self->router, "%s", address) > 0);
	char *endpoint = zsock_last_endpoint (self->router);
	snprintf (self->address, sizeof self->address, "%s", endpoint);
	zstr_free (&endpoint);
	zloop_reader (self->loop->loop, self->router, fake_hub_on_readable, self);
}

static inline void
fake_hub_down (struct fake_hub *self)
{
	if (!self->router)
		return;
	zloop_reader_end (self->loop->loop, self->router);
	zmq_unbind (zsock_resolve (self->router), self->address);
	zmsg_t *event = zmsg_recv (self->monitor);
	assert_non_null (event);
	zmsg_destroy (&event);
	zmq_socket_monitor (zsock_resolve (self->router), NULL, 0);
	zsock_destroy (&self->monitor);
	zsock_destroy (&self->router);
}

static inline struct fake_hub *
fake_hub_new (struct fake_loop *loop, struct fake_world *world)
{
	struct fake_hub *self = calloc (1, sizeof *self);
	self->loop = loop;
	self->world = world;
	self->identity = world->hub;
	self->zap_status = "200";
	self->network = FAKE_NETWORK;
	memset (self->log_id, 0x10, sizeof self->log_id);
	self->zap = zsock_new (ZMQ_REP);
	assert_int_equal (zsock_bind (self->zap, "%s", FAKE_ZAP), 0);
	zloop_reader (loop->loop, self->zap, fake_hub_on_zap, self);
	fake_hub_up (self);
	world->addresses[0] = self->address;
	world->roster.address_count = 1;
	return self;
}

/* Goes back in time: only the first `count` batches are held. */
static inline void
fake_hub_forget (struct fake_hub *self, size_t count)
{
	while (self->batch_count > count)
		free (self->batches[--self->batch_count].data);
}

static inline void
fake_hub_destroy (struct fake_hub **self_p)
{
	struct fake_hub *self = *self_p;
	fake_hub_down (self);
	zloop_reader_end (self->loop->loop, self->zap);
	zsock_unbind (self->zap, "%s", FAKE_ZAP);
	zsock_destroy (&self->zap);
	fake_hub_forget (self, 0);
	free (self);
	*self_p = NULL;
}

#endif
