/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The damper and the loss over a real outbox, with a clock of the test's own: a storm becomes a handful of entries,
 * and the lines they stand for, with those reported lost, are the lines that were read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent_conf.h"
#include "agent/damper.h"
#include "agent/loss.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/batch.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define START_US UINT64_C (1795507200000000)
#define MINUTE_MS UINT64_C (60000)
#define DAY_US UINT64_C (86400000000)
#define ALERTS_MAX 20000
#define DAMPER_LIVES 12

/* What the reader of everything cut so far knows of one alert. */
struct told {
	uint8_t id[SIAGA_ID_BYTES];
	uint8_t leaf[SIAGA_HASH_BYTES];
	uint64_t lines;
	unsigned updates;
	enum siaga_severity severity;
	char rule_id[16];
};

struct world {
	struct siaga_identity *identity;
	struct outbox *outbox;
	struct intake *intake;
	struct damper *damper;
	struct loss *loss;
	struct damper_conf conf;
	char path[64];
	uint64_t max_bytes;
	uint64_t offset; /* of the next line */
	size_t told_count;
	size_t entries;
	struct told told[ALERTS_MAX];
	struct event event;
	struct siaga_batch batch;
};

static uint64_t s_now_us;
static uint64_t s_mono_ms;

static uint64_t
now_us (void *context)
{
	(void) context;
	return s_now_us;
}

static uint64_t
mono_ms (void *context)
{
	(void) context;
	return s_mono_ms;
}

static void
pass (uint64_t ms)
{
	s_mono_ms += ms;
	s_now_us += ms * 1000;
}

static void
open_world (struct world *world)
{
	struct outbox_options options = {
		.path = world->path,
		.network = "pemilu.example",
		.identity = world->identity,
		.keep_acked_us = DAY_US,
		.keep_acked_bytes = 1 << 30,
		.max_waiting_bytes = world->max_bytes,
	};
	char words[256];
	if (outbox_open (&world->outbox, &options, words))
		fail_msg ("%s", words);
	world->intake = intake_new (world->outbox, world->identity);
	world->damper = damper_new (&world->conf, world->outbox, world->intake);
	world->loss = loss_new (world->outbox, world->intake, world->damper, SIAGA_STATUS_ACTUAL);
	assert_non_null (world->damper);
	assert_non_null (world->loss);
}

static void
close_world (struct world *world)
{
	loss_destroy (&world->loss);
	damper_destroy (&world->damper);
	intake_destroy (&world->intake);
	outbox_close (&world->outbox);
}

static int
setup (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};
	struct world *world = calloc (1, sizeof *world);
	assert_non_null (world);
	log_open ("test", LOG_TO_NOTHING, 0);
	assert_int_equal (siaga_crypto_init (), 0);
	s_now_us = START_US;
	s_mono_ms = 1000000;
	clock_set (&source);
	world->identity = siaga_identity_new (siaga_text ("bssn/soc-1"));
	world->conf = (struct damper_conf){.enabled = true, .window_us = 600000000, .rate = 1000};
	world->max_bytes = 1 << 28;
	strcpy (world->path, "/tmp/siaga-damper-XXXXXX");
	int fd = mkstemp (world->path);
	close (fd);
	unlink (world->path);
	open_world (world);
	*state = world;
	return 0;
}

static int
teardown (void **state)
{
	struct world *world = *state;
	char command[320];
	close_world (world);
	clock_set (NULL);
	siaga_identity_destroy (&world->identity);
	snprintf (command, sizeof command, "rm -f %s %s-wal %s-shm %s.lock", world->path,
		  world->path, world->path, world->path);
	assert_int_equal (system (command), 0);
	free (world);
	return 0;
}

/* One line's event as a pipeline would hand it on, within a transaction. */
static int
take (struct world *world, const char *rule, const char *ip, enum siaga_severity severity)
{
	struct event *event = &world->event;
	char line[64];
	snprintf (line, sizeof line, "line %llu", (unsigned long long) world->offset);
	memset (&event->header, 0, sizeof event->header);
	memset (&event->body, 0, sizeof event->body);
	event->source = "ids";
	event->line = siaga_text (line);
	event->header.severity = severity;
	event->header.tlp = SIAGA_TLP_AMBER;
	event->header.category = siaga_text ("information-gathering/scanner");
	event->header.system = siaga_text ("sipol");
	event->header.detected_us = START_US + world->offset;
	event->body.title = siaga_text ("scan");
	event->body.detector.tool = siaga_text ("suricata");
	event->body.detector.rule_id = siaga_text (rule);
	event->body.source_count = 1;
	event->body.source[0].ip = siaga_text (ip);
	struct intake_origin origin = {"ids", 7, world->offset++, event->line};
	int rc = damper_take (world->damper, event);
	if (rc != DAMPER_SEND)
		return rc;
	rc = intake_add (world->intake, &event->header, &event->body, &origin);
	if (!rc)
		rc = damper_sent (world->damper, event);
	return rc;
}

/* `count` equal lines in transactions of 100. */
static void
storm (struct world *world, const char *rule, enum siaga_severity severity, unsigned count)
{
	for (unsigned i = 0; i < count;) {
		assert_int_equal (intake_begin (world->intake), 0);
		for (unsigned j = 0; j < 100 && i < count; j++, i++)
			assert_true (take (world, rule, "10.0.0.1", severity) >= 0);
		assert_int_equal (intake_commit (world->intake), 0);
	}
}

/* `count` lines, each another rule, in one transaction. */
static void
differing (struct world *world, unsigned from, unsigned count, enum siaga_severity severity)
{
	char rule[16];
	assert_int_equal (intake_begin (world->intake), 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf (rule, sizeof rule, "%u", from + i);
		assert_true (take (world, rule, "10.0.0.1", severity) >= 0);
	}
	assert_int_equal (intake_commit (world->intake), 0);
}

static struct told *
find_told (struct world *world, const uint8_t *id)
{
	for (size_t i = 0; i < world->told_count; i++)
		if (memcmp (world->told[i].id, id, SIAGA_ID_BYTES) == 0)
			return &world->told[i];
	return NULL;
}

static void
see (struct world *world, struct siaga_bytes entry)
{
	struct siaga_header header;
	struct siaga_body body;
	assert_int_equal (siaga_entry_read (entry, &header, &body), 0);
	world->entries++;
	if (header.kind == SIAGA_KIND_UPDATE) {
		struct told *told = find_told (world, header.refs[0].id);
		assert_non_null (told);
		assert_memory_equal (told->leaf, header.refs[0].leaf, SIAGA_HASH_BYTES);
		assert_true (body.count > told->lines);
		assert_int_equal (header.severity, told->severity);
		told->lines = body.count;
		told->updates++;
		return;
	}
	assert_int_equal (header.kind, SIAGA_KIND_ALERT);
	assert_null (find_told (world, header.id));
	assert_true (world->told_count < ALERTS_MAX);
	struct told *told = &world->told[world->told_count++];
	memcpy (told->id, header.id, sizeof told->id);
	siaga_merkle_leaf (told->leaf, entry.data, entry.size);
	told->lines = body.count ? body.count : 1;
	told->severity = header.severity;
	told->updates = 0;
	snprintf (told->rule_id, sizeof told->rule_id, "%.*s", (int) body.detector.rule_id.size,
		  body.detector.rule_id.data);
}

/* The hub takes all that waits: cuts it and reads it as a reader would. */
static void
deliver (struct world *world)
{
	uint64_t first;
	while (outbox_cut (world->outbox, &first) == 0) {
		uint8_t *data;
		size_t size;
		uint32_t count;
		assert_int_equal (
			outbox_batch_after (world->outbox, first - 1, &data, &size, &first, &count),
			0);
		assert_int_equal (
			siaga_batch_read ((struct siaga_bytes){data, size}, &world->batch), 0);
		for (uint32_t i = 0; i < count; i++)
			see (world, world->batch.slots[i].entry);
		free (data);
		assert_int_equal (outbox_acked (world->outbox, outbox_epoch (world->outbox),
						first + count - 1, first),
				  0);
	}
}

static uint64_t
lines_told (const struct world *world)
{
	uint64_t lines = 0;
	for (size_t i = 0; i < world->told_count; i++)
		lines += world->told[i].lines;
	return lines;
}

static void
end_windows (struct world *world)
{
	for (int64_t due; (due = damper_due_ms (world->damper)) >= 0;) {
		pass ((uint64_t) due);
		assert_int_equal (damper_tick (world->damper), 0);
	}
}

static void
test_agent_damper_storm_is_a_handful_that_adds_up (void **state)
{
	struct world *world = *state;
	for (int i = 0; i < 1000; i++) {
		storm (world, "1", SIAGA_SEVERITY_LOW, 100);
		deliver (world);
	}
	end_windows (world);
	deliver (world);
	assert_int_equal (world->told_count, 1);
	assert_int_equal (world->entries, 4); /* 100 at once, 1000, 10000, 100000 */
	assert_int_equal (lines_told (world), 100000);
	assert_int_equal (damper_folded (world->damper), 99999);
}

static void
test_agent_damper_tells_the_rest_at_the_end_of_the_window (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 1);
	deliver (world);
	storm (world, "1", SIAGA_SEVERITY_LOW, 7);
	deliver (world);
	assert_int_equal (lines_told (world), 1);
	pass (9 * MINUTE_MS);
	assert_int_equal (damper_tick (world->damper), 0);
	deliver (world);
	assert_int_equal (lines_told (world), 1);
	pass (MINUTE_MS);
	assert_int_equal (damper_tick (world->damper), 0);
	deliver (world);
	assert_int_equal (lines_told (world), 8);
	assert_int_equal (world->told[0].updates, 1);
	assert_int_equal (damper_due_ms (world->damper), -1);
	storm (world, "1", SIAGA_SEVERITY_LOW, 1);
	deliver (world);
	assert_int_equal (world->told_count, 2);
}

/* The window is over, another line comes before anybody looked, and the storm goes on. */
static void
test_agent_damper_ends_and_begins_in_one_transaction (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 57);
	deliver (world);
	for (int i = 0; i < 3; i++) {
		pass (11 * MINUTE_MS);
		storm (world, "1", SIAGA_SEVERITY_LOW, 500);
		deliver (world);
		storm (world, "1", SIAGA_SEVERITY_LOW, 1234);
		deliver (world);
	}
	close_world (world);
	open_world (world);
	storm (world, "1", SIAGA_SEVERITY_LOW, 10);
	end_windows (world);
	deliver (world);
	assert_int_equal (world->told_count, 4);
	assert_int_equal (lines_told (world), 57 + 3 * 1734 + 10);
	assert_int_equal (loss_pending (world->loss), 0);
}

static int
keep_name (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	(void) value;
	snprintf (arg, 64, "%.*s", (int) key.size, key.data);
	return 0;
}

static void
test_agent_damper_damaged_note_stops_nothing (void **state)
{
	struct world *world = *state;
	char name[64] = "";
	storm (world, "1", SIAGA_SEVERITY_LOW, 5);
	deliver (world);
	storm (world, "1", SIAGA_SEVERITY_LOW, 3);
	assert_int_equal (outbox_note_each (world->outbox, "folded/", keep_name, name), 0);
	assert_int_equal (outbox_note_delete (world->outbox, name), 0);
	storm (world, "1", SIAGA_SEVERITY_LOW, 100);
	end_windows (world);
	deliver (world);
	assert_int_equal (lines_told (world) + loss_pending (world->loss), 108);
}

static void
test_agent_damper_alert_that_waits_gets_the_count_itself (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 100000);
	end_windows (world);
	assert_int_equal (outbox_waiting (world->outbox), 1);
	deliver (world);
	assert_int_equal (world->entries, 1);
	assert_int_equal (lines_told (world), 100000);
}

static void
test_agent_damper_never_folds_what_differs (void **state)
{
	struct world *world = *state;
	assert_int_equal (intake_begin (world->intake), 0);
	assert_int_equal (take (world, "1", "10.0.0.1", SIAGA_SEVERITY_LOW), 0);
	assert_int_equal (take (world, "2", "10.0.0.1", SIAGA_SEVERITY_LOW), 0);
	assert_int_equal (take (world, "1", "10.0.0.2", SIAGA_SEVERITY_LOW), 0);
	assert_int_equal (take (world, "1", "10.0.0.1", SIAGA_SEVERITY_HIGH), 0);
	assert_int_equal (take (world, "1", "10.0.0.1", SIAGA_SEVERITY_LOW), DAMPER_FOLDED);
	assert_int_equal (intake_commit (world->intake), 0);
	deliver (world);
	assert_int_equal (world->told_count, 4);
}

static void
test_agent_damper_goes_on_where_it_was (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 57);
	deliver (world);
	close_world (world);
	pass (MINUTE_MS);
	open_world (world);
	assert_int_equal (damper_open (world->damper), 1);
	storm (world, "1", SIAGA_SEVERITY_LOW, 100);
	deliver (world);
	close_world (world);
	pass (20 * MINUTE_MS);
	open_world (world);
	assert_int_equal (damper_due_ms (world->damper), 0);
	assert_int_equal (damper_tick (world->damper), 0);
	deliver (world);
	assert_int_equal (world->told_count, 1);
	assert_int_equal (lines_told (world), 157);
}

static void
test_agent_damper_rollback_counts_nothing (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 5);
	deliver (world);
	uint64_t offset = world->offset;
	assert_int_equal (intake_begin (world->intake), 0);
	for (int i = 0; i < 50; i++)
		assert_true (take (world, i % 2 ? "1" : "2", "10.0.0.1", SIAGA_SEVERITY_LOW) >= 0);
	intake_rollback (world->intake);
	assert_int_equal (damper_open (world->damper), 1);
	world->offset = offset; /* and the same again */
	assert_int_equal (intake_begin (world->intake), 0);
	for (int i = 0; i < 50; i++)
		assert_true (take (world, i % 2 ? "1" : "2", "10.0.0.1", SIAGA_SEVERITY_LOW) >= 0);
	assert_int_equal (intake_commit (world->intake), 0);
	end_windows (world);
	deliver (world);
	assert_int_equal (world->told_count, 2);
	assert_int_equal (lines_told (world), 55);
}

static void
test_agent_damper_rate_folds_the_surplus_into_one_summary (void **state)
{
	struct world *world = *state;
	for (unsigned i = 0; i < 50; i++) {
		differing (world, i * 100, 100, SIAGA_SEVERITY_LOW);
		deliver (world);
	}
	end_windows (world);
	deliver (world);
	assert_int_equal (world->told_count, 1001);
	assert_int_equal (lines_told (world), 5000);
	assert_string_equal (world->told[1000].rule_id, "rate");
	assert_int_equal (world->told[1000].lines, 4000);
}

static void
test_agent_damper_flood_hides_nothing_more_severe (void **state)
{
	struct world *world = *state;
	differing (world, 0, 3000, SIAGA_SEVERITY_LOW);
	differing (world, 5000, 1, SIAGA_SEVERITY_CRITICAL);
	deliver (world);
	assert_int_equal (world->told[0].severity, SIAGA_SEVERITY_CRITICAL);
	assert_string_equal (world->told[0].rule_id, "5000");
}

static void
test_agent_damper_holds_a_bounded_number_of_folds (void **state)
{
	struct world *world = *state;
	world->conf.rate = 0;
	damper_configure (world->damper, &world->conf);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 30; i++) {
			differing (world, i * 100, 100, SIAGA_SEVERITY_LOW);
			assert_true (damper_open (world->damper) <= DAMPER_FOLDS_MAX + 100);
		}
	deliver (world);
	end_windows (world);
	deliver (world);
	assert_int_equal (lines_told (world), 6000);
}

static void
test_agent_damper_clock_set_back_or_forth_ends_no_window (void **state)
{
	struct world *world = *state;
	storm (world, "1", SIAGA_SEVERITY_LOW, 3);
	s_now_us -= 400 * DAY_US;
	storm (world, "1", SIAGA_SEVERITY_LOW, 3);
	s_now_us += 800 * DAY_US;
	storm (world, "1", SIAGA_SEVERITY_LOW, 3);
	assert_int_equal (damper_due_ms (world->damper), 600000);
	pass (10 * MINUTE_MS);
	assert_int_equal (damper_tick (world->damper), 0);
	deliver (world);
	assert_int_equal (world->told_count, 1);
	assert_int_equal (lines_told (world), 9);
}

static void
test_agent_damper_disabled_sends_everything (void **state)
{
	struct world *world = *state;
	world->conf.enabled = false;
	damper_configure (world->damper, &world->conf);
	storm (world, "1", SIAGA_SEVERITY_LOW, 2000);
	assert_int_equal (outbox_waiting (world->outbox), 2000);
}

/* -- loss -- */

static void
test_agent_loss_is_reported_and_adds_up (void **state)
{
	struct world *world = *state;
	close_world (world);
	world->max_bytes = 20000;
	world->conf.rate = 0;
	open_world (world);
	for (unsigned i = 0; i < 30; i++) {
		differing (world, i * 100, 100, i % 3 ? SIAGA_SEVERITY_LOW : SIAGA_SEVERITY_MEDIUM);
		pass (MINUTE_MS); /* windows end: what is dropped then is lost */
		assert_int_equal (damper_tick (world->damper), 0);
	}
	end_windows (world);
	uint64_t pending = loss_pending (world->loss);
	assert_true (pending > 0);
	assert_true (outbox_room (world->outbox) < 20000);
	close_world (world); /* and remembered */
	open_world (world);
	assert_int_equal (loss_pending (world->loss), pending);
	assert_int_equal (loss_tick (world->loss, 0, false), 0);
	assert_int_equal (loss_pending (world->loss), pending);
	pass (LOSS_REPORT_MS);
	assert_int_equal (loss_tick (world->loss, 0, true), 0);
	assert_int_equal (loss_pending (world->loss), 0);
	deliver (world);
	assert_string_equal (world->told[0].rule_id, "loss"); /* before all else */
	assert_int_equal (world->told[0].lines, pending);
	assert_int_equal (world->told[0].severity, SIAGA_SEVERITY_MEDIUM);
	assert_int_equal (lines_told (world), 3000);
}

static void
test_agent_loss_takes_the_least_severe_first (void **state)
{
	struct world *world = *state;
	close_world (world);
	world->max_bytes = 20000;
	open_world (world);
	differing (world, 0, 200, SIAGA_SEVERITY_LOW);
	differing (world, 1000, 10, SIAGA_SEVERITY_CRITICAL);
	differing (world, 2000, 200, SIAGA_SEVERITY_LOW);
	deliver (world);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal (world->told[i].severity, SIAGA_SEVERITY_CRITICAL);
	assert_int_equal (world->told[10].severity, SIAGA_SEVERITY_LOW);
}

static void
test_agent_loss_what_an_open_fold_remembers_is_not_lost (void **state)
{
	struct world *world = *state;
	close_world (world);
	world->max_bytes = 20000;
	open_world (world);
	differing (world, 0, 200, SIAGA_SEVERITY_LOW);
	assert_int_equal (loss_pending (world->loss), 0);
	deliver (world); /* there is room again when the windows end */
	end_windows (world);
	assert_int_equal (loss_pending (world->loss), 0);
	deliver (world);
	assert_int_equal (world->told_count, 200);
	assert_int_equal (lines_told (world), 200);
}

static void
test_agent_loss_drops_what_waited_too_long (void **state)
{
	struct world *world = *state;
	differing (world, 0, 20, SIAGA_SEVERITY_HIGH);
	end_windows (world);
	pass (24 * 60 * MINUTE_MS);
	differing (world, 100, 5, SIAGA_SEVERITY_LOW);
	assert_int_equal (loss_tick (world->loss, DAY_US, false), 0);
	assert_int_equal (outbox_waiting (world->outbox), 5);
	assert_int_equal (loss_pending (world->loss), 20);
	assert_int_equal (loss_counts (world->loss)->aged, 20);
	pass (LOSS_REPORT_MS);
	assert_int_equal (loss_tick (world->loss, DAY_US, true), 0);
	deliver (world);
	assert_int_equal (world->told[0].severity, SIAGA_SEVERITY_HIGH);
	end_windows (world);
	deliver (world);
	assert_int_equal (lines_told (world), 25);
}

/* -- at random -- */

static uint64_t s_random;

static unsigned
dice (unsigned sides)
{
	s_random = s_random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
	return (unsigned) (s_random >> 33) % sides;
}

/* Some lines in a transaction, which may be given up: then they are read again later. Returns how many were taken. */
static unsigned
some_lines (struct world *world)
{
	unsigned count = 1 + dice (dice (4) ? 5 : 60);
	uint64_t before = world->offset;
	char rule[16];
	snprintf (rule, sizeof rule, "%u", dice (8));
	assert_int_equal (intake_begin (world->intake), 0);
	for (unsigned i = 0; i < count; i++) {
		if (dice (3) == 0)
			snprintf (rule, sizeof rule, "%u", dice (dice (2) ? 8 : 4000));
		assert_true (take (world, rule, "10.0.0.1",
				   dice (3) ? SIAGA_SEVERITY_LOW
					    : dice (SIAGA_SEVERITY_CRITICAL + 1)) >= 0);
	}
	if (dice (6) > 0) {
		assert_int_equal (intake_commit (world->intake), 0);
		return count;
	}
	intake_rollback (world->intake);
	world->offset = before;
	return 0;
}

static void
something_else (struct world *world)
{
	switch (dice (8)) {
	case 0:
	case 1:
		deliver (world);
		break;
	case 2:
		close_world (world);
		open_world (world);
		break;
	case 3:
		assert_int_equal (loss_tick (world->loss, dice (2) ? DAY_US : 30000000, dice (2)),
				  0);
		break;
	default:
		pass (dice (3) ? dice (20000) : dice (8 * 60000));
		assert_int_equal (damper_tick (world->damper), 0);
	}
}

static void
one_life (struct world *world, uint64_t seed)
{
	uint64_t lines = 0;
	s_random = seed * UINT64_C (0x9E3779B97F4A7C15);
	world->told_count = 0;
	world->conf.window_us = 1000000 * (uint64_t) (1 + dice (300));
	world->conf.rate = dice (2) ? 1000 : 5;
	world->max_bytes = 1500 + dice (40000);
	close_world (world);
	open_world (world);
	for (unsigned step = 0; step < 80; step++) {
		lines += some_lines (world);
		if (dice (2))
			something_else (world);
	}
	deliver (world);
	end_windows (world);
	do {
		deliver (world);
		pass (LOSS_REPORT_MS);
		assert_int_equal (loss_tick (world->loss, 0, true), 0);
	} while (outbox_waiting (world->outbox) > 0);
	assert_int_equal (loss_pending (world->loss), 0);
	assert_int_equal (lines_told (world), lines);
}

/* SIAGA_DAMPER_SEED lives one life alone. */
static void
test_agent_damper_lines_add_up_whatever_happens (void **state)
{
	const char *seed = getenv ("SIAGA_DAMPER_SEED");
	if (seed) {
		one_life (*state, strtoull (seed, NULL, 10));
		return;
	}
	for (uint64_t i = 1; i <= DAMPER_LIVES; i++) {
		print_message ("SIAGA_DAMPER_SEED=%u\n", (unsigned) i);
		one_life (*state, i);
	}
}

#define DAMPER_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		DAMPER_TEST (test_agent_damper_storm_is_a_handful_that_adds_up),
		DAMPER_TEST (test_agent_damper_tells_the_rest_at_the_end_of_the_window),
		DAMPER_TEST (test_agent_damper_ends_and_begins_in_one_transaction),
		DAMPER_TEST (test_agent_damper_damaged_note_stops_nothing),
		DAMPER_TEST (test_agent_damper_alert_that_waits_gets_the_count_itself),
		DAMPER_TEST (test_agent_damper_never_folds_what_differs),
		DAMPER_TEST (test_agent_damper_goes_on_where_it_was),
		DAMPER_TEST (test_agent_damper_rollback_counts_nothing),
		DAMPER_TEST (test_agent_damper_rate_folds_the_surplus_into_one_summary),
		DAMPER_TEST (test_agent_damper_flood_hides_nothing_more_severe),
		DAMPER_TEST (test_agent_damper_holds_a_bounded_number_of_folds),
		DAMPER_TEST (test_agent_damper_clock_set_back_or_forth_ends_no_window),
		DAMPER_TEST (test_agent_damper_disabled_sends_everything),
		DAMPER_TEST (test_agent_loss_is_reported_and_adds_up),
		DAMPER_TEST (test_agent_loss_takes_the_least_severe_first),
		DAMPER_TEST (test_agent_loss_what_an_open_fold_remembers_is_not_lost),
		DAMPER_TEST (test_agent_loss_drops_what_waited_too_long),
		DAMPER_TEST (test_agent_damper_lines_add_up_whatever_happens),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
