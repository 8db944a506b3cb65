/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader that verifies every alert and keeps nothing but when it came: what a member's own program does before it
 * does anything with them. Prints one JSON object: times in microseconds since 1970 of the first and the last, and
 * the percentiles of how long after its `detected` each came; and the medians of its way: from `detected` to `created`
 * (the agent has read and mapped it), to `accepted` (the hub has checked it and begins to commit), to here.
 *
 *	read_log COUNT [OPTION of siaga watch: -c FILE, --since N, filters]
 */
#include "arrivals.h"
#include "cli/cmd.h"
#include "cli/follow.h"
#include "common/log.h"
#include "siaga/keys.h"

static const struct option s_options[] = {OPTIONS_COMMON, OPTIONS_FILTER, {0}};

enum stage {
	TAIL,
	ACCEPT,
	DELIVER,
	STAGES
};

struct read_log {
	struct arrivals arrivals;
	struct arrivals stages[STAGES];
};

static int
s_init (struct read_log *self, uint64_t count)
{
	int error = arrivals_init (&self->arrivals, count);

	for (int i = 0; error == 0 && i < STAGES; i++)
		error = arrivals_init (&self->stages[i], count);
	return error || count == 0 ? CMD_USAGE : CMD_OK;
}

static void
s_finish (struct read_log *self)
{
	arrivals_finish (&self->arrivals);
	for (int i = 0; i < STAGES; i++)
		arrivals_finish (&self->stages[i]);
}

static void
s_print (struct read_log *self)
{
	static const char *const names[] = {"tail", "accept", "deliver"};

	if (self->arrivals.got == 0)
		return;
	printf ("{");
	arrivals_print_members (&self->arrivals);
	for (int i = 0; i < STAGES; i++) {
		arrivals_sort (&self->stages[i]);
		printf (", \"%s_us\": %llu", names[i], arrivals_percentile (&self->stages[i], 0.5));
	}
	printf ("}\n");
}

static int
read_log_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct read_log *self = arg;
	struct arrivals *arrivals = &self->arrivals;
	const struct siaga_header *header = entry->header;
	(void) behind;
	if (arrivals->got == arrivals->count)
		return FOLLOW_ENOUGH;
	arrivals_add (arrivals, header->detected_us);
	arrivals_note (&self->stages[TAIL], header->detected_us, header->created_us);
	arrivals_note (&self->stages[ACCEPT], header->created_us, entry->accepted_us);
	arrivals_note (&self->stages[DELIVER], entry->accepted_us, arrivals->last_us);
	return 0;
}

static int
read_log_on_done (void *arg, const struct cursor_file *at)
{
	(void) arg;
	(void) at;
	return 0;
}

static const struct follow_sink s_sink = {
	.on_entry = read_log_on_entry,
	.on_done = read_log_on_done,
};

static int
s_follow (struct read_log *self, const struct options_common *common,
	  const struct options_filter *filter)
{
	struct settings settings;
	int status = settings_load (&settings, common->conf);
	if (status)
		return status;
	struct follow_options options = {
		.settings = &settings,
		.common = common,
		.filter = filter,
		.handled = handled_new (HANDLED_RECENT),
		.count = self->arrivals.count,
	};
	status = options.handled ? follow_run (&options, &s_sink, self) : CMD_INTERNAL;
	handled_destroy (&options.handled);
	settings_finish (&settings);
	return status;
}

int
main (int argc, char **argv)
{
	struct options_common common = {0};
	struct options_filter filter = {0};
	struct read_log self = {0};
	int option, status = s_init (&self, argc > 1 ? strtoull (argv[1], NULL, 10) : 0);
	optind = 2;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1) {
		status = options_take_common (&common, option, optarg);
		if (status < 0)
			status = options_take_filter (&filter, option, optarg, clock_now_us ());
	}
	options_filter_finish (&filter);
	log_open ("read_log", LOG_TO_STDERR, -1);
	if (!status && siaga_crypto_init () != 0)
		status = CMD_INTERNAL;
	if (!status)
		status = s_follow (&self, &common, &filter);
	s_print (&self);
	s_finish (&self);
	return status;
}
