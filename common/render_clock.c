/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments in the zones people of the task force live in. See render_text.h.
 */
#include "common/render_text.h"

#include <stdio.h>
#include <time.h>

static const char *const s_zones[] = {"system", "UTC", "WIB", "WITA", "WIT"};
const struct siaga_names render_zone_names = {s_zones, sizeof s_zones / sizeof *s_zones};

static const int s_hours[] = {0, 0, 7, 8, 9};

void
render_clock (char out[RENDER_CLOCK_TEXT], uint64_t time_us, const struct render_style *style)
{
	time_t seconds = (time_t) (time_us / 1000000);
	struct tm tm = {0};
	if (style->zone == RENDER_ZONE_SYSTEM) {
		localtime_r (&seconds, &tm);
	} else {
		seconds += (time_t) s_hours[style->zone] * 3600;
		gmtime_r (&seconds, &tm);
	}
	size_t size = style->dates ? strftime (out, RENDER_CLOCK_TEXT, "%Y-%m-%d ", &tm) : 0;
	size += strftime (out + size, RENDER_CLOCK_TEXT - size, "%H:%M:%S", &tm);
	const char *zone = style->zone == RENDER_ZONE_SYSTEM ? tm.tm_zone : s_zones[style->zone];
	snprintf (out + size, RENDER_CLOCK_TEXT - size, " %.8s", zone ? zone : "");
}
