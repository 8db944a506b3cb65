/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which log does a journal continue? Asked once, before anybody may write or read it.
 */
#ifndef SIAGA_HUB_LOG_SETTLE_H
#define SIAGA_HUB_LOG_SETTLE_H

#include "common/trust.h"
#include "hub/journal.h"

/* Compares what the journal holds with the last checkpoint in the file `path`, and where it holds less or something
   else, or was put back from a backup, makes it a new log. Logs what it finds. 0, or the journal's or the file's
   error with words. */
int
log_settle (struct journal *writer, const struct siaga_roster *roster, const char *path,
	    char words[256]);

#endif
