/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error as nginx writes it:
 *
 *	[error] 123#0: *45 open() "/x" failed (2: No such file or directory), client: 192.0.2.1, server: kpu.example,
 *	request: "GET /x HTTP/1.1", host: "kpu.example"
 */
#ifndef AGENT_NGINX_H
#define AGENT_NGINX_H

#include "siaga/bytes.h"

struct nginx_error {
	int priority;		/* as syslog's; -1: none of nginx's levels */
	struct siaga_text text; /* what went wrong */
	struct siaga_text client;
	struct siaga_text server;
	struct siaga_text url;
	const char *category; /* NULL: not known */
};

/* False when it is no such message. Texts are borrowed. */
bool
nginx_error_read (struct nginx_error *self, struct siaga_text message);

#endif
