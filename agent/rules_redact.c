/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hides what matches a pattern, or what stands at a path, in the sensor's record, before anything is made of it.
 * Names of JSON objects and numbers are looked at too. What a pattern can not be tried on (too long, no time, no
 * memory) is hidden as a whole: nothing is let through unseen, but for the sensor's own words.
 *
 * What stood at a path often stands in the text of the whole line as well, so it is hidden wherever it is found;
 * only not in the sensor's own words for the event (s_own_words): a stranger could else take the alert away by
 * sending them as his user agent, or by a text that takes too long.
 */
#include "agent/rules_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

#define CUT_MAX                                                                                    \
	8192 /* bytes of one text that are kept where patterns are in use: more is never sent */
#define LOOK_AHEAD 1024	   /* bytes behind, so that a match over the cut is seen */
#define ELSEWHERE_MIN 4	   /* bytes of a value that is looked for in the rest of the record */
#define ELSEWHERE_COUNT 64 /* values of one path that are */
#define NUMBER_TEXT 40
#define OWN_WORDS (sizeof s_own_words / sizeof *s_own_words)

static const char *const s_own_words[] = {
	"event_type",
	"timestamp",
	"ts",
	"note",
	"alert.category",
	"alert.severity",
	"alert.signature_id",
	"alert.signature",
	"alert.gid",
	"alert.rev",
	"rule.level",
	"rule.id",
	"rule.groups",
	/* Suricata's alerts, as Wazuh passes them on */
	"data.event_type",
	"data.alert.category",
	"data.alert.severity",
	"data.alert.signature_id",
	"data.alert.signature",
};

/* One redaction on its way through a record. */
struct hide {
	const struct rules *rules;
	const struct pattern *pattern; /* or */
	struct siaga_text needle;
	struct siaga_text with;
	unsigned line;
	const json_t *own_words[OWN_WORDS];
	bool spare;  /* leave what took too long: it is the sensor's own */
	bool hidden; /* anything */
	bool failed; /* out of memory; sticky */
};

/* A text growing. */
struct buffer {
	char *data;
	size_t size;
	size_t capacity;
	bool failed;
};

static void
s_append (struct buffer *buffer, const char *data, size_t size)
{
	if (!buffer->failed && buffer->capacity - buffer->size < size) {
		size_t capacity = 2 * (buffer->size + size) + 64;
		char *more = realloc (buffer->data, capacity);
		buffer->failed = !more;
		if (more) {
			buffer->data = more;
			buffer->capacity = capacity;
		}
	}
	if (buffer->failed || size == 0)
		return;
	memcpy (buffer->data + buffer->size, data, size);
	buffer->size += size;
}

/* At most `max` bytes, ending where a character does. */
static size_t
s_cut (struct siaga_text text, size_t max)
{
	size_t size = text.size < max ? text.size : max;
	while (size < text.size && size > 0 && ((uint8_t) text.data[size] & 0xc0) == 0x80)
		size--;
	return size;
}

/* True: the text is hidden whole. */
static bool
s_gave_up (struct hide *hide, struct siaga_text text, struct buffer *out)
{
	if (hide->spare)
		return false;
	complaint_add (
		hide->rules->gave_up,
		"the redaction at line %u took too long for a value of %zu bytes, which is hidden "
		"whole",
		hide->line, text.size);
	out->size = 0;
	s_append (out, hide->with.data, hide->with.size);
	return true;
}

/* The text without what the pattern matches. True: it is another one. */
static bool
s_hide_pattern (struct hide *hide, struct siaga_text text, struct buffer *out)
{
	size_t limit = s_cut (text, CUT_MAX), at = 0, start, end;
	struct siaga_text seen = {text.data, s_cut (text, CUT_MAX + LOOK_AHEAD)};
	bool changed = limit < text.size;
	while (at < limit) {
		enum pattern_result result =
			pattern_find (hide->pattern, hide->rules->work, seen, at, &start, &end);
		if (result == PATTERN_GAVE_UP) {
			return s_gave_up (hide, text, out);
		}
		if (result == PATTERN_NO || start >= limit)
			break;
		s_append (out, text.data + at, start - at);
		s_append (out, hide->with.data, hide->with.size);
		changed = true;
		at = end;
	}
	if (changed && at < limit)
		s_append (out, text.data + at, limit - at);
	return changed;
}

static bool
s_hide_needle (struct hide *hide, struct siaga_text text, struct buffer *out)
{
	const char *at = text.data, *end = text.data + text.size, *found;
	bool changed = false;
	while (at < end &&
	       (found = memmem (at, (size_t) (end - at), hide->needle.data, hide->needle.size))) {
		s_append (out, at, (size_t) (found - at));
		s_append (out, hide->with.data, hide->with.size);
		changed = true;
		at = found + hide->needle.size;
	}
	if (changed)
		s_append (out, at, (size_t) (end - at));
	return changed;
}

/* True, and the text in `out`, which is the caller's to free, when something is hidden. */
static bool
s_hide_text (struct hide *hide, struct siaga_text text, struct buffer *out)
{
	*out = (struct buffer){.data = NULL};
	if (text.size == 0)
		return false;
	bool changed =
		hide->pattern ? s_hide_pattern (hide, text, out) : s_hide_needle (hide, text, out);
	hide->hidden |= changed;
	hide->failed |= out->failed;
	if (changed)
		return true;
	free (out->data);
	return false;
}

/* A new string in place of a text; NULL: it may stay. */
static json_t *
s_new_string (struct hide *hide, struct siaga_text text)
{
	struct buffer out;
	if (!s_hide_text (hide, text, &out))
		return NULL;
	json_t *string = json_stringn_nocheck (out.data ? out.data : "", out.size);
	hide->failed |= !string;
	free (out.data);
	return string;
}

static struct siaga_text
s_number_text (const json_t *node, char text[NUMBER_TEXT])
{
	int size = json_is_integer (node)
			   ? snprintf (text, NUMBER_TEXT, "%" JSON_INTEGER_FORMAT,
				       json_integer_value (node))
			   : snprintf (text, NUMBER_TEXT, "%.17g", json_real_value (node));
	return (struct siaga_text){text, (size_t) size};
}

/* A needle in a number is a coincidence; only the same number is the same. */
static json_t *
s_new_number (struct hide *hide, const json_t *node)
{
	char digits[NUMBER_TEXT];
	struct siaga_text text = s_number_text (node, digits);
	if (!hide->pattern && !siaga_text_equal (text, hide->needle))
		return NULL;
	return s_new_string (hide, text);
}

static void
s_walk (struct hide *hide, json_t *node);

static bool
s_is_own_word (const struct hide *hide, const json_t *node)
{
	for (size_t i = 0; i < OWN_WORDS; i++)
		if (hide->own_words[i] == node)
			return true;
	return false;
}

/* NULL: it may stay, or was changed inside. */
static json_t *
s_new_value (struct hide *hide, json_t *node)
{
	if (json_is_string (node))
		return s_new_string (hide, (struct siaga_text){json_string_value (node),
							       json_string_length (node)});
	if (json_is_number (node))
		return s_new_number (hide, node);
	s_walk (hide, node);
	return NULL;
}

/* The same, with regard to whose words they are. */
static json_t *
s_replacement (struct hide *hide, json_t *node)
{
	bool before = hide->spare;
	if (s_is_own_word (hide, node)) {
		if (!hide->pattern)
			return NULL;
		hide->spare = true;
	}
	json_t *replacement = s_new_value (hide, node);
	hide->spare = before;
	return replacement;
}

static void
s_walk_array (struct hide *hide, json_t *array)
{
	for (size_t i = 0; i < json_array_size (array); i++) {
		json_t *replacement = s_replacement (hide, json_array_get (array, i));
		if (replacement && json_array_set_new (array, i, replacement))
			hide->failed = true;
	}
}

/* As sensors name their fields: letters, perhaps with digits and signs. */
static bool
s_is_identifier (const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char others[] = "abcdefghijklmnopqrstuvwxyz_.-0123456789";
	size_t size = strspn (name, letters);
	return size > 0 && size <= 32 && name[size + strspn (name + size, others)] == '\0';
}

/* Under its name, or what is left of that. */
static void
s_put_named (struct hide *hide, json_t *fresh, const char *name, json_t *value)
{
	struct buffer out;
	bool before = hide->spare;
	hide->spare = before || s_is_identifier (name);
	bool changed = s_hide_text (hide, siaga_text (name), &out);
	hide->spare = before;
	if (changed)
		s_append (&out, "", 1);
	if (changed && out.failed)
		hide->failed = true;
	else if (json_object_set_nocheck (fresh, changed ? out.data : name, value))
		hide->failed = true;
	if (changed)
		free (out.data);
}

static bool
s_has_name_to_hide (const struct hide *hide, json_t *object)
{
	const char *name;
	json_t *value;
	size_t start, end;
	json_object_foreach (object, name, value)
	{
		enum pattern_result result =
			strlen (name) > CUT_MAX ? PATTERN_YES
						: pattern_find (hide->pattern, hide->rules->work,
								siaga_text (name), 0, &start, &end);
		if (result == PATTERN_YES || (result == PATTERN_GAVE_UP && !s_is_identifier (name)))
			return true;
	}
	return false;
}

/* Names hold what patterns look for too: {"3174…": "seen"}. */
static void
s_walk_names (struct hide *hide, json_t *object)
{
	json_t *fresh = json_object (), *value;
	const char *name;
	if (!fresh) {
		hide->failed = true;
		return;
	}
	json_object_foreach (object, name, value)
	{
		s_put_named (hide, fresh, name, value);
	}
	json_object_clear (object);
	hide->failed |= json_object_update (object, fresh) != 0;
	json_decref (fresh);
}

static void
s_walk_object (struct hide *hide, json_t *object)
{
	const char *name;
	json_t *value;
	void *next;
	json_object_foreach_safe (object, next, name, value)
	{
		json_t *replacement = s_replacement (hide, value);
		if (replacement && json_object_set_new_nocheck (object, name, replacement))
			hide->failed = true;
	}
	if (hide->pattern && s_has_name_to_hide (hide, object))
		s_walk_names (hide, object);
}

/* As deep as jansson reads: JSON_PARSER_MAX_DEPTH, 2048. */
static void
s_walk (struct hide *hide, json_t *node)
{
	if (json_is_array (node))
		s_walk_array (hide, node);
	else if (json_is_object (node))
		s_walk_object (hide, node);
}

static bool
s_put_in_place (json_t *parent, const json_t *node, json_t *replacement)
{
	const char *name;
	json_t *value;
	size_t index;
	bool done = false;
	json_array_foreach (parent, index, value)
	{
		done = value == node ? json_array_set (parent, index, replacement) == 0
				     : s_put_in_place (value, node, replacement);
		if (done)
			return true;
	}
	json_object_foreach (parent, name, value)
	{
		done = value == node ? json_object_set_nocheck (parent, name, replacement) == 0
				     : s_put_in_place (value, node, replacement);
		if (done)
			return true;
	}
	return false;
}

/* Each text and number of what stood at the path, wherever else it stands. */
static void
s_hide_elsewhere (struct hide *hide, json_t *root, const json_t *old, unsigned *count)
{
	char digits[NUMBER_TEXT];
	const char *name;
	json_t *value;
	size_t index;
	json_array_foreach (old, index, value) s_hide_elsewhere (hide, root, value, count);
	json_object_foreach ((json_t *) old, name, value)
		s_hide_elsewhere (hide, root, value, count);
	if (json_is_string (old))
		hide->needle =
			(struct siaga_text){json_string_value (old), json_string_length (old)};
	else if (json_is_number (old))
		hide->needle = s_number_text (old, digits);
	else
		return;
	if (hide->needle.size >= ELSEWHERE_MIN && (*count)++ < ELSEWHERE_COUNT)
		s_walk (hide, root);
}

static void
s_hide_path (struct hide *hide, json_t *root, const char *path)
{
	json_t *old = (json_t *) event_field (root, path);
	unsigned count = 0;
	if (!old || json_is_null (old) ||
	    (json_is_string (old) && siaga_text_is (hide->with, json_string_value (old))))
		return;
	json_t *replacement = json_stringn_nocheck (hide->with.data, hide->with.size);
	json_incref (old);
	if (replacement && s_put_in_place (root, old, replacement))
		hide->hidden = true;
	else
		hide->failed = true;
	json_decref (replacement);
	s_hide_elsewhere (hide, root, old, &count);
	json_decref (old);
}

static void
s_hide (struct hide *hide, const struct redaction *redaction, json_t *root)
{
	hide->pattern = redaction->pattern;
	hide->with = redaction->with;
	hide->line = redaction->line;
	for (size_t i = 0; i < OWN_WORDS; i++)
		hide->own_words[i] = event_field (root, s_own_words[i]);
	if (redaction->pattern)
		s_walk (hide, root);
	else
		s_hide_path (hide, root, redaction->path);
}

bool
rules_do_redactions (const struct rules *self, const struct redactions *redactions,
		     struct event *event)
{
	struct hide hide = {.rules = self};
	if (!event->fields)
		return false;
	for (size_t i = 0; i < redactions->count; i++)
		s_hide (&hide, &redactions->items[i], event->fields);
	if (hide.failed) /* better nothing than what had to be hidden */
		json_object_clear (event->fields);
	event->redacted |= hide.hidden || hide.failed;
	return hide.hidden || hide.failed;
}

void
rules_redact_words (const struct rules *self, char *words, size_t capacity)
{
	struct hide hide = {.rules = self};
	struct buffer out;
	pattern_work_begin (self->work);
	for (size_t i = 0; i < self->redactions.count; i++) {
		const struct redaction *redaction = &self->redactions.items[i];
		hide.pattern = redaction->pattern;
		hide.with = redaction->with;
		hide.line = redaction->line;
		if (!redaction->pattern || !s_hide_text (&hide, siaga_text (words), &out))
			continue;
		if (out.failed)
			out.size = 0;
		siaga_utf8_clean (words, capacity, out.size ? out.data : "", out.size);
		free (out.data);
	}
}

static int
s_make_redaction (struct rules *self, const struct redact_conf *conf, struct redaction *redaction)
{
	redaction->line = conf->line;
	redaction->with = siaga_text (rules_copy (self, conf->with));
	if (conf->pattern)
		redaction->pattern = rules_pattern (self, conf->pattern);
	else
		redaction->path = rules_copy (self, conf->path);
	return redaction->with.data && (redaction->pattern || redaction->path) ? 0 : SIAGA_ENOMEM;
}

int
rules_make_redactions (struct rules *self, const struct conf_list *conf,
		       struct redactions *redactions)
{
	const struct redact_conf *items = conf->items;
	int rc = 0;
	redactions->items = rules_alloc (self, conf->count, sizeof *redactions->items);
	if (!redactions->items)
		return SIAGA_ENOMEM;
	redactions->count = conf->count;
	for (size_t i = 0; i < conf->count && !rc; i++)
		rc = s_make_redaction (self, &items[i], &redactions->items[i]);
	return rc;
}
