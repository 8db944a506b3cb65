/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which class a source is of, and what the classes share.
 */
#include "agent/source.h"

#include "common/log.h"
#include "siaga/error.h"

void *
source_made (const struct source_class *class, void *self, int rc,
	     const struct source_context *context)
{
	if (!rc)
		return self;
	log_error ("source-failed", "%s: %s", context->source->name, siaga_strerror (rc));
	class->destroy (&self);
	return NULL;
}

void
source_watch (const struct source_context *context, int fd, zloop_fn *handler, void *arg,
	      bool wanted, bool *watched)
{
	zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};
	if (*watched == wanted || fd < 0)
		return;
	*watched = wanted;
	if (!wanted) {
		zloop_poller_end (context->loop, &item);
		return;
	}
	zloop_poller (context->loop, &item, handler, arg);
	zloop_poller_set_tolerant (context->loop, &item);
}

const struct source_class *
source_class_of (const struct source_conf *source)
{
	static const struct source_class *const classes[] = {
		[SOURCE_EVE] = &source_files,	    [SOURCE_SOCKET] = &source_socket,
		[SOURCE_STDIN] = &source_stdin,	    [SOURCE_WAZUH] = &source_files,
		[SOURCE_ZEEK] = &source_files,	    [SOURCE_SYSLOG] = &source_files,
		[SOURCE_JOURNAL] = &source_journal, [SOURCE_LINES] = &source_files,
		[SOURCE_EXEC] = &source_exec,
	};
	return source->listen ? &source_listen : classes[source->type];
}
