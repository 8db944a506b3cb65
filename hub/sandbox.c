/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order, and what is said where a part is missing.
 */
#include "hub/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "common/identity_file.h"
#include "common/log.h"
#include "siaga/error.h"

static const char *const s_modes[] = {
	[SANDBOX_AUTO] = "auto",
	[SANDBOX_REQUIRED] = "required",
	[SANDBOX_OFF] = "off",
};

const struct siaga_names sandbox_mode_names = {s_modes, sizeof s_modes / sizeof *s_modes};

#ifdef SIAGA_SANITIZED
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/* 0; or says what is missing, which is an error where it is required. */
static int
s_judge (enum sandbox_mode mode, const char *part, int error)
{
	if (error == 0)
		return 0;
	if (mode == SANDBOX_REQUIRED) {
		log_error ("sandbox", "no %s here, and sandbox = \"required\": %s", part,
			   strerror (-error));
		return SIAGA_EIO;
	}
	log_warn ("sandbox", "no %s here, going on without: %s", part, strerror (-error));
	return 0;
}

/* True when there is nothing to do; *status then. */
static bool
s_is_off (enum sandbox_mode mode, int *status)
{
	struct rlimit none = {0, 0};

	*status = 0;
	/* These cost nothing and are there everywhere. */
	process_harden ();
	setrlimit (RLIMIT_CORE, &none);
	if (mode == SANDBOX_OFF) {
		log_warn ("sandbox", "off, as configured");
		return true;
	}
	if (IS_SANITIZED) {
		/* They write their findings to files, and look into the process from another one. */
		*status = s_judge (mode, "sandbox in a build with a sanitizer", -ENOTSUP);
		return true;
	}
	return false;
}

/* Landlock first: seccomp leaves no way to ask for it. */
static int
s_enter (enum sandbox_mode mode, bool files, bool binds, int (*seccomp) (void))
{
	int status;

	if (s_is_off (mode, &status))
		return status;
	status = s_judge (mode, "Landlock", sandbox_landlock (files, binds));
	return status ? status : s_judge (mode, "seccomp", seccomp ());
}

int
sandbox_enter_gate (enum sandbox_mode mode)
{
	return s_enter (mode, false, true, sandbox_seccomp_gate);
}

int
sandbox_enter_core (enum sandbox_mode mode)
{
	return s_enter (mode, true, false, sandbox_seccomp_core);
}

int
sandbox_seal_gate (enum sandbox_mode mode)
{
	if (mode == SANDBOX_OFF || IS_SANITIZED)
		return 0;
	int error = sandbox_seccomp_seal ();
	/* Where there is no seccomp, that has been said. */
	return mode == SANDBOX_REQUIRED ? s_judge (mode, "seccomp", error) : 0;
}
