/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_play.h. An inject is published under the lock that `drill end` takes too, and only if the outbox does not have it.
 */
#include "cli/drill_play.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/clock.h"
#include "common/handle.h"

#define LOOK_MS 500 /* how soon it is noticed that the drill was ended */

struct drill_origin
drill_play_origin (const struct drill_play *self)
{
	const struct trust *trust = &self->command->settings.trust;
	return (struct drill_origin){trust->roster, trust->principal, clock_now_us ()};
}

static bool
s_is_ended (const struct drill_play *self)
{
	struct drill_state *now = calloc (1, sizeof *now);
	bool ended = now && drill_state_load (now, &self->command->settings) == CMD_OK &&
		     (now->ended || memcmp (now->opening.ref.id, self->state.opening.ref.id,
					    SIAGA_ID_BYTES) != 0);
	if (now)
		drill_state_finish (now);
	free (now);
	return ended;
}

/* CMD_OK; CMD_SIGNALED; CMD_REFUSED: the drill was ended. */
static int
s_wait (struct drill_play *self, uint64_t due_ms)
{
	sigset_t set;
	sigemptyset (&set);
	sigaddset (&set, SIGINT);
	sigaddset (&set, SIGTERM);
	sigaddset (&set, SIGHUP);
	for (uint64_t now_ms; (now_ms = clock_mono_ms ()) < due_ms;) {
		uint64_t left_ms = due_ms - now_ms < LOOK_MS ? due_ms - now_ms : LOOK_MS;
		struct timespec left = {.tv_nsec = (long) left_ms * 1000000};
		if (sigtimedwait (&set, NULL, &left) > 0) {
			say ("interrupted; siaga drill start goes on with it");
			return CMD_SIGNALED;
		}
		if (s_is_ended (self))
			return CMD_REFUSED;
	}
	return CMD_OK;
}

static int
s_tell (struct drill_play *self, size_t index, const char *what)
{
	struct output *output = &self->command->output;
	char clock[RENDER_CLOCK_TEXT], handle[HANDLE_TEXT];
	if (self->command->common.quiet)
		return CMD_OK;
	render_clock (clock, clock_now_us (), &output->style);
	handle_write (handle, self->state.ids[index]);
	output_printf (output, "%s  LATIHAN/EXERCISE %zu/%zu  %s  %s  ", clock, index + 1,
		       self->state.inject_count, what, handle);
	output_escaped (output, siaga_text (scenario_inject (&self->scenario, index)->title));
	int status = output_text (output, "\n");
	if (!status)
		status = output_flush (output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

/* Under the lock of drill end: it is sent before the end, or not at all. */
static int
s_send_locked (struct drill_play *self, size_t index)
{
	char words[DRILL_WORDS];
	bool held = false;
	struct drill_origin origin = drill_play_origin (self);
	if (s_is_ended (self))
		return CMD_REFUSED;
	int status = drill_is_held (self->command, self->state.ids[index], &held);
	if (status || held)
		return status;
	struct drill_entry *entry = malloc (sizeof *entry);
	if (!entry || drill_make_inject (entry, &origin, &self->scenario, index,
					 self->state.ids[index], &self->state.opening.ref, words)) {
		free (entry);
		return CMD_INTERNAL;
	}
	status = drill_publish (self->command, entry, 1);
	free (entry);
	if (status == CMD_REFUSED) { /* said; the others may be taken all the same */
		self->sent[index] = true;
		return s_tell (self, index, "REFUSED");
	}
	self->queued = self->queued || status == CMD_QUEUED;
	return status && status != CMD_QUEUED ? status
					      : s_tell (self, index, status ? "queued" : "sent");
}

static int
s_send (struct drill_play *self, size_t index)
{
	int lock = drill_lock_publishing (self->command);
	if (lock < 0)
		return CMD_UNAVAILABLE;
	int status = s_send_locked (self, index);
	close (lock);
	return status;
}

/* After an interruption time goes on with the first that was not sent. */
static void
s_set_begin (struct drill_play *self)
{
	uint64_t now_us = clock_now_us (), now_ms = clock_mono_ms (), passed_us = 0;
	size_t first = 0;
	while (first < self->state.inject_count && self->sent[first])
		first++;
	if (now_us > self->state.started_us)
		passed_us = now_us - self->state.started_us;
	if (first < self->state.inject_count) {
		uint64_t due_us =
			scenario_inject (&self->scenario, first)->at_us / self->command->speed;
		passed_us = passed_us < due_us ? passed_us : due_us;
	}
	self->begin_ms = now_ms - passed_us / 1000;
}

int
drill_play_run (struct drill_play *self)
{
	int status = CMD_OK;
	s_set_begin (self);
	for (size_t i = 0; i < self->state.inject_count && !status; i++) {
		uint64_t at_us = scenario_inject (&self->scenario, i)->at_us;
		if (self->sent[i])
			continue;
		status = s_wait (self, self->begin_ms + at_us / self->command->speed / 1000);
		if (!status)
			status = s_send (self, i);
	}
	if (status == CMD_REFUSED) {
		say ("the drill was ended");
		return CMD_OK;
	}
	if (!status && !self->command->common.quiet)
		say ("all injects are sent; siaga drill status, siaga drill end");
	return !status && self->queued ? CMD_QUEUED : status;
}
