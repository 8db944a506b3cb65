/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by its system calls: Debian 12 has no library for it, and its headers know less than newer kernels do. A
 * ruleset without a rule refuses all that it handles; so what is handled is the whole policy.
 */
#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hub/sandbox.h"

/* As in Documentation/userspace-api/landlock.rst; by the version of the ABI that brought it. */
#define FS_OF_ABI_1 ((UINT64_C (1) << 13) - 1)
#define FS_REFER (UINT64_C (1) << 13)	  /* 2 */
#define FS_TRUNCATE (UINT64_C (1) << 14)  /* 3 */
#define FS_IOCTL_DEV (UINT64_C (1) << 15) /* 5 */
#define NET_BIND_TCP (UINT64_C (1) << 0)  /* 4 */
#define NET_CONNECT_TCP (UINT64_C (1) << 1)
#define SCOPE_ABSTRACT_UNIX (UINT64_C (1) << 0) /* 6 */
#define SCOPE_SIGNAL (UINT64_C (1) << 1)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

static uint64_t
s_fs_of (int abi)
{
	return FS_OF_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL_DEV : 0);
}

/* How much of the struct a kernel of that ABI knows. */
static size_t
s_size_of (int abi)
{
	return abi >= 6	  ? sizeof (struct ruleset)
	       : abi >= 4 ? 2 * sizeof (uint64_t)
			  : sizeof (uint64_t);
}

int
sandbox_landlock (bool files, bool binds)
{
	struct ruleset ruleset = {0, 0, 0};

	int abi = (int) syscall (SYS_landlock_create_ruleset, NULL, 0,
				 LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 0)
		return -errno;
	if (!files)
		ruleset.fs = s_fs_of (abi);
	if (abi >= 4)
		ruleset.net = NET_CONNECT_TCP | (binds ? 0 : NET_BIND_TCP);
	if (abi >= 6 && !files)
		ruleset.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	if (ruleset.fs == 0 && ruleset.net == 0)
		return 0; /* nothing asked for that it knows of; the kernel refuses an empty one */
	int fd = (int) syscall (SYS_landlock_create_ruleset, &ruleset, s_size_of (abi), 0);
	if (fd < 0)
		return -errno;
	int error = 0;
	if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall (SYS_landlock_restrict_self, fd, 0) != 0)
		error = -errno;
	close (fd);
	return error;
}
