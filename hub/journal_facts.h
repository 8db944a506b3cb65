/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of a journal in memory (journal_memory.c); the SQLite journal keeps them in its table `fact`.
 */
#ifndef SIAGA_HUB_JOURNAL_FACTS_H
#define SIAGA_HUB_JOURNAL_FACTS_H

#include "hub/journal.h"

/* Embedded, all zero when empty; ascending by key. */
struct memory_facts {
	struct journal_fact *items; /* each owns one block: key, then value */
	size_t count;
};

int
memory_facts_put (struct memory_facts *self, const struct journal_fact *fact);

int
memory_facts_each (const struct memory_facts *self, journal_fact_each *each, void *arg);

void
memory_facts_finish (struct memory_facts *self);

#endif
