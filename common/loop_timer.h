/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One deadline in a zloop. Unlike a zloop timer it can be moved and ended anywhere, also from inside its own
 * handler or another's and while the loop does not run, and never fires afterwards (a timerfd: zloop only marks
 * its own timers as ended, and may still call them once). No deadline, no wake-up.
 */
#ifndef COMMON_LOOP_TIMER_H
#define COMMON_LOOP_TIMER_H

#include <stdint.h>

#include <czmq.h>

struct loop_timer {
	zloop_t *loop; /* borrowed */
	int fd;	       /* -1: not in use */
	void (*handler) (void *arg);
	void *arg;
};

/* 0 or SIAGA_EIO. `self` must not move afterwards. finish is harmless on what a failed init left, and on one
   that was finished. */
int
loop_timer_init (struct loop_timer *self, zloop_t *loop, void (*handler) (void *arg), void *arg);
void
loop_timer_finish (struct loop_timer *self);

/* Calls the handler once, `delay_ms` from now, in place of any earlier deadline. */
void
loop_timer_set (struct loop_timer *self, uint64_t delay_ms);

void
loop_timer_clear (struct loop_timer *self);

#endif
