/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-hub --verify, --backup and --restore: siaga-hub(8). Each says one line and returns the exit status.
 */
#ifndef SIAGA_HUB_MAINTAIN_H
#define SIAGA_HUB_MAINTAIN_H

#include "hub/hub_conf.h"

/* Checks the journal, or the backup in `file` (NULL: the journal). EX_OK, EX_DATAERR (something does not verify),
   EX_NOINPUT, EX_IOERR, EX_CONFIG. */
int
maintain_verify (const struct hub_conf *conf, const char *file);

/* Copies the journal, which a hub may be writing, to a new file. EX_OK, EX_CANTCREAT (the file is there, or can't be
   made), EX_NOINPUT (no journal), EX_IOERR, EX_CONFIG. */
int
maintain_backup (const struct hub_conf *conf, const char *file);

/* Puts a backup in the journal's place; the journal that was there is kept beside it. EX_OK, EX_DATAERR (no journal of
   this network's, or it does not verify), EX_NOINPUT, EX_TEMPFAIL (a hub is running), EX_IOERR, EX_CONFIG. */
int
maintain_restore (const struct hub_conf *conf, const char *file);

#endif
