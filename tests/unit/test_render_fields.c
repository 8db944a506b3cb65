/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_fields.c: every field, each in its own line, and none that text pretends to be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/render_json.h"
#include "common/render_text.h"
#include "render_fixture.h"

static const struct render_style s_plain = {.zone = RENDER_ZONE_WIB};

static void
test_render_text_fields_lists_every_member_and_no_forged_one (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	make_full_header (&fixture.header);
	make_full_body (&fixture.body);
	fixture.body.raw = siaga_text ("one\nverified      no\n\x1b[1mtwo");
	json_t *object = render_json (&fixture.entry, fixture.log_id, &fixture.roster);
	char *text = render_text_fields (object, &s_plain);
	assert_memory_equal (text, " *** EXERCISE *** \nnumber        4711\n", 37);
	assert_non_null (strstr (text, "\nverified      yes\n"));
	assert_null (strstr (text, "\nverified      no"));
	assert_non_null (strstr (text, "\nraw           one\n              verified      no\n"
				       "              \\u{1b}[1mtwo\n"));
	assert_non_null (strstr (text, "\nsource        ip 203.0.113.7  port 50022  host "));
	assert_non_null (strstr (text, "\n              ip 2001:db8::1\n"));
	assert_non_null (strstr (text, "\naudience      kpu, polri\n"));
	assert_non_null (strstr (text, "\naccepted      2026-11-24 15:00:01 WIB\n"));
	free (text);
	json_decref (object);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_render_text_fields_lists_every_member_and_no_forged_one),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
