/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's answer to a status query (PROTOCOL.md section 6.7) as JSON. A newer hub may say more than is known here, an
 * older one less.
 */
#include <stdlib.h>

#include "cli/status.h"
#include "common/facts.h"
#include "siaga/error.h"

#define SESSIONS_MAX 65536
#define CONDITIONS_MAX 65536
#define SESSION_ITEMS_MAX 64 /* and of a principal, a condition: what is not known is passed over */

static json_t *
s_text (struct siaga_text text)
{
	return json_stringn (text.size ? text.data : "", text.size);
}

static void
s_set_number (json_t *object, const char *name, struct siaga_reader *reader)
{
	json_object_set_new (object, name, json_integer ((json_int_t) siaga_reader_uint (reader)));
}

static json_t *
s_source (struct siaga_reader *reader)
{
	struct siaga_source source = {.lines = 0};
	siaga_source_read (reader, &source);
	return json_pack ("{s:o, s:o, s:o, s:I, s:I, s:o}", "name", s_text (source.name),
			  "last_line", facts_time (source.last_line_us), "last_alert",
			  facts_time (source.last_alert_us), "lines", (json_int_t) source.lines,
			  "alerts", (json_int_t) source.alerts, "error",
			  source.error.size ? s_text (source.error) : json_null ());
}

/* What an agent's heartbeat told, from the eighth item on. */
static void
s_session_more (struct siaga_reader *reader, json_t *session)
{
	s_set_number (session, "waiting_bytes", reader);
	json_object_set_new (session, "oldest_waiting", facts_time (siaga_reader_uint (reader)));
	s_set_number (session, "lost", reader);
	s_set_number (session, "aside", reader);
	s_set_number (session, "disk_free", reader);
	json_object_set_new (session, "clock", facts_time (siaga_reader_uint (reader)));
	json_t *sources = json_array ();
	size_t count = siaga_sources_begin (reader);
	for (size_t i = 0; i < count && !reader->error; i++)
		json_array_append_new (sources, s_source (reader));
	json_object_set_new (session, "sources", sources);
}

static void
s_session_reading (struct siaga_reader *reader, json_t *session)
{
	s_set_number (session, "subscriptions", reader);
	s_set_number (session, "behind", reader);
	s_set_number (session, "behind_seconds", reader);
}

/* Items of a later version. */
static void
s_skip (struct siaga_reader *reader, size_t known, size_t count)
{
	for (size_t i = known; i < count; i++)
		siaga_reader_skip (reader);
}

/* [principal, since, software, roster serial, waiting, in flight, last heard, …]; a newer hub may say more, an older
   one less. */
static json_t *
s_session (struct siaga_reader *reader)
{
	json_t *session = json_object ();
	size_t count = siaga_reader_array (reader, SESSION_ITEMS_MAX);
	if (count < 7)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
	json_object_set_new (session, "principal",
			     s_text (siaga_reader_text (reader, SIAGA_PRINCIPAL_MAX)));
	json_object_set_new (session, "since", facts_time (siaga_reader_uint (reader)));
	json_object_set_new (session, "software",
			     s_text (siaga_reader_text (reader, SIAGA_SOFTWARE_MAX)));
	s_set_number (session, "roster_serial", reader);
	s_set_number (session, "waiting", reader);
	s_set_number (session, "in_flight", reader);
	json_object_set_new (session, "last_heard", facts_time (siaga_reader_uint (reader)));
	if (count >= 14)
		s_session_more (reader, session);
	if (count >= 17)
		s_session_reading (reader, session);
	s_skip (reader, count >= 17 ? 17 : count >= 14 ? 14 : 7, count);
	return session;
}

static json_t *
s_roles (uint64_t bits)
{
	static const char *const names[] = {"publish", "respond", "read", "operate"};
	json_t *roles = json_array ();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (bits & (UINT64_C (1) << i))
			json_array_append_new (roles, json_string (names[i]));
	return roles;
}

/* [principal, roles, sessions, since, last heard, software, roster serial, last alert, subscriptions, behind,
   behind seconds, agent, expected] */
static json_t *
s_principal (struct siaga_reader *reader)
{
	json_t *it = json_object ();
	size_t count = siaga_reader_array (reader, SESSION_ITEMS_MAX);
	if (count < 13)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
	json_object_set_new (it, "principal",
			     s_text (siaga_reader_text (reader, SIAGA_PRINCIPAL_MAX)));
	json_object_set_new (it, "roles", s_roles (siaga_reader_uint (reader)));
	s_set_number (it, "sessions", reader);
	json_object_set_new (it, "since", facts_time (siaga_reader_uint (reader)));
	json_object_set_new (it, "last_heard", facts_time (siaga_reader_uint (reader)));
	json_object_set_new (it, "software",
			     s_text (siaga_reader_text (reader, SIAGA_SOFTWARE_MAX)));
	s_set_number (it, "roster_serial", reader);
	json_object_set_new (it, "last_alert", facts_time (siaga_reader_uint (reader)));
	s_session_reading (reader, it);
	json_object_set_new (it, "agent", json_boolean (siaga_reader_bool (reader)));
	json_object_set_new (it, "expected", json_boolean (siaga_reader_bool (reader)));
	s_skip (reader, 13, count);
	return it;
}

/* [kind, principal, detail, severity, since, title, words] */
static json_t *
s_condition (struct siaga_reader *reader)
{
	json_t *it = json_object ();
	size_t count = siaga_reader_array (reader, SESSION_ITEMS_MAX);
	if (count < 7)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
	json_object_set_new (it, "kind", s_text (siaga_reader_text (reader, SIAGA_FIELD_MAX)));
	json_object_set_new (it, "principal",
			     s_text (siaga_reader_text (reader, SIAGA_PRINCIPAL_MAX)));
	json_object_set_new (it, "detail", s_text (siaga_reader_text (reader, SIAGA_FIELD_MAX)));
	const char *severity =
		siaga_name_of (&siaga_severity_names, (unsigned) siaga_reader_uint (reader));
	json_object_set_new (it, "severity", json_string (severity ? severity : "unknown"));
	json_object_set_new (it, "since", facts_time (siaga_reader_uint (reader)));
	json_object_set_new (it, "title", s_text (siaga_reader_text (reader, SIAGA_TITLE_MAX)));
	json_object_set_new (it, "words", s_text (siaga_reader_text (reader, SIAGA_FIELD_MAX)));
	s_skip (reader, 7, count);
	return it;
}

static json_t *
s_list (struct siaga_reader *reader, size_t max, json_t *(*read) (struct siaga_reader *reader))
{
	json_t *list = json_array ();
	size_t count = siaga_reader_array (reader, max);
	for (size_t i = 0; i < count && !reader->error; i++)
		json_array_append_new (list, read (reader));
	return list;
}

/* Text that any terminal can take as it is: printable ASCII in lines; otherwise NULL. */
static char *
s_plain (struct siaga_text text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] != '\n' && (text.data[i] < ' ' || text.data[i] > '~'))
			return NULL;
	char *plain = text.size > 0 ? calloc (1, text.size + 1) : NULL;
	return plain ? memcpy (plain, text.data, text.size) : NULL;
}

static void
s_read_lists (struct siaga_reader *reader, uint64_t key, json_t *hub)
{
	static const struct {
		const char *name;
		size_t max;
		json_t *(*read) (struct siaga_reader *reader);
	} lists[] = {
		[6] = {"sessions", SESSIONS_MAX, s_session},
		[8] = {"principals", SIAGA_PRINCIPALS_MAX, s_principal},
		[9] = {"conditions", CONDITIONS_MAX, s_condition},
	};
	if (key < sizeof lists / sizeof *lists && lists[key].name)
		json_object_set_new (hub, lists[key].name,
				     s_list (reader, lists[key].max, lists[key].read));
	else
		siaga_reader_skip (reader);
}

static void
s_read_key (struct siaga_reader *reader, uint64_t key, json_t *hub, char **metrics_p)
{
	char hex[2 * SIAGA_LOG_ID_BYTES + 1];
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	switch (key) {
	case 1:
		siaga_reader_fixed (reader, log_id, sizeof log_id);
		siaga_hex (hex, log_id, sizeof log_id);
		json_object_set_new (hub, "log_id", json_string (hex));
		break;
	case 2:
		json_object_set_new (hub, "head",
				     json_integer ((json_int_t) siaga_reader_uint (reader)));
		break;
	case 3:
		json_object_set_new (hub, "roster_serial",
				     json_integer ((json_int_t) siaga_reader_uint (reader)));
		break;
	case 4:
		json_object_set_new (hub, "software",
				     s_text (siaga_reader_text (reader, SIAGA_SOFTWARE_MAX)));
		break;
	case 5:
		json_object_set_new (hub, "started", facts_time (siaga_reader_uint (reader)));
		break;
	case 7:
		json_object_set_new (hub, "last_accepted", facts_time (siaga_reader_uint (reader)));
		break;
	case 10:
		free (*metrics_p);
		*metrics_p = s_plain (siaga_reader_text (reader, SIAGA_RESULT_MAX));
		break;
	default:
		s_read_lists (reader, key, hub);
	}
}

json_t *
status_read (struct siaga_bytes answer, char **metrics_p)
{
	json_t *hub = json_object ();
	struct siaga_reader reader;
	struct siaga_map map;
	uint64_t key;
	*metrics_p = NULL;
	siaga_reader_init (&reader, answer.data, answer.size);
	siaga_reader_map (&reader, 64, &map);
	while (siaga_reader_key (&reader, &map, &key))
		s_read_key (&reader, key, hub, metrics_p);
	if (siaga_reader_end (&reader) == 0)
		return hub;
	json_decref (hub);
	free (*metrics_p);
	*metrics_p = NULL;
	return NULL;
}
