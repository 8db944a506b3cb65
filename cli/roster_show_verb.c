/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster show: a roster for people, in columns, or as one JSON object. It reads, and does not
 * judge: the signatures are `check`'s.
 */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/roster_verbs.h"
#include "common/escape.h"
#include "common/render_duty.h"

static const char help[] =
	"Usage: siaga roster show [--format text|json] [FILE]\n"
	"\n"
	"Prints a roster: members, principals with their roles and fingerprints, protected systems, and the\n"
	"playbook. FILE is roster.conf here if not given. Signatures are not checked (see roster check).\n"
	"\n"
	"      --format FORMAT  text (on a terminal) or json (elsewhere): one JSON object on a line\n"
	"  -h, --help           this text\n";

static void
s_print_title (const char *title)
{
	if (title != NULL)
		escape_write (stdout, siaga_text (title));
	putchar ('\n');
}

static const char *
s_key_state (const struct siaga_roster_key *key)
{
	if (key->untrusted_from_us != 0)
		return "untrusted";
	return key->until_us != 0 ? "retired" : "";
}

static void
s_print_head (const struct siaga_roster *roster)
{
	char issued[SIAGA_TIME_TEXT], expires[SIAGA_TIME_TEXT];

	siaga_time_text (issued, roster->issued_us);
	siaga_time_text (expires, roster->expires_us);
	printf ("network   %s\nserial    %" PRIu64 "\nissued    %s\nexpires   %s\nhub       %s",
		roster->network, roster->serial, issued, expires, roster->hub);
	for (size_t i = 0; i < roster->address_count; i++)
		printf (" %s", roster->addresses[i]);
	putchar ('\n');
	if (roster->next_root_count > 0)
		printf ("next      %u of these roots:\n", roster->next_threshold);
	for (size_t i = 0; i < roster->next_root_count; i++) {
		char root[ROSTER_ROOT_TEXT];
		roster_root_text (&roster->next_roots[i], root);
		printf ("          %s\n", root);
	}
}

static void
s_print_roles (unsigned roles)
{
	char words[64] = "";

	for (unsigned i = 0; i < roster_role_names.count; i++) {
		size_t length = strlen (words);

		if ((roles & 1U << i) != 0)
			snprintf (words + length, sizeof words - length, "%s%s",
				  length > 0 ? "," : "", roster_role_names.names[i]);
	}
	printf ("%-28s", words);
}

static void
s_print_principals (const struct siaga_roster *roster)
{
	char fingerprint[SIAGA_FINGERPRINT_TEXT];

	printf ("\nprincipals\n");
	for (size_t i = 0; i < roster->principal_count; i++) {
		const struct siaga_principal *principal = &roster->principals[i];

		for (size_t k = 0; k < principal->key_count; k++) {
			printf ("  %-24s ", k == 0 ? principal->name : "");
			s_print_roles (k == 0 ? principal->roles : 0);
			siaga_card_fingerprint (&principal->keys[k].card, fingerprint);
			printf (" %s %s\n", fingerprint, s_key_state (&principal->keys[k]));
		}
	}
}

static void
s_print_members (const struct siaga_roster *roster)
{
	char contact[RENDER_CONTACT_TEXT];

	printf ("\nmembers\n");
	for (size_t i = 0; i < roster->member_count; i++) {
		printf ("  %-12s %-13s ", roster->members[i].name,
			siaga_name_of (&siaga_tlp_names, roster->members[i].clearance));
		s_print_title (roster->members[i].title);
		render_contact (contact, &roster->members[i]);
		if (strchr (contact, ',') != NULL) {
			printf ("  %-26s ", "");
			s_print_title (strchr (contact, ',') + 2);
		}
	}
	if (roster->system_count > 0)
		printf ("\nsystems\n");
	for (size_t i = 0; i < roster->system_count; i++) {
		printf ("  %-12s %-13s ", roster->systems[i].name, roster->systems[i].owner);
		s_print_title (roster->systems[i].title);
	}
}

static void
s_print_text (const struct siaga_roster *roster)
{
	s_print_head (roster);
	s_print_members (roster);
	s_print_principals (roster);
	roster_show_book_text (roster);
}

static json_t *
s_json_time (uint64_t time_us)
{
	char text[SIAGA_TIME_TEXT];

	if (time_us == 0)
		return NULL;
	siaga_time_text (text, time_us);
	return json_string (text);
}

static void
s_set_text (json_t *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new (object, key, json_string (text));
}

static json_t *
s_json_member (const struct siaga_member *member)
{
	json_t *object = json_object ();

	s_set_text (object, "name", member->name);
	s_set_text (object, "title", member->title);
	s_set_text (object, "clearance", siaga_name_of (&siaga_tlp_names, member->clearance));
	s_set_text (object, "duty_phone", member->duty_phone);
	s_set_text (object, "mail", member->mail);
	return object;
}

static json_t *
s_json_key (const struct siaga_roster_key *key)
{
	char line[SIAGA_CARD_MAX], fingerprint[SIAGA_FINGERPRINT_TEXT];
	json_t *object = json_object ();

	siaga_card_write (&key->card, line);
	siaga_card_fingerprint (&key->card, fingerprint);
	s_set_text (object, "fingerprint", fingerprint);
	s_set_text (object, "card", line);
	json_object_set_new (object, "until", s_json_time (key->until_us));
	json_object_set_new (object, "untrusted_from", s_json_time (key->untrusted_from_us));
	return object;
}

static json_t *
s_json_principal (const struct siaga_principal *principal)
{
	json_t *object = json_object (), *roles = json_array (), *keys = json_array ();

	for (unsigned i = 0; i < roster_role_names.count; i++)
		if ((principal->roles & 1U << i) != 0)
			json_array_append_new (roles, json_string (roster_role_names.names[i]));
	for (size_t k = 0; k < principal->key_count; k++)
		json_array_append_new (keys, s_json_key (&principal->keys[k]));
	s_set_text (object, "name", principal->name);
	json_object_set_new (object, "roles", roles);
	json_object_set_new (object, "keys", keys);
	return object;
}

static json_t *
s_json_system (const struct siaga_system *system)
{
	json_t *object = json_object ();

	s_set_text (object, "name", system->name);
	s_set_text (object, "title", system->title);
	s_set_text (object, "owner", system->owner);
	if (system->vital)
		json_object_set_new (object, "vital", json_true ());
	return object;
}

static json_t *
s_json_hub (const struct siaga_roster *roster)
{
	json_t *object = json_object (), *addresses = json_array ();

	for (size_t i = 0; i < roster->address_count; i++)
		json_array_append_new (addresses, json_string (roster->addresses[i]));
	s_set_text (object, "principal", roster->hub);
	json_object_set_new (object, "addresses", addresses);
	return object;
}

static json_t *
s_json_next_roots (const struct siaga_roster *roster)
{
	json_t *object = json_object (), *keys = json_array ();
	char root[ROSTER_ROOT_TEXT];

	for (size_t i = 0; i < roster->next_root_count; i++) {
		roster_root_text (&roster->next_roots[i], root);
		json_array_append_new (keys, json_string (root));
	}
	json_object_set_new (object, "keys", keys);
	json_object_set_new (object, "threshold", json_integer (roster->next_threshold));
	return object;
}

static void
s_set_lists (json_t *object, const struct siaga_roster *roster)
{
	json_t *members = json_array (), *principals = json_array ();
	json_t *systems = json_array ();

	for (size_t i = 0; i < roster->member_count; i++)
		json_array_append_new (members, s_json_member (&roster->members[i]));
	for (size_t i = 0; i < roster->principal_count; i++)
		json_array_append_new (principals, s_json_principal (&roster->principals[i]));
	for (size_t i = 0; i < roster->system_count; i++)
		json_array_append_new (systems, s_json_system (&roster->systems[i]));
	json_object_set_new (object, "members", members);
	json_object_set_new (object, "principals", principals);
	json_object_set_new (object, "systems", systems);
	roster_show_book_json (object, roster);
}

static void
s_print_json (const struct siaga_roster *roster)
{
	char sha256[2 * SIAGA_HASH_BYTES + 1];
	json_t *object = json_object ();

	siaga_hex (sha256, roster->sha256, sizeof roster->sha256);
	s_set_text (object, "network", roster->network);
	json_object_set_new (object, "serial", json_integer ((json_int_t) roster->serial));
	s_set_text (object, "sha256", sha256);
	json_object_set_new (object, "issued", s_json_time (roster->issued_us));
	json_object_set_new (object, "expires", s_json_time (roster->expires_us));
	json_object_set_new (object, "grace_s",
			     json_integer ((json_int_t) (roster->grace_us / 1000000)));
	json_object_set_new (object, "hub", s_json_hub (roster));
	if (roster->next_root_count > 0)
		json_object_set_new (object, "next_roots", s_json_next_roots (roster));
	s_set_lists (object, roster);
	json_dumpf (object, stdout, JSON_COMPACT);
	putchar ('\n');
	json_decref (object);
}

int
roster_verb_show (int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'F'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *format = isatty (STDOUT_FILENO) ? "text" : "json";
	struct siaga_roster *roster;
	struct roster_bundle bundle;
	int option, status;

	while ((option = getopt_long (argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs (help, stdout);
			return CMD_OK;
		}
		if (option != 'F')
			return CMD_USAGE;
		format = optarg;
	}
	if (argc - optind > 1 || (strcmp (format, "text") != 0 && strcmp (format, "json") != 0)) {
		fputs ("siaga roster show: at most one FILE, and text or json (see --help)\n",
		       stderr);
		return CMD_USAGE;
	}
	status = roster_read (argc > optind ? argv[optind] : "roster.conf", &bundle, &roster);
	if (status != CMD_OK)
		return status;
	(strcmp (format, "text") == 0 ? s_print_text : s_print_json) (roster);
	siaga_roster_destroy (&roster);
	roster_bundle_finish (&bundle);
	return fflush (stdout) != 0 ? CMD_IO : CMD_OK;
}
