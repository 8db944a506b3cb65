/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader is sent, by a hub that is hostile (first byte even: any bytes as the deliveries of a message) or by an
 * origin that is (odd: any bytes as one entry, well signed and delivered). Nothing but what the roster's principal signed
 * and may say is handed over, and what is shown of it moves no cursor, reorders no line and is valid JSON.
 */
#include <stdlib.h>

#include "../unit/make_entry.h"
#include "common/escape.h"
#include "common/reader.h"
#include "common/render_json.h"
#include "common/render_story.h"
#include "common/render_text.h"

#define must(what) ((what) ? (void) 0 : abort ())

static struct siaga_roster s_roster;

/* Lines of printable UTF-8. */
static void
s_check_text (char *text)
{
	size_t size = text ? strlen (text) : 0;
	struct siaga_text line;

	must (text && size > 0 && text[size - 1] == '\n');
	for (char *at = text, *end; *at; at = end + 1) {
		end = strchr (at, '\n');
		line = (struct siaga_text){at, (size_t) (end - at)};
		must (siaga_utf8_is_valid (line));
		char *escaped = NULL;
		size_t escaped_size = 0;
		FILE *out = open_memstream (&escaped, &escaped_size);
		must (out != NULL);
		escape_write (out, line);
		fclose (out);
		must (escaped_size == line.size); /* there was nothing to escape */
		free (escaped);
	}
	free (text);
}

static void
s_show (const struct reader_entry *entry)
{
	static const uint8_t log_id[SIAGA_LOG_ID_BYTES];
	const struct render_style styles[] = {
		{.zone = RENDER_ZONE_WIB}, {.zone = RENDER_ZONE_UTC, .columns = 40, .dates = true}};
	json_t *json = render_json (entry, log_id, &s_roster);
	size_t size;

	must (json != NULL);
	for (int ascii = 0; ascii < 2; ascii++) {
		char *line = render_json_line (json, ascii, &size);
		must (line && line[size - 1] == '\n' && !memchr (line, '\n', size - 1));
		json_t *again = json_loadb (line, size, JSON_REJECT_DUPLICATES, NULL);
		must (again && json_equal (again, json));
		json_decref (again);
		free (line);
	}
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
		s_check_text (render_text (entry, &s_roster, &styles[i]));
		s_check_text (render_text_fields (json, &styles[i]));
		s_check_text (render_story (entry, &styles[i]));
	}
	json_decref (json);
}

static void
s_on_entry (void *arg, const struct reader_entry *entry)
{
	(void) arg;
	must (siaga_text_is (entry->header->origin, MAKE_ORIGIN));
	must (entry->header->kind <= SIAGA_KIND_VOID);
	s_show (entry);
}

static void
s_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	(void) arg;
	(void) number;
	must (error < 0 && words[0] != '\0' && siaga_utf8_is_valid (siaga_text (words)));
}

static struct reader *
s_reader (void)
{
	static const struct reader_events events = {s_on_entry, s_on_bad};
	static struct siaga_member member = {.name = "bssn", .clearance = SIAGA_TLP_RED};
	static struct siaga_roster_key key;
	static struct siaga_principal principal = {
		.name = MAKE_ORIGIN, .roles = SIAGA_ROLE_PUBLISH | SIAGA_ROLE_RESPOND};
	uint8_t secret[64];

	strcpy (s_roster.network, MAKE_NETWORK);
	strcpy (s_roster.hub, "kpu/hub");
	make_keys (key.card.sign, secret);
	strcpy (key.card.principal, MAKE_ORIGIN);
	siaga_key_id (key.key_id, key.card.sign);
	principal.member = &member;
	principal.keys = &key;
	principal.key_count = 1;
	s_roster.members = &member;
	s_roster.principals = &principal;
	s_roster.member_count = s_roster.principal_count = 1;
	return reader_new (&s_roster, &events, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static uint8_t batch[SIAGA_BATCH_MAX], items[SIAGA_MESSAGE_MAX];
	static struct reader *reader;
	struct siaga_writer writer;

	if (!reader)
		must ((reader = s_reader ()) != NULL);
	if (size < 2 || size > SIAGA_ENTRY_MAX)
		return 0;
	struct siaga_bytes entry = {data + 1, size - 1};
	if (data[0] & 1) {
		struct siaga_delivery delivery = {data[0], MAKE_TIME_US + 5,
						  make_batch (batch, sizeof batch, 7, &entry, 1)};
		siaga_writer_init (&writer, items, sizeof items);
		siaga_writer_array (&writer, 1);
		siaga_delivery_write (&writer, &delivery);
		entry = (struct siaga_bytes){items, writer.size};
	}
	reader_take (reader, entry, data[0] / 2 % 4);
	return 0;
}
