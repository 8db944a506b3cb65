/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent: starts gate and core, starts them again when they die, and ends with them. It never reads a
 * secret and speaks to nobody.
 */
#ifndef SIAGA_HUB_PARENT_H
#define SIAGA_HUB_PARENT_H

#include "hub/hub_conf.h"

/* Runs until SIGTERM or SIGINT, or until a child cannot start at all; returns the exit status. In the children
   it does not return. */
int
parent_run (const struct hub_conf *conf, int verbosity);

#endif
