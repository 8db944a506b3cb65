/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Empties an outbox that fill_outbox made, as the uplink does but with nobody at the other end: cuts, takes each
 * batch for sending, and takes an ACK for it. What the outbox alone costs: CPU and bytes written an entry.
 *
 *	drain_outbox OUTBOX NETWORK IDENTITY
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/identity_file.h"
#include "common/outbox.h"
#include "siaga/error.h"

#define CUTS 4 /* in one transaction, as the uplink's */

static int
s_cut_some (struct outbox *outbox)
{
	uint64_t first;
	int error = outbox_begin (outbox);
	if (error != 0)
		return error;
	for (size_t i = 0; error == 0 && i < CUTS; i++)
		error = outbox_cut (outbox, &first);
	if (error == 0 || error == SIAGA_ENOTFOUND)
		return outbox_commit (outbox);
	outbox_rollback (outbox);
	return error;
}

/* Sends and acknowledges what is cut. */
static int
s_pass_on (struct outbox *outbox, uint64_t *sent)
{
	int error = 0;
	while (error == 0) {
		uint8_t *data = NULL;
		size_t size = 0;
		uint64_t first = 0;
		uint32_t count = 0;
		error = outbox_batch_after (outbox, *sent, &data, &size, &first, &count);
		free (data);
		if (error == 0)
			*sent = first + count - 1;
	}
	if (error == SIAGA_ENOTFOUND)
		error = outbox_acked (outbox, outbox_epoch (outbox), *sent, *sent);
	return error;
}

static int
s_drain (struct outbox *outbox)
{
	uint64_t sent = outbox_acked_oseq (outbox);
	int error = 0;
	while (error == 0 && outbox_waiting (outbox) > 0) {
		error = s_cut_some (outbox);
		if (error == 0)
			error = s_pass_on (outbox, &sent);
	}
	return error;
}

static uint64_t
s_written (void)
{
	char line[128];
	unsigned long long bytes = 0;
	FILE *file = fopen ("/proc/self/io", "r");
	while (file && fgets (line, sizeof line, file))
		if (sscanf (line, "wchar: %llu", &bytes) == 1)
			break;
	if (file)
		fclose (file);
	return bytes;
}

static double
s_seconds (struct timeval time)
{
	return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

static void
s_tell (uint64_t entries, const struct rusage *before, uint64_t written)
{
	struct rusage after;
	double n = entries ? (double) entries : 1;
	getrusage (RUSAGE_SELF, &after);
	printf ("{\"entries\": %llu, \"user_us\": %.3f, \"system_us\": %.3f, \"written_bytes\": %.1f}\n",
		(unsigned long long) entries,
		(s_seconds (after.ru_utime) - s_seconds (before->ru_utime)) * 1e6 / n,
		(s_seconds (after.ru_stime) - s_seconds (before->ru_stime)) * 1e6 / n,
		(double) (s_written () - written) / n);
}

static int
s_run (char **argv)
{
	char words[256] = "";
	struct siaga_identity *identity = NULL;
	struct outbox *outbox = NULL;
	struct rusage before;
	struct conf_error conf_error = {0};
	int error = identity_load (argv[3], NULL, NULL, &identity, &conf_error);
	struct outbox_options options = {.path = argv[1],
					 .network = argv[2],
					 .identity = identity,
					 .keep_acked_us = UINT64_C (86400000000),
					 .keep_acked_bytes = 64 << 20};
	if (error == 0)
		error = outbox_open (&outbox, &options, words);
	uint64_t entries = error == 0 ? outbox_waiting (outbox) : 0, written = s_written ();
	getrusage (RUSAGE_SELF, &before);
	if (error == 0)
		error = s_drain (outbox);
	if (error == 0)
		s_tell (entries, &before, written);
	else
		fprintf (stderr, "drain_outbox: %s %s%s\n", siaga_strerror (error), words,
			 conf_error.words);
	outbox_close (&outbox);
	siaga_identity_destroy (&identity);
	return error ? 70 : 0;
}

int
main (int argc, char **argv)
{
	if (argc != 4 || siaga_crypto_init () != 0) {
		fprintf (stderr, "usage: drain_outbox OUTBOX NETWORK IDENTITY\n");
		return 64;
	}
	return s_run (argv);
}
