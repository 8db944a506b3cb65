/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub's processes give up for good before the first byte from outside: seccomp decides which system calls
 * there are, Landlock which files and addresses. Either may be missing (an old kernel, a container that hides it):
 * then the other has to do, which is said in the log, unless the configuration says `sandbox = "required"`.
 *
 *	gate    opens no file, starts no program, connects to nobody; sockets only to listen on
 *	core    no network: sockets of the UNIX kind only, and connects not even those; starts no program
 */
#ifndef SIAGA_HUB_SANDBOX_H
#define SIAGA_HUB_SANDBOX_H

#include <stdbool.h>

#include "siaga/names.h"

enum sandbox_mode {
	SANDBOX_AUTO,	  /* as much as there is */
	SANDBOX_REQUIRED, /* all of it or none: without it the process does not start */
	SANDBOX_OFF,
};

extern const struct siaga_names sandbox_mode_names;

/* Shuts the calling process in, with every thread it will start; call while there is only one. 0, or SIAGA_EIO,
   logged: a part is missing and required. */
int
sandbox_enter_gate (enum sandbox_mode mode);

int
sandbox_enter_core (enum sandbox_mode mode);

/* The gate's last word: connect () and new UNIX sockets are gone too, for all threads. It needs both until it has proved
   that strangers are refused. */
int
sandbox_seal_gate (enum sandbox_mode mode);

/* sandbox_seccomp.c, sandbox_landlock.c: 0 or a negative errno; -ENOSYS where the kernel has nothing of the kind. */
int
sandbox_seccomp_gate (void);

int
sandbox_seccomp_core (void);

int
sandbox_seccomp_seal (void);

/* Unless `files`, no file may be opened or made, and no abstract UNIX socket and no process outside be reached; no TCP
   port may be connected to, nor, unless `binds`, be bound. Each as far as this kernel knows of it. */
int
sandbox_landlock (bool files, bool binds);

#endif
