/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll (2) in a loop. Each turn takes a bounded number of packets and does a bounded amount of work, so
 * that nobody waits for somebody else's replay.
 */
#include "hub/core_process.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/control.h"
#include "hub/core.h"
#include "hub/hub_limits.h"
#include "hub/inspector.h"
#include "hub/log_settle.h"
#include "hub/roster_watch.h"
#include "siaga/error.h"

#define STOP_FLUSH_MS 500

struct core_process {
	const struct core_process_options *options;
	struct core *core;
	struct roster_watch roster;
	struct control *control;     /* NULL: none */
	struct inspector *inspector; /* NULL: none */
	uint64_t tick_ms;
	bool has_work;
	bool stop;
	bool drained;
	uint8_t packet[PACKET_BYTES_MAX];
};

enum watched {
	WATCH_SIGNALS,
	WATCH_RESULTS,
	WATCH_IN,
	WATCH_OUT,
	WATCH_ROSTER,
	WATCH_CONTROL,
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
	char words[256];
	bool is_well;
	uint64_t now_ms = clock_mono_ms ();

	if (roster_watch_is_due (&self->roster, now_ms))
		core_look_for_roster (self->core);
	if (now_ms - self->tick_ms < HUB_TICK_MS)
		return;
	self->tick_ms = now_ms;
	if (inspector_hear (self->inspector, &is_well, words))
		core_on_check (self->core, is_well, words);
	core_on_tick (self->core);
	control_on_tick (self->control);
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
	fds[WATCH_CONTROL] = (struct pollfd){.fd = control_fd (self->control), .events = POLLIN};
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
	if (fds[WATCH_CONTROL].revents)
		control_serve (self->control);
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

/* The operator's drain is done: the parent, who would start this process again, is told to stop. */
static void
s_check_drain (struct core_process *self)
{
	if (self->drained || !control_wants_end (self->control) ||
	    !core_is_drained (self->core, HUB_DRAIN_MAX_MS))
		return;
	self->drained = true;
	control_drained (self->control);
	kill (getppid (), SIGTERM);
}

/* What is in the log goes out while somebody takes it, for a moment; what comes in meanwhile is refused. */
static int
s_drain (struct core_process *self)
{
	int status = 0;

	core_drain (self->core);
	while (status == 0 && !core_is_drained (self->core, HUB_STOP_DRAIN_MS))
		status = s_turn (self);
	return status;
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

/* The journal in all its roles, and who looks after it. */
struct storage {
	char path[4096];
	char checkpoint[4096];
	struct journal_wal wal;
	struct journal *writing;
	struct journal *reading;
	struct keeper *keeper;
	struct inspector *inspector;
};

void
core_paths (const struct hub_conf *conf, char path[4096], char checkpoint[4096])
{
	snprintf (path, 4096, "%s/journal.db", conf->state);
	if (conf->checkpoint)
		snprintf (checkpoint, 4096, "%s", conf->checkpoint);
	else
		snprintf (checkpoint, 4096, "%s/checkpoint", conf->state);
}

static int
s_start_helpers (struct storage *self, const struct core_process_options *options, char words[256])
{
	const char *network = options->trust->roster->network;
	uint64_t check_ms = options->conf->check_us / 1000;
	uint64_t every_ms = check_ms > 0 && check_ms < 1000 ? 1000 : check_ms;
	struct keeper_options keeper = {
		.path = self->path,
		.network = network,
		.checkpoint = self->checkpoint,
		.wal = &self->wal,
		.reserve_bytes = options->conf->reserve_bytes,
	};
	struct inspector_options inspector = {
		.path = self->path,
		.network = network,
		.first_ms = every_ms < HUB_CHECK_FIRST_MS ? every_ms : HUB_CHECK_FIRST_MS,
		.every_ms = every_ms,
	};

	journal_share_wal (self->writing, &self->wal);
	int error = keeper_start (&self->keeper, &keeper, words);
	if (!error && every_ms > 0)
		error = inspector_start (&self->inspector, &inspector, words);
	return error;
}

static void
s_storage_close (struct storage *self)
{
	inspector_destroy (&self->inspector);
	keeper_destroy (&self->keeper);
	if (self->reading)
		self->reading->ops->close (&self->reading);
	if (self->writing)
		self->writing->ops->close (&self->writing);
}

/* A core whose parent was killed may still be dying, held up by its disk. */
static int
s_open_writing (struct storage *self, const char *network, char words[256])
{
	const struct timespec pause = {.tv_nsec = HUB_LOCK_RETRY_MS * 1000000};
	uint64_t until_ms = clock_mono_ms () + HUB_LOCK_WAIT_MS;
	bool told = false;
	int error;

	while ((error = journal_open_sqlite (&self->writing, self->path, network, JOURNAL_WRITE,
					     words)) == SIAGA_ELOCKED &&
	       clock_mono_ms () < until_ms) {
		if (!told)
			log_warn ("journal-locked", "%s; waiting for it", words);
		told = true;
		nanosleep (&pause, NULL);
	}
	return error;
}

/* Which log it is is settled before anybody else looks at it. */
static int
s_storage_open (struct storage *self, const struct core_process_options *options)
{
	char words[256] = "";
	const struct siaga_roster *roster = options->trust->roster;

	core_paths (options->conf, self->path, self->checkpoint);
	int error = s_open_writing (self, roster->network, words);
	if (!error)
		error = log_settle (self->writing, roster, self->checkpoint, words);
	if (!error)
		error = journal_open_sqlite (&self->reading, self->path, roster->network,
					     JOURNAL_READ, words);
	if (!error)
		error = s_start_helpers (self, options, words);
	if (error)
		log_error ("journal-open", "%s: see WHEN THINGS GO WRONG in siaga-hub(8)",
			   words[0] ? words : siaga_strerror (error));
	return error;
}

static int
s_serve (struct core_process *self, struct storage *storage)
{
	int status = 0;
	struct core_options options = {
		.keeper = storage->keeper,
		.chores = {.keep_us = self->options->conf->keep_us,
			   .keep_bytes = self->options->conf->keep_bytes},
	};
	int error = core_new_with (&self->core, self->options->trust, &storage->writing,
				   &storage->reading, &options);
	if (error) {
		log_error ("core-start", "%s%s", siaga_strerror (error),
			   error == SIAGA_EIO ? "; siaga-hub --verify says where in the journal"
					      : "");
		return EX_OSERR;
	}
	core_configure (self->core, self->options->conf, self->options->conf->state);
	self->inspector = storage->inspector;
	core_start (self->core);
	self->control = control_new (self->core, self->options->conf->state);
	while (status == 0 && !self->stop) {
		status = s_turn (self);
		s_check_drain (self);
	}
	if (status == 0)
		status = s_drain (self);
	if (status == 0)
		s_stop (self);
	control_destroy (&self->control);
	core_destroy (&self->core);
	return status;
}

static int
s_run_core (struct core_process *self)
{
	struct storage *storage = calloc (1, sizeof *storage);
	int status = EX_OSERR;

	if (storage && s_storage_open (storage, self->options) == 0)
		status = s_serve (self, storage);
	if (storage)
		s_storage_close (storage);
	free (storage);
	return status;
}

/* The watch comes before the journal: the kernel takes its time to end an inotify, and ends the files of a process that
   was killed from the last to the first. So the journal's lock is free at once for whoever comes next. */
static int
s_run (struct core_process *self)
{
	const char *path = self->options->trust->roster_path;

	if (roster_watch_init (&self->roster, path, clock_mono_ms ()) != 0)
		return EX_OSERR;
	int status = s_run_core (self);
	roster_watch_finish (&self->roster);
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
