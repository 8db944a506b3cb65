/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/book.c: alerts seen are found again, the oldest go; and what several alerts are called names none of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/alert.h"
#include "cli/cmd.h"
#include "directory_fixture.h"
#include "render_fixture.h"

static char s_directory[64];
static struct settings s_settings;
static struct render_fixture s_fixture;
static struct book *s_book;

static int
begin (void **state)
{
	(void) state;
	fixture_enter (s_directory);
	s_settings.state_dir = s_directory;
	render_fixture_init (&s_fixture);
	s_book = book_open (&s_settings);
	assert_non_null (s_book);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	book_close (&s_book);
	fixture_leave (s_directory);
	return 0;
}

/* Sees an alert whose id ends in these four bytes, under that number. */
static void
see (uint32_t tail, uint64_t number)
{
	s_fixture.header.id[11] = (uint8_t) number; /* not the same id */
	for (int i = 0; i < 4; i++)
		s_fixture.header.id[15 - i] = (uint8_t) (tail >> 8 * i);
	s_fixture.entry.number = number;
	book_add (s_book, &s_fixture.entry);
}

struct seen {
	size_t count;
	uint64_t first, last;
	bool is_right;
};

static bool
take (void *arg, const struct book_alert *alert)
{
	struct seen *seen = arg;
	seen->first = seen->count++ ? seen->first : alert->number;
	seen->last = alert->number;
	seen->is_right = siaga_text_equal (alert->title, s_fixture.body.title) &&
			 memcmp (alert->ref.leaf, s_fixture.entry.leaf, SIAGA_HASH_BYTES) == 0 &&
			 siaga_text_equal (alert->header->origin, s_fixture.header.origin);
	return true;
}

static struct seen
look (void)
{
	struct seen seen = {0};
	book_each (s_book, take, &seen);
	return seen;
}

static void
test_book_keeps_alerts_newest_first_and_no_other_entries (void **state)
{
	(void) state;
	see (1, 10);
	see (2, 11);
	see (1, 10);
	s_fixture.header.kind = SIAGA_KIND_UPDATE;
	see (3, 12);
	book_save (s_book);
	book_close (&s_book);
	s_book = book_open (&s_settings);
	struct seen seen = look ();
	assert_int_equal (seen.count, 2);
	assert_int_equal (seen.first, 10);
	assert_int_equal (seen.last, 11);
	assert_true (seen.is_right);
}

static void
test_book_knows_titles_before_and_after_they_are_saved (void **state)
{
	char title[SIAGA_TITLE_MAX + 1];
	(void) state;
	see (1, 10);
	assert_true (book_title (s_book, s_fixture.header.id, title));
	assert_true (siaga_text_is (s_fixture.body.title, title));
	title[0] = '\0';
	book_save (s_book);
	assert_true (book_title (s_book, s_fixture.header.id, title));
	assert_true (siaga_text_is (s_fixture.body.title, title));
	s_fixture.header.id[15] ^= 1;
	assert_false (book_title (s_book, s_fixture.header.id, title));
	assert_false (book_title (NULL, s_fixture.header.id, title));
}

static void
test_book_forgets_the_oldest (void **state)
{
	(void) state;
	for (uint32_t i = 0; i < BOOK_ALERTS_MAX + 10; i++)
		see (i << 8, i);
	book_save (s_book);
	struct seen seen = look ();
	assert_int_equal (seen.count, BOOK_ALERTS_MAX);
	assert_int_equal (seen.first, BOOK_ALERTS_MAX + 9);
	assert_int_equal (seen.last, 10);
}

static void
test_no_book_is_no_error (void **state)
{
	(void) state;
	struct settings none = {.state_dir = (char *) (uintptr_t) "/nonexistent/siaga"};
	struct book *book = book_open (&none);
	assert_null (book);
	book_add (book, &s_fixture.entry);
	book_save (book);
	book_each (book, take, NULL);
	book_close (&book);
}

static int
resolve (const char *text, struct alert_name *name)
{
	const struct options_common common = {0};
	assert_int_equal (alert_name_parse (name, text), CMD_OK);
	return alert_name_resolve (name, &s_settings, &common);
}

static void
test_handle_names_one_alert_or_none (void **state)
{
	struct alert_name name;
	(void) state;
	see (0x0a4f5061, 10);
	see (0x0b4f5061, 11);
	book_save (s_book);
	assert_int_equal (resolve ("4f5061", &name), CMD_AMBIGUOUS);
	assert_false (name.query.has_uuid);
	assert_int_equal (resolve ("A4F5061", &name), CMD_OK);
	assert_true (name.query.has_uuid);
	assert_int_equal (name.query.uuid[12], 0x0a);
	assert_int_equal (resolve ("#4711", &name), CMD_OK);
	assert_true (name.query.has_number && name.query.number == 4711);
	assert_int_equal (alert_name_parse (&name, "4g"), CMD_USAGE);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		CASE (test_book_keeps_alerts_newest_first_and_no_other_entries),
		CASE (test_book_knows_titles_before_and_after_they_are_saved),
		CASE (test_book_forgets_the_oldest),
		CASE (test_no_book_is_no_error),
		CASE (test_handle_names_one_alert_or_none),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
