/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outbox, an intake and one source over files in a directory of their own; nothing waits and no loop runs.
 */
#ifndef TESTS_SOURCE_FIXTURE_H
#define TESTS_SOURCE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/rules.h"
#include "agent/source.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

static char s_name[] = "ids";

struct world {
	struct siaga_identity *identity;
	struct outbox *outbox;
	struct intake *intake;
	char directory[64];
	char eve[128];

	char *paths[8];
	unsigned path_lines[8];
	struct rules *rules;
	struct damper *damper;
	char database[128];
	zloop_t *loop;
	struct agent_conf conf;
	struct source_conf source;
	struct source_context context;
	void *self; /* the source */
	int refused;
};

static inline void
open_outbox (struct world *world, uint64_t max_bytes)
{
	struct outbox_options options = {
		.path = world->database,
		.network = "pemilu.example",
		.identity = world->identity,
		.keep_acked_us = 1,
		.keep_acked_bytes = 1 << 20,
		.max_waiting_bytes = max_bytes,
	};
	char words[256];
	if (outbox_open (&world->outbox, &options, words))
		fail_msg ("%s", words);
	world->intake = intake_new (world->outbox, world->identity);
	assert_non_null (world->intake);
	world->context.intake = world->intake;
}

static inline void
close_outbox (struct world *world)
{
	damper_destroy (&world->damper);
	intake_destroy (&world->intake);
	outbox_close (&world->outbox);
}

static inline void
on_refused (void *arg, int error)
{
	struct world *world = arg;
	world->refused = error;
	source_class_of (&world->source)->pause (world->self);
}

static inline int
setup (void **state)
{
	struct world *world = calloc (1, sizeof *world);
	assert_non_null (world);
	log_open ("test", LOG_TO_NOTHING, 0);
	assert_int_equal (siaga_crypto_init (), 0);
	world->identity = siaga_identity_new (siaga_text ("bssn/soc-1"));
	strcpy (world->directory, "/tmp/siaga-intake-XXXXXX");
	assert_non_null (mkdtemp (world->directory));
	snprintf (world->eve, sizeof world->eve, "%s/eve.json", world->directory);
	snprintf (world->database, sizeof world->database, "%s/outbox.db", world->directory);
	world->paths[0] = world->eve;
	world->loop = zloop_new ();
	world->source = (struct source_conf){.name = s_name,
					     .type = SOURCE_EVE,
					     .path = world->eve,
					     .paths = {1, world->paths, world->path_lines},
					     .priority = 4,
					     .from = SOURCE_FROM_START,
					     .keep_raw = true};
	world->context = (struct source_context){.loop = world->loop,
						 .conf = &world->conf,
						 .source = &world->source,
						 .on_refused = on_refused,
						 .arg = world};
	open_outbox (world, 1 << 30);
	*state = world;
	return 0;
}

static inline int
teardown (void **state)
{
	struct world *world = *state;
	char command[128];
	clock_set (NULL);
	source_class_of (&world->source)->destroy (&world->self);
	close_outbox (world);
	rules_destroy (&world->rules);
	zloop_destroy (&world->loop);
	siaga_identity_destroy (&world->identity);
	snprintf (command, sizeof command, "rm -rf %s", world->directory);
	assert_int_equal (system (command), 0);
	free (world);
	return 0;
}

static inline uint64_t
waiting (struct world *world)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (world->outbox, &counts), 0);
	return counts.waiting;
}

#endif
