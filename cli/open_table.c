/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See open_table.h. A ring of alerts in the order they came, and a hash table of their ids; only what somebody did
 * something to has a life.
 */
#include "cli/open_table.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

#define BUCKETS 65536 /* under a random key, so that nobody can choose ids that collide */

struct open_table {
	uint64_t begin; /* alert i is at i % OPEN_ALERTS_MAX */
	uint64_t end;
	size_t lives;
	uint64_t dropped;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct open_alert *ring[OPEN_ALERTS_MAX];
	struct open_alert *buckets[BUCKETS];
};

struct open_table *
open_table_new (void)
{
	struct open_table *self = calloc (1, sizeof *self);
	if (self)
		randombytes_buf (self->key, sizeof self->key);
	return self;
}

static struct open_alert **
s_bucket_of (struct open_table *self, const uint8_t *id)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t at;
	crypto_shorthash (hash, id, SIAGA_ID_BYTES, self->key);
	memcpy (&at, hash, sizeof at);
	return &self->buckets[at % BUCKETS];
}

static void
s_drop_oldest (struct open_table *self)
{
	struct open_alert *alert = self->ring[self->begin++ % OPEN_ALERTS_MAX];
	struct open_alert **at = s_bucket_of (self, alert->ref.id);
	while (*at != alert)
		at = &(*at)->next;
	*at = alert->next;
	self->lives -= alert->life != NULL;
	free (alert->life);
	free (alert->title);
	free (alert);
}

void
open_table_destroy (struct open_table **self_p)
{
	struct open_table *self = *self_p;
	while (self && self->begin < self->end)
		s_drop_oldest (self);
	free (self);
	*self_p = NULL;
}

static void
s_copy (char *to, size_t size, struct siaga_text text)
{
	snprintf (to, size, "%.*s", (int) text.size, text.size ? text.data : "");
}

static void
s_set_deadlines (struct open_alert *alert, const struct siaga_header *header,
		 const struct siaga_roster *roster)
{
	struct siaga_duty duty = {0};
	siaga_roster_duty (roster, header, alert->accepted_us, &duty);
	alert->acknowledge_us = duty.acknowledge_within_us;
	alert->take_us = duty.take_within_us;
	alert->resolve_us = duty.resolve_within_us;
}

static bool
s_has_deadlines (const struct open_alert *alert)
{
	return alert->acknowledge_us > 0 || alert->take_us > 0 || alert->resolve_us > 0;
}

/* What an update may change. */
static int
s_describe (struct open_alert *alert, const struct reader_entry *entry,
	    const struct siaga_roster *roster)
{
	const struct siaga_header *header = entry->header;
	const struct siaga_play *play = siaga_roster_play (roster, header);
	bool had_deadlines = s_has_deadlines (alert);
	struct siaga_text title =
		header->sealed.size ? siaga_text ("(sealed)") : entry->body->title;
	char *copy = strndup (title.size ? title.data : "", title.size);
	if (!copy)
		return SIAGA_ENOMEM;
	free (alert->title);
	alert->title = copy;
	alert->severity = header->severity;
	if (alert->life)
		alert->life->severity = header->severity;
	s_copy (alert->category, sizeof alert->category, header->category);
	s_copy (alert->system, sizeof alert->system, header->system);
	s_copy (alert->lead, sizeof alert->lead, siaga_text (play ? play->lead : NULL));
	s_set_deadlines (alert, header, roster);
	if (!had_deadlines && !alert->life) /* they begin with what made it severe */
		alert->opened_us = entry->accepted_us;
	return 0;
}

static int
s_add_alert (struct open_table *self, const struct reader_entry *entry,
	     const struct siaga_roster *roster)
{
	const struct siaga_header *header = entry->header;
	struct open_alert *alert = calloc (1, sizeof *alert);
	if (alert)
		alert->accepted_us = entry->accepted_us;
	if (!alert || s_describe (alert, entry, roster)) {
		free (alert);
		return SIAGA_ENOMEM;
	}
	memcpy (alert->ref.id, header->id, SIAGA_ID_BYTES);
	memcpy (alert->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
	alert->number = entry->number;
	alert->over_us = header->expires_us
				 ? entry->accepted_us + (header->expires_us - header->created_us)
				 : 0;
	alert->status = header->status;
	alert->tlp = header->tlp;
	s_copy (alert->origin, sizeof alert->origin, header->origin);
	if (self->end - self->begin == OPEN_ALERTS_MAX) {
		s_drop_oldest (self);
		self->dropped++;
	}
	self->ring[self->end++ % OPEN_ALERTS_MAX] = alert;
	struct open_alert **bucket = s_bucket_of (self, header->id);
	alert->next = *bucket;
	*bucket = alert;
	return 0;
}

/* Makes its life; NULL when there are too many, which is told, or out of memory. */
static struct siaga_life *
s_life_of (struct open_table *self, struct open_alert *alert)
{
	struct siaga_header header = {.origin = siaga_text (alert->origin),
				      .severity = alert->severity};
	if (alert->life)
		return alert->life;
	if (self->lives == OPEN_LIVES_MAX) {
		self->dropped++;
		return NULL;
	}
	alert->life = malloc (sizeof *alert->life);
	if (!alert->life)
		return NULL;
	self->lives++;
	siaga_life_begin (alert->life, &header, alert->accepted_us);
	return alert->life;
}

static int
s_add_deed (struct open_table *self, const struct reader_entry *entry,
	    const struct siaga_roster *roster)
{
	const struct siaga_header *header = entry->header;
	struct siaga_deed deed;
	if (header->ref_count == 0 || siaga_deed_read (&deed, header, entry->body) != 0)
		return 0;
	struct open_alert *alert = *s_bucket_of (self, header->refs[0].id);
	while (alert && memcmp (&alert->ref, &header->refs[0], sizeof alert->ref) != 0)
		alert = alert->next;
	if (!alert)
		return 0;
	if (deed.what == SIAGA_DEED_UPDATE) /* an agent's counting makes no life */
		return s_describe (alert, entry, roster);
	if (deed.what == SIAGA_ACTION_COMMENT)
		return 0;
	struct siaga_life *life = s_life_of (self, alert);
	if (!life)
		return self->lives == OPEN_LIVES_MAX ? 0 : SIAGA_ENOMEM;
	if (siaga_life_apply (life, &deed, entry->accepted_us) == 0 &&
	    deed.what == SIAGA_ACTION_REOPEN)
		alert->opened_us = entry->accepted_us;
	return 0;
}

int
open_table_add (struct open_table *self, const struct reader_entry *entry,
		const struct siaga_roster *roster)
{
	return entry->header->kind == SIAGA_KIND_ALERT ? s_add_alert (self, entry, roster)
						       : s_add_deed (self, entry, roster);
}

uint64_t
open_table_dropped (const struct open_table *self)
{
	return self->dropped;
}

static bool
s_is_open (const struct open_alert *alert, uint64_t now_us)
{
	bool led = alert->life && alert->life->lead[0];
	if (alert->life && siaga_life_is_over (alert->life))
		return false;
	return led || alert->over_us == 0 || alert->over_us > now_us;
}

enum open_overdue
open_alert_overdue (const struct open_alert *alert, uint64_t now_us, uint64_t *since_us)
{
	enum siaga_life_state state = alert->life ? alert->life->state : SIAGA_LIFE_NEW;
	bool is_led = state == SIAGA_LIFE_IN_PROGRESS;
	bool is_seen = is_led || state == SIAGA_LIFE_ACKNOWLEDGED;
	const struct {
		enum open_overdue what;
		uint64_t within_us; /* 0: not asked for */
	} deadlines[] = {
		{OPEN_RESOLVE, alert->resolve_us},
		{OPEN_TAKE, is_led ? 0 : alert->take_us},
		{OPEN_ACKNOWLEDGE, is_seen ? 0 : alert->acknowledge_us},
	};
	for (size_t i = 0; i < sizeof deadlines / sizeof *deadlines; i++) {
		uint64_t due_us = alert->opened_us + deadlines[i].within_us;
		if (deadlines[i].within_us == 0 || now_us < due_us)
			continue;
		*since_us = due_us;
		return deadlines[i].what;
	}
	return OPEN_IN_TIME;
}

static int
s_compare (const void *a, const void *b)
{
	const struct open_alert *x = *(const struct open_alert *const *) a;
	const struct open_alert *y = *(const struct open_alert *const *) b;
	bool x_real = x->status == SIAGA_STATUS_ACTUAL, y_real = y->status == SIAGA_STATUS_ACTUAL;
	if (x_real != y_real)
		return x_real ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

const struct open_alert **
open_table_list (const struct open_table *self, uint64_t now_us, size_t *count)
{
	const struct open_alert **list = calloc (self->end - self->begin + 1, sizeof *list);
	size_t found = 0;
	for (uint64_t i = self->begin; list && i < self->end; i++)
		if (s_is_open (self->ring[i % OPEN_ALERTS_MAX], now_us))
			list[found++] = self->ring[i % OPEN_ALERTS_MAX];
	if (!list)
		return NULL;
	qsort (list, found, sizeof *list, s_compare);
	*count = found;
	return list;
}
