/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of `siaga roster`, each with its own words: argv[0] is the verb.
 */
#ifndef CLI_ROSTER_VERBS_H
#define CLI_ROSTER_VERBS_H

#include <jansson.h>

#include "common/trust.h"

int
roster_verb_check (int argc, char **argv);

int
roster_verb_diff (int argc, char **argv);

int
roster_verb_enroll (int argc, char **argv);

int
roster_verb_show (int argc, char **argv);

/* The playbook's part of `show`: roster_show_book.c. */
void
roster_show_book_text (const struct siaga_roster *roster);

void
roster_show_book_json (json_t *object, const struct siaga_roster *roster);

/* Reads the trust's keys out of any program's configuration file; the other keys are passed over.
   Free with roster_conf_free (). */
int
roster_conf_load (struct trust_conf *conf, const char *path, struct conf_error *error);

void
roster_conf_free (struct trust_conf *conf);

/* A conf_report's `each`: to standard error. */
void
roster_print_problem (void *arg, const char *words);

/* Reads the file and checks its text: every problem goes to standard error, one a line. CMD_OK, or
   what to exit with. The bundle is the caller's to finish on CMD_OK. */
int
roster_read (const char *path, struct roster_bundle *bundle, struct siaga_roster **roster_p);

#endif
