/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of the doctor over the network, for each address of the hub: name, connection, handshake, verdict, clock.
 * Publishes nothing: a running agent's session is not disturbed.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/link.h"
#include "common/render_duty.h"
#include "siaga/error.h"

#define TIMEOUT_MS 10000
#define LOOK_MS 20   /* between looks for the hub's clock */
#define PONG_MS 3000 /* how long it is waited for */
#define CLOCK_WRONG_US 10000000
#define HOST_MAX 256

/* One address being tried. */
struct attempt {
	struct doctor *doctor;
	const char *address;
	zloop_t *loop;
	struct link *link;
	uint64_t deadline_ms;
	bool open;
	bool ended;
	int error;
	char words[DOCTOR_WORDS];
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t roster_serial;
	bool has_offset;
	int64_t offset_us;
};

/* "tcp://host:port", as conf_check_address () let it through. */
static void
s_split (const char *address, char host[HOST_MAX], const char **port)
{
	const char *start = address + strlen ("tcp://"), *colon = strrchr (start, ':');
	size_t size = colon ? (size_t) (colon - start) : strlen (start);
	if (size >= 2 && start[0] == '[') {
		start++;
		size -= 2;
	}
	snprintf (host, HOST_MAX, "%.*s", (int) size, start);
	*port = colon ? colon + 1 : "";
}

/* What to do, and whom to call when that does not help. */
static const char *
s_or_call (const struct doctor *self, const char *advice, char out[DOCTOR_WORDS])
{
	char contact[RENDER_CONTACT_TEXT];
	render_hub_contact (contact, self->trust.roster);
	if (!contact[0])
		return advice;
	snprintf (out, DOCTOR_WORDS, "%.180s; the hub's duty desk: %s", advice, contact);
	return out;
}

static struct addrinfo *
s_resolve (struct doctor *self, const char *address)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	char host[HOST_MAX], numeric[HOST_MAX] = "", advice[DOCTOR_WORDS];
	const char *port;
	s_split (address, host, &port);
	int rc = getaddrinfo (host, port, &hints, &found);
	if (rc) {
		doctor_tell (self, DOCTOR_FAIL, "name",
			     s_or_call (self,
					"correct the name, or let this machine's resolver know it",
					advice),
			     "%s: %s", address, gai_strerror (rc));
		return NULL;
	}
	getnameinfo (found->ai_addr, found->ai_addrlen, numeric, sizeof numeric, NULL, 0,
		     NI_NUMERICHOST);
	doctor_tell (self, DOCTOR_OK, "name", NULL, "%s: %s", address, numeric);
	return found;
}

static int
s_wait_connected (int fd, int timeout_ms)
{
	struct pollfd item = {.fd = fd, .events = POLLOUT};
	int error = ETIMEDOUT;
	socklen_t size = sizeof error;
	if (poll (&item, 1, timeout_ms) == 1)
		getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

/* 0 or errno. */
static int
s_try_connect (const struct addrinfo *to, int timeout_ms)
{
	int fd = socket (to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	int error = connect (fd, to->ai_addr, to->ai_addrlen) == 0 ? 0 : errno;
	if (error == EINPROGRESS)
		error = s_wait_connected (fd, timeout_ms);
	close (fd);
	return error;
}

static const char *
s_tcp_advice (int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "nothing listens there: is the hub up, and the port right?";
	case ETIMEDOUT:
		return "no answer: a firewall between here and the hub, or a wrong address";
	default:
		return "check the route to the hub";
	}
}

static bool
s_connect (struct doctor *self, const char *address, int timeout_ms)
{
	struct addrinfo *found = s_resolve (self, address);
	char advice[DOCTOR_WORDS];
	int error = EHOSTUNREACH;
	if (!found)
		return false;
	for (const struct addrinfo *at = found; at && error; at = at->ai_next)
		error = s_try_connect (at, timeout_ms);
	freeaddrinfo (found);
	if (error)
		doctor_tell (self, DOCTOR_FAIL, "tcp",
			     s_or_call (self, s_tcp_advice (error), advice), "%s: %s", address,
			     strerror (error));
	else
		doctor_tell (self, DOCTOR_OK, "tcp", NULL, "%s: connected", address);
	return error == 0;
}

/* -- the session -- */

static void
s_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct attempt *self = arg;
	self->open = true;
	self->roster_serial = welcome->roster_serial;
	memcpy (self->log_id, welcome->log_id, sizeof self->log_id);
	self->deadline_ms = clock_mono_ms () + PONG_MS;
}

static void
s_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	struct attempt *self = arg;
	if (retry_ms > 0)
		return;
	self->ended = true;
	self->error = error;
	snprintf (self->words, sizeof self->words, "%s", words);
}

static int
s_on_look (zloop_t *loop, int timer, void *arg)
{
	struct attempt *self = arg;
	(void) loop;
	(void) timer;
	if (self->link && link_clock_offset (self->link, &self->offset_us))
		self->has_offset = true;
	if (self->has_offset || self->ended || clock_mono_ms () >= self->deadline_ms)
		return -1;
	return 0;
}

static const struct link_events s_events = {.on_open = s_on_open, .on_down = s_on_down};

static bool
s_run (struct attempt *self, uint64_t timeout_ms)
{
	struct link_options options = {
		.loop = self->loop,
		.trust = &self->doctor->trust,
		.software = "siaga-doctor " SIAGA_VERSION,
		.address = self->address,
		.once = true,
	};
	self->deadline_ms = clock_mono_ms () + timeout_ms;
	self->link = link_new (&options, &s_events, self);
	if (!self->link)
		return false;
	zloop_timer (self->loop, LOOK_MS, 0, s_on_look, self);
	zloop_start (self->loop);
	link_destroy (&self->link);
	return true;
}

static const char *
s_verdict_advice (int error)
{
	switch (error) {
	case SIAGA_EUNKNOWN:
		return "the hub's roster lacks this key: have your card enrolled, and wait until the hub has "
		       "the new roster";
	case SIAGA_EREVOKED:
		return "this key is at its end: make another and have its card enrolled";
	case SIAGA_ENETWORK:
		return "this is another task force's hub: correct the address or the network";
	case SIAGA_ESIGNATURE:
		return "something else than the hub answers there, or its key changed: ask the hub's "
		       "operator for the newest roster";
	case SIAGA_EVERSION:
		return "one side is too old: update it";
	case SIAGA_ELATER:
		return "the hub is starting; try again";
	case SIAGA_EIO:
		return "is that the hub, and its key in your roster the one it has now? Ask its operator";
	default:
		return "ask the hub's operator, who sees the refusal in the hub's log";
	}
}

static void
s_tell_clock (const struct attempt *self)
{
	double ahead_s = (double) self->offset_us / 1e6;
	if (llabs (self->offset_us) >= CLOCK_WRONG_US)
		doctor_tell (self->doctor, DOCTOR_WARN, "hub-clock",
			     "set the clock that is wrong, and keep it right (chrony, ntpd)",
			     "the hub's clock is %.1f s %s this one",
			     ahead_s < 0 ? -ahead_s : ahead_s, ahead_s < 0 ? "behind" : "ahead of");
	else
		doctor_tell (self->doctor, DOCTOR_OK, "hub-clock", NULL, "differs by %.3f s",
			     ahead_s);
}

static void
s_tell_serial (const struct attempt *self)
{
	uint64_t ours = self->doctor->trust.roster->serial;
	if (self->roster_serial == ours)
		doctor_tell (self->doctor, DOCTOR_OK, "serial", NULL,
			     "roster %" PRIu64 " is in force on both sides", ours);
	else
		doctor_tell (
			self->doctor, DOCTOR_WARN, "serial",
			self->roster_serial > ours
				? "a running program takes the hub's by itself; else put it in place"
				: "give the hub's operator the newer roster, and SIGHUP the hub",
			"roster %" PRIu64 " here, %" PRIu64 " at the hub", ours,
			self->roster_serial);
}

static void
s_tell_log (const struct attempt *self)
{
	struct doctor *doctor = self->doctor;
	char hex[2 * SIAGA_LOG_ID_BYTES + 1];
	siaga_hex (hex, self->log_id, sizeof self->log_id);
	if (doctor->has_look && doctor->look.has_log &&
	    memcmp (doctor->look.log_id, self->log_id, sizeof self->log_id) != 0)
		doctor_tell (
			doctor, DOCTOR_WARN, "log",
			"ask the hub's operator: was it restored from a backup? Where several addresses "
			"are configured, all must lead there, or accept_log name it",
			"%s leads to log %s, not to the one published to so far", self->address,
			hex);
	else
		doctor_tell (doctor, DOCTOR_OK, "log", NULL, "%s", hex);
}

static void
s_tell (const struct attempt *self)
{
	char advice[DOCTOR_WORDS];
	if (!self->open) {
		doctor_tell (self->doctor, DOCTOR_FAIL, "hub",
			     s_or_call (self->doctor, s_verdict_advice (self->error), advice), "%s",
			     self->words[0] ? self->words : "the handshake did not end in time");
		return;
	}
	doctor_tell (self->doctor, DOCTOR_OK, "hub", NULL, "%s: a session with %s is open",
		     self->address, self->doctor->trust.roster->hub);
	s_tell_serial (self);
	s_tell_log (self);
	if (self->has_offset)
		s_tell_clock (self);
}

static void
s_address (struct doctor *self, const char *address)
{
	uint64_t timeout_ms = self->common.has_timeout ? self->common.timeout_ms : TIMEOUT_MS;
	struct attempt attempt = {.doctor = self, .address = address};
	if (!s_connect (self, address, (int) timeout_ms))
		return;
	attempt.loop = zloop_new ();
	if (attempt.loop && s_run (&attempt, timeout_ms))
		s_tell (&attempt);
	else
		doctor_tell (self, DOCTOR_FAIL, "hub", "free some memory or descriptors",
			     "no memory or sockets for a connection");
	zloop_destroy (&attempt.loop);
}

void
doctor_hub (struct doctor *self)
{
	const struct siaga_roster *roster = self->trust.roster;
	const char *only = self->common.address ? self->common.address : self->conf.hub;
	signal (SIGPIPE, SIG_IGN);
	zsys_init ();
	zsys_handler_set (NULL);
	if (only) {
		s_address (self, only);
		return;
	}
	for (size_t i = 0; i < roster->address_count; i++)
		s_address (self, roster->addresses[i]);
}
