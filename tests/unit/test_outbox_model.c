/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h against a hub that is a model: thousands of random lives of one outbox, in which it and the hub
 * crash, lose answers and have their disks put back to older copies, in any order and again and again. However
 * a life went, in the end every line of the source is in the hub's log, once.
 *
 * SIAGA_MODEL_SEED runs one life and tells it; SIAGA_MODEL_LIVES says how many, SIAGA_MODEL_FIRST from which on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/outbox.h"
#include "siaga/error.h"

#define NETWORK "pemilu-2024"
#define ORIGIN "bssn/soc-1"
#define LIVES 250
#define STEPS 60
#define LINES_MAX 400  /* of the source, in one life */
#define LOG_MAX 8192   /* entries of the hub's log */
#define WINDOW 4       /* batches in flight */
#define KEYS 2	       /* identities of the same principal */
#define BAD_LINE 23    /* every so many lines one that the hub can never take */
#define DRAIN_MAX 1000 /* steps until everything must be at the hub */
#define CLONES 2       /* outboxes of one origin that live at the same time */

/* -- the hub: a log that can be copied -- */

struct logged {
	uint8_t id[SIAGA_ID_BYTES];
	bool is_void;
	uint32_t batch; /* in `batches` */
};

struct taken {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first;
	uint64_t last;
	uint64_t number; /* of the last */
	uint8_t hash[SIAGA_HASH_BYTES];
};

struct hub {
	size_t head;
	size_t batch_count;
	struct logged log[LOG_MAX];
	struct taken batches[LOG_MAX];
};

/* -- what the hub says -- */

struct answer {
	int code; /* 0: ACK */
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first;
	uint64_t oseq;
	uint64_t number;
	uint64_t expected;
	size_t bad_count;
	struct siaga_bad bad[SIAGA_BATCH_ENTRIES_MAX];
};

/* -- an agent: an outbox, its source's place, its session -- */

struct agent {
	char path[32];
	struct outbox *outbox;
	unsigned key;
	bool has_copy;
	unsigned copy_key;
	bool open;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	bool former_is_whole;
	uint64_t former_head;
	uint64_t sent;
	size_t in_flight; /* answers outstanding, in order */
	size_t stale;
	uint64_t refused;
	struct answer answers[WINDOW * 4];
	size_t answer_count;
};

static struct siaga_identity *s_identities[KEYS];
static char s_directory[64];
static uint64_t s_now_us;
static uint64_t s_random;
static uint64_t s_seed; /* of the life being lived */
static bool s_tell;
static struct hub *s_hub, *s_copy; /* and an older copy of it */
static bool s_has_copy;
static struct agent s_agents[CLONES];
static size_t s_agent_count;
static struct siaga_batch s_batch;
static unsigned s_voids_max;
static bool s_keeps_little; /* then no hub goes back in time: there is nothing to send again */

#define TELL(...)                                                                                  \
	do {                                                                                       \
		if (s_tell)                                                                        \
			print_message (__VA_ARGS__);                                               \
	} while (0)

static uint64_t
s_clock (void *context)
{
	(void) context;
	return s_now_us;
}

/* xorshift64: a life is its seed. */
static uint64_t
s_draw (uint64_t below)
{
	s_random ^= s_random << 13;
	s_random ^= s_random >> 7;
	s_random ^= s_random << 17;
	return s_random % below;
}

/* -- files -- */

static void
s_copy_file (const char *from, const char *to)
{
	uint8_t *data = NULL;
	size_t size = 0;
	remove (to);
	if (file_read (from, 1 << 26, &data, &size) != 0)
		return;
	FILE *file = fopen (to, "w");
	assert_non_null (file);
	assert_int_equal (fwrite (data, 1, size, file), size);
	fclose (file);
	free (data);
}

/* Database and WAL as they are on the disk now: what a power cut, or a snapshot of the disk, leaves. */
static void
s_copy_outbox (const char *from, const char *to)
{
	char a[64], b[64];
	for (size_t i = 0; i < 2; i++) {
		snprintf (a, sizeof a, "%s%s", from, i ? "-wal" : "");
		snprintf (b, sizeof b, "%s%s", to, i ? "-wal" : "");
		s_copy_file (a, b);
	}
	snprintf (b, sizeof b, "%s-shm", to);
	remove (b);
}

static void
s_open (struct agent *agent)
{
	char words[256] = "";
	struct outbox_options options = {
		.path = agent->path,
		.network = NETWORK,
		.identity = s_identities[agent->key],
		.keep_acked_us = UINT64_C (86400000000),
		.keep_acked_bytes = s_keeps_little ? 600 : 1 << 26,
		.max_waiting_bytes = 1 << 26,
	};
	if (outbox_open (&agent->outbox, &options, words) != 0)
		fail_msg ("%s", words);
}

/* -- the hub's judgement (PROTOCOL.md section 7) -- */

static const struct taken *
s_held (const struct hub *hub, const uint8_t *epoch)
{
	for (size_t i = hub->batch_count; i > 0; i--)
		if (memcmp (hub->batches[i - 1].epoch, epoch, SIAGA_EPOCH_BYTES) == 0)
			return &hub->batches[i - 1];
	return NULL;
}

static bool
s_is_logged (const struct hub *hub, const uint8_t *id)
{
	for (size_t i = hub->head; i > 0; i--)
		if (memcmp (hub->log[i - 1].id, id, SIAGA_ID_BYTES) == 0)
			return true;
	return false;
}

/* The line an id was made of: s_make () put it there. */
static uint32_t
s_line_of (const uint8_t *id)
{
	uint32_t line;
	memcpy (&line, id + 10, sizeof line);
	return line;
}

static void
s_list_bad (struct answer *answer)
{
	for (uint32_t i = 0; i < s_batch.slot_count; i++) {
		struct siaga_header header;
		struct siaga_bytes body;
		assert_int_equal (siaga_header_read (s_batch.slots[i].entry, &header, &body), 0);
		bool is_bad =
			header.kind != SIAGA_KIND_VOID && s_line_of (header.id) % BAD_LINE == 0;
		bool twice = false;
		for (uint32_t j = 0; j < i; j++) {
			struct siaga_header other;
			siaga_header_read (s_batch.slots[j].entry, &other, &body);
			twice = twice || memcmp (other.id, header.id, SIAGA_ID_BYTES) == 0;
		}
		if (is_bad || twice || s_is_logged (s_hub, header.id))
			answer->bad[answer->bad_count++] =
				(struct siaga_bad){i, is_bad ? SIAGA_EMALFORMED : SIAGA_EKNOWN};
	}
}

static void
s_take_batch (struct answer *answer, const uint8_t *hash)
{
	const struct siaga_batch_head *head = &s_batch.head;
	for (uint32_t i = 0; i < head->count; i++) {
		struct siaga_header header;
		struct siaga_bytes body;
		siaga_header_read (s_batch.slots[i].entry, &header, &body);
		assert_true (s_hub->head < LOG_MAX);
		struct logged *it = &s_hub->log[s_hub->head++];
		memcpy (it->id, header.id, SIAGA_ID_BYTES);
		it->is_void = header.kind == SIAGA_KIND_VOID;
		it->batch = (uint32_t) s_hub->batch_count;
	}
	struct taken *taken = &s_hub->batches[s_hub->batch_count++];
	memcpy (taken->epoch, head->epoch, SIAGA_EPOCH_BYTES);
	memcpy (taken->hash, hash, SIAGA_HASH_BYTES);
	taken->first = head->first_oseq;
	taken->last = answer->oseq = head->first_oseq + head->count - 1;
	taken->number = answer->number = s_hub->head - 1;
}

static int
s_repetition (const uint8_t *hash, struct answer *answer)
{
	for (size_t i = 0; i < s_hub->batch_count; i++)
		if (memcmp (s_hub->batches[i].hash, hash, SIAGA_HASH_BYTES) == 0) {
			answer->oseq = s_hub->batches[i].last;
			answer->number = s_hub->batches[i].number;
			return 0;
		}
	return SIAGA_ECONFLICT;
}

static void
s_judge (struct siaga_bytes bytes, const uint8_t *key, struct answer *answer)
{
	uint8_t hash[SIAGA_HASH_BYTES];
	assert_int_equal (siaga_batch_read (bytes, &s_batch), 0);
	assert_int_equal (siaga_batch_verify (&s_batch, siaga_text (NETWORK), key), 0);
	siaga_head_hash (hash, s_batch.head_bytes);
	const struct taken *held = s_held (s_hub, s_batch.head.epoch);
	uint64_t next = held ? held->last + 1 : 1;
	memset (answer, 0, sizeof *answer);
	memcpy (answer->epoch, s_batch.head.epoch, SIAGA_EPOCH_BYTES);
	answer->first = s_batch.head.first_oseq;
	if (answer->first < next)
		answer->code = s_repetition (hash, answer);
	else if (answer->first > next) {
		answer->code = SIAGA_EHOLE;
		answer->expected = next;
	} else {
		s_list_bad (answer);
		if (answer->bad_count > 0)
			answer->code = SIAGA_EMALFORMED;
		else
			s_take_batch (answer, hash);
	}
}

/* -- the source -- */

static void
s_make (uint32_t line, struct siaga_writer *writer)
{
	static char title[40];
	uint8_t random[10] = {0}, id[SIAGA_ID_BYTES];
	memcpy (random + 4, &line, sizeof line);
	siaga_uuid_make (id, 1795507200000, random);
	snprintf (title, sizeof title, "line %u", line);
	struct siaga_header header = {
		.origin = siaga_text (ORIGIN),
		.created_us = s_now_us,
		.severity = (enum siaga_severity) (line * 7 % 5),
		.category = siaga_text ("test/test"),
	};
	memcpy (header.id, id, SIAGA_ID_BYTES);
	struct siaga_body body = {.title = siaga_text (title)};
	assert_int_equal (siaga_entry_write (writer, &header, &body), 0);
	assert_int_equal (s_line_of (id), line);
}

static uint32_t
s_position (struct agent *agent)
{
	char *text = NULL;
	if (outbox_get_position (agent->outbox, "source", &text) != 0)
		return 0;
	uint32_t position = (uint32_t) atoi (text);
	free (text);
	return position;
}

/* Lines and the position behind them, and perhaps a cut, in one transaction that may not come to pass. */
static void
s_read_lines (struct agent *agent, uint32_t count, bool commit)
{
	uint8_t buffer[1024];
	char text[16];
	uint64_t first;
	uint32_t position = s_position (agent);
	assert_int_equal (outbox_begin (agent->outbox), 0);
	for (uint32_t i = 0; i < count && position < LINES_MAX; i++) {
		struct siaga_writer writer;
		siaga_writer_init (&writer, buffer, sizeof buffer);
		s_make (++position, &writer);
		int error =
			outbox_add (agent->outbox, (struct siaga_bytes){writer.data, writer.size});
		assert_true (error == 0 || error == SIAGA_EEXISTS);
	}
	snprintf (text, sizeof text, "%u", position);
	assert_int_equal (outbox_set_position (agent->outbox, "source", text), 0);
	if (s_draw (3) == 0)
		outbox_cut (agent->outbox,
			    &first); /* also without a hub, as people's commands do */
	if (commit)
		assert_int_equal (outbox_commit (agent->outbox), 0);
	else
		outbox_rollback (agent->outbox);
}

/* -- the session, as uplink.c does it -- */

static void
s_close_session (struct agent *agent)
{
	agent->open = false;
	agent->in_flight = agent->stale = agent->answer_count = 0;
	agent->former_is_whole = false;
}

/* The first session after a new epoch asks for the former one; hubs may be put back between the two. */
static bool
s_ask_former (struct agent *agent)
{
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	if (agent->former_is_whole || outbox_former (agent->outbox, epoch, &oseq) != 0)
		return false;
	const struct taken *held = s_held (s_hub, epoch);
	if (!held || held->last < oseq)
		assert_int_equal (outbox_requeue_former (agent->outbox), 0);
	agent->former_is_whole = true;
	agent->former_head = s_hub->head;
	return true;
}

static void
s_connect (struct agent *agent)
{
	bool new_epoch = false;
	if (agent->open || s_ask_former (agent))
		return;
	if (agent->former_is_whole && s_hub->head < agent->former_head) {
		agent->former_is_whole = false;
		return;
	}
	const struct taken *held = s_held (s_hub, outbox_epoch (agent->outbox));
	assert_int_equal (outbox_resume (agent->outbox, held ? held->last : 0,
					 held ? held->hash : NULL, &agent->sent, &new_epoch),
			  0);
	s_close_session (agent);
	agent->open = !new_epoch;
	agent->refused = 0;
	memcpy (agent->epoch, outbox_epoch (agent->outbox), SIAGA_EPOCH_BYTES);
	/* The newest session of an epoch ends the others. */
	for (size_t i = 0; i < s_agent_count; i++)
		if (&s_agents[i] != agent && s_agents[i].open &&
		    memcmp (s_agents[i].epoch, agent->epoch, SIAGA_EPOCH_BYTES) == 0)
			s_close_session (&s_agents[i]);
	TELL ("  connect: held %llu, %s\n", (unsigned long long) (held ? held->last : 0),
	      new_epoch ? "new epoch" : "open");
}

/* Sends one batch: false when there is nothing to send. */
static bool
s_send (struct agent *agent)
{
	struct siaga_bytes bytes = {0};
	uint8_t *data = NULL;
	uint64_t first = 0;
	uint32_t count = 0;
	if (!agent->open || agent->in_flight == WINDOW || agent->answer_count == WINDOW * 4)
		return false;
	int error =
		outbox_batch_after (agent->outbox, agent->sent, &data, &bytes.size, &first, &count);
	if (error == SIAGA_ENOTFOUND && outbox_cut (agent->outbox, &first) == 0)
		error = outbox_batch_after (agent->outbox, agent->sent, &data, &bytes.size, &first,
					    &count);
	if (error != 0)
		return false;
	bytes.data = data;
	s_judge (bytes, s_identities[agent->key]->card.sign,
		 &agent->answers[agent->answer_count++]);
	free (data);
	agent->sent = first + count - 1;
	agent->in_flight++;
	return true;
}

static void
s_rewind (struct agent *agent, uint64_t refused)
{
	agent->stale = agent->in_flight;
	agent->refused = refused;
	agent->in_flight = 0;
	agent->sent = outbox_acked_oseq (agent->outbox);
}

static void
s_on_ack (struct agent *agent, const struct answer *answer)
{
	assert_int_equal (outbox_acked (agent->outbox, answer->epoch, answer->oseq, answer->number),
			  0);
	if (answer->oseq > agent->sent)
		agent->sent = answer->oseq;
	if (answer->oseq >= agent->refused)
		agent->stale = 0;
}

/* The oldest answer arrives: false when there is none. */
static bool
s_hear (struct agent *agent)
{
	static struct answer answer;
	if (!agent->open || agent->answer_count == 0)
		return false;
	answer = agent->answers[0];
	memmove (agent->answers, agent->answers + 1, --agent->answer_count * sizeof answer);
	TELL ("  answer %d for %llu\n", answer.code, (unsigned long long) answer.first);
	if (answer.code != 0 && agent->stale > 0) {
		agent->stale--;
		return true;
	}
	if (agent->in_flight > 0)
		agent->in_flight--;
	if (answer.code == 0)
		s_on_ack (agent, &answer);
	else if (answer.bad_count > 0) {
		int error = outbox_replace_bad (agent->outbox, answer.first, answer.bad,
						answer.bad_count);
		assert_int_equal (error, 0);
		s_rewind (agent, answer.first);
	} else if (answer.code == SIAGA_ECONFLICT) {
		assert_int_equal (outbox_new_epoch (agent->outbox, "conflict"), 0);
		s_close_session (agent);
	} else {
		assert_int_equal (answer.code, SIAGA_EHOLE);
		s_rewind (agent, answer.first);
	}
	return true;
}

/* -- faults -- */

static void
s_crash (struct agent *agent)
{
	s_copy_outbox (agent->path, "crashed");
	s_close_session (agent);
	outbox_close (&agent->outbox);
	s_copy_outbox ("crashed", agent->path);
	s_open (agent);
}

static void
s_copy_name (const struct agent *agent, char name[48])
{
	snprintf (name, 48, "%s.copy", agent->path);
}

static void
s_save (struct agent *agent)
{
	char name[48];
	s_copy_name (agent, name);
	s_copy_outbox (agent->path, name);
	agent->has_copy = true;
	agent->copy_key = agent->key;
}

static void
s_restore (struct agent *agent)
{
	char name[48];
	if (!agent->has_copy)
		return;
	s_copy_name (agent, name);
	s_close_session (agent);
	outbox_close (&agent->outbox);
	s_copy_outbox (name, agent->path);
	s_open (agent);
}

static void
s_turn_key (struct agent *agent)
{
	s_close_session (agent);
	outbox_close (&agent->outbox);
	agent->key = (agent->key + 1) % KEYS;
	s_open (agent);
}

static void
s_restore_hub (void)
{
	if (!s_has_copy || s_keeps_little)
		return;
	/* A session that is not open keeps what it was told about a former epoch: the risk is the model's. */
	for (size_t i = 0; i < s_agent_count; i++)
		s_close_session (&s_agents[i]);
	memcpy (s_hub, s_copy, sizeof *s_hub);
}

/* -- a life -- */

enum fault {
	FAULT_DROP,
	FAULT_CRASH,
	FAULT_SAVE,
	FAULT_RESTORE,
	FAULT_SAVE_HUB,
	FAULT_RESTORE_HUB,
	FAULT_KEY,
	FAULT_ROLLBACK,
	FAULTS
};

static const char *const s_fault_names[FAULTS] = {"drop",     "crash",	     "save", "restore",
						  "save hub", "restore hub", "key",  "rollback"};

static void
s_fault (struct agent *agent, enum fault fault)
{
	TELL ("agent %d: %s; log %zu, acked %llu, last %llu, waiting %llu\n",
	      (int) (agent - s_agents), s_fault_names[fault], s_hub->head,
	      (unsigned long long) outbox_acked_oseq (agent->outbox),
	      (unsigned long long) outbox_last_oseq (agent->outbox),
	      (unsigned long long) outbox_waiting (agent->outbox));
	switch (fault) {
	case FAULT_DROP:
		s_close_session (agent);
		break;
	case FAULT_CRASH:
		s_crash (agent);
		break;
	case FAULT_SAVE:
		s_save (agent);
		break;
	case FAULT_RESTORE:
		s_restore (agent);
		break;
	case FAULT_SAVE_HUB:
		memcpy (s_copy, s_hub, sizeof *s_hub);
		s_has_copy = true;
		break;
	case FAULT_RESTORE_HUB:
		s_restore_hub ();
		break;
	case FAULT_KEY:
		s_turn_key (agent);
		break;
	default:
		s_read_lines (agent, 3, false);
		break;
	}
}

static void
s_step (struct agent *agent)
{
	switch (s_draw (12)) {
	case 0:
	case 1:
		s_read_lines (agent, 1 + (uint32_t) s_draw (9), true);
		break;
	case 2:
	case 3:
		s_connect (agent);
		break;
	case 4:
	case 5:
	case 6:
		s_send (agent);
		break;
	case 7:
	case 8:
	case 9:
		s_hear (agent);
		break;
	default:
		s_fault (agent, (enum fault) s_draw (FAULTS));
		break;
	}
}

/* Faults are over: in the end there is nothing left to send. */
static void
s_drain (struct agent *agent, uint32_t lines)
{
	struct outbox_counts counts = {.waiting = 1};
	while (s_position (agent) < lines)
		s_read_lines (agent, lines - s_position (agent), true);
	for (unsigned i = 0; counts.waiting + counts.in_flight > 0; i++) {
		if (i == DRAIN_MAX)
			fail_msg ("seed %llu: no end of sending", (unsigned long long) s_seed);
		s_connect (agent);
		while (s_send (agent))
			continue;
		while (s_hear (agent))
			continue;
		assert_int_equal (outbox_count (agent->outbox, &counts), 0);
	}
}

/* Every line once, but those that no hub takes; and each epoch dense from 1. */
static void
s_check (uint32_t lines)
{
	static unsigned seen[LINES_MAX + 1];
	unsigned voids = 0;
	memset (seen, 0, sizeof seen);
	for (size_t i = 0; i < s_hub->head; i++) {
		voids += s_hub->log[i].is_void;
		if (!s_hub->log[i].is_void)
			seen[s_line_of (s_hub->log[i].id)]++;
	}
	for (uint32_t line = 1; line <= lines; line++)
		if (seen[line] != (line % BAD_LINE != 0))
			fail_msg ("seed %llu: line %u is %u times in the log",
				  (unsigned long long) s_seed, line, seen[line]);
	if (voids > s_voids_max)
		s_voids_max = voids;
	for (size_t i = 0; i < s_hub->batch_count; i++) {
		const struct taken *it = &s_hub->batches[i];
		uint64_t before = 0;
		for (size_t j = 0; j < i; j++)
			if (memcmp (s_hub->batches[j].epoch, it->epoch, SIAGA_EPOCH_BYTES) == 0)
				before = s_hub->batches[j].last;
		assert_int_equal (it->first, before + 1);
	}
}

static void
s_begin_life (void)
{
	memset (s_hub, 0, sizeof *s_hub);
	s_has_copy = false;
	memset (s_agents, 0, sizeof s_agents);
	s_agent_count = 1;
	snprintf (s_agents[0].path, sizeof s_agents[0].path, "outbox.db");
	s_open (&s_agents[0]);
}

/* A machine that was copied while it ran: from now on both run, with the same keys. */
static void
s_clone (void)
{
	struct agent *clone = &s_agents[s_agent_count++];
	snprintf (clone->path, sizeof clone->path, "clone.db");
	clone->key = s_agents[0].key;
	s_copy_outbox (s_agents[0].path, clone->path);
	s_open (clone);
}

static int
s_remove (const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void) status;
	(void) type;
	(void) where;
	return remove (path);
}

static void
s_end_life (void)
{
	static const char *const names[] = {"outbox.db", "clone.db", "crashed"};
	for (size_t i = 0; i < s_agent_count; i++)
		outbox_close (&s_agents[i].outbox);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64];
		static const char *const ends[] = {"",	    "-wal",  "-shm",
						   ".lock", ".copy", ".copy-wal"};
		for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
			snprintf (path, sizeof path, "%s%s", names[i], ends[j]);
			remove (path);
		}
	}
}

static uint32_t
s_lines (void)
{
	uint32_t lines = 0;
	for (size_t i = 0; i < s_agent_count; i++)
		if (s_position (&s_agents[i]) > lines)
			lines = s_position (&s_agents[i]);
	return lines;
}

static void
s_live (uint64_t seed, bool clones)
{
	s_random = (seed + 1) * UINT64_C (0x9e3779b97f4a7c15);
	TELL ("seed %llu\n", (unsigned long long) seed);
	s_begin_life ();
	uint32_t lines = 0;
	for (unsigned step = 0; step < STEPS; step++) {
		if (clones && s_agent_count < CLONES && s_draw (20) == 0)
			s_clone ();
		s_step (&s_agents[s_draw (s_agent_count)]);
		lines = s_lines () > lines ? s_lines () : lines;
	}
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < s_agent_count; i++)
			s_drain (&s_agents[i], lines);
	s_check (lines);
	s_end_life ();
}

static uint64_t
s_setting (const char *name, uint64_t otherwise)
{
	const char *text = getenv (name);
	return text ? strtoull (text, NULL, 10) : otherwise;
}

static void
s_live_many (bool clones)
{
	uint64_t lives = s_setting ("SIAGA_MODEL_LIVES", LIVES);
	uint64_t first = s_setting ("SIAGA_MODEL_FIRST", 1);
	s_voids_max = 0;
	s_tell = getenv ("SIAGA_MODEL_SEED") != NULL;
	if (s_tell) {
		s_live (s_setting ("SIAGA_MODEL_SEED", 1), clones);
		return;
	}
	for (uint64_t seed = first; seed < first + lives; seed++) {
		s_seed = seed;
		s_live (seed, clones);
	}
	print_message ("%llu lives, at most %u voids in one\n", (unsigned long long) lives,
		       s_voids_max);
}

static void
test_outbox_loses_and_doubles_nothing_whatever_goes_back_in_time (void **state)
{
	(void) state;
	s_live_many (false);
}

static void
test_outbox_that_was_copied_with_its_machine_loses_nothing (void **state)
{
	(void) state;
	s_live_many (true);
}

static void
test_outbox_that_keeps_little_loses_nothing (void **state)
{
	(void) state;
	s_keeps_little = true;
	s_live_many (false);
	s_live_many (true);
	s_keeps_little = false;
}

static int
s_setup (void **state)
{
	(void) state;
	static const struct clock_source source = {.now_us = s_clock, .mono_ms = s_clock};
	s_now_us = UINT64_C (1795507200000000);
	clock_set (&source);
	/* In memory, where a sync costs nothing. */
	snprintf (s_directory, sizeof s_directory, "%s/siaga-model-XXXXXX",
		  access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	s_hub = malloc (sizeof *s_hub);
	s_copy = malloc (sizeof *s_copy);
	for (size_t i = 0; i < KEYS; i++)
		s_identities[i] = siaga_identity_new (siaga_text (ORIGIN));
	return s_hub && s_copy && mkdtemp (s_directory) && chdir (s_directory) == 0 ? 0 : -1;
}

static int
s_teardown (void **state)
{
	(void) state;
	clock_set (NULL);
	free (s_hub);
	free (s_copy);
	for (size_t i = 0; i < KEYS; i++)
		siaga_identity_destroy (&s_identities[i]);
	return chdir ("/") == 0 && nftw (s_directory, s_remove, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0
											      : -1;
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_loses_and_doubles_nothing_whatever_goes_back_in_time),
		TEST (test_outbox_that_was_copied_with_its_machine_loses_nothing),
		TEST (test_outbox_that_keeps_little_loses_nothing),
	};
	if (siaga_crypto_init () != 0)
		return 1;
	return cmocka_run_group_tests (tests, NULL, NULL);
}
