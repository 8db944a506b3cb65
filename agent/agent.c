/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wiring: sources to intake, intake to outbox, outbox to uplink; signals; and what happens when the
 * disk is full.
 */
#include "agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <sodium.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "siaga/error.h"

#define RETRY_MS 1000	      /* between tries of a full outbox */
#define REFUSED_TELL_MS 60000 /* between lines about it */
#define STATE_MODE 0700
#define STATE_PATH_MAX 4096

static const struct source_class *const s_classes[] = {
	[SOURCE_EVE] = &source_eve,
	[SOURCE_SOCKET] = &source_socket,
	[SOURCE_STDIN] = &source_stdin,
};

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
static void
s_stop (struct agent *self)
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

/* A name the roster lacks may be one that it does not have yet: said, and no reason not to run. */
static void
s_check_names (const struct agent *self)
{
	for (size_t i = 0; i < self->conf.sources.count; i++) {
		const struct source_conf *source = agent_conf_source (&self->conf, i);
		if (source->system &&
		    !siaga_roster_system (self->trust.roster, siaga_text (source->system)))
			log_warn ("conf-system", "sources[%zu].system: \"%s\" is not in the roster",
				  i, source->system);
		for (size_t j = 0; j < source->audience.count; j++)
			if (!siaga_roster_member (self->trust.roster,
						  siaga_text (source->audience.items[j])))
				log_warn ("conf-audience",
					  "sources[%zu].audience: \"%s\" is not in the roster", i,
					  source->audience.items[j]);
	}
	if (!(self->trust.principal->roles & SIAGA_ROLE_PUBLISH))
		log_warn ("conf-role", "%s has no role \"publish\" in the roster",
			  self->trust.principal->name);
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

int
agent_configure (struct agent *self, const char *conf_path, bool remember, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	self->signal_fd = self->stop_fd = -1;
	self->retry.fd = -1;
	int rc = agent_conf_load (&self->conf, conf_path, error);
	if (rc)
		return rc;
	if (remember)
		rc = s_make_state (self, error);
	if (!rc && remember)
		rc = trust_load (&self->trust, &self->conf.trust, self->conf.state, clock_now_us (),
				 NULL, NULL, error);
	else if (!rc)
		rc = trust_check (&self->trust, &self->conf.trust, self->conf.state,
				  clock_now_us (), error);
	if (rc)
		agent_conf_free (&self->conf);
	else
		s_check_names (self);
	return rc;
}

static int
s_on_signal (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct signalfd_siginfo info;
	(void) loop;
	(void) arg;
	if (read (item->fd, &info, sizeof info) != (ssize_t) sizeof info)
		return 0;
	if (info.ssi_signo == SIGHUP) {
		log_info (
			"reload",
			"SIGHUP is ignored in this version: restart to read the configuration and "
			"the roster again");
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

static void
s_on_retry (void *arg)
{
	struct agent *self = arg;
	int refused = self->refused;
	self->refused = 0;
	for (size_t i = 0; i < self->source_count && !self->refused; i++)
		self->sources[i].class->resume (self->sources[i].self);
	if (refused && !self->refused)
		log_debug ("outbox-again", "the sources are read again");
}

void
agent_on_refused (void *arg, int error)
{
	struct agent *self = arg;
	uint64_t now_ms = clock_mono_ms ();
	self->refused = error;
	for (size_t i = 0; i < self->source_count; i++)
		self->sources[i].class->pause (self->sources[i].self);
	if (outbox_is_broken (self->outbox)) {
		log_error ("outbox-broken", "%s: %s; ending, to look at it anew", self->conf.state,
			   outbox_error (self->outbox));
		s_stop (self);
		return;
	}
	loop_timer_set (&self->retry, RETRY_MS);
	if (self->refused_told_ms > 0 && now_ms - self->refused_told_ms < REFUSED_TELL_MS)
		return;
	self->refused_told_ms = now_ms;
	log_error ("outbox-refused", "%s: %s; the sources wait, nothing stored is lost",
		   self->conf.state,
		   error == SIAGA_EFULL	  ? "the outbox holds outbox.max_size"
		   : error == SIAGA_EDISK ? "the disk is full"
					  : outbox_error (self->outbox));
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

static int
s_make_source (struct agent *self, const struct source_conf *conf)
{
	struct source_context context = {self->loop, self->intake,     &self->conf,
					 conf,	     agent_on_refused, self};
	struct agent_source *source = &self->sources[self->source_count];
	source->class = s_classes[conf->type];
	source->self = source->class->create (&context);
	if (!source->self)
		return SIAGA_EIO;
	self->source_count++;
	return 0;
}

static int
s_make_sources (struct agent *self)
{
	int rc = 0;
	self->sources = calloc (self->conf.sources.count, sizeof *self->sources);
	if (!self->sources)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < self->conf.sources.count && !rc; i++)
		rc = s_make_source (self, agent_conf_source (&self->conf, i));
	return rc;
}

int
agent_init (struct agent *self)
{
	int rc = s_open_outbox (self);
	if (rc)
		return rc;
	self->loop = zloop_new ();
	self->intake = intake_new (self->outbox, self->trust.identity->card.principal);
	rc = self->loop && self->intake ? s_watch_signals (self) : SIAGA_ENOMEM;
	if (!rc)
		rc = loop_timer_init (&self->retry, self->loop, s_on_retry, self);
	if (!rc)
		rc = s_make_sources (self);
	if (!rc)
		rc = agent_connect (self);
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
	for (size_t i = 0; i < self->source_count; i++)
		self->sources[i].class->start (self->sources[i].self);
	zloop_start (self->loop);
	return self->failed ? SIAGA_EIO : 0;
}

void
agent_finish (struct agent *self)
{
	for (size_t i = 0; i < self->source_count; i++)
		self->sources[i].class->destroy (&self->sources[i].self);
	free (self->sources);
	uplink_destroy (&self->uplink);
	intake_destroy (&self->intake);
	loop_timer_finish (&self->retry);
	zloop_destroy (&self->loop);
	if (self->signal_fd >= 0)
		close (self->signal_fd);
	if (self->stop_fd >= 0)
		close (self->stop_fd);
	outbox_close (&self->outbox);
	trust_finish (&self->trust);
	agent_conf_free (&self->conf);
	zsys_shutdown ();
}
