/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What conf.c needs of conf_value.c: one value of one field, from its text or from libconfig, into
 * its place, with range and checker.
 */
#ifndef COMMON_CONF_VALUE_H
#define COMMON_CONF_VALUE_H

#include <libconfig.h>

#include "common/conf.h"

/* The directory of `file_name` with its slash, as a length; 0 for the working directory. */
size_t
conf_directory (const char *file_name);

/* Any type but lists and groups. 0; SIAGA_ENOMEM; SIAGA_ECONF and the reason. `place` keeps what it
   held after a failure. */
int
conf_value_set (const struct conf_field *field, const config_setting_t *setting,
		const char *file_name, void *place, char reason[CONF_REASON_MAX]);

/* The same for one SCALAR, or one item of a SCALAR_LIST. */
int
conf_value_set_scalar (const struct conf_field *field, const config_setting_t *setting,
		       struct conf_scalar *scalar, char reason[CONF_REASON_MAX]);

/* The same from a field's fallback. */
int
conf_value_set_text (const struct conf_field *field, const char *text, const char *file_name,
		     void *place, char reason[CONF_REASON_MAX]);

#endif
