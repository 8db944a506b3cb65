/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_read.h.
 */
#include "cli/drill_read.h"

#include "cli/alert.h"
#include "cli/cmd.h"
#include "cli/follow.h"
#include "cli/say.h"

struct read {
	struct drill *drill;
	const struct drill_reading *reading;
};

static int
read_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct read *self = arg;
	const struct drill_reading *reading = self->reading;
	(void) behind;
	if (drill_add (self->drill, entry))
		return CMD_INTERNAL;
	return reading->is_enough && reading->is_enough (reading->arg, self->drill) ? FOLLOW_ENOUGH
										    : 0;
}

static int
read_on_done (void *arg, const struct cursor_file *at)
{
	(void) arg;
	(void) at;
	return 0;
}

int
drill_read (struct drill *drill, const struct drill_reading *reading)
{
	static const struct follow_sink sink = {
		.on_entry = read_on_entry,
		.on_done = read_on_done,
	};
	struct read self = {.drill = drill, .reading = reading};
	struct options_filter filter = {
		.filter.kinds = 1U << SIAGA_KIND_ALERT | 1U << SIAGA_KIND_CANCEL |
				1U << SIAGA_KIND_RESPONSE,
		.filter.statuses = 1U << SIAGA_STATUS_EXERCISE,
		.has_since = true,
		.since_number = reading->since_number,
		.since_us = reading->since_us,
	};
	struct follow_options options = {
		.settings = reading->settings,
		.common = reading->common,
		.filter = &filter,
		.handled = handled_new (HANDLED_RECENT),
		.to_head = reading->is_enough == NULL,
	};
	int status = options.handled ? follow_run (&options, &sink, &self) : CMD_INTERNAL;
	handled_destroy (&options.handled);
	if (drill->dropped > 0)
		say ("there is too much: %llu injects or answers were left out",
		     (unsigned long long) drill->dropped);
	return status;
}

int
drill_read_named (struct drill *drill, struct settings *settings,
		  const struct options_common *common, const char *operand)
{
	struct alert alert;
	struct drill_reading reading = {.settings = settings, .common = common};
	*drill = (struct drill){0};
	int status = alert_find (&alert, settings, common, operand);
	if (!status) {
		/* Of an inject the first ref is the opening, which stands before it. */
		bool is_inject = alert.header.ref_count > 0;
		drill_init (drill, is_inject ? alert.header.refs[0].id : alert.ref.id,
			    settings->trust.roster);
		if (is_inject)
			reading.since_us = alert.header.created_us > SCENARIO_AT_MAX * 2
						   ? alert.header.created_us - SCENARIO_AT_MAX * 2
						   : 0;
		else
			reading.since_number = alert.number;
		status = drill_read (drill, &reading);
	}
	alert_finish (&alert);
	if (!status && !drill->found) {
		say ("%s: no drill", operand);
		status = CMD_NOTFOUND;
	}
	return status;
}
