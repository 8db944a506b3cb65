/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each principal has under way, of all its sessions together, and each member, of all its principals: who takes
 * all it can get takes it from itself, and waits in turn with the others however many sessions or principals it has. An account lives while a session or a batch
 * holds it, and longer while it owes to a quota: to come back does not pay. The roster may change meanwhile.
 */
#ifndef SIAGA_HUB_ACCOUNT_H
#define SIAGA_HUB_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "hub/quota.h"
#include "siaga/limits.h"

struct subscription;
TAILQ_HEAD (subscription_queue, subscription);
struct account;
TAILQ_HEAD (account_queue, account);

struct account {
	struct account *member; /* held; the account of its member, NULL in that one */
	char name[SIAGA_PRINCIPAL_MAX + 1];
	unsigned holders;
	unsigned sessions; /* open ones */
	unsigned results;  /* answers to queries under way */
	struct quota_bucket quota;
	size_t pending_bytes;		 /* what its batches between receipt and commit cost */
	struct subscription_queue ready; /* its subscriptions to be served; subscription.c's */
	struct account_queue turns;	 /* of a member: its principals that have such */
	bool is_ready;			 /* stands in its member's list, a member in the core's */
	TAILQ_ENTRY (account) turn;
	LIST_ENTRY (account) all;
};

LIST_HEAD (account_list, account);

/* The account of that name, made when there is none; NULL when out of memory. */
struct account *
account_hold (struct account_list *list, const char *name);

/* The last one to let go frees it, unless it owes; *account_p may be NULL. */
void
account_release (struct account_list *list, struct account **account_p);

/* Frees those that nobody holds and that owe nothing any more. */
void
account_tidy (struct account_list *list, uint64_t now_ms);

#endif
