/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's and the uplink's events meet here and go on to the owner. A newer roster is asked for right after
 * WELCOME, so that nothing is judged by one that does not know its origin; when the hub tells of one during a
 * session, the session is begun again, and takes the same way. See session.h.
 */
#include "cli/session.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/say.h"
#include "common/answer.h"
#include "common/clock.h"
#include "siaga/error.h"

#define SOFTWARE "siaga " SIAGA_VERSION
#define ROSTER_QUERY 4096 /* a query id no verb uses */

struct session {
	struct session_options options;
	const struct session_events *events;
	void *arg;
	zloop_t *loop;
	int signal_fd;
	struct link *link;
	struct uplink *uplink;
	uint64_t deadline_ms; /* 0: none */
	bool stopped;
	bool was_open;
	enum session_end end;
	struct siaga_welcome welcome; /* while a roster is fetched */
	bool fetching;
	uint64_t refused_serial; /* a roster that could not be taken is not asked for again */
	struct answer answer;
	char reason[SIAGA_WORDS_MAX * 2];
};

static void
s_touch (struct session *self)
{
	if (self->options.idle && self->deadline_ms)
		self->deadline_ms = clock_mono_ms () + self->options.timeout_ms;
}

static void
s_open (struct session *self)
{
	self->fetching = false;
	self->was_open = true;
	if (self->events->on_open)
		self->events->on_open (self->arg, &self->welcome);
}

static bool
s_ask_roster (struct session *self)
{
	struct siaga_message message = {.type = SIAGA_QUERY};
	message.query.id = ROSTER_QUERY;
	message.query.what = SIAGA_QUERY_ROSTER;
	answer_finish (&self->answer);
	return link_send_message (session_link (self), &message) == 0;
}

static void
session_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct session *self = arg;
	if (self->stopped)
		return;
	s_touch (self);
	self->welcome = *welcome;
	self->welcome.signed_bytes = (struct siaga_bytes){NULL, 0};
	self->welcome.network = self->welcome.checkpoint = siaga_text (NULL);
	bool newer = welcome->roster_serial > self->options.settings->trust.roster->serial &&
		     welcome->roster_serial != self->refused_serial;
	self->fetching = newer && s_ask_roster (self);
	if (!self->fetching)
		s_open (self);
}

static void
s_take_roster (struct session *self)
{
	struct settings *settings = self->options.settings;
	struct conf_error words = {""};
	uint64_t before = settings->trust.roster->serial;
	int error = settings_take_roster (settings, answer_bytes (&self->answer), &words);
	answer_finish (&self->answer);
	if (settings->trust.roster->serial != before && self->events->on_roster)
		self->events->on_roster (self->arg);
	if (error) {
		self->refused_serial = self->welcome.roster_serial;
		say ("the hub has roster %llu, which was not taken: %s",
		     (unsigned long long) self->welcome.roster_serial, words.words);
	}
	s_open (self);
}

/* While the roster is fetched: true when the message was about that. */
static bool
s_roster_message (struct session *self, const struct siaga_message *message)
{
	if (message->type == SIAGA_ROSTER) {
		if (message->roster.serial > self->options.settings->trust.roster->serial &&
		    message->roster.serial != self->refused_serial && !self->fetching)
			link_restart (session_link (self), 0, "a newer roster is in force");
		return true;
	}
	if (!self->fetching)
		return false;
	if (message->type == SIAGA_REFUSED && message->refused.id == ROSTER_QUERY) {
		/* When everybody asks at once: by the old one, what is new would be passed over for good. */
		if (message->refused.code == SIAGA_ELATER)
			link_restart (session_link (self), SIAGA_ELATER,
				      "the hub has no time to tell its roster");
		else
			s_open (self);
		return true;
	}
	if (message->type != SIAGA_RESULT || message->result.id != ROSTER_QUERY)
		return false;
	int whole = answer_add (&self->answer, &message->result);
	if (whole < 0)
		s_open (self);
	else if (whole)
		s_take_roster (self);
	return true;
}

static void
session_on_message (void *arg, const struct siaga_message *message)
{
	struct session *self = arg;
	if (self->stopped)
		return;
	s_touch (self);
	if (!s_roster_message (self, message) && self->events->on_message)
		self->events->on_message (self->arg, message);
}

static void
session_on_drained (void *arg)
{
	struct session *self = arg;
	if (!self->stopped && self->events->on_drained)
		self->events->on_drained (self->arg);
}

/* Will the next attempt fail for the same reason, whatever the network does? */
static bool
s_is_final (int error)
{
	switch (error) {
	case SIAGA_EVERSION:
	case SIAGA_ENETWORK:
	case SIAGA_EUNKNOWN:
	case SIAGA_EREVOKED:
	case SIAGA_EROLE:
	case SIAGA_ESIGNATURE:
		return true;
	default:
		return false;
	}
}

static void
session_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	struct session *self = arg;
	if (self->stopped)
		return;
	self->fetching = false;
	snprintf (self->reason, sizeof self->reason, "%s", words);
	if (self->events->on_down)
		self->events->on_down (self->arg, error, words,
				       retry_ms == 0 || s_is_final (error));
}

static void
session_on_acked (void *arg, uint64_t oseq, uint64_t number)
{
	struct session *self = arg;
	if (!self->stopped && self->events->on_acked)
		self->events->on_acked (self->arg, oseq, number);
}

static void
session_on_aside (void *arg, int code, const struct siaga_header *header)
{
	struct session *self = arg;
	if (!self->stopped && self->events->on_aside)
		self->events->on_aside (self->arg, code, header);
}

static void
session_on_later (void *arg, int code, const char *words, uint64_t retry_ms)
{
	struct session *self = arg;
	if (!self->stopped && self->events->on_later)
		self->events->on_later (self->arg, code, words, retry_ms);
}

static void
session_on_outbox_error (void *arg, int error, const char *words)
{
	(void) arg;
	say ("outbox: %s: %s", siaga_strerror (error), words);
}

static const struct link_events s_link_events = {
	.on_open = session_on_open,
	.on_message = session_on_message,
	.on_drained = session_on_drained,
	.on_down = session_on_down,
};

static const struct uplink_events s_uplink_events = {
	.on_open = session_on_open,
	.on_acked = session_on_acked,
	.on_aside = session_on_aside,
	.on_later = session_on_later,
	.on_down = session_on_down,
	.on_outbox_error = session_on_outbox_error,
	.on_message = session_on_message,
};

static int
session_on_signal (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct session *self = arg;
	struct signalfd_siginfo info;
	(void) loop;
	if (read (item->fd, &info, sizeof info) != sizeof info)
		return 0;
	self->stopped = true;
	self->end = SESSION_SIGNALED;
	return -1;
}

/* Ends the loop: only a handler of the loop's own can. */
static int
session_on_stop (zloop_t *loop, int timer, void *arg)
{
	(void) loop;
	(void) timer;
	(void) arg;
	return -1;
}

/* The deadline, or what was the deadline before messages moved it. */
static int
session_on_deadline (zloop_t *loop, int timer, void *arg)
{
	struct session *self = arg;
	uint64_t now_ms = clock_mono_ms ();
	(void) timer;
	if (self->stopped)
		return -1;
	if (now_ms < self->deadline_ms) {
		zloop_timer (loop, self->deadline_ms - now_ms, 1, session_on_deadline, self);
		return 0;
	}
	self->stopped = true;
	self->end = SESSION_TIMEOUT;
	return -1;
}

static void
s_set_deadline (struct session *self)
{
	if (self->options.timeout_ms == 0)
		return;
	self->deadline_ms = clock_mono_ms () + self->options.timeout_ms;
	zloop_timer (self->loop, self->options.timeout_ms, 1, session_on_deadline, self);
}

/* Signals are blocked before the first socket makes threads, and read from a descriptor: a signal would end
   the loop otherwise. A closed pipe is an error of write (2), not the end of the process. */
static int
s_signals (void)
{
	sigset_t signals;
	sigemptyset (&signals);
	sigaddset (&signals, SIGINT);
	sigaddset (&signals, SIGTERM);
	sigaddset (&signals, SIGHUP);
	signal (SIGPIPE, SIG_IGN);
	sigprocmask (SIG_BLOCK, &signals, NULL);
	return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* czmq takes buffer sizes, threads and more from the environment, which is not the user's to set here. */
static void
s_forget_zsys (void)
{
	char name[64];
	for (char **at = environ; *at;) {
		size_t size = strcspn (*at, "=");
		if (strncmp (*at, "ZSYS_", 5) != 0 || size >= sizeof name) {
			at++;
			continue;
		}
		memcpy (name, *at, size);
		name[size] = '\0';
		unsetenv (name);
		at = environ;
	}
}

static bool
s_connect (struct session *self)
{
	struct link_options options = {
		.loop = self->loop,
		.trust = &self->options.settings->trust,
		.software = SOFTWARE,
		.address = self->options.address,
	};
	if (self->options.outbox)
		self->uplink = uplink_new (&options, self->options.outbox, &s_uplink_events, self);
	else
		self->link = link_new (&options, &s_link_events, self);
	return self->uplink || self->link;
}

struct session *
session_new (const struct session_options *options, const struct session_events *events, void *arg)
{
	struct session *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->options = *options;
	self->events = events;
	self->arg = arg;
	self->signal_fd = s_signals ();
	s_forget_zsys ();
	self->loop = zloop_new ();
	zmq_pollitem_t item = {.fd = self->signal_fd, .events = ZMQ_POLLIN};
	if (self->signal_fd < 0 || !self->loop ||
	    zloop_poller (self->loop, &item, session_on_signal, self))
		session_destroy (&self);
	return self;
}

void
session_destroy (struct session **self_p)
{
	struct session *self = *self_p;
	if (!self)
		return;
	self->stopped = true;
	uplink_destroy (&self->uplink);
	link_destroy (&self->link);
	zloop_destroy (&self->loop);
	if (self->signal_fd >= 0)
		close (self->signal_fd);
	answer_finish (&self->answer);
	free (self);
	*self_p = NULL;
}

enum session_end
session_run (struct session *self)
{
	if (!s_connect (self)) {
		say ("no memory or sockets for a connection");
		return SESSION_FAILED;
	}
	s_set_deadline (self);
	zloop_start (self->loop);
	return self->end;
}

/* The loop ends with the timer that follows at once; until then nothing is called. */
void
session_stop (struct session *self)
{
	if (self->stopped)
		return;
	self->stopped = true;
	self->end = SESSION_STOPPED;
	zloop_timer (self->loop, 1, 1, session_on_stop, self);
}

struct link *
session_link (struct session *self)
{
	return self->uplink ? uplink_link (self->uplink) : self->link;
}

bool
session_was_open (const struct session *self)
{
	return self->was_open;
}

const char *
session_reason (const struct session *self)
{
	return self->reason;
}
