/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga send`: publishes an alert that a person wrote, or many that a program wrote as JSON. The options become the
 * same JSON object that a program would have sent, so there is one way an alert is checked.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/compose.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/say_hub.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"

#define INPUT_MAX ((size_t) 16 << 20) /* bytes of JSON from standard input */
#define RAW_FILE_MAX ((size_t) 1 << 20)

enum {
	SEND_JSON = OPTIONS_OWN,
	SEND_FLUSH,
	SEND_NO_QUEUE,
	SEND_AUDIENCE,
	SEND_EXPIRES,
	SEND_RAW,
	SEND_COUNT,
	SEND_FIELD = 0x300, /* + the place in s_fields */
};

/* Options that are a member of the object, or of its first source, target, or its detector. */
static const struct field {
	const char *option;
	const char *group; /* NULL: of the alert itself */
	const char *name;
} s_fields[] = {
	{"title", NULL, "title"},
	{"severity", NULL, "severity"},
	{"certainty", NULL, "certainty"},
	{"category", NULL, "category"},
	{"system", NULL, "system"},
	{"tlp", NULL, "tlp"},
	{"status", NULL, "status"},
	{"description", NULL, "description"},
	{"instruction", NULL, "instruction"},
	{"detected", NULL, "detected"},
	{"source-ip", "source", "ip"},
	{"source-port", "source", "port"},
	{"source-host", "source", "host"},
	{"source-user", "source", "user"},
	{"source-url", "source", "url"},
	{"source-email", "source", "email"},
	{"source-file", "source", "file"},
	{"source-hash", "source", "hash"},
	{"target-ip", "target", "ip"},
	{"target-port", "target", "port"},
	{"target-host", "target", "host"},
	{"target-user", "target", "user"},
	{"target-url", "target", "url"},
	{"target-email", "target", "email"},
	{"target-file", "target", "file"},
	{"target-hash", "target", "hash"},
	{"tool", "detector", "tool"},
	{"rule-id", "detector", "rule_id"},
	{"rule", "detector", "rule"},
};

#define FIELD_COUNT (sizeof s_fields / sizeof *s_fields)

static const struct option s_own_options[] = {
	OPTIONS_COMMON,
	{"json", no_argument, NULL, SEND_JSON},
	{"flush", no_argument, NULL, SEND_FLUSH},
	{"no-queue", no_argument, NULL, SEND_NO_QUEUE},
	{"audience", required_argument, NULL, SEND_AUDIENCE},
	{"expires", required_argument, NULL, SEND_EXPIRES},
	{"raw", required_argument, NULL, SEND_RAW},
	{"count", required_argument, NULL, SEND_COUNT},
};

#define OWN_COUNT (sizeof s_own_options / sizeof *s_own_options)

static const char s_help[] =
	"Usage: siaga send --title TEXT [OPTION...]\n"
	"       siaga send [--json] < ALERTS\n"
	"       siaga send --flush\n"
	"Publishes an alert, or each JSON object of standard input, and waits for the hub.\n"
	"\n"
	"  --title TEXT             one line that says it all\n"
	"  --severity LEVEL         info, low, medium (default), high or critical\n"
	"  --category CLASS/TYPE    default other/undetermined; see siaga(1)\n"
	"  --system NAME            the protected system, as the roster names it\n"
	"  --tlp COLOUR             clear, green, amber (default), amber+strict or red\n"
	"  --audience A,B           only these members\n"
	"  --status STATUS          actual (default), exercise or test\n"
	"  --description TEXT, --instruction TEXT, --certainty LEVEL, --detected TIME, --count N\n"
	"  --source-ip ADDRESS      also -port, -host, -user, -url, -email, -file, -hash\n"
	"  --target-ip ADDRESS      likewise\n"
	"  --tool, --rule-id, --rule  what detected it\n"
	"  --expires 24h            when it is over\n"
	"  --raw FILE               the original event (- is standard input)\n"
	"  --json                   read JSON from standard input, also from a terminal\n"
	"  --flush                  only send what is queued\n"
	"  --no-queue               leave nothing behind when the hub does not answer\n"
	"  --timeout DURATION       how long to wait for the hub (10s)\n"
	"  --format text|json, --hub ADDRESS, -c, --config FILE, -q, --quiet, -h, --help\n";

struct send {
	struct options_common common;
	struct settings settings;
	struct output output;
	json_t *object; /* made of options */
	bool from_stdin;
	bool flush;
	bool no_queue;
	struct composed_list list;
};

/* The object that a group's members go to: that of the alert, or a new one in it. */
static json_t *
s_group (json_t *object, const char *group)
{
	bool is_list = group && strcmp (group, "detector") != 0;
	json_t *value = group ? json_object_get (object, group) : object;
	if (value)
		return is_list ? json_array_get (value, 0) : value;
	value = json_object ();
	json_object_set_new (object, group,
			     is_list ? json_pack ("[O]", value) : json_incref (value));
	json_decref (value);
	return value;
}

static int
s_not_text (const char *option)
{
	say ("--%s: not UTF-8", option);
	return CMD_USAGE;
}

static int
s_take_field (struct send *self, const struct field *field, const char *arg)
{
	json_t *value;
	uint64_t number = 0;
	if (strcmp (field->name, "port") == 0) {
		if (options_number (field->option, arg, 65535, &number))
			return CMD_USAGE;
		value = json_integer ((json_int_t) number);
	} else {
		value = json_string (arg);
	}
	if (json_object_set_new (s_group (self->object, field->group), field->name, value))
		return s_not_text (field->option);
	return CMD_OK;
}

static int
s_take_audience (struct send *self, const char *arg)
{
	json_t *array = json_object_get (self->object, "audience");
	if (!array) {
		array = json_array ();
		json_object_set_new (self->object, "audience", array);
	}
	for (const char *at = arg;; at++) {
		size_t size = strcspn (at, ",");
		if (json_array_append_new (array, json_stringn (at, size)))
			return s_not_text ("audience");
		at += size;
		if (!*at)
			return CMD_OK;
	}
}

static int
s_take_expires (struct send *self, const char *arg)
{
	char text[SIAGA_TIME_TEXT];
	uint64_t after_ms = 0;
	uint64_t at_us = 0;
	if (siaga_time_parse (&at_us, siaga_text (arg))) {
		if (options_duration ("expires", arg, &after_ms))
			return CMD_USAGE;
		at_us = clock_now_us () + 1000 * after_ms;
	}
	siaga_time_text (text, at_us);
	json_object_set_new (self->object, "expires", json_string (text));
	return CMD_OK;
}

/* Standard input may be a socket, which cannot be opened by a name. */
static int
s_read_stdin (size_t max, uint8_t **data_p, size_t *size_p)
{
	char *data = NULL;
	FILE *into = open_memstream (&data, size_p);
	char chunk[65536];
	ssize_t got = 0;
	size_t size = 0;
	if (!into)
		return SIAGA_ENOMEM;
	while (size <= max && (got = read (STDIN_FILENO, chunk, sizeof chunk)) > 0)
		size += fwrite (chunk, 1, (size_t) got, into);
	int error = got < 0 ? SIAGA_EIO : size > max ? SIAGA_ELIMIT : 0;
	if (fclose (into) && !error)
		error = SIAGA_ENOMEM;
	if (error)
		free (data);
	else
		*data_p = (uint8_t *) data;
	return error;
}

/* All of standard input or of a file; at most `max` bytes. */
static int
s_read_input (const char *path, size_t max, uint8_t **data_p, size_t *size_p)
{
	int error = strcmp (path, "-") == 0 ? s_read_stdin (max, data_p, size_p)
					    : file_read (path, max, data_p, size_p);
	if (!error)
		return CMD_OK;
	say ("%s: %s", path, say_file_error (error));
	return error == SIAGA_ENOTFOUND ? CMD_NOINPUT : error == SIAGA_ELIMIT ? CMD_DATA : CMD_IO;
}

/* The original event, made UTF-8 and cut to what an entry holds. */
static int
s_take_raw (struct send *self, const char *path)
{
	uint8_t *data = NULL;
	size_t size = 0;
	int status = s_read_input (path, RAW_FILE_MAX, &data, &size);
	char *text = status ? NULL : malloc (SIAGA_RAW_MAX + 1);
	if (!status && !text)
		status = CMD_INTERNAL;
	if (text) {
		siaga_utf8_clean (text, SIAGA_RAW_MAX + 1, data, size);
		json_object_set_new (self->object, "raw", json_string (text));
	}
	free (text);
	free (data);
	return status;
}

static int
s_take_option (struct send *self, int option, const char *arg)
{
	uint64_t number = 0;
	int status = options_take_common (&self->common, option, arg);
	if (status >= 0)
		return status;
	switch (option) {
	case SEND_JSON:
		self->from_stdin = true;
		return CMD_OK;
	case SEND_FLUSH:
		self->flush = true;
		return CMD_OK;
	case SEND_NO_QUEUE:
		self->no_queue = true;
		return CMD_OK;
	case SEND_AUDIENCE:
		return s_take_audience (self, arg);
	case SEND_EXPIRES:
		return s_take_expires (self, arg);
	case SEND_RAW:
		return s_take_raw (self, arg);
	case SEND_COUNT:
		status = options_number ("count", arg, SIAGA_OSEQ_MAX, &number);
		json_object_set_new (self->object, "count", json_integer ((json_int_t) number));
		return status;
	default:
		return s_take_field (self, &s_fields[option - SEND_FIELD], arg);
	}
}

/* Where the alerts come from: options, standard input, or nowhere. */
static int
s_check_options (struct send *self)
{
	size_t members = json_object_size (self->object);
	if (self->flush && (members > 0 || self->from_stdin || self->no_queue))
		return say_usage ("--flush only sends what is queued: leave out the rest");
	if (self->from_stdin && members > 0)
		return say_usage (
			"--json takes everything from standard input: leave out the rest");
	if (self->flush || self->from_stdin || json_object_get (self->object, "title"))
		return CMD_OK;
	if (members > 0 || isatty (STDIN_FILENO))
		return say_usage ("an alert needs a --title (siaga send --help)");
	self->from_stdin = true;
	return CMD_OK;
}

static int
s_parse (struct send *self, int argc, char **argv)
{
	struct option options[OWN_COUNT + FIELD_COUNT + 1] = {{0}};
	int option;
	int status = CMD_OK;
	memcpy (options, s_own_options, sizeof s_own_options);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		options[OWN_COUNT + i] = (struct option){s_fields[i].option, required_argument,
							 NULL, SEND_FIELD + (int) i};
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, options, NULL)) != -1)
		status = s_take_option (self, option, optarg);
	if (status || self->common.help)
		return status;
	if (optind < argc) {
		say ("send takes no operands: %s", argv[optind]);
		return CMD_USAGE;
	}
	return s_check_options (self);
}

static int
s_compose_exit (const struct send *self, int error)
{
	switch (error) {
	case SIAGA_EROLE:
		return CMD_REFUSED;
	case SIAGA_ENOMEM:
		return CMD_INTERNAL;
	default:
		return self->from_stdin ? CMD_DATA : CMD_USAGE;
	}
}

static int
s_compose (struct send *self)
{
	char words[COMPOSE_WORDS];
	struct compose_origin origin = {
		.roster = self->settings.trust.roster,
		.principal = self->settings.trust.principal,
		.now_us = clock_now_us (),
	};
	uint8_t *data = NULL;
	size_t size = 0;
	int error;
	if (self->from_stdin) {
		int status = s_read_input ("-", INPUT_MAX, &data, &size);
		if (status)
			return status;
		struct siaga_text text = {(const char *) data, size};
		error = compose_text (&origin, text, &self->list, words);
		free (data);
	} else {
		error = compose_object (&origin, self->object, &self->list, words);
	}
	if (!error)
		return CMD_OK;
	say ("%s", words);
	return s_compose_exit (self, error);
}

/* An outbox that learned of the entry by another way does not know its number. */
static int
s_tell_published (struct send *self, const struct publish_item *item, const char *title)
{
	char id[SIAGA_UUID_TEXT];
	char number[24] = "-";
	siaga_uuid_text (id, item->id);
	bool known = item->number <= SIAGA_OSEQ_MAX;
	if (known)
		snprintf (number, sizeof number, "%" PRIu64, item->number);
	if (self->output.json) {
		json_t *object = json_object ();
		if (known)
			json_object_set_new (object, "number",
					     json_integer ((json_int_t) item->number));
		json_object_set_new (object, "id", json_string (id));
		int status = output_json (&self->output, object);
		json_decref (object);
		return status;
	}
	output_printf (&self->output, "published %s %s (", number, id);
	output_escaped (&self->output, siaga_text (title));
	return output_text (&self->output, ")\n");
}

static int
s_tell (struct send *self, const struct publish_item *items, int status)
{
	bool refused = false;
	int written = 0;
	for (size_t i = 0; i < self->list.count; i++) {
		refused = refused || items[i].fate == PUBLISH_REFUSED;
		if (items[i].fate == PUBLISH_DONE && !written && !self->common.quiet)
			written = s_tell_published (self, &items[i], self->list.items[i].title);
	}
	if (!written)
		written = output_flush (&self->output);
	if (status == CMD_QUEUED)
		say_no_hub (self->settings.trust.roster, "queued, goes with your next command");
	if (status == CMD_UNAVAILABLE)
		say_no_hub (self->settings.trust.roster, "not published, and not queued");
	if (refused)
		return CMD_REFUSED;
	return status == CMD_OK && written > 0 ? written : status;
}

static int
s_publish (struct send *self)
{
	struct publish_options options = {
		.settings = &self->settings,
		.address = self->common.address,
		.timeout_ms =
			self->common.has_timeout ? self->common.timeout_ms : SESSION_TIMEOUT_MS,
		.no_queue = self->no_queue,
	};
	struct publish_item *items = calloc (self->list.count + 1, sizeof *items);
	if (!items)
		return CMD_INTERNAL;
	for (size_t i = 0; i < self->list.count; i++) {
		memcpy (items[i].id, self->list.items[i].id, SIAGA_ID_BYTES);
		items[i].entry.data = self->list.items[i].entry;
		items[i].entry.size = self->list.items[i].size;
	}
	int status = publish_run (&options, items, self->list.count);
	status = s_tell (self, items, status);
	free (items);
	return status;
}

static int
s_run (struct send *self)
{
	int status = settings_load (&self->settings, self->common.conf);
	if (status)
		return status;
	output_init (&self->output, self->common.format, &self->settings);
	if (!self->flush)
		status = s_compose (self);
	if (!status && (self->list.count > 0 || !self->no_queue))
		status = s_publish (self);
	composed_list_finish (&self->list);
	settings_finish (&self->settings);
	return status;
}

int
cmd_send (int argc, char **argv)
{
	struct send self = {.object = json_object ()};
	if (!self.object)
		return CMD_INTERNAL;
	int status = s_parse (&self, argc, argv);
	if (!status && self.common.help)
		status = fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	else if (!status)
		status = s_run (&self);
	json_decref (self.object);
	return status;
}
