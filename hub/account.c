/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short list: only of principals that are here now or were a moment ago, and of their members.
 */
#include "hub/account.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a principal: its member's account too. */
static bool
s_hold_member (struct account_list *list, struct account *account)
{
	char member[sizeof account->name];
	const char *slash = strchr (account->name, '/');

	if (!slash)
		return true;
	snprintf (member, sizeof member, "%.*s", (int) (slash - account->name), account->name);
	account->member = account_hold (list, member);
	return account->member != NULL;
}

struct account *
account_hold (struct account_list *list, const char *name)
{
	struct account *account;

	LIST_FOREACH (account, list, all)
	if (strcmp (account->name, name) == 0)
		break;
	if (!account) {
		account = calloc (1, sizeof *account);
		if (!account)
			return NULL;
		snprintf (account->name, sizeof account->name, "%s", name);
		TAILQ_INIT (&account->ready);
		TAILQ_INIT (&account->turns);
		if (!s_hold_member (list, account)) {
			free (account);
			return NULL;
		}
		LIST_INSERT_HEAD (list, account, all);
	}
	account->holders++;
	return account;
}

static void
s_free (struct account_list *list, struct account *account)
{
	struct account *member = account->member;

	assert (!account->is_ready && TAILQ_EMPTY (&account->ready) &&
		TAILQ_EMPTY (&account->turns));
	LIST_REMOVE (account, all);
	free (account);
	account_release (list, &member);
}

void
account_release (struct account_list *list, struct account **account_p)
{
	struct account *account = *account_p;

	*account_p = NULL;
	if (account && --account->holders == 0 && account->quota.rested_ms == 0)
		s_free (list, account);
}

static struct account *
s_find_rested (struct account_list *list, uint64_t now_ms)
{
	struct account *account;

	LIST_FOREACH (account, list, all)
	if (account->holders == 0 && account->quota.rested_ms <= now_ms)
		return account;
	return NULL;
}

void
account_tidy (struct account_list *list, uint64_t now_ms)
{
	struct account *account;

	while ((account = s_find_rested (list, now_ms)))
		s_free (list, account);
}
