/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/life.c against PROTOCOL.md section 4.1: the table is read from that page, and every cell of it is tried; then
 * the conditions of the cells, each from both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/life.h"

#define REFUSED SIAGA_LIFE_STATES
#define PAGE_MAX (1 << 17)
#define CELL_MAX 64

static uint64_t s_now;

static void
begin (struct siaga_life *life)
{
	struct siaga_header alert = {
		.origin = siaga_text ("bssn/soc-1"),
		.severity = SIAGA_SEVERITY_MEDIUM,
	};
	siaga_life_begin (life, &alert, ++s_now);
}

static struct siaga_deed
deed_of (unsigned what, const char *origin, const char *member)
{
	return (struct siaga_deed){
		.what = what,
		.origin = siaga_text (origin),
		.member = siaga_text (member),
		.outcome = what == SIAGA_ACTION_RESOLVE ? SIAGA_OUTCOME_BENIGN : SIAGA_OUTCOME_NONE,
	};
}

static int
say (struct siaga_life *life, unsigned what, const char *origin, const char *member)
{
	struct siaga_deed deed = deed_of (what, origin, member);
	int error = siaga_life_judge (life, &deed);
	assert_int_equal (siaga_life_apply (life, &deed, ++s_now), error);
	return error;
}

/* A life in that state, led by polri where one leads; nobody else has said anything. */
static void
bring (struct siaga_life *life, enum siaga_life_state state)
{
	begin (life);
	if (state == SIAGA_LIFE_ACKNOWLEDGED)
		assert_int_equal (say (life, SIAGA_ACTION_ACKNOWLEDGE, "polri/dewi", NULL), 0);
	if (state == SIAGA_LIFE_IN_PROGRESS || state == SIAGA_LIFE_RESOLVED ||
	    state == SIAGA_LIFE_REOPENED)
		assert_int_equal (say (life, SIAGA_ACTION_TAKE, "polri/dewi", NULL), 0);
	if (state == SIAGA_LIFE_RESOLVED || state == SIAGA_LIFE_REOPENED)
		assert_int_equal (say (life, SIAGA_ACTION_RESOLVE, "polri/dewi", NULL), 0);
	if (state == SIAGA_LIFE_REOPENED)
		assert_int_equal (say (life, SIAGA_ACTION_REOPEN, "polri/dewi", NULL), 0);
	if (state == SIAGA_LIFE_CANCELLED)
		assert_int_equal (say (life, SIAGA_DEED_CANCEL, "bssn/soc-1", NULL), 0);
	assert_int_equal (life->state, state);
}

/* --- the page ------------------------------------------------------------------------------------------- */

static char *
page (void)
{
	static char text[PAGE_MAX];
	char path[4096];
	const char *top = getenv ("SIAGA_SOURCE_DIR");
	snprintf (path, sizeof path, "%s/proto/PROTOCOL.md", top ? top : ".");
	FILE *in = fopen (path, "rb");
	if (!in)
		fail_msg ("%s is not there", path);
	text[fread (text, 1, sizeof text - 1, in)] = '\0';
	fclose (in);
	return text;
}

/* The next cell of a row, without the blanks around it and a condition's letter behind it. */
static bool
next_cell (char **at, char cell[CELL_MAX])
{
	char *begin = strchr (*at, '|');
	size_t size = begin ? strcspn (begin + 1, "|\n") : 0;
	if (!begin || begin[1 + size] != '|')
		return false;
	snprintf (cell, CELL_MAX, "%.*s", (int) size, begin + 1);
	*at = begin + 1 + size;
	size_t blanks = strspn (cell, " ");
	memmove (cell, cell + blanks, strlen (cell + blanks) + 1);
	char *letter = strstr (cell, " (");
	if (letter)
		*letter = '\0';
	for (size = strlen (cell); size > 0 && cell[size - 1] == ' ';)
		cell[--size] = '\0';
	return true;
}

static unsigned
what_of (const char *name)
{
	int action = siaga_name_value (&siaga_action_names, siaga_text (name));
	return strcmp (name, "update") == 0   ? (unsigned) SIAGA_DEED_UPDATE
	       : strcmp (name, "cancel") == 0 ? (unsigned) SIAGA_DEED_CANCEL
	       : action > 0		      ? (unsigned) action
					      : (unsigned) SIAGA_DEED_KINDS;
}

static unsigned
state_of (const char *name)
{
	int state = siaga_name_value (&siaga_life_names, siaga_text (name));
	if (strcmp (name, "–") != 0 && state < 0)
		fail_msg ("\"%s\" is no state", name);
	return state < 0 ? REFUSED : (unsigned) state;
}

/* Who may do it where anybody may at all: each condition is met. */
static const char *
actor_of (unsigned what)
{
	return what >= SIAGA_DEED_UPDATE	  ? "bssn/soc-1"
	       : what == SIAGA_ACTION_ASSIST	  ? "brin/rina"
	       : what == SIAGA_ACTION_ACKNOWLEDGE ? "kpu/sari"
	       : what == SIAGA_ACTION_TAKE	  ? "polri/anton"
						  : "polri/dewi";
}

static void
try_cell (unsigned what, enum siaga_life_state state, unsigned expected)
{
	static struct siaga_life life, before;
	bring (&life, state);
	if (what == SIAGA_ACTION_TAKE && state == SIAGA_LIFE_IN_PROGRESS) {
		assert_int_equal (say (&life, SIAGA_ACTION_HANDOVER, "polri/dewi", "kpu"), 0);
		assert_int_equal (say (&life, SIAGA_ACTION_HANDOVER, "bssn/ani", "polri"), 0);
	}
	before = life;
	int error = say (&life, what, actor_of (what), "brin");
	if (expected == REFUSED) {
		assert_int_equal (error, SIAGA_ESTATE);
		assert_memory_equal (&life, &before, sizeof life);
		return;
	}
	assert_int_equal (error, 0);
	if (life.state != expected)
		fail_msg ("%u in %s leads to %s", what, siaga_name_of (&siaga_life_names, state),
			  siaga_name_of (&siaga_life_names, life.state));
	assert_int_equal (life.since_us, expected == state ? before.since_us : s_now);
}

static void
test_life_every_cell_of_the_page_is_what_the_code_does (void **state)
{
	char cell[CELL_MAX];
	unsigned seen = 0;
	(void) state;
	char *at = strstr (page (), "### 4.1");
	assert_non_null (at);
	at = strstr (at, "\n| | new |");
	assert_non_null (at);
	char *heads = at + 3;
	enum siaga_life_state column[SIAGA_LIFE_STATES];
	for (size_t i = 0; i < SIAGA_LIFE_STATES; i++) {
		assert_true (next_cell (&heads, cell));
		column[i] = (enum siaga_life_state) state_of (cell);
	}
	at = strchr (strchr (at + 1, '\n') + 1, '\n') + 1;
	for (; *at == '|'; at = strchr (at, '\n') + 1) {
		char *row = at;
		assert_true (next_cell (&row, cell));
		unsigned what = what_of (cell);
		if (what == SIAGA_DEED_KINDS || seen & 1u << what)
			fail_msg ("\"%s\" is no deed, or stands there twice", cell);
		seen |= 1u << what;
		for (size_t i = 0; i < SIAGA_LIFE_STATES; i++) {
			assert_true (next_cell (&row, cell));
			try_cell (what, column[i], state_of (cell));
		}
	}
	assert_int_equal (seen, (1u << SIAGA_DEED_KINDS) - 2); /* all but "none" */
}

/* --- conditions ----------------------------------------------------------------------------------------- */

static struct siaga_life s_life;

static void
test_life_only_a_handover_lets_another_take (void **state)
{
	(void) state;
	bring (&s_life, SIAGA_LIFE_IN_PROGRESS);
	assert_int_equal (say (&s_life, SIAGA_ACTION_TAKE, "brin/rina", NULL), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_TAKE, "polri/anton", NULL), SIAGA_ESTATE);
	assert_string_equal (s_life.person, "polri/dewi");
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "polri/dewi", "brin"), 0);
	assert_string_equal (s_life.lead, "brin");
	assert_string_equal (s_life.person, "");
	assert_int_equal (say (&s_life, SIAGA_ACTION_TAKE, "polri/dewi", NULL), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_TAKE, "brin/rina", NULL), 0);
	assert_string_equal (s_life.person, "brin/rina");
	assert_int_equal (s_life.lead_since_us, s_now);
	assert_int_equal (say (&s_life, SIAGA_ACTION_TAKE, "brin/rina", NULL), SIAGA_ESTATE);
}

static void
test_life_is_handed_over_by_the_lead_or_the_origins_member_to_another (void **state)
{
	(void) state;
	bring (&s_life, SIAGA_LIFE_IN_PROGRESS);
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "brin/rina", "brin"), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "polri/dewi", "polri"),
			  SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "polri/anton", "kpu"), 0);
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "bssn/ani", "bssn"), 0);
	assert_string_equal (s_life.lead, "bssn");
}

static void
test_life_is_resolved_by_the_leading_member_alone (void **state)
{
	(void) state;
	bring (&s_life, SIAGA_LIFE_IN_PROGRESS);
	assert_int_equal (say (&s_life, SIAGA_ACTION_RESOLVE, "bssn/ani", NULL), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_RESOLVE, "polri/anton", NULL), 0);
	assert_int_equal (s_life.outcome, SIAGA_OUTCOME_BENIGN);
	assert_string_equal (s_life.lead, "polri"); /* who resolved it is still told */
	assert_true (siaga_life_is_over (&s_life));
	assert_int_equal (say (&s_life, SIAGA_ACTION_REOPEN, "brin/rina", NULL), 0);
	assert_string_equal (s_life.lead, "");
	assert_int_equal (s_life.outcome, SIAGA_OUTCOME_NONE);
	assert_false (siaga_life_is_over (&s_life));
}

static void
test_life_is_acknowledged_once_by_each_person_and_by_so_many (void **state)
{
	char name[32];
	(void) state;
	begin (&s_life);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, "polri/dewi", NULL), 0);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, "polri/dewi", NULL),
			  SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, "polri/anton", NULL), 0);
	for (int i = 2; i < SIAGA_LIFE_PARTIES_MAX; i++) {
		snprintf (name, sizeof name, "kpu/p%d", i);
		assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, name, NULL), 0);
	}
	assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, "kpu/q", NULL), SIAGA_ELIMIT);
	assert_int_equal (say (&s_life, SIAGA_DEED_CANCEL, "bssn/soc-1", NULL), 0);
	assert_int_equal (say (&s_life, SIAGA_ACTION_REOPEN, "kpu/q", NULL), 0);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ACKNOWLEDGE, "polri/dewi", NULL), 0);
}

static void
test_life_a_member_assists_once_and_not_itself (void **state)
{
	char name[32];
	(void) state;
	bring (&s_life, SIAGA_LIFE_IN_PROGRESS);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, "polri/anton", NULL), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, "brin/rina", NULL), 0);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, "brin/budi", NULL), SIAGA_ESTATE);
	assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, "kpu/sari", NULL), 0);
	assert_true (siaga_life_assists (&s_life, siaga_text ("brin")));
	assert_int_equal (say (&s_life, SIAGA_ACTION_HANDOVER, "polri/dewi", "brin"), 0);
	assert_false (siaga_life_assists (&s_life, siaga_text ("brin")));
	assert_int_equal (s_life.assist_count, 1);
	assert_string_equal (s_life.assists[0].principal, "kpu/sari");
	for (int i = 1; i < SIAGA_LIFE_PARTIES_MAX; i++) {
		snprintf (name, sizeof name, "m%d/p", i);
		assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, name, NULL), 0);
	}
	assert_int_equal (say (&s_life, SIAGA_ACTION_ASSIST, "one/more", NULL), SIAGA_ELIMIT);
}

static void
test_life_an_update_gives_its_severity (void **state)
{
	struct siaga_deed deed;
	struct siaga_header header = {
		.kind = SIAGA_KIND_UPDATE,
		.origin = siaga_text ("bssn/soc-1"),
		.severity = SIAGA_SEVERITY_CRITICAL,
	};
	static struct siaga_body body;
	(void) state;
	begin (&s_life);
	assert_int_equal (siaga_deed_read (&deed, &header, &body), 0);
	assert_int_equal (siaga_life_apply (&s_life, &deed, ++s_now), 0);
	assert_int_equal (s_life.severity, SIAGA_SEVERITY_CRITICAL);
}

/* --- reading -------------------------------------------------------------------------------------------- */

static int
read_response (enum siaga_action action, const char *member, enum siaga_outcome outcome, int refs)
{
	struct siaga_header header = {.kind = SIAGA_KIND_RESPONSE, .action = action};
	static struct siaga_body body;
	struct siaga_deed deed;
	header.ref_count = refs ? (size_t) refs : 1;
	header.refs[1].id[0] = refs == 2;
	body.member = siaga_text (member);
	body.outcome = outcome;
	int error = siaga_deed_read (&deed, &header, &body);
	if (!error)
		assert_int_equal (deed.what, action);
	return error;
}

static void
test_deed_says_what_its_action_needs (void **state)
{
	struct siaga_header header = {.kind = SIAGA_KIND_SYSTEM};
	static struct siaga_body body;
	struct siaga_deed deed;
	(void) state;
	for (int kind = SIAGA_KIND_VOID; kind <= SIAGA_KIND_ROSTER; kind++) {
		header.kind = (enum siaga_kind) kind;
		assert_int_equal (siaga_deed_read (&deed, &header, &body), SIAGA_ENOTFOUND);
	}
	assert_int_equal (read_response (SIAGA_ACTION_TAKE, NULL, 0, 0), 0);
	assert_int_equal (read_response (SIAGA_ACTION_HANDOVER, NULL, 0, 0), SIAGA_EMALFORMED);
	assert_int_equal (read_response (SIAGA_ACTION_HANDOVER, "polri", 0, 0), 0);
	assert_int_equal (read_response (SIAGA_ACTION_RESOLVE, NULL, 0, 0), SIAGA_EMALFORMED);
	assert_int_equal (read_response (SIAGA_ACTION_RESOLVE, NULL, SIAGA_OUTCOME_BENIGN, 0), 0);
	assert_int_equal (read_response (SIAGA_ACTION_RESOLVE, NULL, SIAGA_OUTCOME_DUPLICATE, 1),
			  SIAGA_EMALFORMED);
	assert_int_equal (read_response (SIAGA_ACTION_RESOLVE, NULL, SIAGA_OUTCOME_DUPLICATE, 2),
			  0);
	assert_int_equal (read_response (SIAGA_ACTION_RESOLVE, NULL, SIAGA_OUTCOME_DUPLICATE, 3),
			  SIAGA_EMALFORMED);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_life_every_cell_of_the_page_is_what_the_code_does),
		cmocka_unit_test (test_life_only_a_handover_lets_another_take),
		cmocka_unit_test (
			test_life_is_handed_over_by_the_lead_or_the_origins_member_to_another),
		cmocka_unit_test (test_life_is_resolved_by_the_leading_member_alone),
		cmocka_unit_test (test_life_is_acknowledged_once_by_each_person_and_by_so_many),
		cmocka_unit_test (test_life_a_member_assists_once_and_not_itself),
		cmocka_unit_test (test_life_an_update_gives_its_severity),
		cmocka_unit_test (test_deed_says_what_its_action_needs),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
