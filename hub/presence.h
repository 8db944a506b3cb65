/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is there and how they are: current state of every principal of the roster, from sessions and heartbeats
 * (never log entries), and the conditions that follow from it, which the hub says in the log. What must survive
 * a restart is kept as facts of the journal: open conditions, and of each principal when it was heard last and how
 * its sources run. Belongs to the core's thread; time is counted in what passed, so a clock that is set
 * neither floods nor mutes.
 */
#ifndef SIAGA_HUB_PRESENCE_H
#define SIAGA_HUB_PRESENCE_H

#include "common/conf.h"
#include "hub/conditions.h"
#include "hub/journal_writer.h"
#include "hub/presence_conf.h"

struct core;
struct presence;
struct session;

/* Reads what is remembered. 0, SIAGA_ENOMEM, SIAGA_EIO. */
int
presence_new (struct presence **self_p, struct core *core);

void
presence_destroy (struct presence **self_p);

/* `conf` is copied; `expected` (principals that must be connected) and `state_dir` (whose disk is watched) are borrowed,
   and may be NULL. */
void
presence_configure (struct presence *self, const struct presence_conf *conf,
		    const struct conf_strings *expected, const char *state_dir);

/* --- what happens --------------------------------------------------------------------------------------- */

/* A heartbeat was kept in the session. */
void
presence_on_status (struct presence *self, const struct session *session);

/* The session is about to end. */
void
presence_on_end (struct presence *self, const struct session *session);

/* A batch of a principal went into the log. */
void
presence_on_published (struct presence *self, const struct journal_job *job);

/* Another roster is in force. Sessions may still refer to the former one, but none may have ended since. */
void
presence_on_roster (struct presence *self);

/* A publish of that principal was refused for its quota. */
void
presence_on_quota (struct presence *self, const char *principal);

/* The journal was verified: well, or not and `words` say what. Until then nothing is known. */
void
presence_on_journal (struct presence *self, bool is_well, const char *words);

/* What became of the hub's own batch or facts. */
void
presence_on_logged (struct presence *self, const struct journal_result *result);

/* Looks at everybody when it is time, and has said in the log what is to be said. */
void
presence_on_tick (struct presence *self);

/* Has what it knows remembered now, before the end. */
void
presence_save (struct presence *self);

/* --- what is known -------------------------------------------------------------------------------------- */

struct peer_source {
	char name[SIAGA_SOURCE_NAME_MAX + 1];
	uint64_t last_line_us; /* as its agent told last */
	uint64_t lines;
	uint64_t quiet_ms; /* since a heartbeat told of new lines, while the agent was there */
	uint64_t peak_ms;  /* the longest such time that ended, fading */
	uint32_t gaps;	   /* how many such times ended */
	bool has_changed;  /* since this hub started */
};

/* A principal of the roster in force. */
struct peer {
	char name[SIAGA_PRINCIPAL_MAX + 1];
	bool is_agent; /* has told of sources, ever: it must not fall silent */
	bool is_expected;
	uint64_t heard_us; /* the hub's clock; 0: never */
	uint64_t last_alert_us;
	uint64_t roster_serial;
	char software[SIAGA_SOFTWARE_MAX + 1];
	size_t source_count;
	struct peer_source *sources;

	uint64_t quiet_ms; /* since it was heard as an agent */
	uint64_t away_ms;  /* since it was connected as it should be */
	bool has_clock;
	int64_t clock_off_us; /* its clock less ours, at its last heartbeat */
	uint64_t waiting;     /* at its last heartbeat */
	unsigned grows;	      /* heartbeats in which that grew, without a fall between */
	uint64_t entries;     /* taken since this hub started, and … */
	uint64_t bytes;	      /* … of their batches */

	/* Of the last look: */
	unsigned sessions;
	unsigned subscriptions;
	uint64_t since_us;	      /* of its oldest session */
	const struct session *uplink; /* tells of sources; only during a look */
	unsigned uplink_quiet_ticks;
	uint64_t behind;    /* entries that its slowest subscription has before it */
	uint64_t behind_ms; /* for how long that one has not reached the head */

	bool is_dirty; /* to be remembered */
	bool is_new;   /* at once */
};

/* In the order of the roster's principals. */
const struct peer *
presence_peers (const struct presence *self, size_t *count);

struct conditions *
presence_conditions (const struct presence *self);

/* Bytes free for the journal; 0: not known. */
uint64_t
presence_disk_free (const struct presence *self);

/* A time to the second: nobody reads more. */
void
presence_seconds_text (char text[SIAGA_TIME_TEXT], uint64_t time_us);

/* Puts a member into an entry's audience, in its place; borrowed. Nothing when that is full. */
void
presence_add_audience (struct siaga_header *header, struct siaga_text name);

/* Puts "agent polri/soc-1 is silent" into `out`. */
void
presence_title (const struct condition *condition, char out[SIAGA_TITLE_MAX]);

#endif
