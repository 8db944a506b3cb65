/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The note `clock` in the outbox is the time of day when something waited or was kept, once an hour: what lies between it and the
 * next start is the machine being off or its clock being set, and nothing has aged by that.
 */
#include "agent/agent_clock.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define NOTE_NAME "clock"
#define NOTE_INTERVAL_MS 3600000
#define NOTE_MAX 16

static int64_t
s_base_us (void)
{
	return (int64_t) clock_now_us () - (int64_t) clock_mono_ms () * 1000;
}

static int
s_note (struct agent_clock *self, struct outbox *outbox)
{
	uint8_t buffer[NOTE_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_uint (&writer, clock_now_us ());
	self->noted_ms = clock_mono_ms ();
	return outbox_note_set (outbox, NOTE_NAME, (struct siaga_bytes){buffer, writer.size});
}

/* 0: never noted. */
static int
s_noted (struct outbox *outbox, uint64_t *time_us)
{
	uint8_t buffer[NOTE_MAX];
	size_t size = 0;
	struct siaga_reader reader;
	int error = outbox_note_get (outbox, NOTE_NAME, buffer, sizeof buffer, &size);
	*time_us = 0;
	if (error)
		return error == SIAGA_ENOTFOUND ? 0 : error;
	siaga_reader_init (&reader, buffer, size);
	*time_us = siaga_reader_uint (&reader);
	if (siaga_reader_end (&reader))
		*time_us = 0;
	return 0;
}

int
agent_clock_start (struct agent_clock *self, struct outbox *outbox)
{
	uint64_t noted_us;
	*self = (struct agent_clock){.known = true, .base_us = s_base_us ()};
	if (!outbox_has_ages (outbox))
		return 0;
	int error = s_noted (outbox, &noted_us);
	int64_t away_us = (int64_t) (clock_now_us () - noted_us);
	if (!error && noted_us > 0 && llabs (away_us) > CLOCK_AWAY_US)
		error = outbox_shift_ages (outbox, away_us);
	return error ? error : s_note (self, outbox);
}

int
agent_clock_look (struct agent_clock *self, struct outbox *outbox)
{
	int64_t base_us = s_base_us (), step_us = base_us - self->base_us;
	int error = 0;
	if (self->known && llabs (step_us) >= CLOCK_STEP_US) {
		log_warn (
			"clock-step",
			"the clock was set by %+.1f s (or the machine slept); alerts are dated by it "
			"from now on",
			(double) step_us / 1e6);
		self->steps++;
		self->last_step_us = step_us;
		if (outbox_has_ages (outbox))
			error = outbox_shift_ages (outbox, step_us);
	}
	self->known = true;
	self->base_us = base_us;
	if (!error && outbox_has_ages (outbox) &&
	    clock_mono_ms () - self->noted_ms >= NOTE_INTERVAL_MS)
		error = s_note (self, outbox);
	return error;
}

void
agent_clock_compare (struct agent_clock *self, int64_t offset_us)
{
	bool wrong = llabs (offset_us) >= CLOCK_WRONG_US;
	if (wrong && !self->wrong)
		log_warn (
			"clock-wrong",
			"this machine's clock is %.1f s %s the hub's; alerts carry it: set it right",
			(double) llabs (offset_us) / 1e6, offset_us > 0 ? "behind" : "ahead of");
	if (!wrong && self->wrong)
		log_info ("clock-right", "this machine's clock agrees with the hub's again");
	self->wrong = wrong;
}
