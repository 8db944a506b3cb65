/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alerts a person has lately seen on this machine, `alerts.db` in their state directory: so that a short handle
 * means something at once, and an alert can be answered while the hub is away. Of each what an answer needs is
 * kept: its header, its title and its leaf hash. A help and no more: what goes wrong with it is not told.
 */
#ifndef CLI_BOOK_H
#define CLI_BOOK_H

#include "cli/settings.h"

#define BOOK_ALERTS_MAX 4096

struct book;

/* NULL when there can be none; every function below takes that. */
struct book *
book_open (const struct settings *settings);

/* Saves first. */
void
book_close (struct book **self_p);

/* Takes note of a verified entry, if it is an alert. Kept by book_save (). */
void
book_add (struct book *self, const struct reader_entry *entry);

/* To the disk; drops the oldest beyond BOOK_ALERTS_MAX. */
void
book_save (struct book *self);

/* The title of an alert: false when it is not known. */
bool
book_title (struct book *self, const uint8_t id[SIAGA_ID_BYTES], char title[SIAGA_TITLE_MAX + 1]);

/* An alert of the book. The texts are borrowed until the next call. */
struct book_alert {
	struct siaga_ref ref;
	uint64_t number;
	uint64_t accepted_us;
	const struct siaga_header *header;
	struct siaga_text title;
	struct siaga_bytes digest; /* an entry of header and title */
};

/* Calls `take` for each that is saved, newest first, until it says false. */
void
book_each (struct book *self, bool (*take) (void *arg, const struct book_alert *alert), void *arg);

#endif
