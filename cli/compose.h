/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a person wrote to encoded entries: one JSON object for each alert, as alert_json.h has them.
 */
#ifndef CLI_COMPOSE_H
#define CLI_COMPOSE_H

#include <jansson.h>

#include "common/alert_json.h"
#include "siaga/roster.h"

#define COMPOSE_WORDS (ALERT_JSON_WORDS + 32)

/* An entry ready to be published. */
struct composed {
	uint8_t id[SIAGA_ID_BYTES];
	uint8_t *entry; /* encoded */
	size_t size;
	char title[SIAGA_TITLE_MAX + 1];
};

/* Many of them; embedded, all zero is none. */
struct composed_list {
	size_t count;
	struct composed *items;
};

void
composed_list_finish (struct composed_list *self);

/* Whose alerts, and when they are made. */
struct compose_origin {
	const struct siaga_roster *roster;
	const struct siaga_principal *principal;
	uint64_t now_us;
};

/* Adds the alert of each JSON object in `text`, which stand one behind the other, on one line or on several. 0, or
   with words SIAGA_EFORMAT, SIAGA_ELIMIT, SIAGA_ENOMEM, SIAGA_EROLE (the roster does not let the origin say
   that), SIAGA_EMALFORMED. */
int
compose_text (const struct compose_origin *origin, struct siaga_text text,
	      struct composed_list *list, char words[COMPOSE_WORDS]);

/* The same for one object. */
int
compose_object (const struct compose_origin *origin, const json_t *object,
		struct composed_list *list, char words[COMPOSE_WORDS]);

#endif
