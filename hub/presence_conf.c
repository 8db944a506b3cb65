/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of presence's keys.
 */
#include "hub/presence_conf.h"

#include <assert.h>

#include "siaga/error.h"

#define SECOND_US INT64_C (1000000)
#define YEAR_US (366 * 86400 * SECOND_US)

#define DURATION(name, place, least, usual)                                                        \
	CONF_FIELD (name, CONF_DURATION, struct presence_conf, place, .fallback = usual,           \
		    .min = (least), .max = YEAR_US)

static const struct conf_field s_fields[] = {
	DURATION ("silent_after", silent_after_us, SECOND_US, "60s"),
	CONF_FIELD ("source_quiet", CONF_DURATION, struct presence_conf, source_quiet_us,
		    .min = SECOND_US, .max = YEAR_US),
	DURATION ("clock_off", clock_off_us, SECOND_US / 10, "10s"),
	DURATION ("outbox_age", outbox_age_us, SECOND_US, "10m"),
	CONF_FIELD ("outbox_waiting", CONF_INT, struct presence_conf, outbox_waiting,
		    .fallback = "100000", .min = 1, .max = INT64_C (1) << 40),
	DURATION ("reader_behind", behind_us, SECOND_US, "10m"),
	DURATION ("absent_after", absent_after_us, SECOND_US, "5m"),
	DURATION ("expiry_warning", expiry_us, 0, "14d"),
	CONF_FIELD ("disk_low", CONF_SIZE, struct presence_conf, disk_low_bytes, .fallback = "1G"),
	DURATION ("settle", settle_us, SECOND_US, "30s"),
	DURATION ("start_grace", start_grace_us, SECOND_US, "60s"),
};

const struct conf_schema presence_conf_schema = CONF_SCHEMA (struct presence_conf, s_fields);

int
presence_conf_default (struct presence_conf *self)
{
	struct conf_error error;
	int status = conf_parse ("", "", 0, &presence_conf_schema, self, &error);

	assert (status == 0 || status == SIAGA_ENOMEM);
	return status;
}
