/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timerfd in a zloop.
 */
#include "common/loop_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "siaga/error.h"

static int
s_on_readable (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct loop_timer *self = arg;
	uint64_t count;
	(void) loop;
	/* Nothing to read: the deadline was moved after it had passed. */
	if (read (item->fd, &count, sizeof count) == (ssize_t) sizeof count)
		self->handler (self->arg);
	return 0;
}

int
loop_timer_init (struct loop_timer *self, zloop_t *loop, void (*handler) (void *arg), void *arg)
{
	*self = (struct loop_timer){.loop = loop, .handler = handler, .arg = arg};
	self->fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (self->fd < 0)
		return SIAGA_EIO;
	zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
	if (zloop_poller (loop, &item, s_on_readable, self) == 0)
		return 0;
	close (self->fd);
	self->fd = -1;
	return SIAGA_EIO;
}

void
loop_timer_finish (struct loop_timer *self)
{
	if (!self->loop || self->fd < 0)
		return;
	zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
	zloop_poller_end (self->loop, &item);
	close (self->fd);
	self->fd = -1;
}

static void
s_settime (struct loop_timer *self, uint64_t delay_ns)
{
	struct itimerspec when = {
		.it_value = {.tv_sec = (time_t) (delay_ns / 1000000000),
			     .tv_nsec = (long) (delay_ns % 1000000000)},
	};
	timerfd_settime (self->fd, 0, &when, NULL);
}

void
loop_timer_set (struct loop_timer *self, uint64_t delay_ms)
{
	/* Zero would disarm it. */
	s_settime (self, delay_ms == 0 ? 1 : delay_ms * 1000000);
}

void
loop_timer_clear (struct loop_timer *self)
{
	s_settime (self, 0);
}
