/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exec.h.
 */
#include "cli/exec.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/say.h"
#include "common/child.h"
#include "common/clock.h"
#include "common/render_json.h"
#include "siaga/names.h"

#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 60000
#define VARIABLE_MAX 160

enum variable {
	VARIABLE_LOG_ID,
	VARIABLE_LOG_NUMBER,
	VARIABLE_ID,
	VARIABLE_ORIGIN,
	VARIABLE_KIND,
	VARIABLE_STATUS,
	VARIABLE_SEVERITY,
	VARIABLE_TLP,
	VARIABLE_CATEGORY,
	VARIABLE_SYSTEM,
	VARIABLE_ATTEMPT,
	VARIABLES,
};

struct exec {
	struct exec_options options;
	int signal_fd; /* only looked at */
	char variables[VARIABLES][VARIABLE_MAX];
	char **envp; /* our own environment without those, and those */
};

struct exec *
exec_new (const struct exec_options *options)
{
	struct exec *self = calloc (1, sizeof *self);
	sigset_t signals;
	if (!self)
		return NULL;
	self->options = *options;
	sigemptyset (&signals);
	sigaddset (&signals, SIGINT);
	sigaddset (&signals, SIGTERM);
	sigaddset (&signals, SIGHUP);
	self->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (self->signal_fd < 0)
		exec_destroy (&self);
	return self;
}

void
exec_destroy (struct exec **self_p)
{
	struct exec *self = *self_p;
	if (!self)
		return;
	if (self->signal_fd >= 0)
		close (self->signal_fd);
	free (self->envp);
	free (self);
	*self_p = NULL;
}

/* --- what the command is told ------------------------------------------------------------------------------ */

static void
s_set (struct exec *self, enum variable variable, const char *name, struct siaga_text value)
{
	snprintf (self->variables[variable], VARIABLE_MAX, "SIAGA_%s=%.*s", name, (int) value.size,
		  value.size ? value.data : "");
}

static void
s_set_number (struct exec *self, enum variable variable, const char *name, uint64_t value)
{
	char text[24];
	snprintf (text, sizeof text, "%" PRIu64, value);
	s_set (self, variable, name, siaga_text (text));
}

static void
s_describe (struct exec *self, const struct reader_entry *entry,
	    const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	const struct siaga_header *header = entry->header;
	char text[64];
	siaga_hex (text, log_id, SIAGA_LOG_ID_BYTES);
	s_set (self, VARIABLE_LOG_ID, "LOG_ID", siaga_text (text));
	s_set_number (self, VARIABLE_LOG_NUMBER, "LOG_NUMBER", entry->number);
	siaga_uuid_text (text, header->id);
	s_set (self, VARIABLE_ID, "ID", siaga_text (text));
	s_set (self, VARIABLE_ORIGIN, "ORIGIN", header->origin);
	s_set (self, VARIABLE_KIND, "KIND",
	       siaga_text (siaga_name_of (&siaga_kind_names, header->kind)));
	s_set (self, VARIABLE_STATUS, "STATUS",
	       siaga_text (siaga_name_of (&siaga_status_names, header->status)));
	s_set (self, VARIABLE_SEVERITY, "SEVERITY",
	       siaga_text (siaga_name_of (&siaga_severity_names, header->severity)));
	s_set (self, VARIABLE_TLP, "TLP",
	       siaga_text (siaga_name_of (&siaga_tlp_names, header->tlp)));
	s_set (self, VARIABLE_CATEGORY, "CATEGORY", header->category);
	s_set (self, VARIABLE_SYSTEM, "SYSTEM", header->system);
	s_set_number (self, VARIABLE_ATTEMPT, "ATTEMPT", 1);
}

static bool
s_is_ours (const struct exec *self, const char *variable)
{
	for (size_t i = 0; i < VARIABLES; i++)
		if (strncmp (variable, self->variables[i], strcspn (self->variables[i], "=") + 1) ==
		    0)
			return true;
	return false;
}

static bool
s_make_environment (struct exec *self)
{
	size_t count = 0;
	while (environ[count])
		count++;
	free (self->envp);
	self->envp = calloc (count + VARIABLES + 1, sizeof *self->envp);
	if (!self->envp)
		return false;
	char **at = self->envp;
	for (size_t i = 0; i < count; i++)
		if (!s_is_ours (self, environ[i]))
			*at++ = environ[i];
	for (size_t i = 0; i < VARIABLES; i++)
		*at++ = self->variables[i];
	return true;
}

/* The entry as a JSON line in a file in memory, or -1. */
static int
s_make_input (const struct reader_entry *entry, const uint8_t log_id[SIAGA_LOG_ID_BYTES],
	      const struct siaga_roster *roster)
{
	size_t size = 0;
	json_t *object = render_json (entry, log_id, roster);
	char *line = object ? render_json_line (object, false, &size) : NULL;
	int fd = line ? memfd_create ("siaga-entry", MFD_CLOEXEC) : -1;
	bool whole = fd >= 0 && write (fd, line, size) == (ssize_t) size;
	free (line);
	json_decref (object);
	if (whole)
		return fd;
	if (fd >= 0)
		close (fd);
	return -1;
}

/* --- running it ------------------------------------------------------------------------------------------ */

/* Waits for a child's end (`fd`; -1: for nothing) or a signal: true when the child ended, false after `timeout_ms` (0: never)
   or when *end says that it is over. */
static bool
s_wait (const struct exec *self, int fd, uint64_t timeout_ms, enum exec_end *end)
{
	uint64_t until_ms = timeout_ms ? clock_mono_ms () + timeout_ms : UINT64_MAX;
	uint64_t deadline_ms = self->options.deadline_ms;
	if (deadline_ms && deadline_ms < until_ms)
		until_ms = deadline_ms;
	for (;;) {
		struct pollfd fds[2] = {{fd, POLLIN, 0}, {self->signal_fd, POLLIN, 0}};
		uint64_t now_ms = clock_mono_ms ();
		uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
		poll (fds, 2, left_ms > INT32_MAX ? INT32_MAX : (int) left_ms);
		if (fds[0].revents)
			return true;
		now_ms = clock_mono_ms ();
		if (fds[1].revents || (deadline_ms && now_ms >= deadline_ms))
			*end = EXEC_INTERRUPTED;
		if (*end == EXEC_INTERRUPTED || now_ms >= until_ms)
			return false;
	}
}

/* One attempt: true when it exited with 0. Otherwise *end, or why. */
static bool
s_attempt (struct exec *self, int in, enum exec_end *end, char *why, size_t size)
{
	char *const argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char *) self->options.command,
			      NULL};
	struct child child;
	lseek (in, 0, SEEK_SET); /* the one before has read it */
	int error = child_start_with (&child, argv, self->envp, in);
	if (error) {
		snprintf (why, size, "cannot be started: %s", strerror (error));
		return false;
	}
	if (!s_wait (self, child.pid_fd, self->options.timeout_ms, end)) {
		child_stop (&child);
		snprintf (why, size, "not done in %" PRIu64 " s", self->options.timeout_ms / 1000);
		return false;
	}
	int status = child_reap (&child);
	if (WIFSIGNALED (status))
		snprintf (why, size, "killed by signal %d", WTERMSIG (status));
	else
		snprintf (why, size, "exit status %d", WEXITSTATUS (status));
	return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static enum exec_end
s_run (struct exec *self, const struct reader_entry *entry, int in)
{
	enum exec_end end = EXEC_DONE;
	uint64_t pause_ms = BACKOFF_MIN_MS;
	char why[96];
	for (uint64_t attempt = 1;; attempt++) {
		s_set_number (self, VARIABLE_ATTEMPT, "ATTEMPT", attempt);
		if (s_attempt (self, in, &end, why, sizeof why) || end != EXEC_DONE)
			return end;
		say ("the command failed for entry %" PRIu64 ": %s; again in %" PRIu64 " s",
		     entry->number, why, pause_ms / 1000);
		s_wait (self, -1, pause_ms, &end);
		if (end != EXEC_DONE)
			return end;
		pause_ms = 2 * pause_ms < BACKOFF_MAX_MS ? 2 * pause_ms : BACKOFF_MAX_MS;
	}
}

enum exec_end
exec_entry (struct exec *self, const struct reader_entry *entry,
	    const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster)
{
	s_describe (self, entry, log_id);
	int in = s_make_environment (self) ? s_make_input (entry, log_id, roster) : -1;
	if (in < 0) {
		say ("no memory or descriptors to run the command");
		return EXEC_FAILED;
	}
	enum exec_end end = s_run (self, entry, in);
	close (in);
	return end;
}
