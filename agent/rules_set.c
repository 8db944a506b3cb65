/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule that matched does to header and body: they are valid before and after.
 */
#include "agent/rules_private.h"
#include "agent/template.h"

#include <stdlib.h>

#include "common/alert_json.h"
#include "siaga/error.h"

/* One value to be placed. */
struct placing {
	struct event *event;
	const struct endpoint_place *place;
};

static int
s_copy (struct rules *self, const char *text, struct siaga_text *out)
{
	if (!text)
		return 0;
	*out = siaga_text (rules_copy (self, text));
	return out->data ? 0 : SIAGA_ENOMEM;
}

static int
s_name_value (const struct siaga_names *names, const char *name)
{
	return name ? siaga_name_value (names, siaga_text (name)) : -1;
}

static int
s_make_audience (struct rules *self, const struct conf_strings *conf, struct rule *rule)
{
	int rc = 0;
	rule->audience = rules_alloc (self, conf->count, sizeof *rule->audience);
	if (!rule->audience)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < conf->count && !rc; i++)
		rc = s_copy (self, conf->items[i], &rule->audience[i]);
	if (!rc)
		rule->audience_count = alert_audience_sort (rule->audience, conf->count);
	return rc;
}

static int
s_make_observables (struct rules *self, const struct conf_list *conf, struct rule *rule)
{
	const struct observable_conf *items = conf->items;
	char reason[PATH_REASON];
	rule->observables = rules_alloc (self, conf->count, sizeof *rule->observables);
	if (!rule->observables)
		return SIAGA_ENOMEM;
	rule->observable_count = conf->count;
	for (size_t i = 0; i < conf->count; i++) {
		const char *path = rules_copy (self, items[i].path);
		if (!path)
			return SIAGA_ENOMEM;
		if (!path_parse (&rule->observables[i].path, path, reason) ||
		    !endpoint_place_parse (&rule->observables[i].place, items[i].as))
			return SIAGA_ECONF; /* the schema has checked them */
	}
	return 0;
}

int
rules_make_set (struct rules *self, const struct rule_conf *conf, struct rule *rule)
{
	struct siaga_text title = {NULL, 0};
	rule->raw = !conf->raw			      ? RULE_RAW_AS_IT_IS
		    : strcmp (conf->raw, "keep") == 0 ? RULE_RAW_KEEP
						      : RULE_RAW_STRIP;
	rule->severity = s_name_value (&siaga_severity_names, conf->set.severity);
	rule->tlp = s_name_value (&siaga_tlp_names, conf->set.tlp);
	rule->shift = (int) (conf->raise - conf->lower);
	int rc = s_copy (self, conf->set.category, &rule->category);
	if (!rc)
		rc = s_copy (self, conf->set.system, &rule->system);
	if (!rc)
		rc = s_copy (self, conf->set.title, &title);
	rule->title = title.data;
	if (!rc)
		rc = s_make_audience (self, &conf->set.audience, rule);
	return rc ? rc : s_make_observables (self, &conf->observables, rule);
}

static void
s_set_header (const struct rule *rule, struct siaga_header *header)
{
	int severity = rule->severity >= 0 ? rule->severity : (int) header->severity + rule->shift;
	if (severity < SIAGA_SEVERITY_INFO)
		severity = SIAGA_SEVERITY_INFO;
	if (severity > SIAGA_SEVERITY_CRITICAL)
		severity = SIAGA_SEVERITY_CRITICAL;
	header->severity = (enum siaga_severity) severity;
	if (rule->tlp >= 0)
		header->tlp = (enum siaga_tlp) rule->tlp;
	if (rule->category.size > 0)
		header->category = rule->category;
	if (rule->system.size > 0)
		header->system = rule->system;
	if (rule->audience_count == 0)
		return;
	header->audience_count = rule->audience_count;
	memcpy (header->audience, rule->audience, rule->audience_count * sizeof *rule->audience);
}

static struct siaga_text
s_keep_value (struct event *event, const struct endpoint_member *member,
	      const struct path_value *value)
{
	char address[ALERT_IP_TEXT], copy[ALERT_IP_TEXT];
	if (!member->is_ip)
		return event_keep (event, value->text.data, value->text.size, SIAGA_FIELD_MAX);
	if (value->text.size >= sizeof copy)
		return (struct siaga_text){NULL, 0};
	memcpy (copy, value->text.data, value->text.size);
	copy[value->text.size] = '\0';
	if (strlen (copy) != value->text.size || !alert_ip (address, copy))
		return (struct siaga_text){NULL, 0};
	return event_keep (event, address, strlen (address), sizeof address);
}

/* The first endpoint that has no such member yet; a new one; NULL: it is there already, or no room. */
static struct siaga_endpoint *
s_endpoint_for (struct placing *placing, struct siaga_text text)
{
	struct siaga_body *body = &placing->event->body;
	bool is_target = placing->place->is_target;
	struct siaga_endpoint *list = is_target ? body->target : body->source;
	size_t *count = is_target ? &body->target_count : &body->source_count;
	for (size_t i = 0; i < *count; i++) {
		const struct siaga_text *there = endpoint_text (&list[i], placing->place->member);
		if (there->size == 0)
			return &list[i];
		if (siaga_text_equal (*there, text))
			return NULL;
	}
	if (*count == SIAGA_ENDPOINTS_MAX)
		return NULL;
	memset (&list[*count], 0, sizeof *list);
	return &list[(*count)++];
}

/* A port belongs to the first endpoint, where it has none. */
static void
s_place_port (struct placing *placing, const struct path_value *value)
{
	struct siaga_body *body = &placing->event->body;
	bool is_target = placing->place->is_target;
	struct siaga_endpoint *first = is_target ? &body->target[0] : &body->source[0];
	size_t *count = is_target ? &body->target_count : &body->source_count;
	uint32_t port = value->has_number && value->number >= 1 && value->number <= 65535
				? (uint32_t) value->number
				: 0;
	if (port == 0 || (*count > 0 && first->port > 0))
		return;
	if (*count == 0) {
		memset (first, 0, sizeof *first);
		*count = 1;
	}
	first->port = port;
}

static bool
s_place_value (void *arg, const struct path_value *value)
{
	struct placing *placing = arg;
	const struct endpoint_member *member = placing->place->member;
	if (member->is_port) {
		s_place_port (placing, value);
		return false;
	}
	struct siaga_text text = s_keep_value (placing->event, member, value);
	struct siaga_endpoint *endpoint = text.size > 0 ? s_endpoint_for (placing, text) : NULL;
	if (endpoint)
		*endpoint_text (endpoint, member) = text;
	return false;
}

void
rules_do_set (const struct rule *rule, struct event *event)
{
	/* Of the alert as it was mapped, so first. */
	struct siaga_text title = {NULL, 0};
	if (rule->title)
		title = template_fill (rule->title, event, SIAGA_TITLE_MAX);
	for (size_t i = 0; i < rule->observable_count; i++) {
		struct placing placing = {event, &rule->observables[i].place};
		path_visit (&rule->observables[i].path, event, s_place_value, &placing);
	}
	s_set_header (rule, &event->header);
	if (title.size > 0)
		event->body.title = title;
}

/* The longest prefix wins; of equals, the first. *bits is of the best so far, plus 1; 0: none. */
static void
s_network_of_address (const struct rules *self, struct siaga_text address,
		      struct siaga_text *system, unsigned *bits)
{
	for (size_t i = 0; i < self->network_count; i++)
		for (size_t j = 0; j < self->networks[i].addresses.count; j++) {
			const struct cidr *cidr = &self->networks[i].addresses.items[j];
			if (cidr->bits + 1 > *bits && cidr_has (cidr, address)) {
				*bits = cidr->bits + 1;
				*system = self->networks[i].system;
			}
		}
}

struct siaga_text
rules_network_of (const struct rules *self, const struct event *event)
{
	const struct siaga_body *body = &event->body;
	struct siaga_text system = {NULL, 0};
	unsigned bits = 0;
	for (size_t i = 0; i < body->target_count; i++)
		s_network_of_address (self, body->target[i].ip, &system, &bits);
	for (size_t i = 0; bits == 0 && i < body->source_count; i++)
		s_network_of_address (self, body->source[i].ip, &system, &bits);
	return system;
}
