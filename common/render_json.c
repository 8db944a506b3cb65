/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the object in the order it is to be read. A member that cannot be made for want of memory is noticed
 * once, at the end. See render_json.h.
 */
#include "common/render_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/cbor_diag.h"
#include "common/escape.h"
#include "common/render_duty.h"

/* An object being built; `failed` is sticky. Jansson need not look at the texts again: those of an entry were checked to
   be UTF-8 when it was read, the others are ours. */
struct build {
	json_t *object;
	bool failed;
};

static void
s_set (struct build *build, const char *name, json_t *value)
{
	if (json_object_set_new_nocheck (build->object, name, value))
		build->failed = true;
}

static void
s_text (struct build *build, const char *name, struct siaga_text text)
{
	if (text.size > 0)
		s_set (build, name, json_stringn_nocheck (text.data, text.size));
}

static void
s_number (struct build *build, const char *name, uint64_t number)
{
	s_set (build, name, json_integer ((json_int_t) number));
}

static void
s_number_said (struct build *build, const char *name, uint64_t number)
{
	if (number > 0)
		s_number (build, name, number);
}

static void
s_time (struct build *build, const char *name, uint64_t time_us)
{
	char text[SIAGA_TIME_TEXT];
	if (time_us == 0)
		return;
	siaga_time_text (text, time_us);
	s_set (build, name, json_string_nocheck (text));
}

static void
s_hex (struct build *build, const char *name, const void *data, size_t size)
{
	char text[2 * SIAGA_HASH_BYTES + 1];
	siaga_hex (text, data, size);
	s_set (build, name, json_string_nocheck (text));
}

static void
s_id (struct build *build, const char *name, const uint8_t id[SIAGA_ID_BYTES])
{
	char text[SIAGA_UUID_TEXT];
	siaga_uuid_text (text, id);
	s_set (build, name, json_string_nocheck (text));
}

static void
s_name (struct build *build, const char *name, const struct siaga_names *names, unsigned value)
{
	s_set (build, name, json_string_nocheck (siaga_name_of (names, value)));
}

static void
s_append (struct build *build, json_t *array, json_t *value)
{
	if (json_array_append_new (array, value))
		build->failed = true;
}

static struct build
s_begin (void)
{
	struct build build = {.object = json_object ()};
	build.failed = !build.object;
	return build;
}

/* The finished object into an array of another. */
static void
s_append_build (struct build *build, json_t *array, struct build *item)
{
	build->failed = build->failed || item->failed;
	s_append (build, array, item->object);
}

static void
s_set_build (struct build *build, const char *name, struct build *item)
{
	build->failed = build->failed || item->failed;
	s_set (build, name, item->object);
}

static void
s_place (struct build *build, const struct reader_entry *entry, const uint8_t *log_id)
{
	s_number (build, "number", entry->number);
	s_hex (build, "log_id", log_id, SIAGA_LOG_ID_BYTES);
	s_time (build, "accepted", entry->accepted_us);
	s_set (build, "verified", json_true ());
	s_text (build, "origin", entry->header->origin);
	s_hex (build, "epoch", entry->head->epoch, SIAGA_EPOCH_BYTES);
	s_number (build, "oseq", entry->oseq);
}

static void
s_refs (struct build *build, const struct siaga_header *header)
{
	if (header->ref_count == 0)
		return;
	json_t *array = json_array ();
	for (size_t i = 0; i < header->ref_count; i++) {
		struct build item = s_begin ();
		s_id (&item, "id", header->refs[i].id);
		s_hex (&item, "leaf", header->refs[i].leaf, SIAGA_HASH_BYTES);
		s_append_build (build, array, &item);
	}
	s_set (build, "refs", array);
}

static void
s_status (struct build *build, enum siaga_status status)
{
	s_name (build, "status", &siaga_status_names, status);
	if (status == SIAGA_STATUS_EXERCISE)
		s_set (build, "exercise", json_true ());
	if (status == SIAGA_STATUS_TEST)
		s_set (build, "test", json_true ());
}

static void
s_audience (struct build *build, const struct siaga_header *header)
{
	if (header->audience_count == 0)
		return;
	json_t *array = json_array ();
	for (size_t i = 0; i < header->audience_count; i++)
		s_append (build, array,
			  json_stringn (header->audience[i].data, header->audience[i].size));
	s_set (build, "audience", array);
}

static void
s_header (struct build *build, const struct siaga_header *header)
{
	s_id (build, "id", header->id);
	s_name (build, "kind", &siaga_kind_names, header->kind);
	if (header->action != SIAGA_ACTION_NONE)
		s_name (build, "action", &siaga_action_names, header->action);
	s_refs (build, header);
	s_status (build, header->status);
	s_time (build, "created", header->created_us);
	s_time (build, "detected", header->detected_us);
	s_time (build, "expires", header->expires_us);
	s_name (build, "severity", &siaga_severity_names, header->severity);
	s_name (build, "certainty", &siaga_certainty_names, header->certainty);
	s_text (build, "category", header->category);
	s_text (build, "system", header->system);
	s_name (build, "tlp", &siaga_tlp_names, header->tlp);
	s_audience (build, header);
	if (header->sealed.size > 0)
		s_set (build, "sealed", json_true ());
}

static void
s_endpoints (struct build *build, const char *name, const struct siaga_endpoint *endpoints,
	     size_t count)
{
	if (count == 0)
		return;
	json_t *array = json_array ();
	for (size_t i = 0; i < count; i++) {
		const struct siaga_endpoint *endpoint = &endpoints[i];
		struct build item = s_begin ();
		s_text (&item, "ip", endpoint->ip);
		s_number_said (&item, "port", endpoint->port);
		s_text (&item, "host", endpoint->host);
		s_text (&item, "user", endpoint->user);
		s_text (&item, "url", endpoint->url);
		s_text (&item, "hash", endpoint->hash);
		s_text (&item, "mac", endpoint->mac);
		s_text (&item, "email", endpoint->email);
		s_text (&item, "file", endpoint->file);
		s_text (&item, "process", endpoint->process);
		s_append_build (build, array, &item);
	}
	s_set (build, name, array);
}

static void
s_detector (struct build *build, const struct siaga_detector *detector)
{
	struct build item = s_begin ();
	s_text (&item, "tool", detector->tool);
	s_text (&item, "rule_id", detector->rule_id);
	s_text (&item, "rule", detector->rule);
	s_text (&item, "native_severity", detector->native_severity);
	if (json_object_size (item.object) > 0)
		s_set_build (build, "detector", &item);
	else
		json_decref (item.object);
}

/* What only voids and roster entries have. */
static void
s_previous (struct build *build, const struct siaga_body *body)
{
	if (body->has_previous) {
		struct build item = s_begin ();
		s_hex (&item, "epoch", body->previous_epoch, SIAGA_EPOCH_BYTES);
		s_number (&item, "oseq", body->previous_oseq);
		s_set_build (build, "previous", &item);
	}
	if (body->has_former_log) {
		struct build item = s_begin ();
		s_hex (&item, "log", body->former_log, SIAGA_LOG_ID_BYTES);
		s_number (&item, "size", body->former_size);
		s_set_build (build, "former_log", &item);
	}
	if (body->roster_hash.size == SIAGA_HASH_BYTES) {
		struct build item = s_begin ();
		s_number (&item, "serial", body->roster_serial);
		s_hex (&item, "sha256", body->roster_hash.data, body->roster_hash.size);
		s_set_build (build, "roster", &item);
	}
}

static void
s_unknown (struct build *build, const struct siaga_body *body)
{
	for (size_t i = 0; i < body->unknown_count; i++) {
		char name[32];
		snprintf (name, sizeof name, "body_%llu",
			  (unsigned long long) body->unknown[i].key);
		char *text = cbor_diag (body->unknown[i].value);
		s_set (build, name, text ? json_string (text) : NULL);
		free (text);
	}
}

static void
s_body (struct build *build, const struct siaga_body *body)
{
	s_text (build, "title", body->title);
	s_text (build, "description", body->description);
	s_text (build, "instruction", body->instruction);
	s_endpoints (build, "source", body->source, body->source_count);
	s_endpoints (build, "target", body->target, body->target_count);
	s_detector (build, &body->detector);
	s_number_said (build, "count", body->count);
	s_time (build, "first_seen", body->first_seen_us);
	s_time (build, "last_seen", body->last_seen_us);
	if (body->outcome != SIAGA_OUTCOME_NONE)
		s_name (build, "outcome", &siaga_outcome_names, body->outcome);
	s_text (build, "member", body->member);
	s_previous (build, body);
	s_text (build, "raw", body->raw);
	s_unknown (build, body);
}

json_t *
render_json (const struct reader_entry *entry, const uint8_t log_id[SIAGA_LOG_ID_BYTES],
	     const struct siaga_roster *roster)
{
	struct build build = s_begin ();
	s_place (&build, entry, log_id);
	s_header (&build, entry->header);
	if (entry->header->sealed.size == 0)
		s_body (&build, entry->body);
	if (!build.failed)
		build.failed =
			!render_duty_json (build.object, roster, entry->header, entry->accepted_us);
	if (!build.failed)
		return build.object;
	json_decref (build.object);
	return NULL;
}

/* Is there a byte that may belong to a hostile character? Mostly not: then nothing is copied. */
static bool
s_is_plain (const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((uint8_t) line[i] >= 0x7f)
			return false;
	return true;
}

/* The line with hostile characters escaped; `line` is consumed. */
static char *
s_escaped (char *line, size_t *size_p)
{
	char *escaped = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&escaped, &size);

	if (out) {
		escape_write_json (out, siaga_text (line));
		fputc ('\n', out);
	}
	free (line);
	if (!out || fclose (out) != 0) {
		free (escaped);
		return NULL;
	}
	*size_p = size;
	return escaped;
}

char *
render_json_line (const json_t *object, bool ascii, size_t *size_p)
{
	char *line = json_dumps (object, JSON_COMPACT | (ascii ? JSON_ENSURE_ASCII : 0));
	size_t size = line ? strlen (line) : 0;
	if (line && !s_is_plain (line, size))
		return s_escaped (line, size_p);
	char *longer = line ? realloc (line, size + 2) : NULL;
	if (!longer) {
		free (line);
		return NULL;
	}
	memcpy (longer + size, "\n", 2);
	*size_p = size + 1;
	return longer;
}
