/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of the storm: MQTT with QoS 1 in both directions, by libmosquitto over TLS, with sessions that outlive
 * their connection. mosquitto keeps what is under way in memory and writes it to its disk now and then: an
 * acknowledged message can be lost by a crash, and any can come twice.
 *
 *	peer_mosquitto pub|sub PORT CA-FILE …
 */
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include <mosquitto.h>

#include "peer_load.h"

#define TOPIC "alerts"
#define QOS 1
#define WINDOW 1000 /* messages published and not acknowledged */
#define KEEPALIVE_S 60

struct client {
	struct peer_load *load;
	struct mosquitto *mosquitto;
	sem_t connected;
	sem_t window; /* how many more may be published */
};

static void
s_check (const char *what, int error)
{
	if (error != MOSQ_ERR_SUCCESS)
		peer_load_fail (what, mosquitto_strerror (error));
}

static void
s_wait (sem_t *semaphore)
{
	while (sem_wait (semaphore) != 0)
		continue;
}

static void
s_on_connect (struct mosquitto *mosquitto, void *arg, int code)
{
	struct client *self = arg;

	if (code != 0)
		peer_load_fail ("connect", mosquitto_connack_string (code));
	if (strcmp (self->load->role, "sub") == 0)
		s_check ("subscribe", mosquitto_subscribe (mosquitto, NULL, TOPIC, QOS));
	sem_post (&self->connected);
}

static void
s_on_subscribe (struct mosquitto *mosquitto, void *arg, int id, int count, const int *granted)
{
	(void) mosquitto;
	(void) arg;
	(void) id;
	if (count != 1 || granted[0] != QOS)
		peer_load_fail ("subscribe", "not granted");
	peer_load_ready ();
}

static void
s_on_publish (struct mosquitto *mosquitto, void *arg, int id)
{
	struct client *self = arg;

	(void) mosquitto;
	(void) id;
	sem_post (&self->window);
}

static void
s_on_message (struct mosquitto *mosquitto, void *arg, const struct mosquitto_message *message)
{
	struct client *self = arg;

	if (peer_load_take (self->load, message->payload, (size_t) message->payloadlen))
		mosquitto_disconnect (mosquitto);
}

static void
s_connect (struct client *self)
{
	char id[32];

	snprintf (id, sizeof id, "%s-%d", self->load->role, (int) getpid ());
	self->mosquitto = mosquitto_new (id, false, self);
	if (!self->mosquitto)
		peer_load_fail ("start", "out of memory");
	mosquitto_connect_callback_set (self->mosquitto, s_on_connect);
	mosquitto_subscribe_callback_set (self->mosquitto, s_on_subscribe);
	mosquitto_publish_callback_set (self->mosquitto, s_on_publish);
	mosquitto_message_callback_set (self->mosquitto, s_on_message);
	s_check ("nodelay", mosquitto_int_option (self->mosquitto, MOSQ_OPT_TCP_NODELAY, 1));
	s_check ("window", mosquitto_max_inflight_messages_set (self->mosquitto, WINDOW));
	s_check ("ca",
		 mosquitto_tls_set (self->mosquitto, self->load->trust, NULL, NULL, NULL, NULL));
	s_check ("connect", mosquitto_connect (self->mosquitto, "localhost",
					       atoi (self->load->where), KEEPALIVE_S));
}

static void
s_publish (struct client *self)
{
	uint8_t message[PEER_MESSAGE_MAX];

	s_check ("thread", mosquitto_loop_start (self->mosquitto));
	s_wait (&self->connected);
	for (uint64_t i = 0; i < self->load->count; i++) {
		s_wait (&self->window);
		size_t size = peer_load_make (self->load, message);
		s_check ("publish", mosquitto_publish (self->mosquitto, NULL, TOPIC, (int) size,
						       message, QOS, false));
	}
	for (int i = 0; i < WINDOW; i++)
		s_wait (&self->window);
	mosquitto_disconnect (self->mosquitto);
	mosquitto_loop_stop (self->mosquitto, false);
}

int
main (int argc, char **argv)
{
	struct peer_load load;
	struct client self = {.load = &load};

	peer_load_init (&load, argc, argv);
	sem_init (&self.connected, 0, 0);
	sem_init (&self.window, 0, WINDOW);
	mosquitto_lib_init ();
	s_connect (&self);
	if (strcmp (load.role, "pub") == 0) {
		s_publish (&self);
	} else {
		s_check ("loop", mosquitto_loop_forever (self.mosquitto, -1, 1));
		arrivals_print (&load.arrivals);
	}
	mosquitto_destroy (self.mosquitto);
	mosquitto_lib_cleanup ();
	peer_load_finish (&load);
	return 0;
}
