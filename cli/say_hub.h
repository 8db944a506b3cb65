/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told when the hub does not answer: it ends with whom to call.
 */
#ifndef CLI_SAY_HUB_H
#define CLI_SAY_HUB_H

#include "siaga/roster.h"

/* say (), and behind it the contact of the member that runs the hub, where the roster here has one. */
void
say_no_hub (const struct siaga_roster *roster, const char *fmt, ...)
	__attribute__ ((format (printf, 2, 3)));

#endif
