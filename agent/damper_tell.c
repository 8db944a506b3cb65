/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fold's entries: the updates of its alert, the alert itself as long as it waits, and the alert of a summary.
 */
#include "agent/damper_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define SUMMARY_TITLE_MAX 160
#define SUMMARY_TEXT_MAX (256 + FOLD_RULES_MAX * (FOLD_RULE_BYTES + 24))

/* What an entry of a fold is made from. */
struct telling {
	struct siaga_header header;
	struct siaga_body body;
	char description[SUMMARY_TEXT_MAX];
};

void
damper_leaf (const struct damper *self, uint8_t leaf[SIAGA_HASH_BYTES])
{
	struct siaga_bytes entry = intake_entry (self->intake);
	siaga_merkle_leaf (leaf, entry.data, entry.size);
}

/* Of the alert and the count: what is counted again after the agent's disk went back gets the id it had. */
static void
s_update_id (const struct damper *self, uint8_t id[SIAGA_ID_BYTES], const struct fold *fold)
{
	struct siaga_bytes parts[] = {
		{fold->alert_id, SIAGA_ID_BYTES},
		{(const uint8_t *) &fold->now.count, sizeof fold->now.count},
	};
	intake_make_id (self->intake, id, fold->now.last_us, parts, sizeof parts / sizeof *parts);
}

void
fold_count_rule (struct fold *fold, struct siaga_text rule, uint64_t lines)
{
	struct fold_rules *rules = fold->now.rules;
	char name[FOLD_RULE_BYTES];
	siaga_utf8_clean (name, sizeof name, rule.data, rule.size);
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp (rules->items[i].name, name) == 0) {
			rules->items[i].lines += lines;
			return;
		}
	if (rules->count == FOLD_RULES_MAX)
		return; /* the others */
	snprintf (rules->items[rules->count].name, FOLD_RULE_BYTES, "%s", name);
	rules->items[rules->count++].lines = lines;
}

static void
s_describe (const struct fold *fold, char text[SUMMARY_TEXT_MAX])
{
	const struct fold_rules *rules = fold->now.rules;
	uint64_t others = fold->now.count;
	size_t at = 0;
	text[0] = '\0';
	for (size_t i = 0; i < rules->count && at < SUMMARY_TEXT_MAX; i++) {
		at += (size_t) snprintf (text + at, SUMMARY_TEXT_MAX - at, "%s%" PRIu64 " x %s",
					 i ? "; " : "", rules->items[i].lines,
					 rules->items[i].name);
		others -= rules->items[i].lines;
	}
	if (others > 0 && at < SUMMARY_TEXT_MAX)
		snprintf (text + at, SUMMARY_TEXT_MAX - at, "; %" PRIu64 " x others", others);
}

static void
s_set_counts (const struct fold *fold, struct telling *telling)
{
	telling->body.count = fold->now.count;
	telling->body.first_seen_us = fold->now.first_us;
	telling->body.last_seen_us = fold->now.last_us;
	if (!fold->now.rules)
		return;
	s_describe (fold, telling->description);
	telling->body.description = siaga_text (telling->description);
}

/* The alert itself, from the bytes in self->buffer, with what is counted now. */
static int
s_put_alert (struct damper *self, struct fold *fold, struct siaga_bytes entry)
{
	struct telling telling;
	int error = siaga_entry_read (entry, &telling.header, &telling.body);
	if (error)
		return SIAGA_EIO;
	s_set_counts (fold, &telling);
	error = intake_put (self->intake, &telling.header, &telling.body,
			    fold->now.count - fold->now.base);
	if (error)
		return error;
	damper_leaf (self, fold->now.leaf);
	memcpy (fold->now.last_id, fold->alert_id, SIAGA_ID_BYTES);
	return 0;
}

static int
s_put_update (struct damper *self, struct fold *fold, struct siaga_bytes entry)
{
	struct telling telling;
	int error = siaga_entry_read (entry, &telling.header, &telling.body);
	if (error)
		return SIAGA_EIO;
	struct siaga_header *header = &telling.header;
	s_set_counts (fold, &telling);
	header->kind = SIAGA_KIND_UPDATE;
	header->detected_us = fold->now.last_us;
	header->ref_count = 1;
	memcpy (header->refs[0].id, fold->alert_id, SIAGA_ID_BYTES);
	memcpy (header->refs[0].leaf, fold->now.leaf, SIAGA_HASH_BYTES);
	s_update_id (self, header->id, fold);
	uint8_t id[SIAGA_ID_BYTES];
	memcpy (id, header->id, sizeof id);
	error = intake_put (self->intake, header, &telling.body, fold->now.count - fold->now.base);
	if (!error)
		memcpy (fold->now.last_id, id, SIAGA_ID_BYTES);
	return error;
}

static bool
s_is_alert (const struct fold *fold, const uint8_t id[SIAGA_ID_BYTES])
{
	return memcmp (fold->alert_id, id, SIAGA_ID_BYTES) == 0;
}

/* The records make no valid entry (any more): too large by a few bytes, say. */
static bool
s_is_invalid (int error)
{
	return error == SIAGA_ELIMIT || error == SIAGA_EMALFORMED;
}

/* Without what its entries are made from a fold can tell nothing more: that stops nothing else. */
static int
s_give_up (struct damper *self, struct fold *fold)
{
	log_warn ("damper-note", "the entry of an open fold cannot be read: its lines are lost");
	intake_lost (self->intake, (enum siaga_severity) fold->severity,
		     fold->now.count - fold->now.base);
	fold->now.base = fold->now.count;
	return 0;
}

static int
s_put_again (struct damper *self, struct fold *fold)
{
	struct siaga_bytes entry;
	struct siaga_header header;
	struct siaga_body body;
	int error = fold_read_entry (self, fold, &entry);
	if (error == SIAGA_ENOTFOUND || error == SIAGA_ELIMIT ||
	    (!error && siaga_entry_read (entry, &header, &body)))
		return s_give_up (self, fold);
	if (!error)
		error = fold->now.alone ? s_put_alert (self, fold, entry)
					: s_put_update (self, fold, entry);
	return s_is_invalid (error) ? s_give_up (self, fold) : error;
}

/* The last entry waits no more, or never did: what it told is on its way. */
static int
s_put (struct damper *self, struct fold *fold)
{
	size_t size = 0;
	uint64_t lines;
	int error = outbox_withdraw (self->outbox, fold->now.last_id, self->buffer, &size, &lines);
	if (error == SIAGA_ENOTFOUND && !fold->now.alone)
		fold->now.base = fold->now.told;
	if (error == SIAGA_ENOTFOUND)
		return s_put_again (self, fold);
	if (error)
		return error;
	if (!fold->now.alone && s_is_alert (fold, fold->now.last_id)) {
		fold->now.alone = true; /* until it is back */
		error = s_put_alert (self, fold, (struct siaga_bytes){self->buffer, size});
		return s_is_invalid (error) ? s_put_again (self, fold) : error;
	}
	return s_put_again (self, fold);
}

int
fold_tell (struct damper *self, struct fold *fold, bool last)
{
	if (fold->now.told == fold->now.count && !fold->now.alone)
		return 0;
	int error = s_put (self, fold);
	if (error == SIAGA_EFULL) {
		fold->now.told = fold->now.base;
		if (last)
			intake_lost (self->intake, (enum siaga_severity) fold->severity,
				     fold->now.count - fold->now.base);
		return 0;
	}
	if (error)
		return error;
	fold->now.told = fold->now.count;
	fold->now.alone = false;
	return 0;
}

static void
s_summary_header (const struct damper *self, struct siaga_header *header, const struct event *event,
		  const uint8_t *key)
{
	*header = (struct siaga_header){
		.status = event->header.status,
		.detected_us = event->header.detected_us,
		.severity = event->header.severity,
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.category = siaga_text ("other/undetermined"),
		.tlp = event->header.tlp,
		.audience_count = event->header.audience_count,
	};
	memcpy (header->audience, event->header.audience,
		event->header.audience_count * sizeof *header->audience);
	struct siaga_bytes parts[] = {
		{key, FOLD_KEY_BYTES},
		{(const uint8_t *) &header->detected_us, sizeof header->detected_us},
		{(const uint8_t *) event->line.data, event->line.size},
	};
	intake_make_id (self->intake, header->id,
			header->detected_us ? header->detected_us : clock_now_us (), parts,
			sizeof parts / sizeof *parts);
}

static int
s_summary_add (struct damper *self, struct fold *fold, const struct event *event)
{
	struct telling telling = {.body.count = 0};
	char title[SUMMARY_TITLE_MAX];
	snprintf (title, sizeof title,
		  "More than %" PRIu64 " %s alerts a minute from \"%.40s\": the others are counted",
		  self->rate, siaga_name_of (&siaga_severity_names, fold->severity), event->source);
	s_summary_header (self, &telling.header, event, fold->key);
	telling.body.title = siaga_text (title);
	telling.body.detector.tool = siaga_text ("siaga-agent");
	telling.body.detector.rule_id = siaga_text ("rate");
	memcpy (fold->alert_id, telling.header.id, SIAGA_ID_BYTES);
	s_set_counts (fold, &telling);
	fold->now.alone = true;
	int error = intake_put (self->intake, &telling.header, &telling.body, fold->now.count);
	if (error && error != SIAGA_EFULL)
		return error;
	struct siaga_bytes entry = intake_entry (self->intake);
	if (!error) {
		damper_leaf (self, fold->now.leaf);
		memcpy (fold->now.last_id, fold->alert_id, SIAGA_ID_BYTES);
		fold->now.told = fold->now.count;
		fold->now.alone = false;
	}
	return fold_write_entry (self, fold, entry);
}

int
fold_begin_summary (struct damper *self, const uint8_t key[FOLD_KEY_BYTES],
		    const struct event *event)
{
	struct fold *fold = fold_new (self, key, event->header.severity, true);
	if (!fold)
		return SIAGA_ENOMEM;
	uint64_t now_us = clock_now_us ();
	uint64_t seen_us = event->header.detected_us ? event->header.detected_us : now_us;
	fold->end_us = now_us + self->window_us;
	fold->end_ms = clock_mono_ms () + self->window_us / 1000;
	fold->now.count = event->body.count ? event->body.count : 1;
	fold->now.next = FOLD_STEP;
	fold->now.first_us = fold->now.last_us = seen_us;
	fold_count_rule (fold, damper_rule_name (event), fold->now.count);
	return s_summary_add (self, fold, event);
}
