/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga doctor`: from a configuration to the hub's verdict, step by step. What is told is one line a step, and what to
 * do where something is not as it should be. cmd_doctor.c walks; here is what each step needs.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/options.h"
#include "cli/output.h"
#include "common/outbox.h"
#include "common/trust.h"

#define DOCTOR_WORDS 512

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, but not for long, or not well */
	DOCTOR_FAIL,
};

/* What is needed of an agent's configuration or of a person's: the rest is passed over. */
struct doctor_conf {
	struct trust_conf trust;
	char *state;
	char *hub;
	struct conf_list sources; /* of struct doctor_source */
};

struct doctor_source {
	char *name;
	char *type;
	char *path;
};

struct doctor {
	struct options_common common;
	struct output output;
	unsigned warnings;
	unsigned failures;
	struct doctor_conf conf;
	char *conf_path;
	bool has_conf;
	bool is_agent;	 /* the configuration has sources */
	char *state_dir; /* NULL: not known */
	struct trust trust;
	bool has_look;
	struct outbox_look look;
};

/* Tells of one step: `advice` NULL when it is fine. */
void
doctor_tell (struct doctor *self, enum doctor_state state, const char *step, const char *advice,
	     const char *format, ...) __attribute__ ((format (printf, 5, 6)));

/* The steps in their order; false: those after it make no sense. doctor_here.c: */
bool
doctor_configuration (struct doctor *self);
bool
doctor_identity (struct doctor *self);
bool
doctor_roster (struct doctor *self);
void
doctor_state (struct doctor *self);
void
doctor_outbox (struct doctor *self);
void
doctor_clock (struct doctor *self);
void
doctor_sources (struct doctor *self);
void
doctor_finish (struct doctor *self);

/* doctor_hub.c: every address, from its name to WELCOME. */
void
doctor_hub (struct doctor *self);

#endif
