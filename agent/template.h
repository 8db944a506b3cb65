/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text with values of an event in it: "{alert.signature} at {dest_ip}". A value that is not there is "?", several
 * are joined by commas; "{{" and "}}" are the braces themselves.
 */
#ifndef AGENT_TEMPLATE_H
#define AGENT_TEMPLATE_H

#include "agent/path.h"

#define TEMPLATE_TEXT_MAX 512 /* bytes of one as written */
#define TEMPLATE_PATHS_MAX 16 /* in one */

/* Is it well formed? False, and why not. */
bool
template_check (const char *text, char reason[PATH_REASON]);

/* The text filled in, kept in the event's storage, cut to `max` bytes; empty when there is no room. `text` is one
   that template_check () passed. */
struct siaga_text
template_fill (const char *text, struct event *event, size_t max);

#endif
