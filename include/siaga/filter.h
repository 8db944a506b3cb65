/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subscription asks for (PROTOCOL.md section 6.5): every condition given must hold; within a list
 * one value is enough; an empty list asks nothing.
 */
#ifndef SIAGA_FILTER_H
#define SIAGA_FILTER_H

#include "siaga/entry.h"

struct siaga_filter_list {
	size_t count;
	struct siaga_text items[SIAGA_FILTER_ITEMS_MAX];
};

struct siaga_filter {
	enum siaga_severity min_severity;
	enum siaga_certainty min_certainty;
	struct siaga_filter_list categories; /* class or class/type */
	struct siaga_filter_list systems;
	struct siaga_filter_list origins; /* member or principal */
	uint32_t statuses;		  /* bit set by enum value; 0: all */
	uint32_t kinds;			  /* bit set by enum value; 0: all */
	uint64_t accepted_from_us;	  /* accepted at or after; 0: all */
};

/* More than SIAGA_FILTER_ITEMS_MAX values in a list are SIAGA_ELIMIT, sticky in the writer. */
void
siaga_filter_write (struct siaga_writer *writer, const struct siaga_filter *filter);

/* Reads into borrowed texts; the reader's error is sticky. An unknown key is SIAGA_EUPGRADE. */
void
siaga_filter_read (struct siaga_reader *reader, struct siaga_filter *filter);

bool
siaga_filter_matches (const struct siaga_filter *filter, const struct siaga_header *header,
		      uint64_t accepted_us);

#endif
