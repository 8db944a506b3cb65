/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a syslog line, as it stands in files and comes from sockets:
 *
 *	<34>1 2026-11-24T08:00:00.123Z host sshd 123 ID47 [data] message	RFC 5424
 *	<34>Nov 24 08:00:00 host sshd[123]: message				RFC 3164
 *	Nov 24 08:00:00 host sshd[123]: message					in a file, without its priority
 *	<34>Nov 24 08:00:00 sshd[123]: message					from this machine's /dev/log
 *	2026-11-24T08:00:00.123+07:00 host sshd[123]: message			rsyslog's files
 *	2026/11/24 08:00:00 [error] 123#0: message				nginx's own error log
 *	2026-11-24 08:00:00,123 fail2ban.actions [123]: message			fail2ban's own log
 */
#ifndef AGENT_SYSLOG_LINE_H
#define AGENT_SYSLOG_LINE_H

#include "siaga/bytes.h"

#define SYSLOG_PRIORITIES 8

struct syslog_line {
	int priority; /* 0 emergency to 7 debug; -1: not said */
	int facility; /* -1: not said */
	uint64_t time_us;
	struct siaga_text host; /* borrowed from the line, as all texts here */
	struct siaga_text program;
	struct siaga_text pid;
	struct siaga_text msgid;
	struct siaga_text data; /* structured data with its brackets */
	struct siaga_text message;
};

/* False when it is none of these. `now_us` gives the year where the line has none: the time nearest before tomorrow. */
bool
syslog_line_read (struct syslog_line *self, struct siaga_text line, uint64_t now_us);

/* The next parameter of structured data: `rest` (self->data at first) goes behind it. `id` changes with each element;
   `value` is still escaped. */
bool
syslog_data_next (struct siaga_text *rest, struct siaga_text *id, struct siaga_text *name,
		  struct siaga_text *value);

#endif
