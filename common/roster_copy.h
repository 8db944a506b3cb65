/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying the strings of a roster's text into the roster.
 */
#ifndef COMMON_ROSTER_COPY_H
#define COMMON_ROSTER_COPY_H

#include <stdio.h>
#include <string.h>

#include "siaga/error.h"

static inline int
s_copy_text (char **out, const char *text)
{
	if (text == NULL)
		return 0;
	*out = strdup (text);
	return *out != NULL ? 0 : SIAGA_ENOMEM;
}

/* A name whose length a checker has seen; NULL is empty. */
static inline void
s_copy_name (char *out, size_t capacity, const char *name)
{
	snprintf (out, capacity, "%s", name != NULL ? name : "");
}

#endif
