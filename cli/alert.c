/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See alert.h. The answer is verified, and must be what was asked for and then what refers to it: a hub could answer with
 * other entries.
 */
#include "cli/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "siaga/error.h"

/* Reading an answer. */
struct reading {
	struct alert *alert;
	const struct siaga_query *query;
	struct book *book;
	bool is_other; /* the first entry is not what was asked for */
	int error;
};

void
alert_finish (struct alert *alert)
{
	free (alert->data);
	alert->data = NULL;
}

static void
s_set_title (struct alert *alert, const struct siaga_header *header, const struct siaga_body *body)
{
	struct siaga_text title = header->sealed.size ? siaga_text ("(sealed)") : body->title;
	snprintf (alert->title, sizeof alert->title, "%.*s", (int) title.size,
		  title.size ? title.data : "");
}

/* Its bytes are copied and read again, so that the texts are its own. */
static int
s_keep (struct alert *alert, struct siaga_bytes entry)
{
	struct siaga_body body;
	alert->data = malloc (entry.size + 1);
	if (!alert->data)
		return SIAGA_ENOMEM;
	memcpy (alert->data, entry.data, entry.size);
	int error = siaga_entry_read ((struct siaga_bytes){alert->data, entry.size}, &alert->header,
				      &body);
	if (error)
		return error;
	handle_write (alert->handle, alert->header.id);
	s_set_title (alert, &alert->header, &body);
	return 0;
}

static void
s_first (struct reading *self, const struct reader_entry *entry)
{
	struct alert *alert = self->alert;
	const struct siaga_query *query = self->query;
	self->is_other = query->has_number
				 ? entry->number != query->number
				 : memcmp (entry->header->id, query->uuid, SIAGA_ID_BYTES) != 0;
	if (self->is_other)
		return;
	self->error = s_keep (alert, entry->bytes);
	memcpy (alert->ref.id, entry->header->id, SIAGA_ID_BYTES);
	memcpy (alert->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
	alert->number = entry->number;
	alert->accepted_us = entry->accepted_us;
	siaga_life_begin (&alert->life, entry->header, entry->accepted_us);
	book_add (self->book, entry);
}

static void
s_deed (struct alert *alert, const struct reader_entry *entry)
{
	struct siaga_deed deed;
	if (entry->header->ref_count == 0 ||
	    memcmp (&entry->header->refs[0], &alert->ref, sizeof alert->ref) != 0 ||
	    siaga_deed_read (&deed, entry->header, entry->body) != 0)
		return;
	siaga_life_apply (&alert->life, &deed, entry->accepted_us);
	if (deed.what == SIAGA_DEED_UPDATE) {
		alert->header.certainty = entry->header->certainty;
		s_set_title (alert, entry->header, entry->body);
	}
}

static void
alert_on_entry (void *arg, const struct reader_entry *entry)
{
	struct reading *self = arg;
	if (self->error || self->is_other)
		return;
	if (self->alert->data)
		s_deed (self->alert, entry);
	else
		s_first (self, entry);
}

static void
alert_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct reading *self = arg;
	(void) error;
	self->alert->bad = true;
	say ("UNVERIFIED entry %" PRIu64 " is not shown: %s", number, words);
}

int
alert_ask (struct settings *settings, const struct options_common *common,
	   const struct alert_name *name, struct asked *asked)
{
	int status = ask_run (settings, common, &name->query, asked);
	return status == CMD_REFUSED && asked->code == SIAGA_ENOTFOUND ? CMD_NOTFOUND : status;
}

static int
s_read_status (const struct reading *self, int error)
{
	if (self->error == SIAGA_ENOMEM)
		return CMD_INTERNAL;
	if (error || self->error || self->is_other || (self->alert->bad && !self->alert->data)) {
		if (error || self->error)
			say ("the hub's answer is malformed");
		return CMD_REFUSED;
	}
	if (self->alert->data)
		return CMD_OK;
	say ("no such entry, or not for you");
	return CMD_NOTFOUND;
}

int
alert_read (struct alert *alert, const struct settings *settings, const struct alert_name *name,
	    const struct asked *asked)
{
	static const struct reader_events events = {alert_on_entry, alert_on_bad};
	struct reading self = {.alert = alert, .query = &name->query};
	memset (alert, 0, sizeof *alert);
	struct reader *reader = reader_new (settings->trust.roster, &events, &self);
	if (!reader)
		return CMD_INTERNAL;
	self.book = book_open (settings);
	int error = reader_take (reader, answer_bytes (&asked->answer), 0);
	book_save (self.book);
	book_close (&self.book);
	reader_destroy (&reader);
	return s_read_status (&self, error);
}

/* --- the book ------------------------------------------------------------------------------------------- */

struct recall {
	struct alert *alert;
	const struct siaga_query *query;
	int error;
};

static bool
recall_on_book (void *arg, const struct book_alert *known)
{
	struct recall *self = arg;
	const struct siaga_query *query = self->query;
	if (query->has_uuid ? memcmp (known->ref.id, query->uuid, SIAGA_ID_BYTES) != 0
			    : known->number != query->number)
		return true;
	self->error = s_keep (self->alert, known->digest);
	self->alert->ref = known->ref;
	self->alert->number = known->number;
	self->alert->accepted_us = known->accepted_us;
	self->alert->is_remembered = true;
	return false;
}

static int
s_recall (struct alert *alert, struct settings *settings, const struct alert_name *name)
{
	struct recall self = {.alert = alert, .query = &name->query};
	struct book *book = book_open (settings);
	book_each (book, recall_on_book, &self);
	book_close (&book);
	if (alert->data && !self.error)
		return CMD_OK;
	say ("%s is not known on this machine: it can be answered when the hub is there",
	     name->text);
	return CMD_UNAVAILABLE;
}

static int
s_check_kind (const struct alert *alert)
{
	enum siaga_kind kind = alert->header.kind;
	if (kind == SIAGA_KIND_ALERT)
		return CMD_OK;
	say ("#%" PRIu64 " is no alert but a%s %s", alert->number,
	     kind == SIAGA_KIND_UPDATE ? "n" : "", siaga_name_of (&siaga_kind_names, kind));
	return CMD_USAGE;
}

int
alert_find (struct alert *alert, struct settings *settings, const struct options_common *common,
	    const char *arg)
{
	struct alert_name name;
	struct asked asked = {0};
	memset (alert, 0, sizeof *alert);
	int status = alert_name_parse (&name, arg);
	if (!status)
		status = alert_name_resolve (&name, settings, common);
	if (status)
		return status;
	status = alert_ask (settings, common, &name, &asked);
	if (status == CMD_UNAVAILABLE)
		return s_recall (alert, settings, &name);
	/* Is its story longer than an answer may be? Then how it stands is left to the hub. */
	bool is_long = status == CMD_REFUSED && asked.code == SIAGA_ELIMIT;
	if (is_long) {
		name.query.what = SIAGA_QUERY_ENTRY;
		status = alert_ask (settings, common, &name, &asked);
	}
	if (!status)
		status = alert_read (alert, settings, &name, &asked);
	alert->is_remembered = is_long;
	answer_finish (&asked.answer);
	return status ? status : s_check_kind (alert);
}
