/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the answers of a hub: in parts (a byte each says which it claims to be and how long it is), and what they make as
 * the roster that was asked for.
 */
#include <stdlib.h>

#include "common/answer.h"
#include "siaga/error.h"

static void
s_read (struct siaga_bytes bytes)
{
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX];
	struct siaga_bytes text;
	size_t count;

	if (answer_roster (bytes, &text, signatures, &count) != 0)
		return;
	if (count > ROSTER_SIGNATURES_MAX || text.size > bytes.size)
		abort ();
	for (size_t i = 0; i < count; i++)
		if (!siaga_utf8_is_valid (signatures[i]))
			abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	struct answer answer = {0};
	int rc = 0;

	s_read ((struct siaga_bytes){data, size});
	while (size > 0 && rc == 0) {
		size_t length = data[0] % 64u < size - 1 ? data[0] % 64u : size - 1;
		struct siaga_result result = {.part = answer.parts + (data[0] < 250),
					      .of = data[0] >= 192 ? answer.parts + 1 : 9999,
					      .payload = {data + 1, length}};
		rc = answer_add (&answer, &result);
		data += 1 + length;
		size -= 1 + length;
	}
	if (rc == 1)
		s_read (answer_bytes (&answer));
	if (rc < 0 && rc != SIAGA_EGRAMMAR && rc != SIAGA_ELIMIT)
		abort ();
	answer_finish (&answer);
	return 0;
}
