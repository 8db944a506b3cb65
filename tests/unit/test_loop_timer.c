/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/loop_timer.c: a deadline fires once, and never after it was moved or ended. Nothing waits longer than
 * the few milliseconds a deadline is away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <sys/resource.h>

#include "common/loop_timer.h"
#include "siaga/error.h"

#define NEVER_MS 3600000

/* A loop that ends when `last` fires; `other` is what a test is about. */
struct fixture {
	zloop_t *loop;
	struct loop_timer other, last;
	unsigned fired;
	unsigned ticks; /* until the loop ends by itself; 0: it does not */
	bool ended;
};

static void
s_on_other (void *arg)
{
	struct fixture *self = arg;
	self->fired++;
}

static void
s_on_last (void *arg)
{
	struct fixture *self = arg;
	self->ended = true;
}

/* zloop ends when a handler of its own returns -1. */
static int
s_on_tick (zloop_t *loop, int id, void *arg)
{
	struct fixture *self = arg;
	(void) loop;
	(void) id;
	bool last_tick = self->ticks > 0 && --self->ticks == 0;
	return self->ended || last_tick ? -1 : 0;
}

static int
s_setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	*state = self;
	self->loop = zloop_new ();
	zloop_set_nonstop (self->loop, true);
	zloop_timer (self->loop, 1, 0, s_on_tick, self);
	return loop_timer_init (&self->other, self->loop, s_on_other, self) ||
	       loop_timer_init (&self->last, self->loop, s_on_last, self);
}

static int
s_teardown (void **state)
{
	struct fixture *self = *state;
	loop_timer_finish (&self->other);
	loop_timer_finish (&self->last);
	zloop_destroy (&self->loop);
	free (self);
	return 0;
}

/* Runs the loop until a deadline `delay_ms` from now. */
static void
s_run (struct fixture *self, uint64_t delay_ms)
{
	self->ended = false;
	loop_timer_set (&self->last, delay_ms);
	zloop_start (self->loop);
	assert_true (self->ended);
}

/* Until the kernel says that the deadline has passed; the loop does not run meanwhile. */
static void
s_wait_passed (const struct loop_timer *timer)
{
	struct pollfd item = {.fd = timer->fd, .events = POLLIN};
	assert_int_equal (poll (&item, 1, 10000), 1);
}

static void
test_loop_timer_fires_once (void **state)
{
	struct fixture *self = *state;
	loop_timer_set (&self->other, 1);
	s_run (self, 5);
	assert_int_equal (self->fired, 1);
	s_run (self, 5);
	assert_int_equal (self->fired, 1);
}

static void
test_loop_timer_of_no_delay_fires (void **state)
{
	struct fixture *self = *state;
	loop_timer_set (&self->other, 0);
	s_run (self, 5);
	assert_int_equal (self->fired, 1);
}

static void
test_loop_timer_not_set_never_fires (void **state)
{
	struct fixture *self = *state;
	s_run (self, 3);
	assert_int_equal (self->fired, 0);
}

static void
test_loop_timer_passed_but_moved_does_not_fire (void **state)
{
	struct fixture *self = *state;
	loop_timer_set (&self->other, 0);
	s_wait_passed (&self->other);
	loop_timer_set (&self->other, NEVER_MS);
	s_run (self, 3);
	assert_int_equal (self->fired, 0);
	loop_timer_set (&self->other, 0);
	s_run (self, 3);
	assert_int_equal (self->fired, 1);
}

static void
test_loop_timer_passed_but_cleared_does_not_fire (void **state)
{
	struct fixture *self = *state;
	loop_timer_set (&self->other, 0);
	s_wait_passed (&self->other);
	loop_timer_clear (&self->other);
	s_run (self, 3);
	assert_int_equal (self->fired, 0);
}

static void
test_loop_timer_finished_is_harmless_to_finish_again (void **state)
{
	struct fixture *self = *state;
	loop_timer_set (&self->other, 0);
	s_wait_passed (&self->other);
	loop_timer_finish (&self->other);
	assert_int_equal (self->other.fd, -1);
	s_run (self, 3);
	assert_int_equal (self->fired, 0);
	loop_timer_finish (&self->other);
	loop_timer_finish (&(struct loop_timer){0});
}

static void
s_on_move (void *arg)
{
	struct fixture *self = arg;
	self->fired++;
	loop_timer_set (&self->last, NEVER_MS);
}

/* Both are due in one round of the loop, and the first one's handler moves the second. */
static void
test_loop_timer_moved_by_another_handler_in_its_round_does_not_fire (void **state)
{
	struct fixture *self = *state;
	self->other.handler = s_on_move;
	self->ticks = 3;
	loop_timer_set (&self->other, 0);
	loop_timer_set (&self->last, 0);
	s_wait_passed (&self->other);
	s_wait_passed (&self->last);
	zloop_start (self->loop);
	assert_int_equal (self->fired, 1);
	assert_false (self->ended);
}

/* Sets and ends itself again and again inside its own handler. */
static void
s_on_again (void *arg)
{
	struct fixture *self = arg;
	if (++self->fired < 3)
		loop_timer_set (&self->other, 0);
	else
		loop_timer_finish (&self->other);
}

static void
test_loop_timer_may_be_set_and_finished_in_its_own_handler (void **state)
{
	struct fixture *self = *state;
	self->other.handler = s_on_again;
	loop_timer_set (&self->other, 0);
	while (self->other.fd >= 0)
		s_run (self, 1);
	assert_int_equal (self->fired, 3);
}

static void
test_loop_timer_without_a_descriptor_says_so (void **state)
{
	struct fixture *self = *state;
	struct loop_timer timer;
	struct rlimit before;
	assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
	struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal (setrlimit (RLIMIT_NOFILE, &none), 0);
	int error = loop_timer_init (&timer, self->loop, s_on_other, self);
	assert_int_equal (setrlimit (RLIMIT_NOFILE, &before), 0);
	assert_int_equal (error, SIAGA_EIO);
	loop_timer_finish (&timer);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
	const struct CMUnitTest tests[] = {
		TEST (test_loop_timer_fires_once),
		TEST (test_loop_timer_of_no_delay_fires),
		TEST (test_loop_timer_not_set_never_fires),
		TEST (test_loop_timer_passed_but_moved_does_not_fire),
		TEST (test_loop_timer_passed_but_cleared_does_not_fire),
		TEST (test_loop_timer_moved_by_another_handler_in_its_round_does_not_fire),
		TEST (test_loop_timer_finished_is_harmless_to_finish_again),
		TEST (test_loop_timer_may_be_set_and_finished_in_its_own_handler),
		TEST (test_loop_timer_without_a_descriptor_says_so),
	};
	zsys_handler_set (NULL);
	return cmocka_run_group_tests (tests, NULL, NULL);
}
