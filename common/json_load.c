/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See json_load.h. While it reads, jansson's allocations go through here.
 */
#include "common/json_load.h"

#include <stdbool.h>

static __thread json_malloc_t s_malloc;
static __thread bool s_failed;

static void *
s_allocate (size_t size)
{
	void *made = s_malloc (size);

	s_failed = s_failed || !made;
	return made;
}

json_t *
json_load (const char *data, size_t size, size_t flags, json_error_t *error)
{
	json_free_t release;

	json_get_alloc_funcs (&s_malloc, &release);
	s_failed = false;
	json_set_alloc_funcs (s_allocate, release);
	json_t *root = json_loadb (data, size, flags, error);
	json_set_alloc_funcs (s_malloc, release);
	if (!root && s_failed)
		error->text[0] = '\0';
	return root;
}
