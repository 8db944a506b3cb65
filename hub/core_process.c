/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll (2) in a loop. Each turn takes a bounded number of packets and does a bounded amount of work, so
 * that nobody waits for somebody else's replay.
 */
#include "hub/core_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core.h"
#include "hub/hub_limits.h"
#include "hub/roster_watch.h"
#include "siaga/error.h"

#define STOP_FLUSH_MS 500

struct core_process {
	const struct core_process_options *options;
	struct core *core;
	struct roster_watch roster;
	uint64_t tick_ms;
	bool has_work;
	bool stop;
	uint8_t packet[PACKET_BYTES_MAX];
};

enum watched {
	WATCH_SIGNALS,
	WATCH_RESULTS,
	WATCH_IN,
	WATCH_OUT,
	WATCH_ROSTER,
	WATCHED,
};

static void
s_on_signals (struct core_process *self)
{
	struct signalfd_siginfo info;

	while (read (self->options->signal_fd, &info, sizeof info) == (ssize_t) sizeof info) {
		if (info.ssi_signo == SIGHUP)
			core_reload (self->core);
		else
			self->stop = true;
	}
}

/* 0, or an exit status. */
static int
s_on_packets (struct core_process *self)
{
	struct packet packet;
	struct siaga_bytes payload;

	size_t bytes = 0;

	for (int i = 0; i < HUB_PACKETS_PER_TURN && bytes < HUB_BYTES_PER_TURN &&
			core_wants_packets (self->core);
	     i++) {
		int error = packet_receive (self->options->from_gate, PACKET_FROM_GATE,
					    self->packet, &packet, &payload);
		if (error == SIAGA_EAGAIN)
			return 0;
		if (error == SIAGA_EIO) {
			log_error ("core-gate", "packets from the gate: %s", strerror (errno));
			return EX_SOFTWARE;
		}
		if (error == 0)
			core_on_packet (self->core, &packet, payload);
		bytes += payload.size;
		/* Where the journal failed, nothing more is worth doing. */
		if (core_status (self->core) != 0)
			return core_status (self->core);
	}
	return 0;
}

/* What is on the clock: the tick, and a roster to be read. */
static void
s_on_time (struct core_process *self)
{
	uint64_t now_ms = clock_mono_ms ();

	if (roster_watch_is_due (&self->roster, now_ms))
		core_look_for_roster (self->core);
	if (now_ms - self->tick_ms < HUB_TICK_MS)
		return;
	self->tick_ms = now_ms;
	core_on_tick (self->core);
}

static int
s_wait_ms (const struct core_process *self)
{
	uint64_t now_ms = clock_mono_ms ();
	uint64_t since_ms = now_ms - self->tick_ms;
	uint64_t roster_ms = roster_watch_wait_ms (&self->roster, now_ms);

	if (self->has_work || since_ms >= HUB_TICK_MS)
		return 0;
	uint64_t tick_ms = HUB_TICK_MS - since_ms;
	return (int) (roster_ms < tick_ms ? roster_ms : tick_ms);
}

static void
s_watch (struct core_process *self, struct pollfd *fds)
{
	bool wants = core_wants_packets (self->core);
	bool has_out = !packet_queue_is_empty (core_out (self->core));

	fds[WATCH_SIGNALS] = (struct pollfd){.fd = self->options->signal_fd, .events = POLLIN};
	fds[WATCH_RESULTS] = (struct pollfd){.fd = core_results_fd (self->core), .events = POLLIN};
	fds[WATCH_IN] =
		(struct pollfd){.fd = wants ? self->options->from_gate : -1, .events = POLLIN};
	fds[WATCH_OUT] =
		(struct pollfd){.fd = has_out ? self->options->to_gate : -1, .events = POLLOUT};
	fds[WATCH_ROSTER] = (struct pollfd){.fd = self->roster.fd, .events = POLLIN};
}

static int
s_flush (struct core_process *self)
{
	int error = packet_queue_flush (core_out (self->core), self->options->to_gate);

	if (error != SIAGA_EIO)
		return 0;
	log_error ("core-gate", "packets to the gate: %s", strerror (errno));
	return EX_SOFTWARE;
}

/* 0, or an exit status. */
static int
s_turn (struct core_process *self)
{
	struct pollfd fds[WATCHED];
	int status = 0;

	s_watch (self, fds);
	if (poll (fds, WATCHED, s_wait_ms (self)) < 0 && errno != EINTR)
		return EX_OSERR;
	if (fds[WATCH_SIGNALS].revents)
		s_on_signals (self);
	if (fds[WATCH_RESULTS].revents)
		core_on_results (self->core);
	if (fds[WATCH_ROSTER].revents)
		roster_watch_on_events (&self->roster, clock_mono_ms ());
	if (fds[WATCH_IN].revents)
		status = s_on_packets (self);
	if (status == 0)
		s_on_time (self);
	if (status == 0) {
		core_work (self->core);
		status = s_flush (self);
	}
	/* A socket that is full again says when there is room: no need to spin. */
	self->has_work =
		packet_queue_is_empty (core_out (self->core)) && core_has_work (self->core);
	return status ? status : core_status (self->core);
}

/* What was promised is on the disk; what the peers are told about it gets a moment to leave. */
static void
s_stop (struct core_process *self)
{
	uint64_t end_ms = clock_mono_ms () + STOP_FLUSH_MS;
	struct pollfd out = {.fd = self->options->to_gate, .events = POLLOUT};

	core_stop (self->core);
	while (s_flush (self) == 0 && !packet_queue_is_empty (core_out (self->core)) &&
	       clock_mono_ms () < end_ms)
		poll (&out, 1, 50);
}

static int
s_open_journals (const struct core_process_options *options, struct journal **write_p,
		 struct journal **read_p)
{
	char path[4096];
	char words[256];
	const char *network = options->trust->roster->network;

	snprintf (path, sizeof path, "%s/journal.db", options->state_dir);
	int error = journal_open_sqlite (write_p, path, network, JOURNAL_WRITE, words);
	if (!error) {
		error = journal_open_sqlite (read_p, path, network, JOURNAL_READ, words);
		if (error)
			(*write_p)->ops->close (write_p);
	}
	if (error)
		log_error ("journal-open", "%s", words);
	return error;
}

static int
s_run (struct core_process *self)
{
	struct journal *writing = NULL;
	struct journal *reading = NULL;
	int status = 0;

	if (s_open_journals (self->options, &writing, &reading) != 0)
		return EX_OSERR;
	int error = core_new (&self->core, self->options->trust, &writing, &reading);
	if (error) {
		log_error ("core-start", "%s", siaga_strerror (error));
		if (writing)
			writing->ops->close (&writing);
		return EX_OSERR;
	}
	if (roster_watch_init (&self->roster, self->options->trust->roster_path, clock_mono_ms ()))
		status = EX_OSERR;
	core_configure (self->core, self->options->conf, self->options->state_dir);
	core_start (self->core);
	while (status == 0 && !self->stop)
		status = s_turn (self);
	if (status == 0)
		s_stop (self);
	roster_watch_finish (&self->roster);
	core_destroy (&self->core);
	return status;
}

int
core_process_run (const struct core_process_options *options)
{
	struct core_process *self = calloc (1, sizeof *self);
	int status = EX_OSERR;

	if (self) {
		self->options = options;
		status = s_run (self);
	}
	free (self);
	return status;
}
