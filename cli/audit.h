/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An audit of the hub's log (PROTOCOL.md section 6.11): every leaf hash is fetched, the root computed, and the entries
 * of a `watch --out` file are looked for at their numbers.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/ask.h"

/* `file` NULL: only the root. CMD_OK, CMD_REFUSED (something is not as the hub signed it, or not where it was; said),
   CMD_DATA, CMD_NOINPUT (the file), or why the hub could not be asked. */
int
audit_run (struct settings *settings, const struct options_common *common, const char *file);

#endif
