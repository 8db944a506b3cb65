/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When presence becomes a condition: the group `presence` of siaga-hub.conf(5).
 */
#ifndef SIAGA_HUB_PRESENCE_CONF_H
#define SIAGA_HUB_PRESENCE_CONF_H

#include "common/conf.h"

struct presence_conf {
	uint64_t silent_after_us; /* an agent that says nothing so long is silent */
	uint64_t
		source_quiet_us; /* a source without lines so long is stale; 0: by its own rhythm */
	uint64_t clock_off_us;	 /* a clock that differs more is off */
	uint64_t outbox_age_us;	 /* an entry that waits longer is late */
	int64_t outbox_waiting;	 /* more entries than that pile up */
	uint64_t behind_us;	 /* a reader that has not reached the head so long is behind */
	uint64_t absent_after_us; /* an expected principal that is away so long is absent */
	uint64_t expiry_us;	  /* so long before its end a roster or key is near it */
	uint64_t disk_low_bytes;  /* less is low */
	uint64_t settle_us;	  /* what opens or closes must hold so long */
	uint64_t start_grace_us;  /* after the hub's start, before anybody is missed */
};

extern const struct conf_schema presence_conf_schema;

/* As when the file says nothing: 0 or SIAGA_ENOMEM. */
int
presence_conf_default (struct presence_conf *self);

#endif
