/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of other files in the directory are passed over by name.
 */
#include "hub/roster_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/conf_value.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

#define EVENTS                                                                                     \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR |       \
	 IN_DELETE_SELF | IN_MOVE_SELF)

/* A directory that is not there, or not any more, is tried again at the next look. */
static void
s_watch_directory (struct roster_watch *self)
{
	size_t size = conf_directory (self->path);
	char *directory = size > 0 ? strndup (self->path, size) : strdup (".");

	self->watch = directory ? inotify_add_watch (self->fd, directory, EVENTS) : -1;
	free (directory);
}

int
roster_watch_init (struct roster_watch *self, const char *path, uint64_t now_ms)
{
	memset (self, 0, sizeof *self);
	self->fd = self->watch = -1;
	self->look_ms = now_ms;
	self->path = strdup (path);
	if (!self->path)
		return SIAGA_ENOMEM;
	self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
	if (self->fd >= 0)
		s_watch_directory (self);
	if (self->watch < 0)
		log_warn ("roster-watch", "%s: changes are seen once in %d s: %s", path,
			  HUB_ROSTER_LOOK_MS / 1000, strerror (errno));
	return 0;
}

void
roster_watch_finish (struct roster_watch *self)
{
	if (self->fd >= 0)
		close (self->fd);
	free (self->path);
	memset (self, 0, sizeof *self);
	self->fd = self->watch = -1;
}

/* roster.conf, or roster.conf.… */
static bool
s_is_ours (const struct roster_watch *self, const struct inotify_event *event)
{
	const char *base = self->path + conf_directory (self->path);
	size_t size = strlen (base);

	if (event->len == 0) /* of the directory itself; or events were lost */
		return true;
	return strncmp (event->name, base, size) == 0 &&
	       (event->name[size] == '\0' || event->name[size] == '.');
}

static void
s_on_event (struct roster_watch *self, const struct inotify_event *event, uint64_t now_ms)
{
	if ((event->mask & IN_MOVE_SELF) && self->watch >= 0)
		inotify_rm_watch (self->fd, self->watch); /* another one may stand there now */
	if (event->mask & (IN_IGNORED | IN_MOVE_SELF))
		self->watch = -1;
	if (!s_is_ours (self, event))
		return;
	if (!self->changed)
		self->first_ms = now_ms;
	self->changed = true;
	self->last_ms = now_ms;
}

void
roster_watch_on_events (struct roster_watch *self, uint64_t now_ms)
{
	union {
		char bytes[16 * (sizeof (struct inotify_event) + NAME_MAX + 1)];
		struct inotify_event align;
	} room;
	ssize_t size;

	while ((size = read (self->fd, room.bytes, sizeof room.bytes)) > 0) {
		const char *at = room.bytes;
		while (at < room.bytes + size) {
			const struct inotify_event *event = (const void *) at;
			s_on_event (self, event, now_ms);
			at += sizeof *event + event->len;
		}
	}
	if (self->watch < 0)
		s_watch_directory (self);
}

static uint64_t
s_due_ms (const struct roster_watch *self)
{
	uint64_t due_ms = self->look_ms + HUB_ROSTER_LOOK_MS;

	if (!self->changed)
		return due_ms;
	due_ms = self->last_ms + HUB_ROSTER_QUIET_MS;
	return due_ms < self->first_ms + HUB_ROSTER_BUSY_MS ? due_ms
							    : self->first_ms + HUB_ROSTER_BUSY_MS;
}

bool
roster_watch_is_due (struct roster_watch *self, uint64_t now_ms)
{
	if (now_ms < s_due_ms (self))
		return false;
	self->changed = false;
	self->look_ms = now_ms;
	if (self->fd >= 0 && self->watch < 0)
		s_watch_directory (self);
	return true;
}

uint64_t
roster_watch_wait_ms (const struct roster_watch *self, uint64_t now_ms)
{
	uint64_t due_ms = s_due_ms (self);

	return due_ms > now_ms ? due_ms - now_ms : 0;
}
