/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's loop: a ROUTER and its monitor, the ZAP handler, two packet sockets, signals, a tick.
 */
#include "hub/gate.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_private.h"
#include "hub/gate_test.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

static int
gate_on_router (zloop_t *loop, zsock_t *socket, void *arg);

static int
gate_on_writable (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static int
gate_on_tick (zloop_t *loop, int timer_id, void *arg);

static int
s_end (struct gate *self, int status)
{
	self->status = status;
	return -1;
}

/* A packet that the core never gets would leave it waiting: a new gate begins anew. */
static int
s_check (struct gate *self)
{
	if (!self->out.failed)
		return 0;
	log_error ("memory", "out of memory for a packet to the core");
	return s_end (self, EX_OSERR);
}

/* Stops reading the ROUTER while packets wait for the core; then only the tick bounds what peers fill. */
static void
s_set_paused (struct gate *self, bool paused)
{
	zmq_pollitem_t writable = {NULL, self->options->to_core, ZMQ_POLLOUT, 0};

	if (paused == self->paused)
		return;
	self->paused = paused;
	if (paused) {
		self->paused_ms = clock_mono_ms ();
		self->fast_timer =
			zloop_timer (self->loop, GATE_FAST_TICK_MS, 0, gate_on_tick, self);
		zloop_reader_end (self->loop, gate_router_socket (self->router));
		zloop_poller (self->loop, &writable, gate_on_writable, self);
	} else {
		zloop_timer_end (self->loop, self->fast_timer);
		zloop_poller_end (self->loop, &writable);
		zloop_reader (self->loop, gate_router_socket (self->router), gate_on_router, self);
	}
}

void
gate_tell (struct gate *self, enum packet_type type, const struct gate_conn *conn,
	   struct siaga_bytes payload)
{
	struct packet packet = {.type = type, .generation = self->generation};

	if (conn) {
		packet.conn = conn->number;
		memcpy (packet.key, conn->key, sizeof packet.key);
	}
	packet_queue_push (&self->out, PACKET_CONTROL, &packet, payload);
	s_set_paused (self, packet_queue_flush (&self->out, self->options->to_core) != 0);
}

static int
gate_on_writable (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct gate *self = arg;

	(void) loop;
	(void) item;
	int error = packet_queue_flush (&self->out, self->options->to_core);
	if (error == SIAGA_EIO) {
		log_error ("gate-core", "packets to the core: %s", strerror (errno));
		return s_end (self, EX_SOFTWARE);
	}
	s_set_paused (self, error != 0);
	return 0;
}

static int
gate_on_router (zloop_t *loop, zsock_t *socket, void *arg)
{
	struct gate *self = arg;
	struct gate_message message;

	(void) loop;
	(void) socket;
	for (int i = 0; i < HUB_PACKETS_PER_TURN && !self->paused; i++) {
		if (gate_router_receive (self->router, &message) != 0)
			break;
		gate_on_message (self, &message);
		gate_message_finish (&message);
	}
	return s_check (self);
}

static int
gate_on_monitor (zloop_t *loop, zsock_t *socket, void *arg)
{
	(void) loop;
	(void) socket;
	gate_on_events (arg);
	return s_check (arg);
}

static int
gate_on_zap (zloop_t *loop, zsock_t *socket, void *arg)
{
	struct gate *self = arg;

	(void) loop;
	(void) socket;
	/* What was accepted before counts as such: see gate_peers.c. While the core takes nothing, who is let in could
	   only fill queues. */
	gate_on_events (self);
	bool is_stuck = self->paused && clock_mono_ms () - self->paused_ms >= GATE_STUCK_MS;
	bool is_full = is_stuck || gate_links_are_full (self);
	gate_zap_answer (self->zap, is_full ? 0 : ++self->count);
	return 0;
}

/* Up to `max` packets from the core: 0, or -1 to end the loop. */
static int
s_take_packets (struct gate *self, int max)
{
	struct packet packet;
	struct siaga_bytes payload;

	for (int i = 0; i < max; i++) {
		int error = packet_receive (self->options->from_core, PACKET_FROM_CORE,
					    self->packet, &packet, &payload);
		if (error == SIAGA_EAGAIN)
			return 0;
		if (error == SIAGA_EIO)
			return s_end (self, EX_SOFTWARE);
		if (error == 0 && gate_on_packet (self, &packet, payload) != 0)
			return -1;
	}
	return 0;
}

static int
gate_on_core (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	(void) loop;
	(void) item;
	return s_take_packets (arg, HUB_PACKETS_PER_TURN) ? -1 : s_check (arg);
}

static int
gate_on_tick (zloop_t *loop, int timer_id, void *arg)
{
	(void) loop;
	(void) timer_id;
	gate_watch (arg);
	return s_check (arg);
}

/* The only signal is SIGTERM. The core ended before: its last words are here, and get a moment to leave. */
static int
gate_on_signal (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct gate *self = arg;

	(void) loop;
	(void) item;
	s_take_packets (self, INT32_MAX);
	zclock_sleep (HUB_CUT_GRACE_MS);
	return s_end (self, EX_OK);
}

static bool
s_register_all (struct gate *self)
{
	zmq_pollitem_t from_core = {NULL, self->options->from_core, ZMQ_POLLIN, 0};
	zmq_pollitem_t signals = {NULL, self->options->signal_fd, ZMQ_POLLIN, 0};

	zloop_set_nonstop (self->loop, true);
	return zloop_poller (self->loop, &signals, gate_on_signal, self) == 0 &&
	       zloop_poller (self->loop, &from_core, gate_on_core, self) == 0 &&
	       zloop_reader (self->loop, gate_zap_socket (self->zap), gate_on_zap, self) == 0 &&
	       zloop_reader (self->loop, gate_router_monitor (self->router), gate_on_monitor,
			     self) == 0 &&
	       zloop_reader (self->loop, gate_router_socket (self->router), gate_on_router, self) ==
		       0 &&
	       zloop_timer (self->loop, GATE_TICK_MS, 0, gate_on_tick, self) >= 0;
}

/* The environment must not change what the options say (PITFALLS 12); routing ids that libzmq gives itself
   must not be guessed (PITFALLS 1); signals come by their descriptor. */
static bool
s_start_zmq (void)
{
	static const char *const variables[] = {
		"ZSYS_IO_THREADS",
		"ZSYS_MAX_SOCKETS",
		"ZSYS_MAX_MSGSZ",
		"ZSYS_ZERO_COPY_RECV",
		"ZSYS_FILE_STABLE_AGE_MSEC",
		"ZSYS_LINGER",
		"ZSYS_SNDHWM",
		"ZSYS_RCVHWM",
		"ZSYS_PIPEHWM",
		"ZSYS_IPV6",
		"ZSYS_LOGSTREAM",
		"ZSYS_INTERFACE",
		"ZSYS_IPV6_ADDRESS",
		"ZSYS_LOGIDENT",
		"ZSYS_LOGSENDER",
		"ZSYS_SIGHANDLER",
		"ZSYS_AUTO_USE_FD",
		"ZSYS_THREAD_PRIORITY",
		"ZSYS_THREAD_SCHED_POLICY",
		"ZSYS_THREAD_NAME_PREFIX",
		"ZSYS_THREAD_AFFINITY_CPU_ADD",
		"ZSYS_THREAD_AFFINITY_CPU_REMOVE",
	};

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		unsetenv (variables[i]);
	zsys_handler_set (NULL);
	if (!zsys_init ())
		return false;
	srandom (randombytes_random ());
	zsys_set_io_threads (1); /* gate_peers.c relies on it */
	return true;
}

static void
s_set_limits (struct gate *self)
{
	struct rlimit files = {0, 0};

	if (getrlimit (RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < GATE_DESCRIPTORS_MAX ? files.rlim_max
								       : GATE_DESCRIPTORS_MAX;
		setrlimit (RLIMIT_NOFILE, &files);
	}
	gate_links_limit (self, files.rlim_cur);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
	struct rlimit memory = {GATE_MEMORY_MAX, GATE_MEMORY_MAX};
	setrlimit (RLIMIT_DATA, &memory);
#endif
}

static bool
s_has_ipv6 (const struct gate_options *options)
{
	for (size_t i = 0; i < options->listen_count; i++)
		if (strchr (options->listen[i], '['))
			return true;
	return false;
}

/* Proves that strangers stay outside, first without a handler, then with one that has no keys. */
static int
s_prove (struct gate *self)
{
	struct zap_keys none = {.known = false};

	if (gate_test_stranger (self->router, NULL, self->options->transport_key) != 0)
		return -1;
	self->zap = gate_zap_new ();
	if (!self->zap)
		return -1;
	zap_keys_seal (&none);
	gate_zap_put (self->zap, &none);
	if (gate_test_stranger (self->router, self->zap, self->options->transport_key) != 0)
		return -1;
	gate_zap_put (self->zap, &none);
	return 0;
}

static bool
s_gate_init (struct gate *self, const struct gate_options *options)
{
	self->options = options;
	self->status = EX_OSERR;
	self->count = (uint64_t) randombytes_random () << 31 | 1;
	self->generation = randombytes_random ();
	packet_queue_init (&self->out);
	s_set_limits (self);
	if (!s_start_zmq ())
		return false;
	self->loop = zloop_new ();
	self->table = gate_table_new ();
	self->links = calloc (GATE_DESCRIPTORS_MAX, sizeof *self->links);
	self->router = gate_router_new (options->transport_secret, s_has_ipv6 (options));
	return self->loop && self->table && self->links && self->router && s_prove (self) == 0 &&
	       sandbox_seal_gate (options->sandbox) == 0 && s_register_all (self);
}

static void
s_gate_finish (struct gate *self)
{
	zloop_destroy (&self->loop);
	gate_zap_destroy (&self->zap);
	gate_router_destroy (&self->router);
	gate_table_destroy (&self->table);
	packet_queue_finish (&self->out);
	zap_keys_finish (&self->staged);
	free (self->links);
}

int
gate_run (const struct gate_options *options)
{
	struct gate *self = calloc (1, sizeof *self);
	int status = EX_OSERR;

	if (!self)
		return status;
	if (s_gate_init (self, options)) {
		self->status = EX_SOFTWARE;
		gate_tell (self, PACKET_GATE_UP, NULL, (struct siaga_bytes){NULL, 0});
		zloop_start (self->loop);
	}
	status = self->status;
	s_gate_finish (self);
	free (self);
	return status;
}
