/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first thing the hub says in a log that another one became: which that was, and how much they have in common.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"

static int
s_write_entry (struct core *self, struct siaga_writer *writer, const uint8_t *former, uint64_t size)
{
	char title[SIAGA_TITLE_MAX], id[2 * SIAGA_LOG_ID_BYTES + 1];
	struct siaga_header header = {
		.origin = siaga_text (self->trust->roster->hub),
		.kind = SIAGA_KIND_SYSTEM,
		.status = SIAGA_STATUS_SYSTEM,
		.created_us = clock_now_us (),
		.severity = SIAGA_SEVERITY_MEDIUM,
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.tlp = SIAGA_TLP_GREEN,
	};
	struct siaga_body body = {.has_former_log = true, .former_size = size};
	uint8_t random[10];

	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header.id, header.created_us / 1000, random);
	memcpy (body.former_log, former, SIAGA_LOG_ID_BYTES);
	siaga_hex (id, former, SIAGA_LOG_ID_BYTES);
	snprintf (title, sizeof title,
		  "a new log begins: the former one, %s, had these %" PRIu64
		  " entries and may have had more",
		  id, size);
	body.title = siaga_text (title);
	return siaga_entry_write (writer, &header, &body);
}

bool
core_log_former (struct core *self)
{
	const struct journal_ops *ops = self->journal->ops;
	uint8_t former[SIAGA_LOG_ID_BYTES];
	uint64_t size, oseq;

	if (!ops->former || ops->former (self->journal, former, &size) != 0 ||
	    hub_lane_next (self, &oseq) != 0 || oseq > 1)
		return false;
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	int error = s_write_entry (self, &writer, former, size);
	if (!error)
		error = core_say_own (self, (struct siaga_bytes){writer.data, writer.size}, 1);
	if (error)
		log_error ("hub-entry", "the entry about the former log cannot be made: %s",
			   siaga_strerror (error));
	return error == 0;
}
