/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolling a card: the roster's text is edited in place, because libconfig's writer would lose the
 * operator's comments. The text has passed roster_parse () before, but for the first principal of
 * all, and the result passes it after: what the little reader here makes of another grammar is
 * found out then.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/roster_file.h"
#include "siaga/error.h"

#define GROUP_MAX 1024 /* bytes of an inserted group */

/* A part of the text, from `at` up to `end`. */
struct range {
	const char *at;
	const char *end;
};

/* What is inserted: a comma after the last item there is, and the new item before the closing
   bracket. */
struct edit {
	const char *comma; /* NULL: the list is empty */
	const char *place;
	char group[GROUP_MAX];
};

/* The end of the comment, string, name or single character at `at`. */
static const char *
s_token_end (const char *at, const char *end)
{
	const char *stop;

	if (*at == '#' || (*at == '/' && end - at > 1 && at[1] == '/')) {
		stop = memchr (at, '\n', (size_t) (end - at));
		return stop != NULL ? stop : end;
	}
	if (*at == '/' && end - at > 1 && at[1] == '*') {
		stop = memmem (at + 2, (size_t) (end - at - 2), "*/", 2);
		return stop != NULL ? stop + 2 : end;
	}
	if (*at == '"') {
		for (at++; at < end && *at != '"'; at++)
			if (*at == '\\' && end - at > 1)
				at++;
		return at < end ? at + 1 : end;
	}
	do
		at++;
	while (at < end && strchr (" \t\r\n{}[]()=:;,\"#/", *at) == NULL);
	return at;
}

static bool
s_is_comment (const char *at, const char *end)
{
	return *at == '#' || (*at == '/' && end - at > 1 && (at[1] == '/' || at[1] == '*'));
}

/* The next token that is neither white space nor comment; false at the end. */
static bool
s_next_token (struct range *rest, struct range *token)
{
	while (rest->at < rest->end) {
		token->at = rest->at;
		token->end = s_token_end (rest->at, rest->end);
		rest->at = token->end;
		if (strchr (" \t\r\n", *token->at) != NULL) {
			rest->at = token->at + 1;
			continue;
		}
		if (!s_is_comment (token->at, rest->end))
			return true;
	}
	return false;
}

static bool
s_token_is (const struct range *token, const char *word)
{
	return (size_t) (token->end - token->at) == strlen (word) &&
	       memcmp (token->at, word, strlen (word)) == 0;
}

/* After an opening bracket: passes its closing one; the part between them. */
static struct range
s_pass_brackets (struct range *rest)
{
	struct range inside = {rest->at, rest->at}, token;
	unsigned depth = 1;

	while (depth > 0 && s_next_token (rest, &token)) {
		if (strchr ("{[(", *token.at) != NULL)
			depth++;
		else if (strchr ("}])", *token.at) != NULL)
			depth--;
		inside.end = token.at;
	}
	return inside;
}

/* The first token of the value of setting `key` in a group's inside; `rest` goes on after it. */
static bool
s_find_setting (struct range *rest, const char *key, struct range *value)
{
	struct range token;

	while (s_next_token (rest, &token)) {
		if (strchr ("{[(", *token.at) != NULL) {
			s_pass_brackets (rest);
			continue;
		}
		if (s_token_is (&token, key) && s_next_token (rest, &token))
			return s_next_token (rest, value); /* after the = */
	}
	return false;
}

static bool
s_find_list (struct range in, const char *key, struct range *inside)
{
	struct range value;

	if (!s_find_setting (&in, key, &value) || *value.at != '(')
		return false;
	*inside = s_pass_brackets (&in);
	return true;
}

static bool
s_group_is (struct range group, const char *name)
{
	char quoted[SIAGA_PRINCIPAL_MAX + 3];
	struct range value;

	snprintf (quoted, sizeof quoted, "\"%s\"", name);
	return s_find_setting (&group, "name", &value) && s_token_is (&value, quoted);
}

/* The inside of the group of that name in a list of groups. */
static bool
s_find_group (struct range list, const char *name, struct range *group)
{
	struct range token;

	while (s_next_token (&list, &token)) {
		if (*token.at != '{')
			continue;
		*group = s_pass_brackets (&list);
		if (s_group_is (*group, name))
			return true;
	}
	return false;
}

/* Where an item goes at the end of a list: before the line of its closing bracket when that stands
   alone. */
static void
s_edit_place (struct edit *edit, struct range list)
{
	struct range rest = list, token;

	edit->comma = NULL;
	while (s_next_token (&rest, &token))
		edit->comma = token.end;
	edit->place = list.end;
	while (edit->place > list.at && (edit->place[-1] == ' ' || edit->place[-1] == '\t'))
		edit->place--;
	if (edit->place == list.at || edit->place[-1] != '\n')
		edit->place = list.end;
}

static void
s_principal_group (char out[GROUP_MAX], const struct siaga_card *card, unsigned roles)
{
	char line[SIAGA_CARD_MAX], list[128] = "";

	for (unsigned i = 0; i < roster_role_names.count; i++) {
		size_t length = strlen (list);

		if ((roles & 1U << i) != 0)
			snprintf (list + length, sizeof list - length, "%s\"%s\"",
				  length > 0 ? ", " : "", roster_role_names.names[i]);
	}
	siaga_card_write (card, line);
	snprintf (out, GROUP_MAX,
		  "\t{\n\t\tname = \"%s\";\n\t\troles = [%s];\n\t\tkeys = (\n"
		  "\t\t\t{ card = \"%s\"; }\n\t\t);\n\t}\n",
		  card->principal, list, line);
}

static void
s_key_group (char out[GROUP_MAX], const struct siaga_card *card)
{
	char line[SIAGA_CARD_MAX];

	siaga_card_write (card, line);
	snprintf (out, GROUP_MAX, "\t\t\t{ card = \"%s\"; }\n", line);
}

/* Builds the new text: up to the comma, up to the place, the group, the rest. */
static char *
s_edit_apply (const struct edit *edit, struct range text, size_t *size_p)
{
	size_t group = strlen (edit->group), size = (size_t) (text.end - text.at);
	const char *comma = edit->comma != NULL ? edit->comma : edit->place;
	bool alone = edit->place > text.at && edit->place[-1] == '\n';
	char *out = malloc (size + group + 3), *at = out;

	if (out == NULL)
		return NULL;
	at = mempcpy (at, text.at, (size_t) (comma - text.at));
	if (edit->comma != NULL)
		*at++ = ',';
	at = mempcpy (at, comma, (size_t) (edit->place - comma));
	if (!alone)
		*at++ = '\n';
	at = mempcpy (at, edit->group, group);
	at = mempcpy (at, edit->place, (size_t) (text.end - edit->place));
	*at = '\0';
	*size_p = (size_t) (at - out);
	return out;
}

static bool
s_share_a_key (const struct siaga_card *a, const struct siaga_card *b)
{
	const uint8_t *left[] = {a->sign, a->transport, a->seal};
	const uint8_t *right[] = {b->sign, b->transport, b->seal};

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++)
			if (memcmp (left[i], right[k], SIAGA_KEY_BYTES) == 0)
				return true;
	return false;
}

static const struct siaga_principal *
s_find_user_of (const struct siaga_roster *roster, const struct siaga_card *card)
{
	for (size_t i = 0; i < roster->principal_count; i++)
		for (size_t k = 0; k < roster->principals[i].key_count; k++)
			if (s_share_a_key (&roster->principals[i].keys[k].card, card))
				return &roster->principals[i];
	return NULL;
}

static int
s_refuse (struct conf_error *error, int status, const char *file_name, const char *name,
	  const char *words)
{
	snprintf (error->words, sizeof error->words, "%.200s: %s: %s", file_name, name, words);
	return status;
}

static int
s_check_new (const char *file_name, const struct siaga_roster *roster,
	     const struct siaga_card *card, unsigned roles, struct conf_error *error)
{
	const struct siaga_principal *user = s_find_user_of (roster, card);
	const struct siaga_principal *same =
		siaga_roster_principal (roster, siaga_text (card->principal));

	if (user != NULL)
		return s_refuse (error, SIAGA_EEXISTS, file_name, user->name,
				 "is in the roster with a key of this card already");
	if (same != NULL && roles != 0 && roles != same->roles)
		return s_refuse (error, SIAGA_EEXISTS, file_name, same->name,
				 "is in the roster already, with other roles");
	if (siaga_roster_member (roster, siaga_member_of (siaga_text (card->principal))) == NULL)
		return s_refuse (error, SIAGA_ECONF, file_name, card->principal,
				 "its member is not in the roster: add it to `members` first");
	if (same == NULL && roles == 0)
		return s_refuse (error, SIAGA_ECONF, file_name, card->principal, "needs a role");
	return 0;
}

bool
roster_lacks_principals (struct siaga_bytes text)
{
	const char *data = (const char *) text.data;
	struct range in = {data, data + text.size}, value, list, token;

	if (!s_find_setting (&in, "principals", &value))
		return true;
	if (*value.at != '(')
		return false; /* something is wrong there: the parser says what */
	list = s_pass_brackets (&in);
	return !s_next_token (&list, &token);
}

/* The first principal of all, with its section where there is none. */
static void
s_edit_prepare_first (struct edit *edit, struct range text, const struct siaga_card *card,
		      unsigned roles)
{
	struct range list;
	char group[GROUP_MAX];

	s_principal_group (edit->group, card, roles);
	if (s_find_list (text, "principals", &list)) {
		s_edit_place (edit, list);
		return;
	}
	snprintf (group, sizeof group, "%s", edit->group);
	snprintf (edit->group, sizeof edit->group, "principals = (\n%.960s);\n", group);
	edit->comma = NULL;
	edit->place = text.end;
}

/* Finds the place and writes the group. */
static int
s_edit_prepare (struct edit *edit, struct range text, const struct siaga_card *card, unsigned roles,
		bool is_new)
{
	struct range list, group;

	if (!s_find_list (text, "principals", &list))
		return SIAGA_ECONF;
	if (is_new) {
		s_principal_group (edit->group, card, roles);
	} else {
		if (!s_find_group (list, card->principal, &group) ||
		    !s_find_list (group, "keys", &list))
			return SIAGA_ECONF;
		s_key_group (edit->group, card);
	}
	s_edit_place (edit, list);
	return 0;
}

static int
s_enroll (const char *file_name, const struct siaga_roster *roster, struct range text,
	  const struct siaga_card *card, unsigned roles, char **out_p, size_t *size_p,
	  struct conf_error *error)
{
	struct siaga_roster *result;
	struct edit edit;
	size_t size;
	char *out;
	int status;

	if (roster == NULL)
		s_edit_prepare_first (&edit, text, card, roles);
	else if (s_edit_prepare (&edit, text, card, roles,
				 !siaga_roster_principal (roster, siaga_text (card->principal))) !=
		 0)
		return s_refuse (error, SIAGA_ECONF, file_name, card->principal,
				 "no place found to add it: edit the roster by hand");
	out = s_edit_apply (&edit, text, &size);
	if (out == NULL)
		return s_refuse (error, SIAGA_ENOMEM, file_name, card->principal, "out of memory");
	status = roster_parse (file_name, (struct siaga_bytes){(uint8_t *) out, size}, &result,
			       error);
	if (status != 0) {
		free (out);
		return status;
	}
	siaga_roster_destroy (&result);
	*out_p = out;
	*size_p = size;
	return 0;
}

int
roster_enroll (const char *file_name, struct siaga_bytes text, const struct siaga_card *card,
	       unsigned roles, char **out_p, size_t *size_p, struct conf_error *error)
{
	struct siaga_roster *roster = NULL;
	const char *data = (const char *) text.data;
	struct range range = {data, data + text.size};
	int status = 0;

	if (!roster_lacks_principals (text)) {
		status = roster_parse (file_name, text, &roster, error);
		if (status == 0)
			status = s_check_new (file_name, roster, card, roles, error);
	} else if (roles == 0) {
		status = s_refuse (error, SIAGA_ECONF, file_name, card->principal, "needs a role");
	}
	if (status == 0)
		status = s_enroll (file_name, roster, range, card, roles, out_p, size_p, error);
	siaga_roster_destroy (&roster);
	return status;
}
