/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of the doctor that need no network: what the configuration names on this machine.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"

#define AGENT_STATE "/var/lib/siaga-agent"
#define DISK_LITTLE (UINT64_C (64) << 20)
#define DISK_NONE (UINT64_C (4) << 20)
#define EXPIRY_NEAR_US (UINT64_C (7) * 86400 * 1000000)
#define FUTURE_S 5 /* seconds a file may be ahead of the clock */
#define SOURCES_MAX 256

static const struct conf_field s_source_fields[] = {
	{"name", CONF_STRING, offsetof (struct doctor_source, name), .required = false},
	{"type", CONF_STRING, offsetof (struct doctor_source, type), .required = false},
	{"path", CONF_PATH, offsetof (struct doctor_source, path), .required = false},
};
static const struct conf_schema s_source_schema = {
	.fields = s_source_fields,
	.field_count = sizeof s_source_fields / sizeof *s_source_fields,
	.size = sizeof (struct doctor_source),
	.open = true,
};

static const struct conf_field s_fields[] = {
	TRUST_CONF_FIELDS (struct doctor_conf, trust),
	{"state", CONF_PATH, offsetof (struct doctor_conf, state), .required = false},
	{"hub", CONF_STRING, offsetof (struct doctor_conf, hub), .check = conf_check_address},
	{"sources", CONF_GROUP_LIST, offsetof (struct doctor_conf, sources), .min = 0,
	 .max = SOURCES_MAX, .schema = &s_source_schema},
};
static const struct conf_schema s_schema = {
	.fields = s_fields,
	.field_count = sizeof s_fields / sizeof *s_fields,
	.size = sizeof (struct doctor_conf),
	.open = true,
};

bool
doctor_configuration (struct doctor *self)
{
	struct conf_error error = {""};
	self->conf_path = settings_path (self->common.conf);
	int rc = self->conf_path ? conf_load (self->conf_path, &s_schema, &self->conf, &error)
				 : SIAGA_ENOMEM;
	if (rc) {
		doctor_tell (self, DOCTOR_FAIL, "config", "correct it, or name another with -c",
			     "%s", error.words[0] ? error.words : siaga_strerror (rc));
		return false;
	}
	self->has_conf = true;
	self->is_agent = self->conf.sources.count > 0;
	if (self->is_agent)
		self->state_dir = strdup (self->conf.state ? self->conf.state : AGENT_STATE);
	else
		self->state_dir = settings_find_state (self->conf.trust.identity);
	doctor_tell (self, DOCTOR_OK, "config", NULL, "%s: %s, network %s%s", self->conf_path,
		     self->is_agent ? "an agent's" : "a person's", self->conf.trust.network,
		     self->is_agent ? " (siaga-agent -n checks every key of it)" : "");
	return true;
}

static const char *
s_identity_advice (int error)
{
	switch (error) {
	case SIAGA_ENOTFOUND:
		return "make it with siaga keygen, or correct `identity`";
	case SIAGA_EPASSPHRASE:
		return "an agent's identity must have no passphrase (siaga keygen --no-passphrase)";
	case SIAGA_EIO:
		return "only its owner may read it: chown it to the user that runs the program, chmod 600";
	default:
		return "restore it from a backup, or make another and have its card enrolled";
	}
}

bool
doctor_identity (struct doctor *self)
{
	struct conf_error error = {""};
	const char *path = self->conf.trust.identity;
	int rc = identity_load (path, self->is_agent ? NULL : settings_ask, NULL,
				&self->trust.identity, &error);
	if (rc) {
		doctor_tell (self, DOCTOR_FAIL, "identity", s_identity_advice (rc), "%s",
			     error.words[0] ? error.words : siaga_strerror (rc));
		return false;
	}
	doctor_tell (self, DOCTOR_OK, "identity", NULL, "%s: %s", path,
		     self->trust.identity->card.principal);
	return true;
}

static const char *
s_roster_advice (int error)
{
	switch (error) {
	case SIAGA_ENOTFOUND:
		return "get the roster and its signatures from the hub's operator and put them there";
	case SIAGA_EUNSIGNED:
		return "compare `roots` and `threshold` with what the hub's operator read to you; get the "
		       "signatures beside it (.minisig)";
	case SIAGA_ENETWORK:
		return "correct `network`, or get this network's roster";
	case SIAGA_EROLLBACK:
		return "get the newest roster from the hub's operator";
	case SIAGA_EEXPIRED:
		return "check this machine's clock; then get a newer roster from the hub's operator";
	case SIAGA_EUNKNOWN:
		return "send your card (siaga card) to the hub's operator to be enrolled";
	case SIAGA_EREVOKED:
		return "this key is at its end: make another and have its card enrolled";
	default:
		return "get the roster and its signatures from the hub's operator again";
	}
}

/* The dates, once it is known to be good. */
static void
s_tell_roster (struct doctor *self)
{
	const struct siaga_roster *roster = self->trust.roster;
	uint64_t now_us = clock_now_us ();
	char when[SIAGA_TIME_TEXT];
	siaga_time_text (when, roster->expires_us);
	if (roster_is_overdue (roster, now_us))
		doctor_tell (self, DOCTOR_WARN, "roster", s_roster_advice (SIAGA_EEXPIRED),
			     "serial %" PRIu64 " expired at %s and is used in its grace",
			     roster->serial, when);
	else if (roster->expires_us - now_us < EXPIRY_NEAR_US)
		doctor_tell (self, DOCTOR_WARN, "roster",
			     "ask the hub's operator when the next one is signed",
			     "serial %" PRIu64 " expires at %s", roster->serial, when);
	else
		doctor_tell (self, DOCTOR_OK, "roster", NULL, "serial %" PRIu64 ", expires %s",
			     roster->serial, when);
}

bool
doctor_roster (struct doctor *self)
{
	struct trust *trust = &self->trust;
	struct siaga_roster *none = NULL;
	struct conf_error error = {""};
	trust->look_only = true;
	trust->roster_path = strdup (self->conf.trust.roster);
	if (self->state_dir && access (self->state_dir, F_OK) == 0)
		trust->state_dir = strdup (self->state_dir);
	int rc = trust_find_roots (trust, &self->conf.trust, &error);
	if (!rc)
		rc = trust_reload (trust, clock_now_us (), &none, &error);
	if (!rc || rc == SIAGA_EUNKNOWN || rc == SIAGA_EREVOKED)
		s_tell_roster (self);
	if (!rc) {
		doctor_tell (self, DOCTOR_OK, "principal", NULL,
			     "%s is in the roster with this key", trust->principal->name);
		return true;
	}
	doctor_tell (self, DOCTOR_FAIL,
		     rc == SIAGA_EUNKNOWN || rc == SIAGA_EREVOKED ? "principal" : "roster",
		     s_roster_advice (rc), "%s",
		     error.words[0] ? error.words : siaga_strerror (rc));
	return false;
}

static void
s_disk (struct doctor *self)
{
	struct statvfs status;
	if (statvfs (self->state_dir, &status)) {
		doctor_tell (self, DOCTOR_WARN, "disk", NULL, "%s: %s", self->state_dir,
			     strerror (errno));
		return;
	}
	uint64_t space = (uint64_t) status.f_bavail * status.f_frsize;
	if (space < DISK_LITTLE)
		doctor_tell (self, space < DISK_NONE ? DOCTOR_FAIL : DOCTOR_WARN, "disk",
			     "make room there, or move `state`", "%s: %" PRIu64 " KiB are free",
			     self->state_dir, space >> 10);
	else
		doctor_tell (self, DOCTOR_OK, "disk", NULL, "%s: %" PRIu64 " MiB are free",
			     self->state_dir, space >> 20);
}

void
doctor_state (struct doctor *self)
{
	struct stat status;
	if (!self->state_dir)
		return;
	if (stat (self->state_dir, &status)) {
		doctor_tell (
			self, errno == ENOENT && !self->is_agent ? DOCTOR_OK : DOCTOR_FAIL, "state",
			errno == ENOENT && !self->is_agent
				? NULL
				: "start the agent once as its own user, or make the directory "
				  "for it (mode 0700)",
			"%s: %s", self->state_dir, strerror (errno));
		return;
	}
	if (!S_ISDIR (status.st_mode) || access (self->state_dir, R_OK | W_OK | X_OK)) {
		doctor_tell (self, DOCTOR_FAIL, "state",
			     "run this as the user that runs the program, or chown it to that user",
			     "%s: cannot be written", self->state_dir);
		return;
	}
	doctor_tell (self, DOCTOR_OK, "state", NULL, "%s: can be written", self->state_dir);
	s_disk (self);
}

/* Is a program at work on it? The lock is let go at once. */
static bool
s_is_locked (const char *path)
{
	char *lock = NULL;
	if (asprintf (&lock, "%s.lock", path) < 0)
		return false;
	int fd = access (lock, F_OK) == 0 ? file_lock (lock) : SIAGA_ENOTFOUND;
	free (lock);
	if (fd >= 0)
		close (fd);
	return fd == SIAGA_ELOCKED;
}

static bool
s_is_ours (const struct doctor *self)
{
	return strcmp (self->look.network, self->conf.trust.network) == 0 &&
	       (!self->trust.identity ||
		strcmp (self->look.principal, self->trust.identity->card.principal) == 0);
}

static void
s_tell_outbox (struct doctor *self, const char *path)
{
	const struct outbox_look *look = &self->look;
	bool locked = s_is_locked (path);
	const char *running = locked ? "a program is at work on it" : "nobody is at work on it";
	if (!s_is_ours (self))
		doctor_tell (
			self, DOCTOR_FAIL, "outbox", "give each principal a `state` of its own",
			"%s: belongs to %s in network %s", path, look->principal, look->network);
	else if (look->aside > 0)
		doctor_tell (self, DOCTOR_WARN, "outbox",
			     "look for entry-aside in the agent's log: the hub can never take them",
			     "%s: %" PRIu64 " entries were set aside; %s", path, look->aside,
			     running);
	else
		doctor_tell (self, DOCTOR_OK, "outbox", NULL,
			     "%s: %" PRIu64 " waiting, %" PRIu64 " batches in flight; %s", path,
			     look->waiting, look->in_flight, running);
}

void
doctor_outbox (struct doctor *self)
{
	char *path = NULL, words[256] = "";
	if (!self->state_dir || asprintf (&path, "%s/outbox.db", self->state_dir) < 0)
		return;
	int rc = outbox_look (path, &self->look, words);
	self->has_look = rc == 0;
	if (rc == SIAGA_ENOTFOUND)
		doctor_tell (self, DOCTOR_OK, "outbox", NULL, "%s: none yet", path);
	else if (rc)
		doctor_tell (
			self, DOCTOR_FAIL, "outbox",
			"stop the program, keep a copy of the file, and restore or remove it; what "
			"waited in it is lost then",
			"%s: %s", path, words);
	else
		s_tell_outbox (self, path);
	free (path);
}

/* A file from the future means a clock that was ahead, or is behind. */
static bool
s_is_future (const char *path)
{
	struct stat status;
	return path && stat (path, &status) == 0 &&
	       status.st_mtime > (time_t) (clock_now_us () / 1000000) + FUTURE_S;
}

static const char *
s_future_file (const struct doctor *self)
{
	const char *const paths[] = {self->conf_path, self->conf.trust.roster,
				     self->conf.trust.identity, self->state_dir};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (s_is_future (paths[i]))
			return paths[i];
	for (size_t i = 0; i < self->conf.sources.count; i++) {
		const struct doctor_source *source =
			(const struct doctor_source *) self->conf.sources.items + i;
		if (s_is_future (source->path))
			return source->path;
	}
	return NULL;
}

void
doctor_clock (struct doctor *self)
{
	static const char advice[] = "set this machine's clock, and keep it right (chrony, ntpd)";
	uint64_t now_us = clock_now_us ();
	const struct siaga_roster *roster = self->trust.roster;
	const char *file = s_future_file (self);
	char now[SIAGA_TIME_TEXT];
	siaga_time_text (now, now_us);
	if (roster && now_us < roster->issued_us)
		doctor_tell (self, DOCTOR_FAIL, "clock", advice, "%s: before the roster was issued",
			     now);
	else if (file)
		doctor_tell (self, DOCTOR_WARN, "clock", advice, "%s: %s was changed after that",
			     now, file);
	else
		doctor_tell (self, DOCTOR_OK, "clock", NULL, "%s", now);
}

static bool
s_has_file (const struct doctor_source *source)
{
	static const char *const without[] = {"socket", "stdin", "exec", "journal", "udp"};
	if (!source->path)
		return false;
	for (size_t i = 0; source->type && i < sizeof without / sizeof *without; i++)
		if (strcmp (source->type, without[i]) == 0)
			return false;
	return true;
}

static void
s_source (struct doctor *self, const struct doctor_source *source)
{
	const char *name = source->name ? source->name : source->type ? source->type : "source";
	int fd = open (source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		doctor_tell (self, errno == ENOENT ? DOCTOR_WARN : DOCTOR_FAIL, "source",
			     errno == ENOENT
				     ? "correct `path`, or start what writes it; the agent waits "
				       "for it"
				     : "let the agent's user read it (group, or an ACL)",
			     "%s: %s: %s", name, source->path, strerror (errno));
		return;
	}
	close (fd);
	doctor_tell (self, DOCTOR_OK, "source", NULL, "%s: %s", name, source->path);
}

void
doctor_sources (struct doctor *self)
{
	for (size_t i = 0; i < self->conf.sources.count; i++) {
		const struct doctor_source *source =
			(const struct doctor_source *) self->conf.sources.items + i;
		if (s_has_file (source))
			s_source (self, source);
	}
}

void
doctor_finish (struct doctor *self)
{
	trust_finish (&self->trust);
	if (self->has_conf)
		conf_free (&s_schema, &self->conf);
	free (self->conf_path);
	free (self->state_dir);
}
