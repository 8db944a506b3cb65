/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's answer to a status query as JSON: what a newer hub says more is passed over, what an older one does not
 * say is no error, and noise is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/status.h"

static uint8_t s_room[4096];
static struct siaga_writer s_out;

static void
text (const char *value)
{
	siaga_writer_text (&s_out, siaga_text (value));
}

static void
numbers (size_t count)
{
	for (size_t i = 0; i < count; i++)
		siaga_writer_uint (&s_out, 1795507200000000 + i);
}

static void
begin (size_t keys)
{
	siaga_writer_init (&s_out, s_room, sizeof s_room);
	siaga_writer_map (&s_out, keys);
}

static json_t *
read_it (char **metrics)
{
	assert_int_equal (s_out.error, 0);
	return status_read ((struct siaga_bytes){s_out.data, s_out.size}, metrics);
}

/* A session with so many items. */
static void
write_session (size_t items)
{
	siaga_writer_array (&s_out, items);
	text ("bssn/soc-1");
	numbers (1);
	text ("siaga-agent 0.1.0");
	numbers (4);
	if (items < 14)
		return;
	numbers (6);
	siaga_writer_array (&s_out, 0);
	numbers (items - 14);
}

static void
test_sessions_of_any_version_are_read (void **state)
{
	static const size_t versions[] = {7, 14, 17, 20};
	char *metrics;

	(void) state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		begin (1);
		siaga_writer_uint (&s_out, 6);
		siaga_writer_array (&s_out, 2);
		write_session (versions[i]);
		write_session (versions[i]);
		json_t *hub = read_it (&metrics);
		assert_non_null (hub);
		json_t *session = json_array_get (json_object_get (hub, "sessions"), 1);
		assert_string_equal (json_string_value (json_object_get (session, "principal")),
				     "bssn/soc-1");
		assert_int_equal (json_object_get (session, "behind") != NULL, versions[i] >= 17);
		json_decref (hub);
	}
}

static void
write_principal (size_t items)
{
	siaga_writer_array (&s_out, items);
	text ("bssn/soc-1");
	siaga_writer_uint (&s_out, 5);
	numbers (3);
	text ("siaga-agent 0.1.0");
	numbers (5);
	siaga_writer_bool (&s_out, true);
	siaga_writer_bool (&s_out, false);
	numbers (items - 13);
}

static void
test_principals_and_conditions_are_read_and_what_is_new_passed_over (void **state)
{
	char *metrics;

	(void) state;
	begin (3);
	siaga_writer_uint (&s_out, 8);
	siaga_writer_array (&s_out, 2);
	write_principal (13);
	write_principal (15);
	siaga_writer_uint (&s_out, 9);
	siaga_writer_array (&s_out, 1);
	siaga_writer_array (&s_out, 8);
	text ("agent-silent");
	text ("bssn/soc-1");
	text ("");
	siaga_writer_uint (&s_out, 3);
	numbers (1);
	text ("agent bssn/soc-1 is silent");
	text ("no heartbeat");
	numbers (1);
	siaga_writer_uint (&s_out, 99);
	text ("of a later version");
	json_t *hub = read_it (&metrics);
	assert_non_null (hub);
	json_t *principal = json_array_get (json_object_get (hub, "principals"), 1);
	json_t *roles = json_object_get (principal, "roles");
	assert_int_equal (json_array_size (roles), 2);
	assert_string_equal (json_string_value (json_array_get (roles, 1)), "read");
	assert_true (json_is_true (json_object_get (principal, "agent")));
	json_t *condition = json_array_get (json_object_get (hub, "conditions"), 0);
	assert_string_equal (json_string_value (json_object_get (condition, "severity")), "high");
	json_decref (hub);
}

static void
check_metrics (const char *told, bool is_taken)
{
	char *metrics;

	begin (1);
	siaga_writer_uint (&s_out, 10);
	text (told);
	json_t *hub = read_it (&metrics);
	assert_non_null (hub);
	assert_int_equal (metrics != NULL, is_taken);
	if (metrics)
		assert_string_equal (metrics, told);
	free (metrics);
	json_decref (hub);
}

static void
test_metrics_that_could_steer_a_terminal_are_not_taken (void **state)
{
	(void) state;
	check_metrics ("siaga_hub_sessions 3\n", true);
	check_metrics ("siaga_hub_sessions \x1b[2J\n", false);
	check_metrics ("siaga_hub_sessions \xc2\x9b\n", false);
	check_metrics ("", false);
}

static void
test_answer_cut_short_is_refused (void **state)
{
	char *metrics;

	(void) state;
	begin (2);
	siaga_writer_uint (&s_out, 6);
	siaga_writer_array (&s_out, 1);
	write_session (17);
	siaga_writer_uint (&s_out, 8);
	siaga_writer_array (&s_out, 1);
	write_principal (13);
	for (size_t size = 0; size < s_out.size; size++)
		assert_null (status_read ((struct siaga_bytes){s_out.data, size}, &metrics));
	json_t *hub = read_it (&metrics);
	assert_non_null (hub);
	json_decref (hub);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_sessions_of_any_version_are_read),
		cmocka_unit_test (
			test_principals_and_conditions_are_read_and_what_is_new_passed_over),
		cmocka_unit_test (test_metrics_that_could_steer_a_terminal_are_not_taken),
		cmocka_unit_test (test_answer_cut_short_is_refused),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
