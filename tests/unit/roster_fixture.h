/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of rosters: identities by name, roster texts with their cards filled in, a temporary
 * directory, and the stock minisign to sign with.
 */
#ifndef SIAGA_TESTS_ROSTER_FIXTURE_H
#define SIAGA_TESTS_ROSTER_FIXTURE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/roster_file.h"
#include "directory_fixture.h"

#define FIXTURE_IDENTITIES 32
#define FIXTURE_TEXT_MAX 65536

/* "kpu/hub", "kpu/hub:2" …: what stands after the colon only makes it another identity. */
static inline const struct siaga_identity *
fixture_identity (const char *key)
{
	static struct {
		char key[80];
		struct siaga_identity *identity;
	} known[FIXTURE_IDENTITIES];

	for (size_t i = 0; i < FIXTURE_IDENTITIES; i++) {
		if (known[i].identity == NULL) {
			struct siaga_text name = {key, strcspn (key, ":")};

			snprintf (known[i].key, sizeof known[i].key, "%s", key);
			known[i].identity = siaga_identity_new (name);
		}
		if (strcmp (known[i].key, key) == 0 && known[i].identity != NULL)
			return known[i].identity;
	}
	abort ();
}

/* Puts the card's line of `key` in the place of each @key@. */
static inline void
fixture_expand (char out[FIXTURE_TEXT_MAX], const char *text)
{
	size_t at = 0;

	while (*text != '\0') {
		const char *end = *text == '@' ? text + 1 + strcspn (text + 1, "@ \n") : NULL;
		char key[80], line[SIAGA_CARD_MAX];

		if (at + SIAGA_CARD_MAX >= FIXTURE_TEXT_MAX)
			abort ();
		if (end == NULL || *end != '@') {
			out[at++] = *text++;
			continue;
		}
		snprintf (key, sizeof key, "%.*s", (int) (end - text - 1), text + 1);
		siaga_card_write (&fixture_identity (key)->card, line);
		at += (size_t) sprintf (out + at, "%s", line);
		text = end + 1;
	}
	out[at] = '\0';
}

/* A good roster, one thing a line; tests name its lines. */
static const char fixture_roster[] =
	"network = \"pemilu-2024\";\n"							     /* 1 */
	"serial = 7;\n"									     /* 2 */
	"issued = \"2026-11-01T00:00:00Z\";\n"						     /* 3 */
	"expires = \"2027-03-01T00:00:00Z\";\n"						     /* 4 */
	"grace = \"14d\";\n"								     /* 5 */
	"hub = { principal = \"kpu/hub\"; addresses = [\"tcp://127.0.0.1:7766\"]; };\n"	     /* 6 */
	"members = (\n"									     /* 7 */
	"  { name = \"kpu\"; title = \"KPU\"; clearance = \"red\"; duty_phone = \"1\"; },\n" /* 8 */
	"  { name = \"bssn\"; clearance = \"amber+strict\"; mail = \"b@x\"; },\n"	     /* 9 */
	"  { name = \"polri\"; clearance = \"amber\"; duty_phone = \"3\"; }\n" /* 10 */
	");\n"								       /* 11 */
	"principals = (\n"						       /* 12 */
	"  { name = \"kpu/hub\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/hub@\"; }); },\n"
	"  { name = \"bssn/soc-1\"; roles = [\"publish\", \"read\"]; keys = (\n"	    /* 14 */
	"    { card = \"@bssn/soc-1@\"; },\n"						    /* 15 */
	"    { card = \"@bssn/soc-1:2@\"; until = \"2026-10-01T00:00:00Z\"; }\n"	    /* 16 */
	"  ); },\n"									    /* 17 */
	"  { name = \"polri/dewi\"; roles = [\"respond\", \"read\"];\n"			    /* 18 */
	"    keys = ({ card = \"@polri/dewi@\"; }); }\n"				    /* 19 */
	");\n"										    /* 20 */
	"systems = ({ name = \"sirekap\"; title = \"Sirekap\"; owner = \"kpu\"; },\n"	    /* 21 */
	"  { name = \"sipol\"; owner = \"kpu\"; });\n"					    /* 22 */
	"playbook = (\n"								    /* 23 */
	"  { category = \"availability\"; system = \"sirekap\"; min_severity = \"high\";\n" /* 24 */
	"    lead = \"kpu\"; support = [\"bssn\"]; inform = [\"polri\"];\n"		    /* 25 */
	"    first_action = \"Call the hub.\"; contact = \"+62\";\n"			    /* 26 */
	"    acknowledge_within = \"15m\"; take_within = \"1h\"; resolve_within = \"1d\"; },\n"
	"  { category = \"intrusions/system-compromise\"; lead = \"bssn\"; },\n" /* 28 */
	"  { lead = \"kpu\"; }\n"						 /* 29 */
	");\n";

/* A time within the roster's, in microseconds: 2026-11-24T08:00:00Z. */
#define FIXTURE_NOW_US UINT64_C (1795507200000000)

/* The roster with the first `find` replaced, expanded. */
static inline void
fixture_text (char out[FIXTURE_TEXT_MAX], const char *find, const char *replacement)
{
	char *text = malloc (FIXTURE_TEXT_MAX);
	const char *at = find != NULL ? strstr (fixture_roster, find) : fixture_roster;

	if (text == NULL || at == NULL)
		abort ();
	snprintf (text, FIXTURE_TEXT_MAX, "%.*s%s%s", (int) (at - fixture_roster), fixture_roster,
		  find != NULL ? replacement : "", at + (find != NULL ? strlen (find) : 0));
	fixture_expand (out, text);
	free (text);
}

static inline struct siaga_bytes
fixture_bytes (const char *string)
{
	return (struct siaga_bytes){(const uint8_t *) string, strlen (string)};
}

/* The good roster, parsed. */
static inline struct siaga_roster *
fixture_parse (void)
{
	static char text[FIXTURE_TEXT_MAX];
	struct siaga_roster *roster;
	struct conf_error error;

	fixture_text (text, NULL, NULL);
	if (roster_parse ("roster.conf", fixture_bytes (text), &roster, &error) != 0) {
		fprintf (stderr, "%s\n", error.words);
		abort ();
	}
	return roster;
}

static inline int __attribute__ ((format (printf, 1, 2))) fixture_run (const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start (args, format);
	vsnprintf (command, sizeof command - 32, format, args);
	va_end (args);
	strcat (command, " >/dev/null 2>&1 </dev/null");
	return system (command);
}

static inline bool
fixture_has_minisign (void)
{
	return fixture_run ("command -v minisign") == 0;
}

/* Makes <name>.key and <name>.pub, and reads the latter. */
static inline struct siaga_minisig_key
fixture_root (const char *name)
{
	struct siaga_minisig_key key;
	char path[64];
	uint8_t *data;
	size_t size;

	snprintf (path, sizeof path, "%s.pub", name);
	if (fixture_run ("minisign -G -f -W -p %s.pub -s %s.key", name, name) != 0 ||
	    file_read (path, 4096, &data, &size) != 0 ||
	    siaga_minisig_key_read ((struct siaga_text){(char *) data, size}, &key) != 0)
		abort ();
	free (data);
	return key;
}

/* Signs `file` to `out` with <name>.key and a trusted comment. */
static inline void
fixture_sign (const char *name, const char *file, const char *out, const char *comment)
{
	if (fixture_run ("minisign -S -W -s %s.key -m %s -x %s -t '%s'", name, file, out,
			 comment) != 0)
		abort ();
}

static inline void
fixture_write (const char *path, const char *text)
{
	if (file_replace (path, 0644, text, strlen (text)) != 0)
		abort ();
}

#endif
