/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes, cut at newlines, through one parser with one state: what is mapped makes a valid entry, once without its
 * raw text at the latest, and words are always text.
 */
#ifndef TESTS_PARSER_FUZZ_H
#define TESTS_PARSER_FUZZ_H

#include <stdlib.h>

#include "agent/map.h"
#include "agent/parser.h"
#include "siaga/error.h"

#define NOW_US UINT64_C (1795507200000000)

static inline int
fuzz_write (struct event *event)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	return siaga_entry_write (&writer, &event->header, &event->body);
}

static inline void
fuzz_check (struct event *event)
{
	siaga_uuid_make (event->header.id, 1, (const uint8_t *) "0123456789");
	event->header.origin = siaga_text ("bssn/soc-1");
	int rc = fuzz_write (event);
	if (rc == SIAGA_ELIMIT) {
		event->body.raw = siaga_text (NULL);
		rc = fuzz_write (event);
	}
	if (rc)
		abort ();
}

static inline void
fuzz_line (const struct parser_class *class, void *state, struct siaga_text line, bool keep_raw)
{
	static struct event event;
	struct alert_defaults defaults;
	char words[PARSER_WORDS] = "";
	alert_defaults_init (&defaults);
	event_clear (&event);
	event.source = "fuzz";
	event.line = line;
	event.keep_raw = keep_raw;
	if (class->may_matter)
		class->may_matter (state, line);
	int rc = class->parse (state, &event, NOW_US, words);
	if (!rc)
		rc = class->map (state, &defaults, &event, words);
	if (!rc)
		fuzz_check (&event);
	else if (!siaga_utf8_is_valid (siaga_text (words)))
		abort ();
	event_clear (&event);
}

/* `has_state`: each line is seen by the state the lines before it made; else all is one line. */
static inline int
fuzz_parser (const struct parser_class *class, char *pattern, bool has_state, const uint8_t *data,
	     size_t size)
{
	static char name[] = "fuzz";
	char words[PARSER_WORDS];
	for (int payload = 0; payload < 2; payload++) {
		struct source_conf source = {
			.name = name, .keep_payload = payload, .pattern = pattern, .priority = 7};
		void *state = class->create (&source, words);
		const char *at = (const char *) data, *end = at + size;
		while (state && at < end) {
			const char *newline =
				has_state ? memchr (at, '\n', (size_t) (end - at)) : NULL;
			size_t length = (size_t) ((newline ? newline : end) - at);
			fuzz_line (class, state, (struct siaga_text){at, length},
				   !payload || has_state);
			at += length + 1;
		}
		class->destroy (&state);
	}
	return 0;
}

#endif
