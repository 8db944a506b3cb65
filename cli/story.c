/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See story.h.
 */
#include "cli/story.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/alert.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/say.h"
#include "common/reader.h"
#include "common/render_json.h"
#include "siaga/error.h"

struct story {
	const struct settings *settings;
	struct siaga_query query;
	struct asked asked;
	struct siaga_ref ref; /* to the first entry */
	json_t *entries;
	bool bad;
	bool failed;
};

/* A hub could answer with other entries than what was asked for and what refers to it. */
static bool
s_belongs (struct story *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	if (json_array_size (self->entries) == 0) {
		memcpy (self->ref.id, header->id, SIAGA_ID_BYTES);
		memcpy (self->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
		return self->query.has_number
			       ? entry->number == self->query.number
			       : memcmp (header->id, self->query.uuid, SIAGA_ID_BYTES) == 0;
	}
	for (size_t i = 0; i < header->ref_count; i++)
		if (memcmp (&header->refs[i], &self->ref, sizeof self->ref) == 0)
			return true;
	return false;
}

static void
story_on_entry (void *arg, const struct reader_entry *entry)
{
	struct story *self = arg;
	if (self->failed || !s_belongs (self, entry))
		return;
	json_t *object = render_json (entry, self->asked.log_id, self->settings->trust.roster);
	if (json_array_append_new (self->entries, object))
		self->failed = true;
}

static void
story_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct story *self = arg;
	(void) error;
	self->bad = true;
	say ("UNVERIFIED entry %" PRIu64 " is left out: %s", number, words);
}

static const struct reader_events s_events = {story_on_entry, story_on_bad};

static int
s_read (struct story *self)
{
	struct reader *reader = reader_new (self->settings->trust.roster, &s_events, self);
	if (!reader)
		return CMD_INTERNAL;
	int error = reader_take (reader, answer_bytes (&self->asked.answer), 0);
	reader_destroy (&reader);
	if (self->failed)
		return CMD_INTERNAL;
	if (error)
		say ("the hub's answer is malformed");
	else if (json_array_size (self->entries) == 0 && !self->bad)
		say ("no such entry, or not for you");
	return error || self->bad || json_array_size (self->entries) == 0 ? CMD_REFUSED : CMD_OK;
}

int
story_ask (struct settings *settings, const struct options_common *common, const char *operand,
	   json_t **story_p)
{
	struct story self = {.settings = settings, .entries = json_array ()};
	struct alert_name name;
	int status = self.entries ? alert_name_parse (&name, operand) : CMD_INTERNAL;
	if (!status)
		status = alert_name_resolve (&name, settings, common);
	if (!status) {
		self.query = name.query;
		self.query.what = SIAGA_QUERY_STORY;
		status = ask_run (settings, common, &self.query, &self.asked);
	}
	if (!status) {
		status = s_read (&self);
		answer_finish (&self.asked.answer);
	}
	if (!status)
		*story_p = self.entries;
	else
		json_decref (self.entries);
	return status;
}
