/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See facts.h.
 */
#include "common/facts.h"

#include "siaga/names.h"

json_t *
facts_time (uint64_t time_us)
{
	char text[SIAGA_TIME_TEXT];
	if (time_us == 0)
		return json_null ();
	siaga_time_text (text, time_us);
	return json_string (text);
}

const char *
facts_text (const json_t *object, const char *name)
{
	const char *text = json_string_value (json_object_get (object, name));
	return text ? text : "-";
}

long long
facts_number (const json_t *object, const char *name)
{
	return json_integer_value (json_object_get (object, name));
}

bool
facts_is_said (const json_t *object, const char *name)
{
	return json_is_string (json_object_get (object, name));
}

bool
facts_is_true (const json_t *object, const char *name)
{
	return json_is_true (json_object_get (object, name));
}
