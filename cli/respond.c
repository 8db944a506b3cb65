/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signed entry about an alert, through the same outbox as `siaga send`. The alert's state is looked at before, so
 * that a person is told at once who has it; the hub judges all the same, and when somebody was faster the story is
 * read again to say who.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/respond_private.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"
#include "siaga/error.h"

#define QUEUE_MS 500 /* at least, to queue what the hub did not answer about */

/* --- the entry ------------------------------------------------------------------------------------------ */

/* Whether the roster lets us, which needs no hub. */
static int
s_check_role (const struct respond *self)
{
	const struct siaga_principal *principal = self->settings.trust.principal;
	bool is_response = self->verb->what < SIAGA_DEED_UPDATE;
	if (principal->roles & (is_response ? SIAGA_ROLE_RESPOND : SIAGA_ROLE_PUBLISH))
		return CMD_OK;
	say ("the roster does not let %s %s", principal->name,
	     is_response ? "respond to alerts" : "publish alerts");
	return CMD_NOPERM;
}

/* It carries its alert's TLP, audience and status, so whoever sees the alert sees its story and nobody else; and
   what readers choose by, so that who follows a system follows that too. */
static void
s_make_header (struct respond *self, struct siaga_header *header)
{
	uint8_t random[10];
	*header = self->alert.header;
	header->created_us = clock_now_us ();
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header->id, header->created_us / 1000, random);
	header->origin = self->deed.origin;
	header->kind = self->verb->what == SIAGA_DEED_UPDATE   ? SIAGA_KIND_UPDATE
		       : self->verb->what == SIAGA_DEED_CANCEL ? SIAGA_KIND_CANCEL
							       : SIAGA_KIND_RESPONSE;
	header->action = header->kind == SIAGA_KIND_RESPONSE ? (enum siaga_action) self->verb->what
							     : SIAGA_ACTION_NONE;
	header->detected_us = header->expires_us = 0;
	header->sealed = (struct siaga_bytes){NULL, 0};
	header->ref_count = 1;
	header->refs[0] = self->alert.ref;
	if (self->duplicate_of)
		header->refs[header->ref_count++] = self->other.ref;
	if (!self->alert.is_remembered)
		header->severity = self->alert.life.severity;
	if (self->severity >= 0)
		header->severity = (enum siaga_severity) self->severity;
	if (self->certainty >= 0)
		header->certainty = (enum siaga_certainty) self->certainty;
}

static int
s_compose (struct respond *self)
{
	struct siaga_header header;
	struct siaga_body body = {
		.description = siaga_text (self->comment),
		.outcome = self->outcome,
		.member = siaga_text (self->member),
	};
	struct siaga_writer writer;
	s_make_header (self, &header);
	if (header.kind == SIAGA_KIND_UPDATE)
		body.title = siaga_text (self->title ? self->title : self->alert.title);
	siaga_writer_init (&writer, self->entry, sizeof self->entry);
	int error = siaga_entry_write (&writer, &header, &body);
	if (error) {
		say ("not a valid entry: %s", siaga_strerror (error));
		return CMD_USAGE;
	}
	memcpy (self->item.id, header.id, sizeof header.id);
	self->item.entry = (struct siaga_bytes){writer.data, writer.size};
	return CMD_OK;
}

/* --- before the hub judges ------------------------------------------------------------------------------ */

static int
s_find (struct respond *self)
{
	int status = alert_find (&self->alert, &self->settings, &self->common, self->alert_name);
	if (!status && self->duplicate_of)
		status = alert_find (&self->other, &self->settings, &self->common,
				     self->duplicate_of);
	if (status || !self->duplicate_of ||
	    memcmp (self->alert.ref.id, self->other.ref.id, SIAGA_ID_BYTES) != 0)
		return status;
	say ("an alert is no duplicate of itself");
	return CMD_USAGE;
}

static int
s_precheck (struct respond *self)
{
	const struct alert *alert = &self->alert;
	bool is_own = siaga_text_equal (alert->header.origin, self->deed.origin);
	if (self->verb->what >= SIAGA_DEED_UPDATE && !is_own) {
		say ("%s is %.*s's: only it can %s it", alert->handle,
		     (int) alert->header.origin.size, alert->header.origin.data, self->verb->name);
		return CMD_NOPERM;
	}
	if (alert->is_remembered || siaga_life_judge (&alert->life, &self->deed) != SIAGA_ESTATE)
		return CMD_OK;
	return respond_refuse (alert, &self->deed, &self->output.style);
}

/* --- what became of it ---------------------------------------------------------------------------------- */

/* Somebody was faster: who? */
static int
s_lost (struct respond *self)
{
	struct alert now;
	char name[SIAGA_UUID_TEXT];
	siaga_uuid_text (name, self->alert.ref.id);
	int status = alert_find (&now, &self->settings, &self->common, name);
	if (!status && !now.is_remembered &&
	    siaga_life_judge (&now.life, &self->deed) == SIAGA_ESTATE)
		status = respond_refuse (&now, &self->deed, &self->output.style);
	else {
		say ("%s: %s", self->alert.handle, siaga_strerror (SIAGA_ESTATE));
		status = CMD_STATE;
	}
	alert_finish (&now);
	return status;
}

static int
s_refused (struct respond *self)
{
	switch (self->item.code) {
	case SIAGA_ESTATE:
		return s_lost (self);
	case SIAGA_EROLE:
		say ("the roster does not let you do that");
		return CMD_NOPERM;
	case SIAGA_EREF:
		if (self->member) {
			say ("%s cannot be handed %s: the roster does not know it, or it may not "
			     "see it",
			     self->member, self->alert.handle);
			return CMD_REFUSED;
		}
		say ("no such entry, or not for you");
		return CMD_NOTFOUND;
	default:
		say ("the hub refuses: %s", siaga_strerror (self->item.code));
		return CMD_REFUSED;
	}
}

static int
s_tell_json (struct respond *self, const char *id, const char *about)
{
	json_t *object = json_object ();
	if (self->item.number <= SIAGA_OSEQ_MAX)
		json_object_set_new (object, "number",
				     json_integer ((json_int_t) self->item.number));
	json_object_set_new (object, "id", json_string (id));
	json_object_set_new (object, "verb", json_string (self->verb->name));
	json_object_set_new (object, "alert",
			     json_pack ("{s:I, s:s, s:s}", "number",
					(json_int_t) self->alert.number, "id", about, "handle",
					self->alert.handle));
	int status = output_json (&self->output, object);
	json_decref (object);
	return status;
}

static int
s_tell (struct respond *self)
{
	char id[SIAGA_UUID_TEXT], about[SIAGA_UUID_TEXT], number[24] = "-";
	int status = 0;
	siaga_uuid_text (id, self->item.id);
	siaga_uuid_text (about, self->alert.ref.id);
	if (self->item.number <= SIAGA_OSEQ_MAX)
		snprintf (number, sizeof number, "%" PRIu64, self->item.number);
	if (!self->common.quiet && self->output.json) {
		status = s_tell_json (self, id, about);
	} else if (!self->common.quiet) {
		output_printf (&self->output, "published %s %s (%s %s ", number, id,
			       self->verb->done, self->alert.handle);
		output_escaped (&self->output, siaga_text (self->alert.title));
		status = output_text (&self->output, ")\n");
	}
	if (!status)
		status = output_flush (&self->output);
	return status > 0 ? status : CMD_OK;
}

static int
s_publish (struct respond *self)
{
	uint64_t now_ms = clock_mono_ms ();
	struct publish_options options = {
		.settings = &self->settings,
		.address = self->common.address,
		.timeout_ms = self->deadline_ms > now_ms + QUEUE_MS ? self->deadline_ms - now_ms
								    : QUEUE_MS,
		.no_queue = self->no_queue,
		.tells_refusals = true,
	};
	int status = publish_run (&options, &self->item, 1);
	if (self->item.fate == PUBLISH_REFUSED)
		return s_refused (self);
	if (status == CMD_OK)
		return s_tell (self);
	if (status == CMD_QUEUED)
		say ("queued, goes with your next command");
	if (status == CMD_UNAVAILABLE)
		say ("not published, and not queued");
	return status;
}

int
respond_run (struct respond *self)
{
	int status = s_check_role (self);
	if (!status) /* what is queued may be what makes this possible: a take, then a resolve */
		status = publish_flush (&self->settings, &self->common, SESSION_TIMEOUT_MS);
	if (!status)
		status = s_find (self);
	if (!status)
		status = s_precheck (self);
	if (!status)
		status = s_compose (self);
	return status ? status : s_publish (self);
}
