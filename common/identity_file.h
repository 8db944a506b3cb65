/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity files: 0600, never overwritten, opened with a passphrase where they have one. Also what
 * keeps secrets inside the process. The text is siaga/keys.h's.
 */
#ifndef COMMON_IDENTITY_FILE_H
#define COMMON_IDENTITY_FILE_H

#include "common/conf.h"
#include "siaga/keys.h"

#define PASSPHRASE_MAX 1024 /* bytes with NUL */

/* Asks for the passphrase of `path`: fills `out` (of PASSPHRASE_MAX bytes, wiped by the caller) and
   returns 0, or SIAGA_EPASSPHRASE when nobody can be asked. */
typedef int
identity_ask (void *arg, const char *path, char out[PASSPHRASE_MAX]);

/* Reads an identity. `ask` may be NULL. Refuses (SIAGA_EIO, with words) what others may read or
   write, and what is no regular file. Also SIAGA_ENOTFOUND, SIAGA_EPASSPHRASE, SIAGA_EFORMAT,
   SIAGA_ELIMIT (too large to be one), SIAGA_ESIGNATURE, SIAGA_EWEAKKEY, SIAGA_ENOMEM. Logs a warning when its memory cannot be locked.
   */
int
identity_load (const char *path, identity_ask *ask, void *arg, struct siaga_identity **identity_p,
	       struct conf_error *error);

/* Writes a new file with mode 0600: SIAGA_EEXISTS, SIAGA_ENOTFOUND, SIAGA_ENOMEM, SIAGA_EIO. */
int
identity_save (const char *path, const struct siaga_identity *identity, const char *passphrase,
	       struct conf_error *error);

/* An `ask` for people: on the terminal (/dev/tty), without echo. */
int
identity_ask_tty (void *arg, const char *path, char out[PASSPHRASE_MAX]);

/* Reads one line from the terminal without echo after `prompt`: 0 or SIAGA_EPASSPHRASE (no
   terminal, end of file, an interrupt, too long). */
int
passphrase_read (const char *prompt, char out[PASSPHRASE_MAX]);

/* Call first in main (): no core dumps and no tracing by others (PR_SET_DUMPABLE 0). */
void
process_harden (void);

#endif
