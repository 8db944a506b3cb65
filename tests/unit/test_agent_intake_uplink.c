/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent/intake.h with an uplink: where that is idle, what is added is cut in the transaction that adds it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agent/intake.h"
#include "common/log.h"
#include "fake_hub.h"

struct fixture {
	struct fake_loop loop;
	struct fake_world world;
	struct fake_hub *hub;
	struct outbox *outbox;
	struct uplink *uplink;
	struct intake *intake;
	uint64_t acked;
	uint64_t waiting; /* right after the commit, before the uplink is told */
};

static void
s_on_acked (void *arg, uint64_t oseq, uint64_t number)
{
	struct fixture *self = arg;
	(void) number;
	self->acked = oseq;
	fake_loop_kick (&self->loop);
}

static void
s_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct fixture *self = arg;
	(void) welcome;
	fake_loop_kick (&self->loop);
}

static const struct uplink_events s_events = {.on_acked = s_on_acked, .on_open = s_on_open};

static void
s_on_commit (void *arg)
{
	struct fixture *self = arg;
	self->waiting = outbox_waiting (self->outbox);
}

static void
s_add (struct fixture *self, unsigned count)
{
	assert_int_equal (intake_begin (self->intake), 0);
	for (unsigned i = 0; i < count; i++) {
		struct siaga_header header = {
			.kind = SIAGA_KIND_ALERT,
			.severity = SIAGA_SEVERITY_LOW,
			.category = siaga_text ("test/test"),
		};
		struct siaga_body body = {.title = siaga_text ("An alert")};
		assert_int_equal (intake_add (self->intake, &header, &body, NULL), 0);
	}
	assert_int_equal (intake_commit (self->intake), 0);
}

static int
s_setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	fake_loop_init (&self->loop);
	fake_world_init (&self->world);
	self->hub = fake_hub_new (&self->loop, &self->world);
	struct outbox_options outbox = {
		.path = ":memory:", .network = FAKE_NETWORK, .identity = self->world.client};
	struct link_options link = {
		.loop = self->loop.loop, .trust = &self->world.trust, .software = "siaga-test 0.1"};
	assert_int_equal (outbox_open (&self->outbox, &outbox, NULL), 0);
	self->uplink = uplink_new (&link, self->outbox, &s_events, self);
	self->intake = intake_new (self->outbox, self->world.client);
	intake_set_uplink (self->intake, self->uplink);
	intake_on_commit (self->intake, s_on_commit, self);
	*state = self;
	return 0;
}

static int
s_teardown (void **state)
{
	struct fixture *self = *state;
	intake_destroy (&self->intake);
	uplink_destroy (&self->uplink);
	outbox_close (&self->outbox);
	fake_hub_destroy (&self->hub);
	fake_world_finish (&self->world);
	fake_loop_finish (&self->loop);
	free (self);
	return 0;
}

static void
test_agent_intake_cuts_in_its_own_commit_where_the_uplink_is_idle (void **state)
{
	struct fixture *self = *state;
	RUN_UNTIL (&self->loop, uplink_is_ready (self->uplink));
	s_add (self, 2);
	assert_int_equal (self->waiting, 0);
	RUN_UNTIL (&self->loop, self->acked == 2);
}

static void
test_agent_intake_leaves_it_waiting_where_there_is_no_session (void **state)
{
	struct fixture *self = *state;
	s_add (self, 2);
	assert_int_equal (self->waiting, 2);
	RUN_UNTIL (&self->loop, self->acked == 2);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (
			test_agent_intake_cuts_in_its_own_commit_where_the_uplink_is_idle, s_setup,
			s_teardown),
		cmocka_unit_test_setup_teardown (
			test_agent_intake_leaves_it_waiting_where_there_is_no_session, s_setup,
			s_teardown),
	};
	log_open ("test_agent_intake_uplink", LOG_TO_NOTHING, -2);
	zsys_init ();
	zsys_handler_set (NULL);
	return cmocka_run_group_tests (tests, NULL, NULL);
}
