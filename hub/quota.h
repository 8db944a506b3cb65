/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much may be published, by each principal and by each member: entries and bytes a second with a burst. Who has
 * not published for the length of the burst has all of it; a batch is taken while there is something left, and may
 * overdraw, so the largest batch passes the smallest quota. Then the time is known at which the debt is paid.
 *
 * A bucket is filled by the clock: all it holds is when it will be empty of debt.
 */
#ifndef SIAGA_HUB_QUOTA_H
#define SIAGA_HUB_QUOTA_H

#include "common/conf.h"

/* `quota.principal` and such in siaga-hub.conf. */
struct quota_limit {
	int64_t entries; /* a second; 0: no limit */
	uint64_t bytes;	 /* the same */
	uint64_t burst_us;
};

struct quota_member {
	unsigned line;
	char *name;
	struct quota_limit limit;
};

struct quota_conf {
	struct quota_limit principal;
	struct quota_limit member;
	struct conf_list members; /* struct quota_member: instead of `member` for some */
};

extern const struct conf_schema quota_schema;

/* Is each member named once? 0 or SIAGA_ECONF with words. */
int
quota_conf_check (const struct quota_conf *self, const char *path, struct conf_error *error);

/* The limit of a member as a whole. */
const struct quota_limit *
quota_of_member (const struct quota_conf *self, const char *name);

struct quota_bucket {
	uint64_t entries_ns; /* of the monotonic clock: when what was taken is paid for */
	uint64_t bytes_ns;
	uint64_t rested_ms; /* when all of the burst is there again; 0: nothing was ever taken */
};

/* Milliseconds until something may be taken; 0: now. */
uint64_t
quota_wait_ms (const struct quota_bucket *self, uint64_t now_ms);

void
quota_take (struct quota_bucket *self, const struct quota_limit *limit, uint64_t now_ms,
	    uint64_t entries, uint64_t bytes);

#endif
