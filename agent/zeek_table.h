/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a notice of Zeek's means.
 */
#ifndef AGENT_ZEEK_TABLE_H
#define AGENT_ZEEK_TABLE_H

#include "agent/map.h"

/* Never NULL: what is not known is an alert of an IDS, medium. */
const struct map_row *
zeek_row (struct siaga_text note);

/* The i-th row, NULL past the end: for tests. */
const struct map_row *
zeek_row_at (size_t index);

#endif
