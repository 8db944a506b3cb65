/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `siaga status`: the hub's answer as JSON (status_read.c), and that as text (status_text.c).
 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <jansson.h>

#include "cli/output.h"
#include "cli/settings.h"

/* The hub's answer to a status query as an object (siaga(1)); NULL when it is malformed. `metrics_p` gets the text for
   Prometheus, the caller's to free (), or NULL where there is none or it is not plain printable text. */
json_t *
status_read (struct siaga_bytes answer, char **metrics_p);

/* Prints everything: {hub, roster, principal, queue}. */
void
status_print (struct output *output, const struct settings *settings, const json_t *object);

#endif
