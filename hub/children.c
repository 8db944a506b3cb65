/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names, signals, descriptors, secrets. Neither child outlives the parent.
 */
#include "hub/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "hub/core_process.h"
#include "hub/gate.h"
#include "hub/sandbox.h"
#include "siaga/error.h"

/* A name that people and tests find it by; death with the parent; signals by a descriptor, which is returned,
   or -1. */
static int
s_enter (const struct child_options *options, const char *name, bool takes_hup)
{
	sigset_t signals;

	log_open (name, LOG_TO_STDERR, options->verbosity);
	prctl (PR_SET_NAME, name, 0, 0, 0);
	if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid () != options->parent)
		return -1;
	int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0) {
		dup2 (null, STDIN_FILENO);
		close (null);
	}
	signal (SIGPIPE, SIG_IGN);
	sigemptyset (&signals);
	sigaddset (&signals, SIGTERM);
	if (takes_hup)
		sigaddset (&signals, SIGHUP);
	return signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* --- gate ------------------------------------------------------------------------------------------------ */

/* The CURVE key pair alone, in locked memory; the identity with its other secrets is wiped. */
struct curve_pair {
	uint8_t secret[SIAGA_KEY_BYTES];
	uint8_t key[SIAGA_KEY_BYTES];
};

static struct curve_pair *
s_load_curve (const char *path)
{
	struct siaga_identity *identity = NULL;
	struct conf_error error = {""};

	if (identity_load (path, NULL, NULL, &identity, &error) != 0) {
		log_error ("identity", "%s", error.words);
		return NULL;
	}
	struct curve_pair *pair = sodium_malloc (sizeof *pair);
	if (pair) {
		memcpy (pair->secret, identity->transport_secret, sizeof pair->secret);
		memcpy (pair->key, identity->card.transport, sizeof pair->key);
	}
	siaga_identity_destroy (&identity);
	return pair;
}

int
gate_main (const struct child_options *options)
{
	const struct channel *channel = options->channel;
	struct gate_options gate = {
		.from_core = channel->to_gate[0],
		.to_core = channel->to_core[1],
		.listen = options->conf->listen.items,
		.listen_count = options->conf->listen.count,
	};

	close (channel->to_core[0]);
	close (channel->to_gate[1]);
	gate.signal_fd = s_enter (options, "siaga-gate", false);
	if (gate.signal_fd < 0)
		return EX_OSERR;
	log_info ("gate-started", "pid %ld", (long) getpid ());
	struct curve_pair *pair = s_load_curve (options->conf->trust.identity);
	if (!pair)
		return EX_CONFIG;
	if (chdir ("/") != 0)
		log_warn ("chdir", "cannot leave the working directory");
	gate.transport_secret = pair->secret;
	gate.transport_key = pair->key;
	gate.sandbox = options->conf->sandbox;
	int status = EX_OSERR;
	if (sandbox_enter_gate (gate.sandbox) == 0)
		status = gate_run (&gate);
	sodium_free (pair);
	close (gate.signal_fd);
	return status;
}

/* --- core ------------------------------------------------------------------------------------------------ */

/* Is it the disk, which may be well again soon, and not what stands on it? */
static bool
s_is_disk (int status, int cause)
{
	return status == SIAGA_EDISK ||
	       (status == SIAGA_EIO && (cause == EIO || cause == ENOSPC || cause == EDQUOT));
}

/* Roster, and an identity that keeps only the signing key. The exit status where it fails. */
static int
s_load_trust (const struct hub_conf *conf, struct trust *trust)
{
	struct conf_error error = {""};

	int status = file_mkdirs (conf->state, 0700);
	int cause = errno;
	if (status) {
		log_error ("state", "%s: %s", conf->state, siaga_strerror (status));
		return s_is_disk (status, cause) ? EX_IOERR : EX_CONFIG;
	}
	status = trust_load (trust, &conf->trust, conf->state, clock_now_us (), NULL, NULL, &error);
	cause = errno;
	if (!status) {
		status = hub_conf_check_principal (trust, &error);
		if (status)
			trust_finish (trust);
	}
	if (status) {
		log_error ("trust", "%s", error.words);
		return s_is_disk (status, cause) ? EX_IOERR : EX_CONFIG;
	}
	sodium_memzero (trust->identity->transport_secret, SIAGA_KEY_BYTES);
	sodium_memzero (trust->identity->seal_secret, SIAGA_KEY_BYTES);
	return 0;
}

int
core_main (const struct child_options *options)
{
	const struct channel *channel = options->channel;
	struct trust trust;
	struct core_process_options core = {
		.from_gate = channel->to_core[0],
		.to_gate = channel->to_gate[1],
		.trust = &trust,
		.conf = options->conf,
	};

	close (channel->to_core[1]);
	close (channel->to_gate[0]);
	core.signal_fd = s_enter (options, "siaga-core", true);
	if (core.signal_fd < 0)
		return EX_OSERR;
	log_info ("core-started", "pid %ld", (long) getpid ());
	int status = s_load_trust (options->conf, &trust);
	if (status != EX_OK)
		return status;
	if (chdir ("/") != 0)
		log_warn ("chdir", "cannot leave the working directory");
	status = EX_OSERR;
	if (sandbox_enter_core (options->conf->sandbox) == 0)
		status = core_process_run (&core);
	trust_finish (&trust);
	close (core.signal_fd);
	return status;
}
