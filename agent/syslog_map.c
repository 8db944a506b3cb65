/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known messages by their table, nginx's errors by their form, everything else as it stands with the priority it came
 * with.
 */
#include "agent/syslog_map.h"

#include "agent/jail.h"
#include "agent/nginx.h"
#include "agent/syslog_known.h"
#include "siaga/error.h"

static const char *const s_names[] = {"emerg",	 "alert",  "crit", "err",
				      "warning", "notice", "info", "debug"};
const struct siaga_names syslog_priority_names = {s_names, sizeof s_names / sizeof *s_names};

static bool
s_is_nginx (const struct syslog_message *message, struct nginx_error *error)
{
	return siaga_text_is (message->program, "nginx") && nginx_error_read (error, message->text);
}

unsigned
syslog_urgency (const struct syslog_message *message)
{
	static const unsigned urgencies[] = {
		[SIAGA_SEVERITY_INFO] = SYSLOG_INFO, [SIAGA_SEVERITY_LOW] = SYSLOG_WARNING,
		[SIAGA_SEVERITY_MEDIUM] = 3,	     [SIAGA_SEVERITY_HIGH] = 2,
		[SIAGA_SEVERITY_CRITICAL] = 1,
	};
	struct syslog_match match;
	struct nginx_error error;
	if (syslog_known_find (&match, message->program, message->text))
		return urgencies[match.known->severity];
	if (s_is_nginx (message, &error))
		return (unsigned) error.priority;
	return message->priority >= 0 ? (unsigned) message->priority : SYSLOG_INFO;
}

static struct siaga_text
s_ip (struct event *event, struct siaga_text text)
{
	char copy[ALERT_IP_TEXT], canonical[ALERT_IP_TEXT];
	if (text.size == 0 || text.size >= sizeof copy)
		return (struct siaga_text){NULL, 0};
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	return alert_ip (canonical, copy)
		       ? event_keep (event, canonical, strlen (canonical), sizeof canonical)
		       : (struct siaga_text){NULL, 0};
}

static uint32_t
s_port (struct siaga_text text)
{
	uint32_t port = 0;
	for (size_t i = 0; i < text.size && port <= 65535; i++)
		port = port * 10 + (uint32_t) (text.data[i] - '0');
	return port <= 65535 ? port : 0;
}

static void
s_map_known (struct event *event, const struct syslog_match *match)
{
	const struct syslog_known *known = match->known;
	struct siaga_body *body = &event->body;
	event->header.severity = known->severity;
	event->header.certainty = SIAGA_CERTAINTY_OBSERVED;
	event->header.category = siaga_text (
		known->category ? known->category : jail_category (syslog_match_text (match, 'j')));
	body->title = syslog_match_title (match, event);
	body->detector.rule_id = body->detector.rule = siaga_text (known->id);
	body->source[0].ip = s_ip (event, syslog_match_text (match, 'i'));
	body->source[0].port = s_port (syslog_match_text (match, 'p'));
	body->target[0].user = map_bytes (event, syslog_match_text (match, 'u'), SIAGA_FIELD_MAX);
}

static void
s_map_nginx (struct event *event, const struct nginx_error *error)
{
	struct siaga_body *body = &event->body;
	event->header.severity = map_severity_of_priority ((unsigned) error->priority);
	if (error->category)
		event->header.category = siaga_text (error->category);
	body->title = map_print (event, SIAGA_TITLE_MAX, "nginx: %.*s",
				 error->text.size < SIAGA_TITLE_MAX ? (int) error->text.size
								    : SIAGA_TITLE_MAX,
				 error->text.data);
	body->source[0].ip = s_ip (event, error->client);
	body->target[0].host = map_bytes (event, error->server, SIAGA_FIELD_MAX);
	body->target[0].url = map_bytes (event, error->url, SIAGA_FIELD_MAX);
}

static void
s_map_other (struct event *event, const struct syslog_message *message)
{
	struct siaga_text text = message->text;
	if (text.size > SIAGA_TITLE_MAX)
		text.size = SIAGA_TITLE_MAX;
	event->header.severity = map_severity_of_priority (syslog_urgency (message));
	event->body.title =
		message->program.size == 0 || message->program.size > SIAGA_TITLE_MAX / 2
			? map_bytes (event, text, SIAGA_TITLE_MAX)
			: map_print (event, SIAGA_TITLE_MAX, "%.*s: %.*s",
				     (int) message->program.size, message->program.data,
				     (int) text.size, text.data);
}

/* The whole message, where the title does not say it all. */
static void
s_describe (struct event *event, const struct syslog_message *message)
{
	struct siaga_body *body = &event->body;
	if (body->title.size > 0 && body->title.size < SIAGA_TITLE_MAX &&
	    memmem (body->title.data, body->title.size, message->text.data, message->text.size))
		return;
	body->description = map_bytes (event, message->text, 2 * MAP_DESCRIPTION_MAX);
}

int
syslog_map (struct event *event, const struct syslog_message *message)
{
	struct syslog_match match;
	struct nginx_error error;
	struct siaga_body *body = &event->body;
	if (message->text.size == 0)
		return SIAGA_EFORMAT;
	event->header.detected_us = message->time_us;
	body->detector.tool = message->program.size > 0
				      ? map_bytes (event, message->program, SIAGA_FIELD_MAX)
				      : siaga_text ("syslog");
	if (message->priority >= 0)
		body->detector.native_severity = siaga_text (s_names[message->priority]);
	if (syslog_known_find (&match, message->program, message->text))
		s_map_known (event, &match);
	else if (s_is_nginx (message, &error))
		s_map_nginx (event, &error);
	else
		s_map_other (event, message);
	if (body->title.size == 0)
		return SIAGA_EFORMAT;
	s_describe (event, message);
	if (body->target[0].host.size == 0)
		body->target[0].host = map_bytes (event, message->host, SIAGA_FIELD_MAX);
	map_count_endpoints (body);
	return 0;
}
