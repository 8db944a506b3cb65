/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader that verifies every alert and keeps nothing but when it came: what a member's own program does before it
 * does anything with them. Prints one JSON object: times in microseconds since 1970 of the first and the last, and
 * the percentiles of how long after its `detected` each came.
 *
 *	read_log COUNT [OPTION of siaga watch: -c FILE, --since N, filters]
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/follow.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/keys.h"

static const struct option s_options[] = {OPTIONS_COMMON, OPTIONS_FILTER, {0}};

struct read_log {
	uint64_t count;
	uint64_t got;
	uint64_t first_us;
	uint64_t last_us;
	uint64_t *late_us;
};

static int
read_log_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct read_log *self = arg;
	(void) behind;
	if (self->got == self->count)
		return FOLLOW_ENOUGH;
	self->last_us = clock_now_us ();
	if (self->got == 0)
		self->first_us = self->last_us;
	uint64_t detected_us = entry->header->detected_us;
	self->late_us[self->got++] =
		detected_us && self->last_us > detected_us ? self->last_us - detected_us : 0;
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
s_compare (const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *) a, right = *(const uint64_t *) b;
	return left < right ? -1 : left > right;
}

static uint64_t
s_percentile (const struct read_log *self, double part)
{
	return self->late_us[(size_t) (part * (double) (self->got - 1))];
}

static void
s_print (struct read_log *self)
{
	qsort (self->late_us, self->got, sizeof *self->late_us, s_compare);
	printf ("{\"n\": %llu, \"first_us\": %llu, \"last_us\": %llu, \"p50_us\": %llu,"
		" \"p99_us\": %llu, \"p999_us\": %llu, \"max_us\": %llu}\n",
		(unsigned long long) self->got, (unsigned long long) self->first_us,
		(unsigned long long) self->last_us, (unsigned long long) s_percentile (self, 0.5),
		(unsigned long long) s_percentile (self, 0.99),
		(unsigned long long) s_percentile (self, 0.999),
		(unsigned long long) self->late_us[self->got - 1]);
}

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
		.count = self->count,
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
	struct read_log self = {.count = argc > 1 ? strtoull (argv[1], NULL, 10) : 0};
	int option, status = self.count > 0 ? CMD_OK : CMD_USAGE;
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
	self.late_us = calloc (self.count + 1, sizeof *self.late_us);
	if (!status && self.late_us)
		status = s_follow (&self, &common, &filter);
	if (self.got > 0)
		s_print (&self);
	free (self.late_us);
	return status;
}
