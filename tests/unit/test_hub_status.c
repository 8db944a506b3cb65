/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status answer of the largest task force with everything at its longest fits an answer, and what others may not see
 * is not in it. The time it takes is printed, and that of a look at everybody.
 */
#include "hub_fixture.h"

#include <stdio.h>
#include <time.h>

#include "hub/presence_private.h"

#define CROWD SIAGA_PRINCIPALS_MAX

static struct hub *s_hub;
static struct siaga_member s_members[2];
static struct siaga_principal *s_crowd;
static uint8_t s_sources[SIAGA_SOURCES_BYTES_MAX];
static size_t s_sources_size;

/* The longest of a kind. */
static void
fill (char *out, size_t max, const char *begin, unsigned number)
{
	memset (out, 'x', max);
	out[max] = '\0';
	memcpy (out, begin, strlen (begin));
	snprintf (out + max - 6, 7, "%06u", number);
}

static void
make_crowd (struct siaga_roster *roster)
{
	s_members[0] = (struct siaga_member){.name = "crowd", .clearance = SIAGA_TLP_RED};
	s_members[1] = (struct siaga_member){.name = "other", .clearance = SIAGA_TLP_RED};
	s_crowd = calloc (CROWD, sizeof *s_crowd);
	assert_non_null (s_crowd);
	for (unsigned i = 0; i < CROWD; i++) {
		s_crowd[i].member = &s_members[i == CROWD - 1];
		s_crowd[i].roles = 15;
		fill (s_crowd[i].name, SIAGA_PRINCIPAL_MAX, "crowd/", i);
	}
	s_crowd[CROWD - 1].roles = SIAGA_ROLE_READ;
	memcpy (s_crowd[CROWD - 1].name, "other", 5);
	roster->principals = s_crowd;
	roster->principal_count = CROWD;
	assert_int_equal (siaga_roster_index (roster), 0);
}

/* As many sources as a heartbeat holds. */
static void
make_sources (void)
{
	char name[SIAGA_SOURCE_NAME_MAX + 1], error[SIAGA_SOURCE_ERROR_MAX + 1];
	struct siaga_source source = {.last_line_us = 1, .lines = 1u << 31, .alerts = 1u << 31};
	struct siaga_writer writer;

	siaga_writer_init (&writer, s_sources, sizeof s_sources);
	siaga_writer_array (&writer, SIAGA_SOURCES_MAX);
	for (unsigned i = 0; i < SIAGA_SOURCES_MAX; i++) {
		fill (name, SIAGA_SOURCE_NAME_MAX, "s", i);
		fill (error, SIAGA_SOURCE_ERROR_MAX, "e", i);
		source.name = siaga_text (name);
		source.error = siaga_text (error);
		siaga_source_write (&writer, &source);
	}
	assert_int_equal (writer.error, 0);
	s_sources_size = writer.size;
}

static void
open_sessions (void)
{
	uint8_t key[SIAGA_KEY_BYTES] = {0};
	struct siaga_status_message status = {
		.now_us = SIAGA_OSEQ_MAX,
		.waiting = SIAGA_OSEQ_MAX,
		.waiting_bytes = SIAGA_OSEQ_MAX,
		.oldest_us = SIAGA_OSEQ_MAX - 1,
		.lost = SIAGA_OSEQ_MAX,
		.disk_free = SIAGA_OSEQ_MAX,
		.aside = SIAGA_OSEQ_MAX,
		.sources = {s_sources, s_sources_size},
	};

	for (unsigned i = 0; i < HUB_SESSIONS_MAX; i++) {
		struct session *session =
			session_table_add (s_hub->core->sessions, i + 1, key, clock_mono_ms ());
		assert_non_null (session);
		session->state = SESSION_OPEN;
		session->principal = &s_crowd[i % CROWD];
		session->account = account_hold (&s_hub->core->accounts, session->principal->name);
		session->account->sessions++;
		session->since_us = session->heard_us = clock_now_us ();
		fill (session->software, SIAGA_SOFTWARE_MAX, "siaga-agent ", i);
		session_keep_status (session, &status);
		presence_on_status (s_hub->core->presence, session);
	}
}

static double
seconds (void)
{
	struct timespec now;

	clock_gettime (CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* The answer to the session of a connection: its size. */
static size_t
ask (uint64_t conn, uint8_t **data)
{
	size_t size = 0;
	double begun = seconds ();
	const struct session *asker = session_table_find (s_hub->core->sessions, conn);

	assert_int_equal (status_write (s_hub->core, asker, data, &size), 0);
	printf ("answer to connection %u: %zu bytes in %.1f ms\n", (unsigned) conn, size,
		(seconds () - begun) * 1e3);
	return size;
}

static void
test_answer_of_the_largest_task_force_fits (void **state)
{
	uint8_t *data = NULL;

	(void) state;
	double begun = seconds ();
	presence_on_tick (s_hub->core->presence);
	printf ("a look at %u principals with %u sessions, %u sources each: %.1f ms\n", CROWD,
		HUB_SESSIONS_MAX, SIAGA_SOURCES_MAX, (seconds () - begun) * 1e3);
	for (unsigned i = 0; i < 1000; i++)
		presence_on_quota (s_hub->core->presence, s_crowd[i].name);
	for (struct condition *it =
		     conditions_next (presence_conditions (s_hub->core->presence), NULL);
	     it; it = conditions_next (presence_conditions (s_hub->core->presence), it)) {
		it->state = CONDITION_OPEN;
		fill (it->words, CONDITION_WORDS_MAX, "w", 0);
	}
	size_t size = ask (1, &data);
	assert_in_range (size, 2 << 20, SIAGA_RESULT_MAX);
	free (data);
	/* Somebody of another member gets his own and no more. */
	size = ask (CROWD, &data);
	assert_in_range (size, 1000, 64 << 10);
	assert_null (memmem (data, size, "crowd", 5));
	assert_non_null (memmem (data, size, s_crowd[CROWD - 1].name, 20));
	free (data);
}

int
main (void)
{
	s_hub = hub_new ();
	struct siaga_roster *roster = s_hub->trust.roster;
	struct siaga_principal *kept = roster->principals;
	size_t kept_count = roster->principal_count;
	make_crowd (roster);
	presence_on_roster (s_hub->core->presence);
	make_sources ();
	open_sessions ();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_answer_of_the_largest_task_force_fits),
	};
	int failed = cmocka_run_group_tests (tests, NULL, NULL);
	core_destroy (&s_hub->core);
	roster->principals = kept;
	roster->principal_count = kept_count;
	free (s_crowd);
	siaga_roster_destroy (&s_hub->trust.roster);
	free (s_hub);
	return failed;
}
