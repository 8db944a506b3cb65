/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON where a lack of memory must not be taken for a text that is wrong: jansson often calls it so.
 */
#ifndef COMMON_JSON_LOAD_H
#define COMMON_JSON_LOAD_H

#include <jansson.h>

/* json_loadb (). NULL with an empty error->text: out of memory; else the text is wrong. */
json_t *
json_load (const char *data, size_t size, size_t flags, json_error_t *error);

#endif
