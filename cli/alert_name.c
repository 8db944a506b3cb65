/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a person calls an entry to what the hub can be asked for. See alert.h.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/alert.h"
#include "cli/cmd.h"
#include "cli/follow.h"
#include "cli/say.h"
#include "common/clock.h"

#define SCAN_BACK_US (UINT64_C (7) * 24 * 3600 * 1000000)
#define CANDIDATES_MAX 16

/* Alerts whose id ends in the handle. */
struct search {
	const struct alert_name *name;
	struct book *book; /* takes note of what is found; may be NULL */
	size_t count;	   /* found; of these the first are told: */
	struct {
		uint8_t id[SIAGA_ID_BYTES];
		uint64_t number;
		char title[SIAGA_TITLE_MAX + 1];
	} found[CANDIDATES_MAX];
};

int
alert_name_parse (struct alert_name *name, const char *arg)
{
	const char *number = *arg == '#' ? arg + 1 : arg;
	memset (name, 0, sizeof *name);
	name->text = arg;
	name->query.what = SIAGA_QUERY_STORY;
	if (siaga_uuid_parse (name->query.uuid, siaga_text (arg)) == 0) {
		name->query.has_uuid = true;
		return CMD_OK;
	}
	if (handle_is_valid (siaga_text (arg))) {
		name->is_handle = true;
		return CMD_OK;
	}
	if (!*number || strspn (number, "0123456789") != strlen (number) || strlen (number) > 15) {
		say ("%s: neither a log number nor an id, nor the end of one", arg);
		return CMD_USAGE;
	}
	name->query.has_number = true;
	name->query.number = strtoull (number, NULL, 10);
	return CMD_OK;
}

static void
s_found (struct search *self, const uint8_t *id, uint64_t number, struct siaga_text title)
{
	for (size_t i = 0; i < self->count && i < CANDIDATES_MAX; i++)
		if (memcmp (self->found[i].id, id, SIAGA_ID_BYTES) == 0)
			return;
	if (self->count < CANDIDATES_MAX) {
		memcpy (self->found[self->count].id, id, SIAGA_ID_BYTES);
		self->found[self->count].number = number;
		snprintf (self->found[self->count].title, sizeof self->found[0].title, "%.*s",
			  (int) title.size, title.size ? title.data : "");
	}
	self->count++;
}

static bool
search_on_book (void *arg, const struct book_alert *alert)
{
	struct search *self = arg;
	if (handle_matches (siaga_text (self->name->text), alert->ref.id))
		s_found (self, alert->ref.id, alert->number, alert->title);
	return true;
}

static int
search_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct search *self = arg;
	(void) behind;
	if (!handle_matches (siaga_text (self->name->text), entry->header->id))
		return 0;
	s_found (self, entry->header->id, entry->number, entry->body->title);
	book_add (self->book, entry);
	return 0;
}

static int
search_on_done (void *arg, const struct cursor_file *at)
{
	(void) arg;
	(void) at;
	return 0;
}

static int
s_scan (struct search *self, struct settings *settings, const struct options_common *common)
{
	static const struct follow_sink sink = {
		.on_entry = search_on_entry,
		.on_done = search_on_done,
	};
	struct options_filter filter = {
		.filter.kinds = 1u << SIAGA_KIND_ALERT,
		.has_since = true,
		.since_us = clock_now_us () - SCAN_BACK_US,
	};
	struct follow_options options = {
		.settings = settings,
		.common = common,
		.filter = &filter,
		.handled = handled_new (HANDLED_RECENT),
		.to_head = true,
	};
	int status = options.handled ? follow_run (&options, &sink, self) : CMD_INTERNAL;
	handled_destroy (&options.handled);
	return status;
}

static int
s_choose (const struct search *self, struct alert_name *name)
{
	if (self->count == 1) {
		name->query.has_uuid = true;
		memcpy (name->query.uuid, self->found[0].id, SIAGA_ID_BYTES);
		return CMD_OK;
	}
	if (self->count == 0) {
		say ("no such entry, or not for you");
		return CMD_NOTFOUND;
	}
	say ("%s: several alerts end so; take more of the id, or the number:", name->text);
	for (size_t i = 0; i < self->count && i < CANDIDATES_MAX; i++) {
		char id[SIAGA_UUID_TEXT];
		siaga_uuid_text (id, self->found[i].id);
		say ("  #%" PRIu64 " %s %s", self->found[i].number, id, self->found[i].title);
	}
	if (self->count > CANDIDATES_MAX)
		say ("  and %zu more", self->count - CANDIDATES_MAX);
	return CMD_AMBIGUOUS;
}

int
alert_name_resolve (struct alert_name *name, struct settings *settings,
		    const struct options_common *common)
{
	struct search *search = name->is_handle ? calloc (1, sizeof *search) : NULL;
	int status = CMD_OK;
	if (!name->is_handle)
		return CMD_OK;
	if (!search)
		return CMD_INTERNAL;
	search->name = name;
	search->book = book_open (settings);
	book_each (search->book, search_on_book, search);
	if (search->count == 0)
		status = s_scan (search, settings, common);
	book_save (search->book);
	book_close (&search->book);
	if (!status)
		status = s_choose (search, name);
	free (search);
	return status;
}
