/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See say_hub.h.
 */
#include "cli/say_hub.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/say.h"
#include "common/render_duty.h"

void
say_no_hub (const struct siaga_roster *roster, const char *fmt, ...)
{
	char contact[RENDER_CONTACT_TEXT];
	char *words = NULL;
	va_list args;
	va_start (args, fmt);
	int size = vasprintf (&words, fmt, args);
	va_end (args);
	render_hub_contact (contact, roster);
	if (size >= 0)
		say ("%s%s%s", words, contact[0] ? "; the hub's duty desk: " : "", contact);
	if (size >= 0)
		free (words);
}
