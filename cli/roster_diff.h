/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changed from one roster to another, in words: for whoever is about to sign the newer.
 */
#ifndef CLI_ROSTER_DIFF_H
#define CLI_ROSTER_DIFF_H

#include <stdio.h>

#include "siaga/roster.h"

/* Writes a line for each change, "<what>: <words>"; returns how many. */
unsigned
roster_diff (FILE *out, const struct siaga_roster *old, const struct siaga_roster *new);

#endif
