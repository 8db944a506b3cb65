/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_state.h.
 */
#include "cli/drill_state.h"

#include <jansson.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/file.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define STATE_MAX (2 * SCENARIO_MAX + (64 << 10)) /* bytes: JSON may double what it quotes */

static bool
s_read_ids (struct drill_state *self, const json_t *object)
{
	const json_t *ids = json_object_get (object, "injects");
	self->inject_count = json_array_size (ids);
	if (self->inject_count == 0 || self->inject_count > SCENARIO_INJECTS_MAX)
		return false;
	for (size_t i = 0; i < self->inject_count; i++) {
		const char *text = json_string_value (json_array_get (ids, i));
		if (!text || siaga_uuid_parse (self->ids[i], siaga_text (text)))
			return false;
	}
	return true;
}

static bool
s_read_opening (struct drill_state *self, const json_t *object)
{
	const char *hex = json_string_value (json_object_get (object, "opening"));
	struct siaga_header header;
	struct siaga_bytes body;
	size_t size = hex ? strlen (hex) / 2 : 0;
	if (size == 0 || size > sizeof self->opening.data ||
	    siaga_hex_parse (self->opening.data, size, siaga_text (hex)))
		return false;
	self->opening.size = size;
	if (siaga_header_read ((struct siaga_bytes){self->opening.data, size}, &header, &body))
		return false;
	memcpy (self->opening.ref.id, header.id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (self->opening.ref.leaf, self->opening.data, size);
	return true;
}

static bool
s_read (struct drill_state *self, const uint8_t *data, size_t size)
{
	json_t *object = json_loadb ((const char *) data, size, 0, NULL);
	const char *text = json_string_value (json_object_get (object, "scenario"));
	const char *name = json_string_value (json_object_get (object, "file"));
	bool good = text && name && s_read_ids (self, object) && s_read_opening (self, object);
	if (good) {
		self->text = strdup (text);
		self->file_name = strdup (name);
		self->started_us =
			(uint64_t) json_integer_value (json_object_get (object, "started_us"));
		self->ended = json_is_true (json_object_get (object, "ended"));
	}
	json_decref (object);
	return good && self->text && self->file_name;
}

int
drill_state_load (struct drill_state *self, const struct settings *settings)
{
	char *path = settings_state_path (settings, "drill.json");
	uint8_t *data = NULL;
	size_t size = 0;
	int status = CMD_OK;
	memset (self, 0, sizeof *self);
	int error = path ? file_read (path, STATE_MAX, &data, &size) : SIAGA_ENOMEM;
	if (error == SIAGA_ENOTFOUND)
		status = CMD_NOTFOUND;
	else if (error) {
		say ("%s: %s", path ? path : "drill.json", say_file_error (error));
		status = CMD_IO;
	} else if (!s_read (self, data, size)) {
		say ("%s: not the state of a drill; move it away to begin another", path);
		status = CMD_CONFIG;
	}
	free (data);
	free (path);
	return status;
}

static char *
s_text (const struct drill_state *self)
{
	char id[SIAGA_UUID_TEXT];
	json_t *ids = json_array ();
	char *hex = malloc (2 * self->opening.size + 1), *text = NULL;
	for (size_t i = 0; i < self->inject_count; i++) {
		siaga_uuid_text (id, self->ids[i]);
		json_array_append_new (ids, json_string (id));
	}
	if (hex)
		siaga_hex (hex, self->opening.data, self->opening.size);
	json_t *object =
		json_pack ("{s:s, s:s, s:s, s:I, s:b, s:O}", "file", self->file_name, "scenario",
			   self->text, "opening", hex ? hex : "", "started_us",
			   (json_int_t) self->started_us, "ended", self->ended, "injects", ids);
	if (hex && object)
		text = json_dumps (object, JSON_INDENT (1));
	json_decref (object);
	json_decref (ids);
	free (hex);
	return text;
}

int
drill_state_save (const struct drill_state *self, const struct settings *settings)
{
	char *path = settings_state_path (settings, "drill.json"), *text = s_text (self);
	int error = SIAGA_ENOMEM;
	if (path && text)
		error = file_replace (path, 0600, text, strlen (text));
	if (error)
		say ("%s: %s", path ? path : "drill.json", say_file_error (error));
	free (path);
	free (text);
	return error ? CMD_IO : CMD_OK;
}

void
drill_state_finish (struct drill_state *self)
{
	free (self->file_name);
	free (self->text);
	self->file_name = self->text = NULL;
}

int
drill_state_lock (const struct settings *settings, bool run)
{
	char *path = settings_state_path (settings, run ? "drill.run.lock" : "drill.lock");
	int lock = path ? file_lock (path) : -1;
	free (path);
	return lock < 0 ? -1 : lock;
}
