/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short list: only of principals that are here now.
 */
#include "hub/account.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		LIST_INSERT_HEAD (list, account, all);
	}
	account->holders++;
	return account;
}

void
account_release (struct account **account_p)
{
	struct account *account = *account_p;

	*account_p = NULL;
	if (!account || --account->holders > 0)
		return;
	assert (!account->is_ready && TAILQ_EMPTY (&account->ready));
	LIST_REMOVE (account, all);
	free (account);
}
