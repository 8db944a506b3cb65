/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCRE2's match limit counts anew at each place where a match may begin, so a long text gets its time from
 * it many times over. Searches therefore go in steps of some places, and look at the clock in between: the
 * thread's own, which stands still while others run. Looking costs more than most searches, so short texts are
 * first tried at once, with a limit that nothing ordinary reaches. No JIT: its pages would be writable and
 * executable.
 */
#include "agent/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "siaga/error.h"

#define MATCH_LIMIT 50000   /* steps at one place: `.*x` needs one for each character */
#define HEAP_LIMIT_KIB 1024 /* of memory for going back */
#define PLACES_MAX 64	    /* tried between two looks at the clock, while they take no time */
#define QUICK_NS 20000	    /* no time, for all places between two looks */
#define SHORT_MAX 256	    /* bytes of a text that is tried at once, and */
#define SHORT_LIMIT 500	    /* its steps at one place */
#define SHORT_UNSEEN 16	    /* such texts between two looks */
#define BUDGET_NS INT64_C (100000000) /* of one event */

struct pattern {
	pcre2_code *code;
};

struct pattern_work {
	pcre2_match_data *data;
	pcre2_match_context *context;
	int64_t until_ns;
	unsigned unseen; /* short texts since the last look */
};

/* UTF and UCP: \w, \b and \d know all letters and digits. \C would cut them. */
#define COMPILE_OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT)

static int
s_refuse (int code, size_t at, char reason[PATTERN_REASON])
{
	PCRE2_UCHAR words[128] = "";
	if (code == PCRE2_ERROR_NOMEMORY)
		return SIAGA_ENOMEM;
	pcre2_get_error_message (code, words, sizeof words);
	snprintf (reason, PATTERN_REASON, "not a regular expression: %s at its byte %zu",
		  (const char *) words, at + 1);
	return SIAGA_EFORMAT;
}

int
pattern_new (struct pattern **self_p, const char *text, char reason[PATTERN_REASON])
{
	int code;
	PCRE2_SIZE at;
	pcre2_code *compiled = pcre2_compile ((PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED,
					      COMPILE_OPTIONS, &code, &at, NULL);
	if (!compiled)
		return s_refuse (code, at, reason);
	struct pattern *self = calloc (1, sizeof *self);
	if (!self) {
		pcre2_code_free (compiled);
		return SIAGA_ENOMEM;
	}
	self->code = compiled;
	*self_p = self;
	return 0;
}

void
pattern_destroy (struct pattern **self_p)
{
	if (*self_p)
		pcre2_code_free ((*self_p)->code);
	free (*self_p);
	*self_p = NULL;
}

bool
pattern_matches_empty (const struct pattern *self)
{
	uint32_t yes = 0;
	pcre2_pattern_info (self->code, PCRE2_INFO_MATCHEMPTY, &yes);
	return yes != 0;
}

struct pattern_work *
pattern_work_new (void)
{
	struct pattern_work *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->data = pcre2_match_data_create (PATTERN_GROUPS_MAX + 1, NULL);
	self->context = pcre2_match_context_create (NULL);
	if (!self->data || !self->context) {
		pattern_work_destroy (&self);
		return NULL;
	}
	pcre2_set_match_limit (self->context, MATCH_LIMIT);
	pcre2_set_heap_limit (self->context, HEAP_LIMIT_KIB);
	pattern_work_begin (self);
	return self;
}

void
pattern_work_destroy (struct pattern_work **self_p)
{
	struct pattern_work *self = *self_p;
	if (!self)
		return;
	pcre2_match_data_free (self->data);
	pcre2_match_context_free (self->context);
	free (self);
	*self_p = NULL;
}

static int64_t
s_now_ns (void)
{
	struct timespec now;
	clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

void
pattern_work_begin (struct pattern_work *self)
{
	self->until_ns = 0; /* the clock is asked when the first search is */
	self->unseen = SHORT_UNSEEN;
}

/* How many places to try before the next look, after `places` of them since `before_ns` (0: none yet); 0 when
   the time is over. */
static unsigned
s_look (struct pattern_work *self, unsigned places, int64_t *before_ns)
{
	int64_t now_ns = s_now_ns ();
	bool was_quick = *before_ns > 0 && now_ns - *before_ns < QUICK_NS;
	*before_ns = now_ns;
	if (self->until_ns == 0)
		self->until_ns = now_ns + BUDGET_NS;
	if (now_ns >= self->until_ns)
		return 0;
	self->unseen = SHORT_UNSEEN;
	if (!was_quick)
		return 1;
	return 2 * places < PLACES_MAX ? 2 * places : PLACES_MAX;
}

/* Continuation bytes are no places of their own. */
static size_t
s_step (struct siaga_text text, size_t from, unsigned places)
{
	size_t to = from;
	for (unsigned i = 1; i < places && to < text.size; i++)
		for (to++; to < text.size && ((uint8_t) text.data[to] & 0xc0) == 0x80;)
			to++;
	return to;
}

static int
s_match (const struct pattern *self, struct pattern_work *work, struct siaga_text text, size_t from,
	 size_t last, uint32_t options)
{
	pcre2_set_offset_limit (work->context, last);
	return pcre2_match (self->code, (PCRE2_SPTR) (text.size ? text.data : ""), text.size, from,
			    options, work->data, work->context);
}

static enum pattern_result
s_result (int rc)
{
	return rc >= 0 ? PATTERN_YES : rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_GAVE_UP;
}

/* False: it has to be done with an eye on the clock. */
static bool
s_search_short (const struct pattern *self, struct pattern_work *work, struct siaga_text text,
		size_t from, uint32_t options, enum pattern_result *result)
{
	if (text.size - from > SHORT_MAX || work->unseen == 0)
		return false;
	work->unseen--;
	pcre2_set_match_limit (work->context, SHORT_LIMIT);
	int rc = s_match (self, work, text, from, text.size, options);
	pcre2_set_match_limit (work->context, MATCH_LIMIT);
	*result = s_result (rc);
	return rc != PCRE2_ERROR_MATCHLIMIT;
}

static enum pattern_result
s_search (const struct pattern *self, struct pattern_work *work, struct siaga_text text,
	  size_t from, uint32_t options)
{
	enum pattern_result result;
	int64_t before_ns = 0;
	unsigned places = 1;
	if (s_search_short (self, work, text, from, options, &result))
		return result;
	for (;;) {
		places = s_look (work, places, &before_ns);
		if (places == 0)
			return PATTERN_GAVE_UP;
		size_t last = s_step (text, from, places);
		int rc = s_match (self, work, text, from, last, options);
		if (rc != PCRE2_ERROR_NOMATCH || last == text.size)
			return s_result (rc);
		from = s_step (text, last, 2);
		options |= PCRE2_NO_UTF_CHECK; /* the first search did */
	}
}

enum pattern_result
pattern_find (const struct pattern *self, struct pattern_work *work, struct siaga_text text,
	      size_t from, size_t *start, size_t *end)
{
	enum pattern_result result = s_search (self, work, text, from, PCRE2_NOTEMPTY);
	if (result != PATTERN_YES)
		return result;
	const PCRE2_SIZE *place = pcre2_get_ovector_pointer (work->data);
	if (place[0] < from || place[1] <= place[0] || place[1] > text.size)
		return PATTERN_GAVE_UP; /* \K before where it began: not ours to guess at */
	*start = place[0];
	*end = place[1];
	return PATTERN_YES;
}

enum pattern_result
pattern_test (const struct pattern *self, struct pattern_work *work, struct siaga_text text)
{
	size_t size = text.size < PATTERN_SUBJECT_MAX ? text.size : PATTERN_SUBJECT_MAX;
	while (size < text.size && size > 0 && ((uint8_t) text.data[size] & 0xc0) == 0x80)
		size--;
	return s_search (self, work, (struct siaga_text){text.data, size}, 0, 0);
}

size_t
pattern_group_count (const struct pattern *self)
{
	uint32_t count = 0;
	pcre2_pattern_info (self->code, PCRE2_INFO_NAMECOUNT, &count);
	return count;
}

/* The entry of PCRE2's table: two bytes of number, then the name. */
static PCRE2_SPTR
s_group_entry (const struct pattern *self, size_t index)
{
	uint32_t size = 0;
	PCRE2_SPTR table = NULL;
	pcre2_pattern_info (self->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info (self->code, PCRE2_INFO_NAMETABLE, &table);
	return table + index * size;
}

const char *
pattern_group_name (const struct pattern *self, size_t index)
{
	return (const char *) s_group_entry (self, index) + 2;
}

struct siaga_text
pattern_group (const struct pattern *self, const struct pattern_work *work, struct siaga_text text,
	       size_t index)
{
	PCRE2_SPTR entry = s_group_entry (self, index);
	size_t number = (size_t) entry[0] << 8 | entry[1];
	const PCRE2_SIZE *places = pcre2_get_ovector_pointer (work->data);
	if (number > PATTERN_GROUPS_MAX || places[2 * number] == PCRE2_UNSET ||
	    places[2 * number + 1] < places[2 * number] || places[2 * number + 1] > text.size)
		return (struct siaga_text){NULL, 0};
	return (struct siaga_text){text.data + places[2 * number],
				   places[2 * number + 1] - places[2 * number]};
}
