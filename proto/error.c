/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words and the ids of the error codes, made from the one list in error.h. A code this version
 * does not know (a newer peer sent it) is no mistake: it gets words of its own.
 */
#include "siaga/error.h"

/* Never negates a negative number: INT_MIN has no positive form. */
static int
s_negative (int error)
{
	return error > 0 ? -error : error;
}

const char *
siaga_strerror (int error)
{
	switch (s_negative (error)) {
	case SIAGA_OK:
		return "no error";
#define ERROR_WORDS(name, number, id, words)                                                       \
	case SIAGA_E##name:                                                                        \
		return words;
		SIAGA_ERRORS (ERROR_WORDS)
#undef ERROR_WORDS
	default:
		return "an error this version does not know";
	}
}

const char *
siaga_error_id (int error)
{
	switch (s_negative (error)) {
	case SIAGA_OK:
		return "ok";
#define ERROR_ID(name, number, id, words)                                                          \
	case SIAGA_E##name:                                                                        \
		return id;
		SIAGA_ERRORS (ERROR_ID)
#undef ERROR_ID
	default:
		return "unrecognised";
	}
}
