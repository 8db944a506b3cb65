/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's classic logs: values between tabs, whose names stand in lines that begin with '#'.
 *
 *	#separator \x09
 *	#set_separator	,
 *	#empty_field	(empty)
 *	#unset_field	-
 *	#fields	ts	uid	id.orig_h …
 *	#types	time	string	addr …
 */
#ifndef AGENT_ZEEK_TSV_H
#define AGENT_ZEEK_TSV_H

#include <jansson.h>

#include "siaga/bytes.h"

#define ZEEK_FIELDS_MAX 256
#define ZEEK_WORD_MAX 32 /* bytes of a separator or a mark, with NUL */

struct zeek_tsv {
	char separator;
	char set_separator;
	char empty[ZEEK_WORD_MAX];
	char unset[ZEEK_WORD_MAX];
	json_t *names;	/* an array of strings; NULL: no #fields yet */
	uint64_t lists; /* the first 64 fields that are sets or vectors, by bit */
};

void
zeek_tsv_init (struct zeek_tsv *self);

void
zeek_tsv_finish (struct zeek_tsv *self);

/* Takes a line that begins with '#': 0, SIAGA_EFORMAT or SIAGA_ENOMEM. */
int
zeek_tsv_head (struct zeek_tsv *self, struct siaga_text line);

/* A line of values as an object with the log's own names; what is unset is left out. SIAGA_ENOTFOUND when no #fields
   has been seen, SIAGA_EFORMAT for another number of values, SIAGA_ENOMEM. */
int
zeek_tsv_read (const struct zeek_tsv *self, struct siaga_text line, json_t **object_p);

#endif
