/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event of a line of eve_line.h, through the agent's real parser.
 */
#ifndef BENCH_EVE_EVENT_H
#define BENCH_EVE_EVENT_H

#include "agent/map.h"
#include "agent/suricata.h"
#include "eve_line.h"

#define EVE_ONE_IN 100

/* One in a hundred is about sirekap: what a filter lets through. */
static inline void
eve_event_system (struct event *event, uint64_t number)
{
	event->header.system = siaga_text (number % EVE_ONE_IN == EVE_ONE_IN - 1 ? "sirekap" : "");
}

/* `line` is borrowed by the event. */
static inline int
eve_event (struct event *event, const struct alert_defaults *defaults, uint64_t number,
	   char line[EVE_LINE_MAX])
{
	char words[256];

	event_clear (event);
	event->line =
		(struct siaga_text){line, eve_line (line, number, eve_now_us ()) - 1 /* newline */};
	int error = map_load (event, words, sizeof words);
	map_begin (event, defaults);
	if (error == 0)
		error = suricata_map (event, event->fields);
	eve_event_system (event, number);
	return error;
}

#endif
