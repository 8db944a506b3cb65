/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBSCRIBE and CREDIT: who reads from where, and who is to be served next (PROTOCOL.md section 6.5).
 */
#include <stdlib.h>

#include "common/clock.h"
#include "hub/core_private.h"
#include "siaga/error.h"

/* --- a filter that keeps its texts -------------------------------------------------------------------- */

static size_t
s_list_bytes (const struct siaga_filter_list *list)
{
	size_t bytes = 0;

	for (size_t i = 0; i < list->count; i++)
		bytes += list->items[i].size;
	return bytes;
}

static char *
s_list_keep (struct siaga_filter_list *list, char *at)
{
	for (size_t i = 0; i < list->count; i++) {
		memcpy (at, list->items[i].data, list->items[i].size);
		list->items[i].data = at;
		at += list->items[i].size;
	}
	return at;
}

static int
s_filter_keep (struct subscription *self, const struct siaga_filter *filter)
{
	struct siaga_filter *kept = &self->filter;

	self->filter = *filter;
	self->texts = malloc (s_list_bytes (&kept->categories) + s_list_bytes (&kept->systems) +
			      s_list_bytes (&kept->origins) + 1);
	if (!self->texts)
		return SIAGA_ENOMEM;
	char *at = s_list_keep (&kept->categories, self->texts);
	at = s_list_keep (&kept->systems, at);
	s_list_keep (&kept->origins, at);
	return 0;
}

/* --- whose turn it is ----------------------------------------------------------------------------------- */

static void
s_set_ready (struct account_queue *turns, struct account *account, bool is_ready)
{
	if (account->is_ready == is_ready)
		return;
	account->is_ready = is_ready;
	if (is_ready)
		TAILQ_INSERT_TAIL (turns, account, turn);
	else
		TAILQ_REMOVE (turns, account, turn);
}

/* A principal has its turn while it has a subscription to be served, a member while it has such a principal. */
static void
s_update_turn (struct core *self, struct account *account)
{
	struct account *member = account->member;

	s_set_ready (&member->turns, account, !TAILQ_EMPTY (&account->ready));
	s_set_ready (&self->turns, member, !TAILQ_EMPTY (&member->turns));
}

static void
s_leave_queue (struct core *self, struct subscription *subscription)
{
	struct account *account = subscription->session->account;

	if (!subscription->is_ready)
		return;
	subscription->is_ready = false;
	TAILQ_REMOVE (&account->ready, subscription, ready);
	s_update_turn (self, account);
}

struct subscription *
subscription_next (struct core *self)
{
	struct account *member = TAILQ_FIRST (&self->turns);

	if (!member)
		return NULL;
	struct account *account = TAILQ_FIRST (&member->turns);
	struct subscription *subscription = TAILQ_FIRST (&account->ready);
	/* Out of the lists, and in again at their ends. */
	s_set_ready (&self->turns, member, false);
	s_set_ready (&member->turns, account, false);
	TAILQ_REMOVE (&account->ready, subscription, ready);
	subscription->is_ready = false;
	s_update_turn (self, account);
	return subscription;
}

void
subscription_wake (struct core *self, struct subscription *subscription)
{
	struct account *account = subscription->session->account;
	bool has_news = subscription->next < self->head || !subscription->is_live ||
			(subscription->told < subscription->next &&
			 clock_mono_ms () - subscription->told_ms >= HUB_QUIET_MS);

	if (subscription->is_ready || subscription->credit <= 0 || !has_news)
		return;
	subscription->is_ready = true;
	TAILQ_INSERT_TAIL (&account->ready, subscription, ready);
	s_update_turn (self, account);
}

void
subscription_wake_all (struct core *self)
{
	for (struct session *session = session_table_next (self->sessions, NULL); session;
	     session = session_table_next (self->sessions, session))
		for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
			if (session->subscriptions[i])
				subscription_wake (self, session->subscriptions[i]);
}

/* --- its life ------------------------------------------------------------------------------------------- */

static struct subscription *
s_subscription_new (struct session *session, const struct siaga_subscribe *asked)
{
	struct subscription *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->id = asked->id;
	self->session = session;
	self->from = asked->cursor.next;
	self->next = asked->cursor.next;
	self->told = asked->cursor.next;
	self->credit = (int64_t) asked->credit;
	if (s_filter_keep (self, &asked->filter) != 0) {
		free (self);
		return NULL;
	}
	return self;
}

void
subscription_end (struct core *self, struct subscription **subscription_p)
{
	struct subscription *subscription = *subscription_p;

	s_leave_queue (self, subscription);
	free (subscription->texts);
	free (subscription);
	*subscription_p = NULL;
}

/* --- messages ------------------------------------------------------------------------------------------- */

static struct subscription **
s_place_of (struct session *session, uint64_t id)
{
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		if (session->subscriptions[i] && session->subscriptions[i]->id == id)
			return &session->subscriptions[i];
	return NULL;
}

static struct subscription **
s_free_place (struct session *session)
{
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		if (!session->subscriptions[i])
			return &session->subscriptions[i];
	return NULL;
}

/* Does this log continue from where the reader is? 0 or SIAGA_ECURSOR. */
static int
s_check_cursor (struct core *self, const struct siaga_cursor *cursor)
{
	uint8_t leaf[SIAGA_HASH_BYTES];

	if (cursor->has_log && memcmp (cursor->log_id, self->journal->ops->log_id (self->journal),
				       SIAGA_LOG_ID_BYTES) != 0)
		return SIAGA_ECURSOR;
	if (cursor->next > self->head)
		return SIAGA_ECURSOR;
	if (!cursor->has_mark || cursor->next == 0)
		return 0;
	if (self->journal->ops->leaf (self->journal, cursor->next - 1, leaf) != 0 ||
	    memcmp (leaf, cursor->mark, sizeof leaf) != 0)
		return SIAGA_ECURSOR;
	return 0;
}

static int
s_check_subscribe (struct core *self, struct session *session, const struct siaga_subscribe *asked)
{
	if ((session->principal->roles & SIAGA_ROLE_READ) == 0)
		return SIAGA_EROLE;
	if (asked->credit > SIAGA_CREDIT_MAX ||
	    (!s_place_of (session, asked->id) && !s_free_place (session)))
		return SIAGA_ELIMIT;
	return s_check_cursor (self, &asked->cursor);
}

void
core_on_subscribe (struct core *self, struct session *session, const struct siaga_message *message)
{
	const struct siaga_subscribe *asked = &message->subscribe;
	struct subscription **place;

	int error = s_check_subscribe (self, session, asked);
	if (error == SIAGA_ELIMIT) {
		core_refuse_and_cut (self, &session, SIAGA_SUBSCRIBE, error, NULL);
		return;
	}
	if (error) {
		core_refuse (self, session, SIAGA_SUBSCRIBE, error, NULL, asked->id);
		return;
	}
	if ((place = s_place_of (session, asked->id)))
		subscription_end (self, place);
	else
		place = s_free_place (session);
	*place = s_subscription_new (session, asked);
	if (*place)
		subscription_wake (self, *place);
	else
		core_refuse_later (self, session, SIAGA_SUBSCRIBE, SIAGA_ELATER, asked->id,
				   HUB_RETRY_MS);
}

/* Credit for a subscription that is over may still be under way: it is no mistake. */
void
core_on_credit (struct core *self, struct session *session, const struct siaga_message *message)
{
	const struct siaga_credit *credit = &message->credit;
	struct subscription **place = s_place_of (session, credit->id);

	if (!place)
		return;
	if (credit->more > SIAGA_CREDIT_MAX ||
	    (*place)->credit + (int64_t) credit->more > SIAGA_CREDIT_MAX) {
		core_refuse_and_cut (self, &session, SIAGA_CREDIT, SIAGA_ELIMIT, NULL);
		return;
	}
	(*place)->credit += (int64_t) credit->more;
	subscription_wake (self, *place);
}
