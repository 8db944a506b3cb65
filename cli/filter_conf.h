/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters that have a name in the configuration, for `--filter NAME`. Their keys are the options of the command line;
 * what is given there takes the place of what the named one says of it.
 */
#ifndef CLI_FILTER_CONF_H
#define CLI_FILTER_CONF_H

#include "cli/options.h"
#include "cli/settings.h"

#define FILTERS_MAX 64

struct filter_conf {
	unsigned line;
	char *name;
	int min_severity;
	int min_certainty;
	struct conf_strings categories;
	struct conf_strings systems;
	struct conf_strings origins;
	struct conf_strings statuses;
	struct conf_strings kinds;
	char *text;
};

extern const struct conf_schema filter_conf_schema;

/* Puts what the filter named by --filter asks for into `filter`, which borrows from `conf`. 0, or an enum cmd_exit, said to
   the user: there is none, or are two, of that name. */
int
filter_conf_apply (const struct settings_conf *conf, struct options_filter *filter);

#endif
