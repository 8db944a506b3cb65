/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent as a whole: what it is made of, and the loop it runs. One of them, made in main ().
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/agent_clock.h"
#include "agent/loss.h"
#include "agent/source.h"
#include "common/answer.h"
#include "common/loop_timer.h"

struct status_socket;

/* Lines and alerts at some moment: what a rate is counted from. */
struct agent_sample {
	uint64_t at_ms; /* 0: none yet */
	uint64_t lines;
	uint64_t alerts;
};

/* sources[i] is made of the configuration's sources[i]. */
struct agent_source {
	const struct source_class *class;
	void *self;
	struct agent_sample last;   /* a minute old at most … */
	struct agent_sample before; /* … and the one before it */
};

/* What was last said about the uplink, so that it is said once. */
struct agent_uplink_log {
	bool down;
	char words[256];
	uint64_t told_ms;
	int later_code;
};

struct agent {
	char *conf_path;
	struct agent_conf conf;
	struct trust trust;
	struct rules *rules;
	zloop_t *loop;
	int signal_fd; /* -1: none */
	int stop_fd;   /* readable: end the loop; -1: none */
	struct outbox *outbox;
	struct intake *intake;
	struct damper *damper;
	struct loss *loss;
	struct uplink *uplink;
	struct agent_uplink_log uplink_log;
	size_t source_count;
	struct agent_source *sources;
	struct loop_timer retry;
	int refused;		  /* why the outbox takes nothing now; 0: it does */
	uint64_t refused_told_ms; /* 0: never */
	bool failed;
	uint64_t started_us;
	struct loop_timer damper_timer;
	bool damper_armed;
	struct agent_clock clock;
	struct answer roster_answer; /* while a newer roster is fetched */
	bool roster_asked;
	uint64_t asked_serial;	 /* what the hub said it has */
	uint64_t refused_serial; /* of a roster that could not be taken: not asked for again */
	struct status_socket *status_socket;
	uint8_t status_buffer[SIAGA_SOURCES_BYTES_MAX];
	uint64_t reloaded_us;	/* the last SIGHUP; 0: none … */
	char reload_error[512]; /* … and why it changed nothing; "": it did */
};

/* Reads and checks the configuration, the identity and the roster; opens nothing else. `remember`:
   adopt the roster in the state directory, which is made if it is not there. 0, or an error with
   words; then nothing is left to free. */
int
agent_configure (struct agent *self, const char *conf_path, bool remember,
		 struct conf_error *error);

/* Makes outbox, sources and uplink. Every signal must be blocked already (agent_block_signals ()).
   0, or a negative error that is logged; agent_finish () either way. */
int
agent_init (struct agent *self);

/* Until SIGTERM or SIGINT: 0. SIAGA_EIO when the outbox broke; starting again finds out what is on
   the disk. */
int
agent_run (struct agent *self);

/* Stores positions, says goodbye to the hub, closes. */
void
agent_finish (struct agent *self);

/* Blocks the signals that the loop reads itself, and SIGPIPE, in this thread and all made after it.
   */
void
agent_block_signals (void);

/* Hardens the process and prepares libsodium and czmq: before anything else here. 0 or
   SIAGA_EINTERNAL. */
int
agent_prepare (void);

/* Ends the loop, from where there is no return value to end it with: the agent failed. */
void
agent_stop (struct agent *self);

/* A name the roster lacks may be one that it does not have yet: said, and no reason not to run. */
void
agent_check_names (const struct agent_conf *conf, const struct trust *trust);

/* The end of a pause of the sources. */
void
agent_on_retry (void *arg);

/* agent_sources.c. Makes every source of the configuration, without starting them. 0 or an error; what was made is freed
   by agent_stop_sources (). */
int
agent_make_sources (struct agent *self);
void
agent_start_sources (struct agent *self);
void
agent_stop_sources (struct agent *self);

/* The sources were made of `former`, and the agent's configuration and rules are others now: those sources that are in
   both are kept, new ones are made and started, the rest end. On an error everything is as before, and the owner puts
   `former` back. */
int
agent_change_sources (struct agent *self, const struct agent_conf *former);

/* What the source says of itself; its rate is lines a second over the last minute or so. */
void
agent_describe (struct agent *self, size_t index, struct source_facts *facts, double *rate);

/* reload.c. SIGHUP: the configuration, the rules and the roster again, or all stays as it is and the log says why. */
void
agent_reload (struct agent *self);

/* agent_keep.c. Timers, clocks and bounds. init: 0 or SIAGA_EIO. */
int
agent_keep_init (struct agent *self);
void
agent_keep_finish (struct agent *self);

/* Things that must be looked at now and then; called when the uplink woke us up anyway. */
void
agent_keep (struct agent *self);

/* The damper's timer, when there is something folded and it is not set. */
void
agent_arm_damper (struct agent *self);

/* Fills in what the heartbeat says of sources, losses and the disk; `buffer` holds the sources' bytes. */
void
agent_fill_status (struct agent *self, struct siaga_status_message *status, uint8_t *buffer,
		   size_t size);

/* Free bytes for us on the file system of the state directory; 0: not known. */
uint64_t
agent_disk_free (const struct agent *self);

/* agent_roster.c. The hub has this roster: asks for it when it is newer than ours. */
void
agent_on_roster_serial (struct agent *self, uint64_t serial);

/* Was the message a part of the answer? */
bool
agent_on_roster_message (struct agent *self, const struct siaga_message *message);

/* Another roster is in force: `old` is freed, the uplink begins again. */
void
agent_roster_changed (struct agent *self, struct siaga_roster *old);

/* The session is over: the answer will not come. */
void
agent_forget_roster_answer (struct agent *self);

/* The outbox refused, or its disk did: pauses the sources, or ends the loop when it broke. */
void
agent_on_refused (void *arg, int error);

/* Connects: agent_uplink.c. 0 or SIAGA_ENOMEM. */
int
agent_connect (struct agent *self);

#endif
