/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alerts of a stretch of the log with their lives, for `siaga open`: fed with entries in the log's order. Bounded:
 * when there are too many the oldest go.
 */
#ifndef CLI_OPEN_TABLE_H
#define CLI_OPEN_TABLE_H

#include "common/handle.h"
#include "common/reader.h"
#include "siaga/filter.h"
#include "siaga/life.h"

#define OPEN_ALERTS_MAX 131072
#define OPEN_LIVES_MAX 8192 /* of alerts that somebody did something to, about 10 KiB each */

/* What should have been done by now. */
enum open_overdue {
	OPEN_IN_TIME,
	OPEN_ACKNOWLEDGE,
	OPEN_TAKE,
	OPEN_RESOLVE,
};

struct open_alert {
	struct siaga_ref ref;
	uint64_t number;
	uint64_t accepted_us;
	uint64_t over_us;   /* when it expires; 0: never */
	uint64_t opened_us; /* since when its deadlines run, and these, by the playbook; 0: none */
	uint64_t acknowledge_us;
	uint64_t take_us;
	uint64_t resolve_us;
	char origin[SIAGA_PRINCIPAL_MAX + 1];
	char category[SIAGA_CATEGORY_MAX + 1];
	char system[SIAGA_SYSTEM_MAX + 1];
	enum siaga_status status;
	enum siaga_severity severity;
	enum siaga_tlp tlp;
	char lead[SIAGA_MEMBER_MAX + 1]; /* who should, by the playbook; "" when it does not say */
	char *title;
	struct siaga_life *life; /* NULL: new */
	struct open_alert *next; /* of its bucket */
};

struct open_table;

/* NULL when out of memory. */
struct open_table *
open_table_new (void);

void
open_table_destroy (struct open_table **self_p);

/* 0 or SIAGA_ENOMEM. `roster` says who should lead. */
int
open_table_add (struct open_table *self, const struct reader_entry *entry,
		const struct siaga_roster *roster);

/* How many alerts, and deeds of others, were left out because there were too many. */
uint64_t
open_table_dropped (const struct open_table *self);

/* What of an open alert is overdue, the latest of it, as the hub judges (PROTOCOL.md section 6.9), and *since_us since
   when; untouched when it is in time. */
enum open_overdue
open_alert_overdue (const struct open_alert *alert, uint64_t now_us, uint64_t *since_us);

/* Those not over at `now_us`, and not expired before anybody took them: the real ones before exercises and tests, the
   most severe first, of these the oldest. The
   array is the caller's to free (), its alerts are the table's. NULL when out of memory. */
const struct open_alert **
open_table_list (const struct open_table *self, uint64_t now_us, size_t *count);

#endif
