/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan, a small lexer that follows libconfig's own (lib/scanner.l): names, numbers, strings,
 * the three kinds of comment. It stops at the first thing that is refused.
 */
#include "common/conf_scan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "siaga/names.h"

#define NUMBER_MAX 40 /* characters of a number's text */

struct scan {
	const char *at;
	const char *end;
	unsigned line;
	unsigned depth;
	const char *wrong; /* sticky */
};

static bool
s_is_letter (char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*';
}

static bool
s_is_digit (char c)
{
	return c >= '0' && c <= '9';
}

static bool
s_is_control (char c)
{
	return ((unsigned char) c < 0x20 && c != '\t') || c == 0x7f;
}

static char
s_peek (const struct scan *self, size_t ahead)
{
	return (size_t) (self->end - self->at) > ahead ? self->at[ahead] : '\0';
}

/* Passes one character, counting lines; control bytes are refused. */
static void
s_pass (struct scan *self)
{
	char c = *self->at;

	if (c == '\n')
		self->line++;
	else if (s_is_control (c) && !(c == '\r' && s_peek (self, 1) == '\n'))
		self->wrong = "a control character";
	self->at++;
}

static void
s_scan_line_comment (struct scan *self)
{
	while (self->at < self->end && *self->at != '\n' && self->wrong == NULL)
		s_pass (self);
}

static void
s_scan_block_comment (struct scan *self)
{
	self->at += 2;
	while (self->at < self->end && self->wrong == NULL) {
		if (*self->at == '*' && s_peek (self, 1) == '/') {
			self->at += 2;
			return;
		}
		s_pass (self);
	}
	if (self->wrong == NULL)
		self->wrong = "a comment without an end";
}

static void
s_scan_string (struct scan *self)
{
	for (self->at++; self->at < self->end && self->wrong == NULL; self->at++) {
		char c = *self->at;

		if (c == '"') {
			self->at++;
			return;
		}
		if (c == '\n' || c == '\r')
			self->wrong = "a string without an end on its line";
		else if (s_is_control (c))
			self->wrong = "a control character";
		else if (c == '\\' && (s_peek (self, 1) == 'x' || s_peek (self, 1) == 'X'))
			self->wrong = "a \\x escape (write the character itself)";
		else if (c == '\\' && (s_peek (self, 1) == '\\' || s_peek (self, 1) == '"'))
			self->at++;
	}
	if (self->wrong == NULL)
		self->wrong = "a string without an end";
}

/* libconfig reads "4294967297e1" as a number and a name: so nothing may follow the digits but an L.
   */
static const char *
s_check_number (char *text)
{
	size_t length = strlen (text);
	bool is_long = length > 0 && text[length - 1] == 'L';
	long long value;
	char *end;

	for (unsigned i = 0; i < 2 && length > 0 && text[length - 1] == 'L'; i++)
		text[--length] = '\0';
	if (strchr (text, '.') != NULL)
		return "a number with a fraction (there are none here)";
	errno = 0;
	value = strtoll (text, &end, strpbrk (text, "xX") != NULL ? 16 : 10);
	if (end == text || *end != '\0')
		return "a malformed number";
	if (errno == ERANGE)
		return "a number beyond 64 bits";
	if (!is_long && (value < INT32_MIN || value > INT32_MAX))
		return "a number beyond 32 bits (write an L behind it)";
	return NULL;
}

static void
s_scan_number (struct scan *self)
{
	char text[NUMBER_MAX + 1];
	size_t length = 0;

	while (self->at < self->end && (s_is_digit (*self->at) || s_is_letter (*self->at) ||
					strchr ("+-.", *self->at) != NULL)) {
		if (length == NUMBER_MAX) {
			self->wrong = "a number of too many digits";
			return;
		}
		text[length++] = *self->at++;
	}
	text[length] = '\0';
	self->wrong = s_check_number (text);
}

static void
s_scan_name (struct scan *self)
{
	while (self->at < self->end && (s_is_letter (*self->at) || s_is_digit (*self->at) ||
					*self->at == '-' || *self->at == '_'))
		self->at++;
}

static void
s_scan_other (struct scan *self)
{
	char c = *self->at;

	if (c == '@')
		self->wrong = "@include is not allowed";
	else if (strchr ("{([", c) != NULL && c != '\0' && ++self->depth > CONF_DEPTH_MAX)
		self->wrong = "brackets nested too deep";
	else if (strchr ("})]", c) != NULL && c != '\0' && self->depth > 0)
		self->depth--;
	if (self->wrong == NULL)
		s_pass (self);
}

static void
s_scan_token (struct scan *self)
{
	char c = *self->at;

	if (c == '#' || (c == '/' && s_peek (self, 1) == '/'))
		s_scan_line_comment (self);
	else if (c == '/' && s_peek (self, 1) == '*')
		s_scan_block_comment (self);
	else if (c == '"')
		s_scan_string (self);
	else if (s_is_letter (c))
		s_scan_name (self);
	else if (s_is_digit (c) || c == '+' || c == '-' || c == '.')
		s_scan_number (self);
	else
		s_scan_other (self);
}

/* The line that holds the first byte that is not UTF-8. */
static unsigned
s_line_of_malformed (const char *text, size_t size)
{
	unsigned line = 1;

	for (const char *end; size > 0; line++) {
		end = memchr (text, '\n', size);
		if (end == NULL ||
		    !siaga_utf8_is_valid ((struct siaga_text){text, (size_t) (end - text)}))
			break;
		size -= (size_t) (end - text) + 1;
		text = end + 1;
	}
	return line;
}

const char *
conf_scan (const char *text, size_t size, unsigned *line_p)
{
	struct scan scan = {text, text + size, 1, 0, NULL};

	while (scan.at < scan.end && scan.wrong == NULL)
		s_scan_token (&scan);
	*line_p = scan.line;
	if (scan.wrong == NULL && !siaga_utf8_is_valid ((struct siaga_text){text, size})) {
		*line_p = s_line_of_malformed (text, size);
		return "text that is not UTF-8";
	}
	return scan.wrong;
}
