/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One alert whose deadlines are followed, and the rules of its clock (PROTOCOL.md section 6.9): pure functions of what
 * happened and the time that passed. Times in ms are of the escalation's clock.
 */
#ifndef SIAGA_HUB_FOLLOWED_H
#define SIAGA_HUB_FOLLOWED_H

#include <sys/queue.h>

#include "siaga/life.h"
#include "siaga/playbook.h"

struct followed {
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t number; /* of the alert in the log */
	uint64_t accepted_us;
	uint64_t
		opened_us; /* accepted, or when it was reopened or became severe; the hub's wall clock … */
	uint64_t opened_ms;	      /* … and the clock of deadlines */
	uint64_t over_ms;	      /* when it expires; 0: never */
	enum siaga_severity severity; /* the last update's */
	enum siaga_life_state state;
	char lead[SIAGA_MEMBER_MAX + 1]; /* who took it, or was handed it */
	uint32_t step;			 /* of the chain, the next to be said */
	uint32_t holds;			 /* steps that an acknowledgement made wait */
	bool is_held;			 /* the next step is one of them */
	bool take_said;
	bool resolve_said;
	bool is_late; /* an update made it severe: known until it is over, so that another does not */
	uint64_t through; /* entries below this number are in the above */

	/* By the roster in force; 0: no such deadline. */
	uint64_t acknowledge_ms;
	uint64_t take_ms;
	uint64_t resolve_ms;
	uint64_t every_ms;
	uint32_t steps; /* of the chain; 1 without one: who should lead is told */
	bool has_chain;

	uint64_t due_ms; /* when something is to be done; UINT64_MAX: never */

	/* The table's: */
	bool is_dirty;	       /* its fact is to be written */
	bool is_stored;	       /* it has one */
	bool is_going;	       /* the end of that is on its way into the journal */
	struct followed *next; /* in its bucket */
	TAILQ_ENTRY (followed) entry;
};

enum followed_what {
	FOLLOWED_NOTHING,
	FOLLOWED_STEP,
	FOLLOWED_TAKE,	  /* nobody has taken it in time */
	FOLLOWED_RESOLVE, /* it is not over in time */
	FOLLOWED_END,	  /* over, expired, or all said: need not be followed */
};

/* Is there a deadline in it? */
bool
followed_concerns (const struct siaga_duty *duty);

/* Its deadlines are these from now on. */
void
followed_set_duty (struct followed *self, const struct siaga_duty *duty);

/* It begins, or begins anew. */
void
followed_open (struct followed *self, uint64_t at_us, uint64_t at_ms);

/* Somebody did something to it. */
void
followed_apply (struct followed *self, const struct siaga_deed *deed, uint64_t at_us,
		uint64_t at_ms);

/* What is to be done now? For a step, *last is the last one that is due: those from `step` to it are said at once. */
enum followed_what
followed_due (const struct followed *self, uint64_t now_ms, uint32_t *last);

/* It was said. */
void
followed_said (struct followed *self, enum followed_what what, uint32_t last);

#endif
