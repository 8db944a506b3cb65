/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be looked at now and then: the clocks, what has waited too long, losses to be reported, the ends of the
 * damper's windows; and what the heartbeat says. Nothing here wakes the agent but the damper's timer: the rest rides
 * on the heartbeat, or on the uplink's tries.
 */
#include <stdlib.h>
#include <sys/statvfs.h>

#include "agent/agent.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define DAMPER_RETRY_MS 5000 /* after an error of the outbox */

static void
s_on_damper (void *arg)
{
	struct agent *self = arg;
	self->damper_armed = false;
	int rc = damper_tick (self->damper);
	if (rc && outbox_is_broken (self->outbox)) {
		agent_on_refused (self, rc);
		return;
	}
	if (rc) {
		log_debug ("damper-tick", "%s", siaga_strerror (rc));
		self->damper_armed = true;
		loop_timer_set (&self->damper_timer, DAMPER_RETRY_MS);
	} else {
		agent_arm_damper (self);
	}
}

void
agent_arm_damper (struct agent *self)
{
	if (self->damper_armed)
		return;
	int64_t due_ms = damper_due_ms (self->damper);
	if (due_ms < 0)
		return;
	self->damper_armed = true;
	loop_timer_set (&self->damper_timer, (uint64_t) due_ms);
}

static void
s_on_commit (void *arg)
{
	agent_arm_damper (arg);
}

int
agent_keep_init (struct agent *self)
{
	int rc = loop_timer_init (&self->retry, self->loop, agent_on_retry, self);
	if (!rc)
		rc = loop_timer_init (&self->damper_timer, self->loop, s_on_damper, self);
	if (!rc)
		rc = agent_clock_start (&self->clock, self->outbox);
	if (rc)
		return rc;
	intake_on_commit (self->intake, s_on_commit, self);
	agent_arm_damper (self);
	return 0;
}

void
agent_keep_finish (struct agent *self)
{
	loop_timer_finish (&self->retry);
	loop_timer_finish (&self->damper_timer);
}

static int
s_keep (struct agent *self)
{
	struct link *link = self->uplink ? uplink_link (self->uplink) : NULL;
	int64_t offset_us;
	int rc = agent_clock_look (&self->clock, self->outbox);
	if (link && link_clock_offset (link, &offset_us))
		agent_clock_compare (&self->clock, offset_us);
	if (rc)
		return rc;
	return loss_tick (self->loss, self->conf.outbox.max_age_us, link && link_is_open (link));
}

void
agent_keep (struct agent *self)
{
	int rc = s_keep (self);
	if (rc && outbox_is_broken (self->outbox))
		agent_on_refused (self, rc);
	else if (rc)
		log_debug ("keep", "%s: %s", siaga_strerror (rc), outbox_error (self->outbox));
}

uint64_t
agent_disk_free (const struct agent *self)
{
	struct statvfs status;
	if (statvfs (self->conf.state, &status) != 0)
		return 0;
	return (uint64_t) status.f_bavail * status.f_frsize;
}

static void
s_write_source (struct siaga_writer *writer, const char *name, const struct source_facts *facts)
{
	char error[SIAGA_SOURCE_ERROR_MAX + 1];
	struct siaga_source source = {
		.name = siaga_text (name),
		.last_line_us = facts->last_line_us,
		.last_alert_us = facts->last_alert_us,
		.lines = facts->lines,
		.alerts = facts->alerts,
	};
	siaga_utf8_clean (error, sizeof error, facts->error, strlen (facts->error));
	source.error = siaga_text (error);
	siaga_source_write (writer, &source);
}

void
agent_fill_status (struct agent *self, struct siaga_status_message *status, uint8_t *buffer,
		   size_t size)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, size);
	siaga_writer_array (&writer, self->source_count);
	for (size_t i = 0; i < self->source_count; i++) {
		struct source_facts facts;
		double rate;
		agent_describe (self, i, &facts, &rate);
		s_write_source (&writer, agent_conf_source (&self->conf, i)->name, &facts);
	}
	if (!writer.error && self->source_count > 0)
		status->sources = (struct siaga_bytes){buffer, writer.size};
	status->lost = loss_counts (self->loss)->total;
	status->disk_free = agent_disk_free (self);
}
