/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wiring: sources to intake, intake to outbox, outbox to uplink; signals.
 */
#include "agent/agent.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <sodium.h>

#include "agent/rules.h"
#include "agent/rules_names.h"
#include "agent/status_socket.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "siaga/error.h"

#define STATE_MODE 0700
#define STATE_PATH_MAX 4096

/* They would change czmq's high-water marks, linger and threads under us. */
static void
s_unset_zsys (void)
{
	char name[64];
	for (char **at = environ; *at;) {
		size_t length = strcspn (*at, "=");
		if (strncmp (*at, "ZSYS_", 5) != 0 || length >= sizeof name) {
			at++;
			continue;
		}
		memcpy (name, *at, length);
		name[length] = '\0';
		unsetenv (name); /* the next one is at *at now */
	}
}

int
agent_prepare (void)
{
	process_harden ();
	int rc = siaga_crypto_init ();
	if (rc)
		return rc;
	s_unset_zsys ();
	agent_block_signals ();
	zsys_init ();
	srandom (randombytes_random ());
	zsys_handler_set (NULL);
	return 0;
}

static void
s_signals (sigset_t *set)
{
	sigemptyset (set);
	sigaddset (set, SIGTERM);
	sigaddset (set, SIGINT);
	sigaddset (set, SIGHUP);
}

void
agent_block_signals (void)
{
	sigset_t set;
	s_signals (&set);
	sigaddset (&set, SIGPIPE);
	sigprocmask (SIG_BLOCK, &set, NULL);
}

/* Ends the loop from where there is no return value to end it with. */
void
agent_stop (struct agent *self)
{
	uint64_t one = 1;
	self->failed = true;
	if (write (self->stop_fd, &one, sizeof one) != (ssize_t) sizeof one)
		log_error ("stop-failed", "%s", strerror (errno));
}

static int
s_on_stop (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	(void) loop;
	(void) item;
	(void) arg;
	return -1;
}

/* A socket is made where there is a directory: said before the agent starts. */
static void
s_check_directory (const struct source_conf *source, size_t index)
{
	char *path = source->type == SOURCE_SOCKET && source->path ? strdup (source->path) : NULL;

	if (path && access (dirname (path), W_OK | X_OK))
		log_warn ("conf-socket", "sources[%zu].path: %s: its directory: %s", index,
			  source->path, strerror (errno));
	free (path);
}

/* A name the roster lacks may be one that it does not have yet: said, and no reason not to run. */
void
agent_check_names (const struct agent_conf *conf, const struct trust *trust)
{
	for (size_t i = 0; i < conf->sources.count; i++) {
		const struct source_conf *source = agent_conf_source (conf, i);
		s_check_directory (source, i);
		if (source->system &&
		    !siaga_roster_system (trust->roster, siaga_text (source->system)))
			log_warn ("conf-system", "sources[%zu].system: \"%s\" is not in the roster",
				  i, source->system);
		for (size_t j = 0; j < source->audience.count; j++)
			if (!siaga_roster_member (trust->roster,
						  siaga_text (source->audience.items[j])))
				log_warn ("conf-audience",
					  "sources[%zu].audience: \"%s\" is not in the roster", i,
					  source->audience.items[j]);
	}
	rules_names_check (&conf->rules, trust->roster);
	if (trust->principal && !(trust->principal->roles & SIAGA_ROLE_PUBLISH))
		log_warn ("conf-role", "%s has no role \"publish\" in the roster",
			  trust->principal->name);
}

static int
s_make_state (const struct agent *self, struct conf_error *error)
{
	int rc = file_mkdirs (self->conf.state, STATE_MODE);
	if (rc)
		snprintf (error->words, sizeof error->words, "%.400s: %s", self->conf.state,
			  strerror (errno));
	return rc;
}

static int
s_load_trust (struct agent *self, bool remember, struct conf_error *error)
{
	int rc = remember ? s_make_state (self, error) : 0;
	if (rc)
		return rc;
	if (remember)
		return trust_load_undated (&self->trust, &self->conf.trust, self->conf.state,
					   clock_now_us (), error);
	return trust_check (&self->trust, &self->conf.trust, self->conf.state, clock_now_us (),
			    error);
}

int
agent_configure (struct agent *self, const char *conf_path, bool remember, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	self->signal_fd = self->stop_fd = -1;
	self->retry.fd = self->damper_timer.fd = -1;
	self->conf_path = strdup (conf_path);
	int rc = self->conf_path ? agent_conf_load (&self->conf, conf_path, error) : SIAGA_ENOMEM;
	if (rc) {
		free (self->conf_path);
		return rc;
	}
	rc = rules_new (&self->rules, &self->conf.rules, conf_path, error);
	if (!rc)
		rc = s_load_trust (self, remember, error);
	if (!rc) {
		agent_check_names (&self->conf, &self->trust);
		return 0;
	}
	rules_destroy (&self->rules);
	agent_conf_free (&self->conf);
	free (self->conf_path);
	return rc;
}

static int
s_on_signal (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct agent *self = arg;
	struct signalfd_siginfo info;
	(void) loop;
	if (read (item->fd, &info, sizeof info) != (ssize_t) sizeof info)
		return 0;
	if (info.ssi_signo == SIGHUP) {
		agent_reload (self);
		return 0;
	}
	log_info ("stop", "signal %u", info.ssi_signo);
	return -1;
}

static int
s_watch_signals (struct agent *self)
{
	sigset_t set;
	s_signals (&set);
	self->signal_fd = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	self->stop_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->signal_fd < 0 || self->stop_fd < 0)
		return SIAGA_EIO;
	zmq_pollitem_t signals = {.fd = self->signal_fd, .events = ZMQ_POLLIN};
	zmq_pollitem_t stop = {.fd = self->stop_fd, .events = ZMQ_POLLIN};
	return zloop_poller (self->loop, &signals, s_on_signal, self) == 0 &&
			       zloop_poller (self->loop, &stop, s_on_stop, self) == 0
		       ? 0
		       : SIAGA_EIO;
}

static int
s_open_outbox (struct agent *self)
{
	char path[STATE_PATH_MAX], words[256] = "";
	snprintf (path, sizeof path, "%s/outbox.db", self->conf.state);
	struct outbox_options options = {
		.path = path,
		.network = self->conf.trust.network,
		.identity = self->trust.identity,
		.keep_acked_us = self->conf.outbox.keep_us,
		.keep_acked_bytes = self->conf.outbox.keep_bytes,
		.max_waiting_bytes = self->conf.outbox.max_bytes,
	};
	int rc = outbox_open (&self->outbox, &options, words);
	if (rc)
		log_error ("outbox-open", "%s: %s", siaga_strerror (rc), words);
	return rc;
}

/* What stands between the sources and the outbox. */
static int
s_make_intake (struct agent *self)
{
	self->intake = intake_new (self->outbox, self->trust.identity);
	if (!self->intake)
		return SIAGA_EIO;
	self->damper = damper_new (&self->conf.damper, self->outbox, self->intake);
	if (self->damper)
		self->loss = loss_new (self->outbox, self->intake, self->damper,
				       (enum siaga_status) self->conf.status);
	return self->loss ? 0 : SIAGA_EIO;
}

int
agent_init (struct agent *self)
{
	int rc = s_open_outbox (self);
	if (rc)
		return rc;
	self->started_us = clock_now_us ();
	self->loop = zloop_new ();
	rc = self->loop ? s_make_intake (self) : SIAGA_ENOMEM;
	if (!rc)
		rc = s_watch_signals (self);
	if (!rc)
		rc = agent_keep_init (self);
	if (!rc)
		rc = agent_make_sources (self);
	if (!rc)
		rc = agent_connect (self);
	if (!rc)
		self->status_socket = status_socket_new (self);
	if (rc)
		log_error ("start-failed", "%s", siaga_strerror (rc));
	return rc;
}

int
agent_run (struct agent *self)
{
	log_info ("start", "siaga-agent %s for %s in %s, roster %" PRIu64 ", %zu sources",
		  SIAGA_VERSION, self->trust.principal->name, self->conf.trust.network,
		  self->trust.roster->serial, self->source_count);
	agent_start_sources (self);
	zloop_start (self->loop);
	return self->failed ? SIAGA_EIO : 0;
}

void
agent_finish (struct agent *self)
{
	status_socket_destroy (&self->status_socket);
	agent_stop_sources (self);
	uplink_destroy (&self->uplink);
	agent_keep_finish (self);
	agent_forget_roster_answer (self);
	loss_destroy (&self->loss);
	damper_destroy (&self->damper);
	intake_destroy (&self->intake);
	zloop_destroy (&self->loop);
	if (self->signal_fd >= 0)
		close (self->signal_fd);
	if (self->stop_fd >= 0)
		close (self->stop_fd);
	outbox_close (&self->outbox);
	trust_finish (&self->trust);
	rules_destroy (&self->rules);
	agent_conf_free (&self->conf);
	free (self->conf_path);
	zsys_shutdown ();
}
