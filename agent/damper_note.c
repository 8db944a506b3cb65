/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folds as notes of the outbox, in CBOR:
 *
 *	fold/<key>    [1, alert id, severity, end, leaf, last id, count, told, base, next, first, last, alone,
 *		      [[rule, lines], …] or false]
 *	folded/<key>  the entry that updates are made from
 *
 * A note that cannot be read is passed over with a warning: its alert was told, what it had counted since is not.
 */
#include "agent/damper_private.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define NOTE_VERSION 1
#define NOTE_FIELDS 14
#define NOTE_MAX (512 + FOLD_RULES_MAX * (FOLD_RULE_BYTES + 16))
#define NOTE_PREFIX "fold/"
#define ENTRY_PREFIX "folded/"

static void
s_name (char name[FOLD_NAME_MAX], const char *prefix, const struct fold *fold)
{
	char hex[2 * FOLD_KEY_BYTES + 1];
	siaga_hex (hex, fold->key, FOLD_KEY_BYTES);
	snprintf (name, FOLD_NAME_MAX, "%s%s", prefix, hex);
}

static void
s_write_rules (struct siaga_writer *writer, const struct fold_rules *rules)
{
	if (!rules) {
		siaga_writer_bool (writer, false);
		return;
	}
	siaga_writer_array (writer, rules->count);
	for (size_t i = 0; i < rules->count; i++) {
		siaga_writer_array (writer, 2);
		siaga_writer_text (writer, siaga_text (rules->items[i].name));
		siaga_writer_uint (writer, rules->items[i].lines);
	}
}

int
fold_write (struct damper *self, const struct fold *fold)
{
	const struct fold_state *now = &fold->now;
	uint8_t buffer[NOTE_MAX];
	char name[FOLD_NAME_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, NOTE_FIELDS);
	siaga_writer_uint (&writer, NOTE_VERSION);
	siaga_writer_bytes (&writer, fold->alert_id, SIAGA_ID_BYTES);
	siaga_writer_uint (&writer, fold->severity);
	siaga_writer_uint (&writer, fold->end_us);
	siaga_writer_bytes (&writer, now->leaf, SIAGA_HASH_BYTES);
	siaga_writer_bytes (&writer, now->last_id, SIAGA_ID_BYTES);
	siaga_writer_uint (&writer, now->count);
	siaga_writer_uint (&writer, now->told);
	siaga_writer_uint (&writer, now->base);
	siaga_writer_uint (&writer, now->next);
	siaga_writer_uint (&writer, now->first_us);
	siaga_writer_uint (&writer, now->last_us);
	siaga_writer_bool (&writer, now->alone);
	s_write_rules (&writer, now->rules);
	if (writer.error)
		return writer.error;
	s_name (name, NOTE_PREFIX, fold);
	return outbox_note_set (self->outbox, name, (struct siaga_bytes){buffer, writer.size});
}

int
fold_delete (struct damper *self, const struct fold *fold)
{
	char name[FOLD_NAME_MAX];
	s_name (name, ENTRY_PREFIX, fold);
	int error = outbox_note_delete (self->outbox, name);
	s_name (name, NOTE_PREFIX, fold);
	return error ? error : outbox_note_delete (self->outbox, name);
}

int
fold_write_entry (struct damper *self, const struct fold *fold, struct siaga_bytes entry)
{
	char name[FOLD_NAME_MAX];
	s_name (name, ENTRY_PREFIX, fold);
	return outbox_note_set (self->outbox, name, entry);
}

int
fold_read_entry (struct damper *self, const struct fold *fold, struct siaga_bytes *entry)
{
	char name[FOLD_NAME_MAX];
	size_t size = 0;
	s_name (name, ENTRY_PREFIX, fold);
	int error = outbox_note_get (self->outbox, name, self->buffer, sizeof self->buffer, &size);
	*entry = (struct siaga_bytes){self->buffer, size};
	return error;
}

/* Into a struct of its own: a summary's rules do not fit the fold's pointer yet. */
static bool
s_read_rules (struct siaga_reader *reader, struct fold_rules *rules)
{
	rules->count = 0;
	if (siaga_reader_peek (reader) == SIAGA_CBOR_BOOL) {
		siaga_reader_bool (reader);
		return false;
	}
	rules->count = siaga_reader_array (reader, FOLD_RULES_MAX);
	for (size_t i = 0; i < rules->count; i++) {
		siaga_reader_array_of (reader, 2);
		struct siaga_text name = siaga_reader_text (reader, FOLD_RULE_BYTES - 1);
		snprintf (rules->items[i].name, FOLD_RULE_BYTES, "%.*s", (int) name.size,
			  name.size ? name.data : "");
		rules->items[i].lines = siaga_reader_uint (reader);
	}
	return true;
}

static void
s_read_state (struct siaga_reader *reader, struct fold_state *now)
{
	siaga_reader_fixed (reader, now->leaf, SIAGA_HASH_BYTES);
	siaga_reader_fixed (reader, now->last_id, SIAGA_ID_BYTES);
	now->count = siaga_reader_uint (reader);
	now->told = siaga_reader_uint (reader);
	now->base = siaga_reader_uint (reader);
	now->next = siaga_reader_uint (reader);
	now->first_us = siaga_reader_uint (reader);
	now->last_us = siaga_reader_uint (reader);
	now->alone = siaga_reader_bool (reader);
}

/* A clock that was set meanwhile makes no window longer than it is. */
static uint64_t
s_left_ms (const struct damper *self, uint64_t end_us)
{
	uint64_t now_us = clock_now_us ();
	uint64_t left_us = end_us > now_us ? end_us - now_us : 0;
	return (left_us < self->window_us ? left_us : self->window_us) / 1000;
}

static int
s_read (struct damper *self, const uint8_t key[FOLD_KEY_BYTES], struct siaga_bytes value)
{
	struct siaga_reader reader;
	struct fold_state state = {.count = 0};
	struct fold_rules rules;
	uint8_t alert_id[SIAGA_ID_BYTES];
	siaga_reader_init (&reader, value.data, value.size);
	siaga_reader_array_of (&reader, NOTE_FIELDS);
	siaga_reader_uint_max (&reader, NOTE_VERSION);
	siaga_reader_fixed (&reader, alert_id, sizeof alert_id);
	uint64_t severity = siaga_reader_uint_max (&reader, SIAGA_SEVERITY_CRITICAL);
	uint64_t end_us = siaga_reader_uint (&reader);
	s_read_state (&reader, &state);
	bool summary = s_read_rules (&reader, &rules);
	if (siaga_reader_end (&reader))
		return SIAGA_EFORMAT;
	struct fold *fold = fold_new (self, key, (unsigned) severity, summary);
	if (!fold)
		return SIAGA_ENOMEM;
	state.rules = fold->now.rules;
	fold->now = state;
	if (summary)
		*fold->now.rules = rules;
	memcpy (fold->alert_id, alert_id, sizeof alert_id);
	fold->end_us = end_us;
	fold->end_ms = clock_mono_ms () + s_left_ms (self, end_us);
	fold->is_fresh = false;
	return 0;
}

static int
s_each (void *arg, struct siaga_text name, struct siaga_bytes value)
{
	uint8_t key[FOLD_KEY_BYTES];
	size_t prefix = sizeof NOTE_PREFIX - 1;
	struct siaga_text hex = {name.data + prefix, name.size - prefix};
	int error =
		siaga_hex_parse (key, sizeof key, hex) ? SIAGA_EFORMAT : s_read (arg, key, value);
	if (error != SIAGA_EFORMAT)
		return error;
	log_warn ("damper-note", "%.*s in the outbox cannot be read and is passed over",
		  (int) name.size, name.data);
	return 0;
}

int
fold_load (struct damper *self)
{
	return outbox_note_each (self->outbox, NOTE_PREFIX, s_each, self);
}
