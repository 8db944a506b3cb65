/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cut at the words that nginx puts between what a client sent; the client's own come last, in quotes.
 */
#include "agent/nginx.h"

#include "agent/map.h"

static const struct map_row s_categories[] = {
	{"limiting requests", "availability/dos", -1},
	{"limiting connections", "availability/dos", -1},
	{"upstream timed out", "availability/outage", -1},
	{"no live upstreams", "availability/outage", -1},
	{"Connection refused", "availability/outage", -1},
	{"worker_connections are not enough", "availability/outage", -1},
	{"was not found in", "intrusion-attempts/brute-force", -1},
	{"password mismatch", "intrusion-attempts/brute-force", -1},
	{"access forbidden by rule", "intrusion-attempts/ids-alert", -1},
	{"ModSecurity", "intrusion-attempts/exploit", -1},
	{"No such file or directory", "information-gathering/scanner", -1},
};

static const struct {
	const char *word;
	int priority;
} s_levels[] = {
	{"[emerg] ", 0}, {"[alert] ", 1},  {"[crit] ", 2}, {"[error] ", 3},
	{"[warn] ", 4},	 {"[notice] ", 5}, {"[info] ", 6}, {"[debug] ", 7},
};

/* Goes behind the word, where the text has it at its front. */
static bool
s_take (struct siaga_text *text, const char *word)
{
	size_t size = strlen (word);
	if (text->size < size || memcmp (text->data, word, size) != 0)
		return false;
	text->data += size;
	text->size -= size;
	return true;
}

/* Cuts the text before the word, and gives what is behind it up to one of `ends`. */
static struct siaga_text
s_value (struct siaga_text *text, struct siaga_text whole, const char *word, const char *ends)
{
	const char *at = whole.size ? memmem (whole.data, whole.size, word, strlen (word)) : NULL;
	if (!at)
		return (struct siaga_text){NULL, 0};
	if ((size_t) (at - whole.data) < text->size)
		text->size = (size_t) (at - whole.data);
	const char *value = at + strlen (word), *end = whole.data + whole.size;
	size_t size = 0;
	while (value + size < end && !strchr (ends, value[size]))
		size++;
	return (struct siaga_text){value, size};
}

/* "123#0: *45 " */
static void
s_skip_numbers (struct siaga_text *text)
{
	size_t size = 0;
	while (size < text->size && memchr ("0123456789#:* ", text->data[size], 14))
		size++;
	text->data += size;
	text->size -= size;
}

bool
nginx_error_read (struct nginx_error *self, struct siaga_text message)
{
	struct siaga_text rest = message;
	/* Over syslog it has its own date as well. */
	const char *bracket =
		rest.size ? memchr (rest.data, '[', rest.size < 32 ? rest.size : 32) : NULL;
	if (!bracket)
		return false;
	rest.size -= (size_t) (bracket - rest.data);
	rest.data = bracket;
	*self = (struct nginx_error){.priority = -1};
	for (size_t i = 0; i < sizeof s_levels / sizeof *s_levels && self->priority < 0; i++)
		if (s_take (&rest, s_levels[i].word))
			self->priority = s_levels[i].priority;
	if (self->priority < 0)
		return false;
	s_skip_numbers (&rest);
	self->text = rest;
	self->client = s_value (&self->text, rest, ", client: ", ", ");
	self->server = s_value (&self->text, rest, ", server: ", ", ");
	struct siaga_text request = s_value (&self->text, rest, ", request: \"", "\"");
	const char *space = request.size ? memchr (request.data, ' ', request.size) : NULL;
	if (space) {
		struct siaga_text after = {space + 1,
					   request.size - (size_t) (space + 1 - request.data)};
		const char *end = after.size ? memchr (after.data, ' ', after.size) : NULL;
		self->url = (struct siaga_text){after.data,
						end ? (size_t) (end - after.data) : after.size};
	}
	const struct map_row *row = map_find_part (
		s_categories, sizeof s_categories / sizeof *s_categories, self->text);
	self->category = row ? row->category : NULL;
	return self->text.size > 0;
}
