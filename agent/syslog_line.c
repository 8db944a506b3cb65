/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the line; each piece is taken off its front.
 */
#include "agent/syslog_line.h"

#include <stdlib.h>
#include <time.h>

#include "agent/map.h"

#define TIME_TEXT 48
#define PRIORITY_MAX 191
#define TAG_MAX 64
#define DAY_US (UINT64_C (86400) * 1000000)

static void
s_skip (struct siaga_text *rest, size_t size)
{
	rest->data += size;
	rest->size -= size;
}

static void
s_skip_spaces (struct siaga_text *rest)
{
	while (rest->size > 0 && rest->data[0] == ' ')
		s_skip (rest, 1);
}

/* What stands before the next space; that one is taken too. */
static struct siaga_text
s_word (struct siaga_text *rest)
{
	const char *space = rest->size ? memchr (rest->data, ' ', rest->size) : NULL;
	struct siaga_text word = {rest->data, space ? (size_t) (space - rest->data) : rest->size};
	s_skip (rest, word.size + (space ? 1 : 0));
	return word;
}

static struct siaga_text
s_word_or_nothing (struct siaga_text *rest)
{
	struct siaga_text word = s_word (rest);
	return siaga_text_is (word, "-") ? (struct siaga_text){NULL, 0} : word;
}

static void
s_priority (struct syslog_line *self, struct siaga_text *rest)
{
	size_t at = 1;
	int value = 0;
	if (rest->size < 3 || rest->data[0] != '<')
		return;
	for (; at < rest->size && at < 4 && rest->data[at] >= '0' && rest->data[at] <= '9'; at++)
		value = value * 10 + rest->data[at] - '0';
	if (at == 1 || at == rest->size || rest->data[at] != '>' || value > PRIORITY_MAX)
		return;
	self->priority = value % SYSLOG_PRIORITIES;
	self->facility = value / SYSLOG_PRIORITIES;
	s_skip (rest, at + 1);
}

/* As strptime(3), over text that ends without NUL: bytes taken, 0 for no match. */
static size_t
s_scan_time (struct siaga_text text, const char *format, struct tm *when)
{
	char copy[TIME_TEXT];
	size_t size = text.size < sizeof copy - 1 ? text.size : sizeof copy - 1;
	if (size == 0)
		return 0;
	memcpy (copy, text.data, size);
	copy[size] = '\0';
	memset (when, 0, sizeof *when);
	const char *end = strptime (copy, format, when);
	return end ? (size_t) (end - copy) : 0;
}

static int
s_year (uint64_t time_us)
{
	time_t seconds = (time_t) (time_us / 1000000);
	struct tm when;
	return localtime_r (&seconds, &when) ? when.tm_year : 70;
}

/* "Nov 24 08:00:00": in the last year when this one would lie in the future. */
static bool
s_time_without_year (struct syslog_line *self, struct siaga_text *rest, uint64_t now_us)
{
	struct tm when, again;
	size_t size = s_scan_time (*rest, "%b %d %H:%M:%S", &when);
	if (size == 0)
		return false;
	when.tm_year = s_year (now_us);
	again = when;
	self->time_us = map_time_local (&when, 0);
	if (self->time_us > now_us + DAY_US) {
		again.tm_year--;
		self->time_us = map_time_local (&again, 0);
	}
	s_skip (rest, size);
	return true;
}

static bool
s_time_of_rfc3339 (struct syslog_line *self, struct siaga_text *rest)
{
	struct siaga_text after = *rest, word = s_word (&after);
	if (word.size < 19 || word.data[4] != '-' || word.data[10] != 'T')
		return false;
	self->time_us = map_time_text (word);
	*rest = after;
	return self->time_us > 0;
}

static bool
s_is_at (struct siaga_text text, const char *word)
{
	size_t size = strlen (word);
	return text.size >= size && memcmp (text.data, word, size) == 0;
}

/* The logs that nginx and fail2ban write themselves. */
static bool
s_own_log (struct syslog_line *self, struct siaga_text *rest)
{
	struct tm when;
	size_t size = s_scan_time (*rest, "%Y/%m/%d %H:%M:%S ", &when);
	if (size > 0 && s_is_at ((struct siaga_text){rest->data + size, rest->size - size}, "[")) {
		self->program = siaga_text ("nginx");
		self->time_us = map_time_local (&when, 0);
		s_skip (rest, size);
		return true;
	}
	size = s_scan_time (*rest, "%Y-%m-%d %H:%M:%S,", &when);
	struct siaga_text after = *rest;
	s_skip (&after, size);
	s_word (&after); /* milliseconds */
	s_skip_spaces (&after);
	if (size == 0 || !s_is_at (after, "fail2ban"))
		return false;
	self->time_us = map_time_local (&when, 0);
	self->program = s_word (&after);
	s_skip_spaces (&after);
	if (s_is_at (after, "["))
		s_word (&after);
	*rest = after;
	return true;
}

/* "sshd[123]:" or "kernel:": the size of the tag with its colon; 0 when there is none here. */
static size_t
s_tag (struct syslog_line *self, struct siaga_text text)
{
	size_t size = 0, open = 0;
	for (; size < text.size && size < 2 * TAG_MAX; size++) {
		char c = text.data[size];
		if (c == '[' && open == 0)
			open = size;
		if (c == ':' && (size + 1 == text.size || text.data[size + 1] == ' '))
			break;
		if (c == ' ')
			return 0;
	}
	if (size == 0 || size == text.size || text.data[size] != ':')
		return 0;
	bool has_pid = open > 0 && text.data[size - 1] == ']';
	self->program = (struct siaga_text){text.data, has_pid ? open : size};
	if (has_pid)
		self->pid = (struct siaga_text){text.data + open + 1, size - open - 2};
	return size + 1;
}

/* "host tag: message", "tag: message", or only a message. */
static void
s_host_and_tag (struct syslog_line *self, struct siaga_text *rest)
{
	s_skip_spaces (rest);
	struct siaga_text after = *rest;
	size_t size = s_tag (self, after);
	if (size == 0) {
		struct siaga_text host = s_word (&after);
		s_skip_spaces (&after);
		size = s_tag (self, after);
		if (size > 0)
			self->host = host;
	}
	if (size > 0) {
		s_skip (&after, size);
		*rest = after;
	}
	s_skip_spaces (rest);
	self->message = *rest;
}

/* The structured data at the front; its size, 0 when it is not what it should be. */
static size_t
s_data_size (struct siaga_text text)
{
	bool quoted = false, inside = false;
	for (size_t at = 0; at < text.size; at++) {
		char c = text.data[at];
		if (!inside && c != '[')
			return at;
		if (quoted && c == '\\')
			at++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == ']'))
			inside = c == '[';
	}
	return inside ? 0 : text.size;
}

static bool
s_rfc5424 (struct syslog_line *self, struct siaga_text rest)
{
	struct siaga_text time = s_word_or_nothing (&rest);
	self->time_us = map_time_text (time);
	if (time.size > 0 && self->time_us == 0)
		return false;
	self->host = s_word_or_nothing (&rest);
	self->program = s_word_or_nothing (&rest);
	self->pid = s_word_or_nothing (&rest);
	self->msgid = s_word_or_nothing (&rest);
	if (s_is_at (rest, "-")) {
		s_skip (&rest, 1);
	} else {
		self->data = (struct siaga_text){rest.data, s_data_size (rest)};
		if (self->data.size == 0)
			return false;
		s_skip (&rest, self->data.size);
	}
	s_skip_spaces (&rest);
	if (s_is_at (rest, "\xef\xbb\xbf"))
		s_skip (&rest, 3);
	self->message = rest;
	return true;
}

bool
syslog_line_read (struct syslog_line *self, struct siaga_text line, uint64_t now_us)
{
	struct siaga_text rest = line;
	*self = (struct syslog_line){.priority = -1, .facility = -1};
	s_priority (self, &rest);
	if (self->priority >= 0 && s_is_at (rest, "1 ")) {
		s_skip (&rest, 2);
		return s_rfc5424 (self, rest);
	}
	if (s_time_without_year (self, &rest, now_us) || s_time_of_rfc3339 (self, &rest)) {
		s_host_and_tag (self, &rest);
		return self->message.size > 0;
	}
	if (s_own_log (self, &rest)) {
		self->message = rest;
		return true;
	}
	if (self->priority < 0)
		return false;
	s_host_and_tag (self, &rest);
	return self->message.size > 0;
}

bool
syslog_data_next (struct siaga_text *rest, struct siaga_text *id, struct siaga_text *name,
		  struct siaga_text *value)
{
	while (rest->size > 0 && strchr ("[] ", rest->data[0])) {
		bool opens = rest->data[0] == '[';
		s_skip (rest, 1);
		if (!opens)
			continue;
		size_t size = 0;
		while (size < rest->size && rest->data[size] != ' ' && rest->data[size] != ']')
			size++;
		*id = (struct siaga_text){rest->data, size};
		s_skip (rest, size);
	}
	const char *equals = rest->size ? memchr (rest->data, '=', rest->size) : NULL;
	if (!equals)
		return false;
	*name = (struct siaga_text){rest->data, (size_t) (equals - rest->data)};
	s_skip (rest, name->size + 1);
	if (!s_is_at (*rest, "\""))
		return false;
	s_skip (rest, 1);
	size_t size = 0;
	while (size < rest->size && rest->data[size] != '"')
		size += rest->data[size] == '\\' ? 2 : 1;
	if (size >= rest->size)
		return false;
	*value = (struct siaga_text){rest->data, size};
	s_skip (rest, size + 1);
	return true;
}
