/* SPDX-License-Identifier: Apache-2.0 */
/*
 * malloc_trim (3) walks all that is free (14 ms for 137 MB here), so it is not done while much is going on.
 */
#include "hub/slack.h"

#include <malloc.h>

#include "hub/hub_limits.h"

void
slack_note (struct slack *self, size_t bytes)
{
	self->noted_bytes += bytes;
}

bool
slack_on_tick (struct slack *self, uint64_t now_ms)
{
	if (self->noted_bytes >= HUB_SLACK_BURST_BYTES) {
		if (!self->is_due)
			self->first_ms = now_ms;
		self->is_due = true;
		self->last_ms = now_ms;
	}
	self->noted_bytes = 0;
	if (!self->is_due || (now_ms - self->last_ms < HUB_SLACK_CALM_MS &&
			      now_ms - self->first_ms < HUB_SLACK_MAX_MS))
		return false;
	self->is_due = false;
	malloc_trim (0);
	return true;
}
