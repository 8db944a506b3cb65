/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_entry.h. An alert is made of the same JSON as `siaga send` takes, so there is one way an alert is checked.
 */
#include "cli/drill_entry.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/alert_json.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define TERM_MAX_US (UINT64_C (366) * 24 * 3600 * 1000000)

/* What an alert is made of. */
struct recipe {
	const struct drill_origin *origin;
	json_t *object; /* as alert_json.h has it */
	const uint8_t *id;
	const struct siaga_ref *opening; /* NULL: it refers to none */
	const struct scenario *scenario;
	const struct scenario_inject *inject; /* NULL: none, and no terms */
	uint64_t expires_after_us;
};

void
drill_id_new (uint8_t id[SIAGA_ID_BYTES], uint64_t now_us)
{
	uint8_t random[10];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (id, now_us / 1000, random);
}

static void
s_set (json_t *object, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new (object, name, json_string (text));
}

static void
s_set_endpoints (json_t *object, const char *name, const struct conf_list *list)
{
	const struct scenario_endpoint *items = list->items;
	json_t *array = json_array ();
	for (size_t i = 0; i < list->count; i++) {
		json_t *item = json_object ();
		s_set (item, "ip", items[i].ip);
		s_set (item, "host", items[i].host);
		s_set (item, "user", items[i].user);
		s_set (item, "url", items[i].url);
		s_set (item, "email", items[i].email);
		if (items[i].port)
			json_object_set_new (item, "port", json_integer (items[i].port));
		json_array_append_new (array, item);
	}
	if (list->count > 0)
		json_object_set (object, name, array);
	json_decref (array);
}

/* What every alert of a drill has. */
static json_t *
s_object (const char *title, const char *description, enum siaga_tlp tlp,
	  const struct conf_strings *audience, const char *rule)
{
	json_t *object = json_pack ("{s:s, s:s, s:s, s:{s:s, s:s}}", "title", title, "status",
				    "exercise", "tlp", siaga_name_of (&siaga_tlp_names, tlp),
				    "detector", "tool", DRILL_TOOL, "rule_id", rule);
	json_t *array = json_array ();
	s_set (object, "description", description);
	for (size_t i = 0; audience && i < audience->count; i++)
		json_array_append_new (array, json_string (audience->items[i]));
	if (audience && audience->count > 0)
		json_object_set (object, "audience", array);
	json_decref (array);
	return object;
}

static int
s_write (struct drill_entry *self, const struct siaga_header *header, const struct siaga_body *body)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->data, sizeof self->data);
	int error = siaga_entry_write (&writer, header, body);
	if (error)
		return error;
	self->size = writer.size;
	memcpy (self->ref.id, header->id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (self->ref.leaf, self->data, self->size);
	return 0;
}

static uint64_t
s_either (uint64_t own, uint64_t playbook)
{
	return own ? own : playbook;
}

/* What the scenario expects, and the playbook where that says nothing. */
static char *
s_terms_text (const struct recipe *recipe, const struct siaga_header *header)
{
	struct scenario_terms within = scenario_terms (recipe->scenario, recipe->inject);
	const char *lead = recipe->inject->lead;
	struct siaga_duty duty;
	if (siaga_roster_duty (recipe->origin->roster, header, recipe->origin->now_us, &duty)) {
		lead = lead ? lead : duty.play->lead;
		within.acknowledge_within_us =
			s_either (within.acknowledge_within_us, duty.acknowledge_within_us);
		within.take_within_us = s_either (within.take_within_us, duty.take_within_us);
		within.resolve_within_us =
			s_either (within.resolve_within_us, duty.resolve_within_us);
	}
	json_t *object =
		json_pack ("{s:s, s:I, s:I, s:I}", "lead", lead ? lead : "",
			   "acknowledge_within_us", (json_int_t) within.acknowledge_within_us,
			   "take_within_us", (json_int_t) within.take_within_us,
			   "resolve_within_us", (json_int_t) within.resolve_within_us);
	char *text = json_dumps (object, JSON_COMPACT);
	json_decref (object);
	return text;
}

static int
s_finish_alert (struct drill_entry *self, const struct recipe *recipe, struct siaga_header *header,
		struct siaga_body *body)
{
	const struct drill_origin *origin = recipe->origin;
	char *terms = NULL;
	memcpy (header->id, recipe->id, SIAGA_ID_BYTES);
	header->kind = SIAGA_KIND_ALERT;
	header->origin = siaga_text (origin->principal->name);
	header->created_us = origin->now_us;
	header->expires_us = origin->now_us + recipe->expires_after_us;
	alert_audience_join (header);
	if (recipe->opening) {
		header->ref_count = 1;
		header->refs[0] = *recipe->opening;
	}
	if (recipe->inject) {
		terms = s_terms_text (recipe, header);
		body->raw = siaga_text (terms);
	}
	int error = siaga_may_say (origin->roster, origin->principal, header);
	if (!error)
		error = s_write (self, header, body);
	free (terms);
	return error;
}

/* Takes the recipe's object. */
static int
s_make (struct drill_entry *self, const struct recipe *recipe, char words[DRILL_WORDS])
{
	struct alert_defaults defaults;
	struct alert_storage storage;
	struct siaga_header *header = calloc (1, sizeof *header);
	struct siaga_body *body = calloc (1, sizeof *body);
	char *text = recipe->object ? json_dumps (recipe->object, JSON_COMPACT) : NULL;
	int error = SIAGA_ENOMEM;
	alert_defaults_init (&defaults);
	words[0] = '\0';
	if (header && body && text) {
		error = alert_json_parse (siaga_text (text), &defaults, header, body, &storage,
					  words);
		if (!error)
			error = s_finish_alert (self, recipe, header, body);
		alert_storage_finish (&storage);
	}
	if (error == SIAGA_EROLE)
		snprintf (words, DRILL_WORDS, "the roster does not let %s publish alerts",
			  recipe->origin->principal->name);
	else if (error && !words[0])
		snprintf (words, DRILL_WORDS, "not a valid alert: %s", siaga_strerror (error));
	json_decref (recipe->object);
	free (text);
	free (header);
	free (body);
	return error;
}

int
drill_make_opening (struct drill_entry *self, const struct drill_origin *origin,
		    const struct scenario *scenario, const uint8_t id[SIAGA_ID_BYTES],
		    char words[DRILL_WORDS])
{
	char title[SIAGA_TITLE_MAX + 1];
	size_t last = scenario->injects.count - 1;
	struct recipe recipe = {
		.origin = origin,
		.id = id,
		.expires_after_us =
			scenario_inject (scenario, last)->at_us + scenario->expires_after_us,
	};
	snprintf (title, sizeof title, "%s%s", DRILL_TITLE_PREFIX, scenario->title);
	recipe.object = s_object (title, scenario->description, (enum siaga_tlp) scenario->tlp,
				  &scenario->audience, "opening");
	s_set (recipe.object, "severity", "info");
	s_set (recipe.object, "category", "test/test");
	return s_make (self, &recipe, words);
}

int
drill_make_inject (struct drill_entry *self, const struct drill_origin *origin,
		   const struct scenario *scenario, size_t index, const uint8_t id[SIAGA_ID_BYTES],
		   const struct siaga_ref *opening, char words[DRILL_WORDS])
{
	const struct scenario_inject *inject = scenario_inject (scenario, index);
	char rule[32];
	struct recipe recipe = {
		.origin = origin,
		.id = id,
		.opening = opening,
		.scenario = scenario,
		.inject = inject,
		.expires_after_us = scenario->expires_after_us,
	};
	snprintf (rule, sizeof rule, "%zu/%zu", index + 1, scenario->injects.count);
	recipe.object =
		s_object (inject->title, inject->description, scenario_tlp (scenario, inject),
			  scenario_audience (scenario, inject), rule);
	s_set (recipe.object, "instruction", inject->instruction);
	s_set (recipe.object, "severity",
	       siaga_name_of (&siaga_severity_names, (unsigned) inject->severity));
	s_set (recipe.object, "category", inject->category);
	s_set (recipe.object, "system", inject->system);
	s_set_endpoints (recipe.object, "source", &inject->source);
	s_set_endpoints (recipe.object, "target", &inject->target);
	return s_make (self, &recipe, words);
}

int
drill_make_roll_call (struct drill_entry *self, const struct drill_origin *origin,
		      uint64_t within_us, char words[DRILL_WORDS])
{
	uint8_t id[SIAGA_ID_BYTES];
	struct recipe recipe = {
		.origin = origin,
		.id = id,
		.expires_after_us = within_us,
	};
	drill_id_new (id, origin->now_us);
	recipe.object = s_object (
		DRILL_TITLE_PREFIX
		"apel kesiapan, jawab dengan siaga ack (roll call: answer with siaga ack)",
		NULL, SIAGA_TLP_GREEN, NULL, "rollcall");
	s_set (recipe.object, "severity", "info");
	s_set (recipe.object, "category", "test/test");
	return s_make (self, &recipe, words);
}

int
drill_make_cancel (struct drill_entry *self, const struct drill_origin *origin,
		   struct siaga_bytes alert, const struct siaga_ref *ref, char words[DRILL_WORDS])
{
	struct siaga_header header;
	struct siaga_bytes inside;
	struct siaga_body body = {.description = siaga_text ("siaga drill end")};
	int error = siaga_header_read (alert, &header, &inside);
	if (!error) {
		header.kind = SIAGA_KIND_CANCEL;
		header.created_us = origin->now_us;
		header.detected_us = header.expires_us = 0;
		header.ref_count = 1;
		header.refs[0] = *ref;
		drill_id_new (header.id, origin->now_us);
		error = s_write (self, &header, &body);
	}
	if (error)
		snprintf (words, DRILL_WORDS, "not a valid cancel: %s", siaga_strerror (error));
	return error;
}

static uint64_t
s_read_term (const json_t *object, const char *name)
{
	json_int_t value = json_integer_value (json_object_get (object, name));
	return value > 0 && (uint64_t) value <= TERM_MAX_US ? (uint64_t) value : 0;
}

void
drill_terms_read (struct drill_terms *terms, const struct siaga_body *body)
{
	json_t *object =
		body->raw.size ? json_loadb (body->raw.data, body->raw.size, 0, NULL) : NULL;
	const char *lead = json_string_value (json_object_get (object, "lead"));
	*terms = (struct drill_terms){0};
	if (lead && siaga_member_is_valid (siaga_text (lead)))
		snprintf (terms->lead, sizeof terms->lead, "%s", lead);
	terms->within.acknowledge_within_us = s_read_term (object, "acknowledge_within_us");
	terms->within.take_within_us = s_read_term (object, "take_within_us");
	terms->within.resolve_within_us = s_read_term (object, "resolve_within_us");
	json_decref (object);
}
