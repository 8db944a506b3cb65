/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the options of several verbs have in common: the filter of `watch` and `log`, numbers and durations, and
 * the ways of output. Each reader of an argument returns 0 or an enum cmd_exit, said to the user.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <getopt.h>

#include "siaga/filter.h"

enum options_format {
	OPTIONS_FORMAT_AUTO = 0, /* text on a terminal, JSON lines elsewhere */
	OPTIONS_FORMAT_TEXT,
	OPTIONS_FORMAT_JSON,
};

/* Taken by every talking verb. Texts are borrowed from argv. */
struct options_common {
	const char *conf;
	const char *address; /* --hub */
	enum options_format format;
	uint64_t timeout_ms;
	bool has_timeout;
	bool quiet;
	bool help;
};

/* Taken by `watch` and `log`. */
struct options_filter {
	struct siaga_filter filter;
	const char *text;      /* --text; NULL: any */
	const char *name;      /* --filter, of the configuration: filter_conf.h; NULL: none */
	unsigned given;	       /* bit OPTIONS_BIT (option): it was on the command line */
	bool has_since;	       /* one of: */
	uint64_t since_number; /* a log number, or */
	uint64_t since_us;     /* accepted at or after; 0: not said */
};

/* What getopt_long () returns for them; single letters are a verb's own. */
enum options_value {
	OPTIONS_HUB = 0x100,
	OPTIONS_FORMAT,
	OPTIONS_TIMEOUT,
	OPTIONS_SINCE,
	OPTIONS_MIN_SEVERITY,
	OPTIONS_MIN_CERTAINTY,
	OPTIONS_CATEGORY,
	OPTIONS_SYSTEM,
	OPTIONS_FROM,
	OPTIONS_STATUS,
	OPTIONS_KIND,
	OPTIONS_TEXT,
	OPTIONS_NAMED,
	OPTIONS_OWN = 0x200, /* a verb's own long options from here on */
};

#define OPTIONS_BIT(option) (1u << ((option) -OPTIONS_SINCE))

/* clang-format off */
#define OPTIONS_COMMON \
	{"config", required_argument, NULL, 'c'}, \
	{"hub", required_argument, NULL, OPTIONS_HUB}, \
	{"format", required_argument, NULL, OPTIONS_FORMAT}, \
	{"timeout", required_argument, NULL, OPTIONS_TIMEOUT}, \
	{"quiet", no_argument, NULL, 'q'}, \
	{"help", no_argument, NULL, 'h'}
#define OPTIONS_COMMON_SHORT "c:qh"
#define OPTIONS_FILTER \
	{"since", required_argument, NULL, OPTIONS_SINCE}, \
	{"min-severity", required_argument, NULL, OPTIONS_MIN_SEVERITY}, \
	{"min-certainty", required_argument, NULL, OPTIONS_MIN_CERTAINTY}, \
	{"category", required_argument, NULL, OPTIONS_CATEGORY}, \
	{"system", required_argument, NULL, OPTIONS_SYSTEM}, \
	{"from", required_argument, NULL, OPTIONS_FROM}, \
	{"status", required_argument, NULL, OPTIONS_STATUS}, \
	{"kind", required_argument, NULL, OPTIONS_KIND}, \
	{"text", required_argument, NULL, OPTIONS_TEXT}, \
	{"filter", required_argument, NULL, OPTIONS_NAMED}
/* clang-format on */

/* Takes one option: 0; -1 when it is none of these; or an enum cmd_exit. `?` of getopt_long () is CMD_USAGE. */
int
options_take_common (struct options_common *self, int option, const char *arg);

/* As above; lists are comma-separated or the option is given again. `now_us` is what a duration counts back
   from. */
int
options_take_filter (struct options_filter *self, int option, const char *arg, uint64_t now_us);

/* alert, update, cancel, response and system, unless kinds were asked for. */
void
options_filter_finish (struct options_filter *self);

/* Has a title what --text asks for? It is looked for here and not at the hub, which is not to read bodies. */
bool
options_filter_has_text (const struct options_filter *self, struct siaga_text title);

/* A class or class/type of the categories; a member or principal. */
bool
options_is_category (struct siaga_text text);

bool
options_is_origin (struct siaga_text text);

/* A number of decimal digits, at most `max`. */
int
options_number (const char *name, const char *arg, uint64_t max, uint64_t *number);

/* "30" (seconds), "90s", "15m", "24h", "7d", "2w", "500ms" as milliseconds. */
int
options_duration (const char *name, const char *arg, uint64_t *duration_ms);

#endif
