/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert that a verb is about: found by what a person calls it, with its life as the hub's log tells it.
 */
#ifndef CLI_ALERT_H
#define CLI_ALERT_H

#include "cli/ask.h"
#include "cli/book.h"
#include "common/handle.h"
#include "siaga/life.h"

/* What a person calls an entry: a log number, with # or without; an id; or the end of one (common/handle.h). */
struct alert_name {
	const char *text; /* borrowed */
	bool is_handle;
	struct siaga_query query; /* unless a handle; `what` is the caller's */
};

/* CMD_OK, or CMD_USAGE, said to the user. */
int
alert_name_parse (struct alert_name *name, const char *arg);

/* Makes an id of a handle, by the book and then by what was accepted in the last week. CMD_OK (also where it is none),
   CMD_AMBIGUOUS (the candidates are told), CMD_NOTFOUND, or another enum cmd_exit, said to the user. CMD_UNAVAILABLE: the
   hub did not answer, and the book does not know it. */
int
alert_name_resolve (struct alert_name *name, struct settings *settings,
		    const struct options_common *common);

struct alert {
	uint8_t *data;			 /* owned: its entry, or a digest of it */
	struct siaga_header header;	 /* its certainty is the last update's */
	char title[SIAGA_TITLE_MAX + 1]; /* the last update's */
	struct siaga_ref ref;
	uint64_t number;
	uint64_t accepted_us;
	char handle[HANDLE_TEXT];
	bool bad; /* something in its story did not verify: said to the user, and left out */
	bool is_remembered; /* how it stands now is not known: the book has it, or its story is too long */
	struct siaga_life life;
};

/* Asks the hub for an entry and what refers to it: CMD_OK with the answer, the caller's to answer_finish (). Otherwise an
   enum cmd_exit, said to the user: CMD_NOTFOUND is "no such entry, or not for you". */
int
alert_ask (struct settings *settings, const struct options_common *common,
	   const struct alert_name *name, struct asked *asked);

/* Finds the entry in the answer to a story query and, when it is an alert, derives its life: CMD_OK, or CMD_REFUSED (it
   does not verify, or is not what was asked for), said to the user. Then alert_finish (), in any case. */
int
alert_read (struct alert *alert, const struct settings *settings, const struct alert_name *name,
	    const struct asked *asked);

/* All of the above for a verb that acts: asks; where the hub is away the book answers. CMD_USAGE also when it is an entry,
   but no alert. Then alert_finish (), in any case. */
int
alert_find (struct alert *alert, struct settings *settings, const struct options_common *common,
	    const char *arg);

void
alert_finish (struct alert *alert);

#endif
