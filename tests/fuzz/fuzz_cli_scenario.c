/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the scenario of a drill: refused with words, or a scenario whose every entry is a valid alert or is
 * refused with words.
 */
#include <stdlib.h>

#include "cli/drill_entry.h"

static void
s_make_all (const struct scenario *scenario)
{
	static struct drill_entry entry;
	struct siaga_roster roster = {.network = "fuzz"};
	struct siaga_member member = {.name = "kpu", .clearance = SIAGA_TLP_RED};
	struct siaga_principal person = {
		.name = "kpu/sari", .roles = SIAGA_ROLE_PUBLISH, .member = &member};
	struct drill_origin origin = {&roster, &person, UINT64_C (1795507200000000)};
	struct siaga_ref opening = {{1}, {2}};
	uint8_t id[SIAGA_ID_BYTES];
	char words[DRILL_WORDS] = "";
	siaga_uuid_make (id, 1, (const uint8_t *) "0123456789");
	siaga_uuid_make (opening.id, 1, (const uint8_t *) "9876543210");
	if (drill_make_opening (&entry, &origin, scenario, id, words) && !words[0])
		abort ();
	for (size_t i = 0; i < scenario->injects.count; i++)
		if (drill_make_inject (&entry, &origin, scenario, i, id, &opening, words) &&
		    !words[0])
			abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	struct conf_error error = {""};
	struct scenario scenario;
	if (scenario_parse (&scenario, "scenario.conf", (const char *) data, size, &error)) {
		if (error.words[0] == '\0')
			abort ();
		return 0;
	}
	s_make_all (&scenario);
	scenario_finish (&scenario);
	return 0;
}
