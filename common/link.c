/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session after another: connect, KNOCK, HELLO, WELCOME, heartbeats, and the reasons to start again.
 *
 *	state       event                        next
 *	waiting     back-off over                connecting
 *	connecting  handshake of CURVE done      knocked      (KNOCK)
 *	knocked     CHALLENGE                    greeted      (HELLO)
 *	greeted     WELCOME, verified            open         (on_open)
 *	open        messages, heartbeats         open
 *	any         refusal, loss, silence, …    failed, then waiting (on_down), or ended
 *
 * Callbacks may destroy or restart the link: the socket goes at once, the struct when the handler that called
 * back is left (busy, doomed), and nothing is touched after a callback unless the session is still the same.
 */
#include "common/link_private.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "common/clock.h"
#include "siaga/error.h"

#define LINK_READ_MAX 64      /* messages handled before others in the loop get their turn */
#define LINK_BYE_LINGER_MS 50 /* for a last word to leave */

static int
s_on_readable (zloop_t *loop, zsock_t *reader, void *arg);
static int
s_on_monitor (zloop_t *loop, zsock_t *reader, void *arg);

static void
s_enter (struct link *self)
{
	self->busy++;
}

static void
s_free (struct link *self)
{
	loop_timer_finish (&self->timer);
	free (self->only_address);
	free (self);
}

static void
s_leave (struct link *self)
{
	if (--self->busy == 0 && self->doomed)
		s_free (self);
}

static void
s_close (struct link *self, int linger_ms)
{
	if (!self->socket.dealer)
		return;
	zloop_reader_end (self->loop, self->socket.dealer);
	if (self->socket.monitor)
		zloop_reader_end (self->loop, self->socket.monitor);
	link_socket_close (&self->socket, linger_ms);
}

void
link_fail (struct link *self, int error, const char *format, ...)
{
	char words[LINK_WORDS_MAX - LINK_ADDRESS_MAX - 8];
	va_list list;
	if (self->state >= LINK_FAILED)
		return;
	va_start (list, format);
	vsnprintf (words, sizeof words, format, list);
	va_end (list);
	snprintf (self->words, sizeof self->words, "%s%s%s", self->address,
		  self->address[0] ? ": " : "", words);
	s_close (self, 0);
	self->error = error;
	if (self->state == LINK_OPEN &&
	    clock_mono_ms () - self->opened_ms > self->patience.steady_ms)
		self->failures = 0;
	self->state = LINK_FAILED;
	loop_timer_set (&self->timer, 0);
}

/* -- connecting and its end -- */

static void
s_connect (struct link *self)
{
	const struct siaga_roster_key *key;
	self->session++;
	self->state = LINK_CONNECTING;
	if (link_candidate (self, &key) == 0) {
		link_fail (self, link_address_count (self) ? SIAGA_EREVOKED : SIAGA_EUNKNOWN,
			   link_address_count (self) ? "the roster has no live key for the hub %s"
						     : "the roster has no address for the hub %s",
			   self->trust->roster->hub);
		return;
	}
	int error = link_socket_open (&self->socket, self->address, key->card.transport,
				      self->trust->identity);
	if (error != 0) {
		link_fail (self, error, "%s",
			   error == SIAGA_EUSAGE ? "not an address to connect to"
						 : zmq_strerror (zmq_errno ()));
		return;
	}
	zloop_reader (self->loop, self->socket.dealer, s_on_readable, self);
	zloop_reader_set_tolerant (self->loop, self->socket.dealer);
	zloop_reader (self->loop, self->socket.monitor, s_on_monitor, self);
	zloop_reader_set_tolerant (self->loop, self->socket.monitor);
	loop_timer_set (&self->timer, self->patience.handshake_ms);
}

/* Full jitter: anything up to a bound that doubles. */
static uint64_t
s_backoff (struct link *self)
{
	uint64_t bound = self->patience.retry_min_ms;
	for (unsigned i = 0; i < self->failures && bound < self->patience.retry_max_ms; i++)
		bound *= 2;
	if (bound > self->patience.retry_max_ms)
		bound = self->patience.retry_max_ms;
	self->failures++;
	return 1 + randombytes_uniform ((uint32_t) bound);
}

/* With `once`: is there another way to try before giving up? */
static bool
s_is_last (struct link *self, bool was_open)
{
	const struct siaga_roster_key *key;
	if (!self->once)
		return false;
	size_t count = link_candidate (self, &key);
	return was_open || ++self->failures_once >= count;
}

static void
s_down (struct link *self)
{
	bool was_open = self->opened_ms != 0;
	char words[LINK_WORDS_MAX];
	snprintf (words, sizeof words, "%s", self->words);
	self->opened_ms = 0;
	uint64_t retry_ms = s_is_last (self, was_open) ? 0 : s_backoff (self);
	if (!was_open)
		self->candidate++;
	self->state = retry_ms ? LINK_WAITING : LINK_ENDED;
	if (retry_ms)
		loop_timer_set (&self->timer, retry_ms);
	if (self->events->on_down && !(self->once && retry_ms))
		self->events->on_down (self->arg, self->error, words, retry_ms);
}

/* Handles what has arrived: is the session still the same after it? */
static bool
s_drain (struct link *self)
{
	uint64_t session = self->session;
	for (unsigned i = 0; i < LINK_READ_MAX && link_read_one (self); i++)
		if (self->session != session)
			return false;
	return link_has_session (self) && self->session == session;
}

static int
s_on_readable (zloop_t *loop, zsock_t *reader, void *arg)
{
	struct link *self = arg;
	(void) loop;
	(void) reader;
	s_enter (self);
	if (s_drain (self) && self->state == LINK_OPEN && self->events->on_drained)
		self->events->on_drained (self->arg);
	s_leave (self);
	return 0;
}

/* -- the monitor -- */

static void
s_on_zap (struct link *self, uint32_t status)
{
	if (status == 400)
		link_fail (self, SIAGA_EUNKNOWN,
			   "the hub does not admit this key (not in its roster, or revoked)");
	else
		link_fail (self, SIAGA_ELATER, "the hub admits nobody yet (ZAP status %u)",
			   (unsigned) status);
}

/* What the hub said before it cut the connection tells more than that it did. */
static void
s_on_lost (struct link *self)
{
	if (!s_drain (self))
		return;
	if (self->state == LINK_CONNECTING)
		link_fail (
			self, SIAGA_EIO,
			"the connection ended during the handshake (is the roster's hub key the hub's?)");
	else
		link_fail (self, SIAGA_EIO, "the connection was lost");
}

static void
s_on_event (struct link *self, enum link_event event, uint32_t value)
{
	switch (event) {
	case LINK_EVENT_READY:
		if (self->state == LINK_CONNECTING)
			link_knock (self);
		break;
	case LINK_EVENT_REFUSED:
		s_on_zap (self, value);
		break;
	case LINK_EVENT_FAILED:
		link_fail (self, SIAGA_EIO,
			   "the handshake failed (0x%x): is the roster's hub key the hub's?",
			   (unsigned) value);
		break;
	case LINK_EVENT_CLOSED:
		link_fail (self, SIAGA_EIO,
			   "cannot connect (refused, unreachable, or no such host)");
		break;
	case LINK_EVENT_LOST:
		s_on_lost (self);
		break;
	case LINK_EVENT_NONE:
		break;
	}
}

static int
s_on_monitor (zloop_t *loop, zsock_t *reader, void *arg)
{
	struct link *self = arg;
	enum link_event event;
	uint32_t value;
	(void) loop;
	(void) reader;
	s_enter (self);
	uint64_t session = self->session;
	while (link_has_session (self) && self->session == session &&
	       link_socket_event (&self->socket, &event, &value) == 0)
		s_on_event (self, event, value);
	s_leave (self);
	return 0;
}

/* -- time -- */

static void
s_send_status (struct link *self)
{
	struct siaga_message status = {.type = SIAGA_STATUS};
	uint64_t session = self->session;
	if (self->events->on_status)
		self->events->on_status (self->arg, &status.status);
	status.status.now_us = clock_now_us ();
	if (self->session == session && self->state == LINK_OPEN)
		link_send_message (self, &status);
}

/* In an open session: heartbeats, and silence found out. */
static void
s_on_beat (struct link *self)
{
	uint64_t now_ms = clock_mono_ms (), session = self->session;
	/* It was perhaps we who did not listen: what has arrived counts. */
	if (now_ms >= self->heard_ms + self->patience.silence_ms && !s_drain (self))
		return;
	uint64_t silent_ms = self->heard_ms + self->patience.silence_ms;
	if (now_ms >= silent_ms) {
		link_fail (self, SIAGA_EAGAIN, "the hub has said nothing for %u ms",
			   (unsigned) (now_ms - self->heard_ms));
		return;
	}
	if (now_ms >= self->status_ms) {
		self->status_ms = now_ms + self->patience.status_ms;
		s_send_status (self);
	}
	if (self->session != session || self->state != LINK_OPEN)
		return;
	uint64_t next_ms = self->status_ms < silent_ms ? self->status_ms : silent_ms;
	loop_timer_set (&self->timer, next_ms - now_ms);
}

static void
s_on_timer (void *arg)
{
	struct link *self = arg;
	s_enter (self);
	switch (self->state) {
	case LINK_WAITING:
		s_connect (self);
		break;
	case LINK_CONNECTING:
	case LINK_KNOCKED:
	case LINK_GREETED:
		link_fail (self, SIAGA_EAGAIN, "%s within %u ms",
			   self->state == LINK_CONNECTING ? "no connection"
							  : "the hub did not finish the handshake",
			   (unsigned) self->patience.handshake_ms);
		break;
	case LINK_OPEN:
		s_on_beat (self);
		break;
	case LINK_FAILED:
		s_down (self);
		break;
	case LINK_ENDED:
		break;
	}
	s_leave (self);
}

/* -- the owner's side -- */

struct link *
link_new (const struct link_options *options, const struct link_events *events, void *arg)
{
	struct link *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->loop = options->loop;
	self->trust = options->trust;
	self->once = options->once;
	self->events = events;
	self->arg = arg;
	self->patience = (struct link_patience){
		.handshake_ms = SIAGA_HANDSHAKE_MAX_MS,
		.status_ms = SIAGA_STATUS_INTERVAL_MS,
		.silence_ms = SIAGA_SILENCE_MAX_MS,
		.retry_min_ms = 250,
		.retry_max_ms = 30000,
		.steady_ms = 1000,
	};
	snprintf (self->software, sizeof self->software, "%s", options->software);
	if (options->address)
		self->only_address = strdup (options->address);
	if ((options->address && !self->only_address) ||
	    loop_timer_init (&self->timer, self->loop, s_on_timer, self) != 0) {
		free (self->only_address);
		free (self);
		return NULL;
	}
	s_connect (self);
	return self;
}

void
link_destroy (struct link **self_p)
{
	assert (self_p);
	struct link *self = *self_p;
	if (!self)
		return;
	*self_p = NULL;
	bool open = self->state == LINK_OPEN;
	if (open) {
		struct siaga_message bye = {.type = SIAGA_BYE};
		link_send_message (self, &bye);
	}
	s_close (self, open ? LINK_BYE_LINGER_MS : 0);
	self->state = LINK_ENDED;
	self->session++;
	self->doomed = true;
	if (self->busy == 0)
		s_free (self);
	else
		loop_timer_clear (&self->timer);
}

bool
link_is_open (const struct link *self)
{
	return self->state == LINK_OPEN;
}

int
link_send (struct link *self, const void *data, size_t size)
{
	if (self->state != LINK_OPEN)
		return SIAGA_EAGAIN;
	return link_socket_send (&self->socket, data, size);
}

int
link_send_message (struct link *self, const struct siaga_message *message)
{
	struct siaga_writer writer;
	if (self->state != LINK_OPEN)
		return SIAGA_EAGAIN;
	siaga_writer_init (&writer, self->out, sizeof self->out);
	int error = siaga_message_write (&writer, message);
	return error ? error : link_send (self, writer.data, writer.size);
}

void
link_restart (struct link *self, int error, const char *words)
{
	if (link_has_session (self))
		link_fail (self, error, "%s", words);
}

void
link_skip (struct link *self, int error, const char *words)
{
	if (!link_has_session (self))
		return;
	link_fail (self, error, "%s", words);
	self->opened_ms = 0; /* so that it counts as a failed attempt */
}

const char *
link_address (const struct link *self)
{
	return self->address;
}

size_t
link_addresses (const struct link *self)
{
	return link_address_count (self);
}

size_t
link_address_index (const struct link *self)
{
	size_t count = link_address_count (self);
	return count > 0 ? self->candidate % count : 0;
}

uint64_t
link_opened_ms (const struct link *self)
{
	return self->state == LINK_OPEN ? self->opened_ms : 0;
}

bool
link_clock_offset (const struct link *self, int64_t *offset_us)
{
	if (self->has_offset)
		*offset_us = self->offset_us;
	return self->has_offset;
}

const char *
link_last_error (const struct link *self)
{
	return self->words;
}

void
link_set_patience (struct link *self, const struct link_patience *patience)
{
	self->patience = *patience;
	uint64_t now_ms = clock_mono_ms ();
	if (self->state == LINK_OPEN) {
		self->status_ms = now_ms + patience->status_ms;
		loop_timer_set (&self->timer, patience->status_ms < patience->silence_ms
						      ? patience->status_ms
						      : patience->silence_ms);
	} else if (link_has_session (self))
		loop_timer_set (&self->timer, patience->handshake_ms);
}
