/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a jail of fail2ban guards against, by its name ("sshd", "http-get-dos", "nginx-botsearch").
 */
#ifndef AGENT_JAIL_H
#define AGENT_JAIL_H

#include "siaga/bytes.h"

/* An RSIT category; static. */
const char *
jail_category (struct siaga_text jail);

#endif
