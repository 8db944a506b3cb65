/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crowd's readers and how they are opened, many at once: for crowd.c only.
 */
#ifndef SIAGA_TESTS_CROWD_OPEN_H
#define SIAGA_TESTS_CROWD_OPEN_H

#include <poll.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "raw.h"

#define CREDIT ((uint64_t) 256 << 10)
#define WAIT_MS 120000
#define BURST 1000

enum manner {
	READS,
	STOPPED,
	SLOW,
};

struct member {
	struct raw raw;
	struct peer *peer;
	enum manner manner;
	bool alive;
	uint64_t said_ms; /* its last heartbeat, or before */
	uint64_t read_ms; /* SLOW: its last message */
	struct siaga_cursor cursor;
	uint64_t seen; /* alerts, since it was opened */
	uint64_t due;  /* how many there have to be */
};

struct crowd {
	struct peer **peers;
	size_t peer_count;
	struct member *members;
	size_t count;
	size_t room;
	int epoll;
	struct peer *publisher;
	struct raw uplink;
	uint64_t uplink_said_ms;
	uint64_t oseq;
	uint64_t acked;
	uint64_t lost;	/* sessions the hub ended */
	bool is_braced; /* for sessions to be ended */
	uint64_t again; /* attempts to open a session that came to nothing */
	uint64_t sent_us;
	uint32_t *samples;
	size_t sample_count;
	size_t behind; /* readers that have not seen all that is due */
};

static struct siaga_message s_message;

static void
s_turn (struct crowd *self, int wait_ms);

static uint64_t
s_now_us (void)
{
	struct timespec now;

	clock_gettime (CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static void
s_fail (const struct crowd *self, const struct member *member, const char *what)
{
	fprintf (stderr, "crowd: reader %td: %s (next %llu, seen %llu of %llu)\n",
		 member - self->members, what, (unsigned long long) member->cursor.next,
		 (unsigned long long) member->seen, (unsigned long long) member->due);
	exit (1);
}

/* --- sessions -------------------------------------------------------------------------------------------- */

static void
s_say_status (struct raw *raw)
{
	memset (&s_message.status, 0, sizeof s_message.status);
	s_message.type = SIAGA_STATUS;
	s_message.status.now_us = clock_now_us ();
	raw_say (raw, &s_message);
}

static void
s_subscribe (struct member *member)
{
	memset (&s_message.subscribe, 0, sizeof s_message.subscribe);
	s_message.type = SIAGA_SUBSCRIBE;
	s_message.subscribe.id = 1;
	s_message.subscribe.filter.kinds = 1u << SIAGA_KIND_ALERT;
	s_message.subscribe.cursor = member->cursor;
	s_message.subscribe.credit = CREDIT;
	raw_say (&member->raw, &s_message);
}

static void
s_lose (struct crowd *self, struct member *member)
{
	if (member->manner == READS && !self->is_braced)
		s_fail (self, member, "the hub ended the session");
	epoll_ctl (self->epoll, EPOLL_CTL_DEL, member->raw.fd, NULL);
	raw_close (&member->raw);
	member->alive = false;
	self->lost++;
}

/* The session is open: subscribes from the member's cursor. */
static void
s_begin (struct crowd *self, struct member *member)
{
	struct epoll_event event = {.events = EPOLLIN,
				    .data.u64 = (uint64_t) (member - self->members)};

	if (!member->cursor.has_log) {
		member->cursor.has_log = true;
		memcpy (member->cursor.log_id, member->peer->in.welcome.log_id,
			sizeof member->cursor.log_id);
		if (member->manner == READS)
			member->cursor.next = member->peer->in.welcome.head;
	}
	member->alive = true;
	member->said_ms = clock_mono_ms ();
	s_subscribe (member);
	if (member->manner == READS)
		epoll_ctl (self->epoll, EPOLL_CTL_ADD, member->raw.fd, &event);
}

/* The steps of a handshake, one function each: so that many connections can take the same step before the next. */
static int
s_step_connect (struct member *member)
{
	if (raw_connect (&member->raw, member->peer) == 0)
		return 0;
	/* More at once than the hub's queue holds: the kernel asks again after a second. */
	struct pollfd connected = {.fd = member->raw.fd, .events = POLLOUT};
	return errno == EINPROGRESS && poll (&connected, 1, PEER_TIMEOUT_MS) == 1 &&
			       (connected.revents & POLLERR) == 0
		       ? 0
		       : -1;
}

static int
s_step_greet (struct member *member)
{
	return raw_greet (&member->raw, 3, 1, "CURVE");
}

static int
s_step_hello (struct member *member)
{
	return raw_hello (&member->raw);
}

static int
s_step_welcome (struct member *member)
{
	return raw_welcome (&member->raw);
}

static int
s_step_initiate (struct member *member)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);

	return raw_initiate (&member->raw, metadata, size);
}

static int
s_step_ready (struct member *member)
{
	return raw_ready (&member->raw);
}

/* KNOCK to WELCOME. */
static int
s_step_enter (struct member *member)
{
	return raw_enter (&member->raw, member->peer, member->peer->identity->card.principal, NULL);
}

/* One attempt to open one in `share` of those that are not alive, all at once; how many are left. */
static size_t
s_try_all (struct crowd *self, struct member *members, size_t count, uint32_t share)
{
	static int (*const steps[]) (struct member *) = {
		s_step_connect,	 s_step_greet, s_step_hello, s_step_welcome,
		s_step_initiate, s_step_ready, s_step_enter,
	};
	size_t left = 0;

	for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
		for (size_t i = 0; i < count; i++) {
			struct member *member = &members[i];
			bool takes_part =
				step == 0 ? randombytes_uniform (share) == 0 : member->raw.fd >= 0;
			if (member->alive || !takes_part || steps[step](member) == 0)
				continue;
			raw_close (&member->raw);
			self->again++;
		}
	for (size_t i = 0; i < count; i++) {
		left += !members[i].alive && members[i].raw.fd < 0;
		if (!members[i].alive && members[i].raw.fd >= 0)
			s_begin (self, &members[i]);
	}
	return left;
}

/* Opens up to BURST sessions, all at once. What the hub had no time for comes again later and at different times, as
   honest peers do. */
static void
s_open_burst (struct crowd *self, struct member *members, size_t count)
{
	uint64_t end_ms = clock_mono_ms () + WAIT_MS;
	uint32_t share = 1;

	while (s_try_all (self, members, count, share) > 0) {
		if (clock_mono_ms () > end_ms)
			s_fail (self, members, "or another cannot be opened");
		share = 3;
		s_turn (self, 500);
	}
}

/* More than that would wait for one another here, step by step, for longer than a handshake may take. */
static void
s_open_all (struct crowd *self, struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i += BURST)
		s_open_burst (self, members + i, count - i < BURST ? count - i : BURST);
}

#endif
