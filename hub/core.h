/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core: sessions, verification, the journal, deliveries. It sees the world as packets from the gate,
 * finished jobs of the journal's writer, and the time; it answers with packets in a queue. Sockets, signals
 * and the loop are core_process.c's, so tests drive it by hand.
 */
#ifndef SIAGA_HUB_CORE_H
#define SIAGA_HUB_CORE_H

#include "common/trust.h"
#include "hub/chores.h"
#include "hub/keeper.h"
#include "hub/packet_queue.h"
#include "hub/quota.h"

struct core;

struct core_options {
	struct keeper *keeper; /* borrowed; NULL: checkpoints are kept in the journal alone */
	struct chores_options chores;
};

/* `trust` is borrowed and outlives the core; both journals are consumed: the writing one goes to the
   writer's thread, the other is read here. 0, SIAGA_ENOMEM, SIAGA_EIO. */
int
core_new (struct core **self_p, struct trust *trust, struct journal **write_p,
	  struct journal **read_p);

int
core_new_with (struct core **self_p, struct trust *trust, struct journal **write_p,
	       struct journal **read_p, const struct core_options *options);
/* Quotas count from now on; `quota` is borrowed. */
void
core_set_quota (struct core *self, const struct quota_conf *quota);
struct hub_conf;

/* Takes what the configuration says of quotas and presence; borrowed, and outlives the core. */
void
core_configure (struct core *self, const struct hub_conf *conf, const char *state_dir);

/* Ends the writer after what it was given; NULL is fine. */
void
core_destroy (struct core **self_p);

/* Tells the gate that this core is new. Call first. */
void
core_start (struct core *self);

/* Does what a packet from the gate says. */
void
core_on_packet (struct core *self, const struct packet *packet, struct siaga_bytes payload);

/* May a packet be given to it now? Not while it waits for the journal's writer, or has much to say. */
bool
core_wants_packets (const struct core *self);

/* Readable when core_on_results () has something to do. */
int
core_results_fd (const struct core *self);

void
core_on_results (struct core *self);

/* Looks at deadlines: call every HUB_TICK_MS or so. */
void
core_on_tick (struct core *self);

/* Does a bounded amount of what waits: deliveries, answers in parts, while the queue has room. Returns
   core_has_work (). */
bool
core_work (struct core *self);

/* Is there more to do at once? There may be once the queue is flushed. */
bool
core_has_work (const struct core *self);

/* Packets for the gate; the owner flushes it. */
struct packet_queue *
core_out (struct core *self);

/* Reads the roster again. What the new one says counts at once: keys to the gate, sessions of whoever is gone
   from it are cut, the log gets its entry. */
void
core_reload (struct core *self);

/* The same when nobody asked for it: says nothing when there is no news, nor twice in a row why a roster is refused. */
void
core_look_for_roster (struct core *self);
/* A check of the whole journal ended. */
void
core_on_check (struct core *self, bool is_well, const char *words);

/* Takes no more publishes (they are refused with "later"), and goes on with everything else. */
void
core_drain (struct core *self);

/* After that: is all that is in the log on its way out to whoever reads it, or has nobody read for a while, or has it
   lasted `patience_ms`? */
bool
core_is_drained (struct core *self, uint64_t patience_ms);

/* Ends the sessions of a principal, who may come back; how many. */
unsigned
core_kick (struct core *self, const char *principal);

/* Says BYE to everybody and waits for what is being written. */
void
core_stop (struct core *self);

/* Not 0: the process must end with this sysexits status (logged). */
int
core_status (const struct core *self);

#endif
