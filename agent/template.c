/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the text serves both, the check and the filling in.
 */
#include "agent/template.h"

#include <stdio.h>

#define OUT_MAX 4096 /* bytes, before it is cut */

struct out {
	size_t size;
	char text[OUT_MAX];
	bool any; /* of the current path's values */
};

static void
s_put (struct out *out, const char *data, size_t size)
{
	size_t room = sizeof out->text - out->size;
	if (size > room)
		size = room;
	if (size > 0)
		memcpy (out->text + out->size, data, size);
	out->size += size;
}

static bool
s_put_value (void *arg, const struct path_value *value)
{
	struct out *out = arg;
	if (value->text.size == 0)
		return false;
	if (out->any)
		s_put (out, ", ", 2);
	s_put (out, value->text.data, value->text.size);
	out->any = true;
	return false;
}

/* The path in the braces at *at, copied, which then is behind them. */
static bool
s_take_path (const char **at, char copy[PATH_TEXT_MAX + 1], struct path *path,
	     char reason[PATH_REASON])
{
	size_t size = strcspn (*at + 1, "{}");
	if ((*at)[1 + size] != '}' || size == 0 || size > PATH_TEXT_MAX) {
		snprintf (reason, PATH_REASON,
			  "braces must hold a path, \"{alert.signature}\", or be doubled");
		return false;
	}
	memcpy (copy, *at + 1, size);
	copy[size] = '\0';
	*at += size + 2;
	return path_parse (path, copy, reason);
}

/* `event` and `out` may be NULL: a check. */
static bool
s_walk (const char *text, const struct event *event, struct out *out, char reason[PATH_REASON])
{
	char copy[PATH_TEXT_MAX + 1];
	struct path path;
	unsigned paths = 0;
	for (const char *at = text; *at;) {
		size_t plain = strcspn (at, "{}");
		if (plain == 0 && at[0] == at[1]) { /* doubled */
			plain = 1;
			at++;
		}
		if (out)
			s_put (out, at, plain);
		at += plain;
		if (plain > 0)
			continue;
		if (*at == '}' || ++paths > TEMPLATE_PATHS_MAX) {
			snprintf (reason, PATH_REASON, "%s",
				  *at == '}' ? "a closing brace without an opening one; double it"
					     : "more than 16 paths");
			return false;
		}
		if (!s_take_path (&at, copy, &path, reason))
			return false;
		if (!out)
			continue;
		out->any = false;
		path_visit (&path, event, s_put_value, out);
		if (!out->any)
			s_put (out, "?", 1);
	}
	return true;
}

bool
template_check (const char *text, char reason[PATH_REASON])
{
	return s_walk (text, NULL, NULL, reason);
}

struct siaga_text
template_fill (const char *text, struct event *event, size_t max)
{
	char reason[PATH_REASON];
	struct out out = {.size = 0};
	s_walk (text, event, &out, reason);
	return event_keep (event, out.text, out.size, max);
}
