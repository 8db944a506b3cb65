/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills an agent's outbox as its eve source would, without a file in between: real events through the real parser
 * and intake, many a transaction. Prints the mean size of an entry in bytes.
 *
 *	fill_outbox OUTBOX NETWORK IDENTITY COUNT
 */
#include <stdlib.h>

#include "agent/intake.h"
#include "common/identity_file.h"
#include "eve_event.h"
#include "siaga/error.h"

#define ENTRIES_A_COMMIT 2000

static int
s_add (struct intake *intake, struct event *event, const struct alert_defaults *defaults,
       uint64_t number)
{
	char line[EVE_LINE_MAX];
	int error = eve_event (event, defaults, number, line);
	struct intake_origin origin = {
		.source = "eve", .inode = 1, .offset = number, .line = event->line};
	return error ? error : intake_add (intake, &event->header, &event->body, &origin);
}

static int
s_fill (struct outbox *outbox, const struct siaga_identity *identity, uint64_t count)
{
	struct alert_defaults defaults;
	struct intake *intake = intake_new (outbox, identity);
	struct event *event = calloc (1, sizeof *event);
	int error = intake && event ? 0 : SIAGA_ENOMEM;
	alert_defaults_init (&defaults);
	for (uint64_t i = 0; error == 0 && i < count; i++) {
		if (i % ENTRIES_A_COMMIT == 0)
			error = intake_begin (intake);
		if (error == 0)
			error = s_add (intake, event, &defaults, i);
		if (error == 0 && ((i + 1) % ENTRIES_A_COMMIT == 0 || i + 1 == count))
			error = intake_commit (intake);
	}
	if (event)
		event_clear (event);
	free (event);
	intake_destroy (&intake);
	return error;
}

static int
s_run (char **argv)
{
	char words[256] = "";
	struct siaga_identity *identity = NULL;
	struct outbox *outbox = NULL;
	struct outbox_counts counts;
	struct conf_error conf_error = {0};
	int error = identity_load (argv[3], NULL, NULL, &identity, &conf_error);
	struct outbox_options options = {.path = argv[1], .network = argv[2], .identity = identity};
	if (error == 0)
		error = outbox_open (&outbox, &options, words);
	if (error == 0)
		error = s_fill (outbox, identity, strtoull (argv[4], NULL, 10));
	if (error == 0)
		error = outbox_count (outbox, &counts);
	if (error != 0)
		fprintf (stderr, "fill_outbox: %s %s%s\n", siaga_strerror (error), words,
			 conf_error.words);
	else
		printf ("%.1f\n", counts.waiting
					  ? (double) counts.waiting_bytes / (double) counts.waiting
					  : 0.0);
	outbox_close (&outbox);
	siaga_identity_destroy (&identity);
	return error ? 70 : 0;
}

int
main (int argc, char **argv)
{
	if (argc != 5 || siaga_crypto_init () != 0) {
		fprintf (stderr, "usage: fill_outbox OUTBOX NETWORK IDENTITY COUNT\n");
		return 64;
	}
	return s_run (argv);
}
