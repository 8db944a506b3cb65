/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch: packets by their type, messages by the lifecycle's table; ticks and turns; the core's life.
 */
#include "hub/core_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/hub_conf.h"
#include "siaga/error.h"

/* --- messages ------------------------------------------------------------------------------------- */

static void
core_on_bye (struct core *self, struct session *session, const struct siaga_message *message)
{
	(void) message;
	core_end (self, &session, true);
}

static void
core_on_ungrammatical (struct core *self, struct session *session,
		       const struct siaga_message *message)
{
	core_refuse_and_cut (self, &session, message->type, SIAGA_EGRAMMAR, NULL);
}

static void (*const s_verbs[SESSION_VERBS]) (struct core *, struct session *,
					     const struct siaga_message *) = {
	[SESSION_REFUSE] = core_on_ungrammatical,
	[SESSION_KNOCK] = core_on_knock,
	[SESSION_HELLO] = core_on_hello,
	[SESSION_PUBLISH] = core_on_publish,
	[SESSION_SUBSCRIBE] = core_on_subscribe,
	[SESSION_CREDIT] = core_on_credit,
	[SESSION_STATUS] = core_on_status,
	[SESSION_QUERY] = core_on_query,
	[SESSION_BYE] = core_on_bye,
};

/* The type of a message that cannot be read, for the refusal; KNOCK when even that cannot. */
static enum siaga_message_type
s_type_of (struct siaga_bytes frame)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, frame.data, frame.size);
	siaga_reader_array (&reader, SIAGA_CBOR_DEPTH_MAX + 8);
	uint64_t type = siaga_reader_uint (&reader);
	return reader.error == 0 && type >= SIAGA_KNOCK && type <= SIAGA_BYE
		       ? (enum siaga_message_type) type
		       : SIAGA_KNOCK;
}

static void
s_on_message (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct session *session = session_table_find (self->sessions, packet->conn);

	if (!session) /* ended here, the gate did not know yet */
		return;
	int error = siaga_message_read (payload, &self->message);
	if (error) {
		core_refuse_and_cut (self, &session, s_type_of (payload), error, NULL);
		return;
	}
	session->heard_us = clock_now_us ();
	session->quiet_ticks = 0;
	s_verbs[session_verb (session->state, self->message.type)](self, session, &self->message);
}

/* --- packets -------------------------------------------------------------------------------------- */

static void
s_on_open (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct session *session = session_table_find (self->sessions, packet->conn);

	(void) payload;
	if (session)
		core_end (self, &session, false);
	session = session_table_add (self->sessions, packet->conn, packet->key, clock_mono_ms ());
	if (!session) {
		struct packet cut = {.type = PACKET_CUT,
				     .generation = self->gate_generation,
				     .conn = packet->conn};
		if (core_may_log (self))
			log_warn ("session-limit", "too many sessions: connection %llu is cut",
				  (unsigned long long) packet->conn);
		packet_queue_push (&self->out, PACKET_CONTROL, &cut, NO_BYTES);
	}
}

static void
s_on_gone (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	struct session *session = session_table_find (self->sessions, packet->conn);

	(void) payload;
	if (session)
		core_end (self, &session, false);
}

static void
s_end_all (struct core *self)
{
	struct session *session;

	while ((session = session_table_next (self->sessions, NULL)))
		core_end (self, &session, false);
}

static void
s_on_gate_up (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	(void) payload;
	s_end_all (self);
	packet_queue_finish (&self->out);
	self->gate_generation = packet->generation;
	self->gate_is_up = true;
	self->metrics.gates++;
	self->is_ready = false;
	core_send_keys (self);
}

static void
s_on_ready (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	(void) packet;
	if (!self->is_ready)
		log_info ("ready", "listening on %.*s; log head %llu, roster %llu",
			  (int) payload.size, (const char *) payload.data,
			  (unsigned long long) self->head,
			  (unsigned long long) self->trust->roster->serial);
	self->is_ready = true;
}

static void (*const s_packets[PACKET_TYPES]) (struct core *, const struct packet *,
					      struct siaga_bytes) = {
	[PACKET_GATE_UP] = s_on_gate_up, [PACKET_OPEN] = s_on_open,
	[PACKET_MESSAGE] = s_on_message, [PACKET_GONE] = s_on_gone,
	[PACKET_READY] = s_on_ready,
};

void
core_on_packet (struct core *self, const struct packet *packet, struct siaga_bytes payload)
{
	if (!packet_is_valid (packet, PACKET_FROM_GATE, payload.size) || self->stopping)
		return;
	if (packet->type != PACKET_GATE_UP &&
	    (!self->gate_is_up || packet->generation != self->gate_generation))
		return;
	s_packets[packet->type](self, packet, payload);
}

bool
core_wants_packets (const struct core *self)
{
	return !self->parked && self->out.bytes[PACKET_CONTROL] < HUB_CONTROL_BYTES;
}

struct packet_queue *
core_out (struct core *self)
{
	return &self->out;
}

int
core_status (const struct core *self)
{
	return self->out.failed ? EX_OSERR : self->status;
}

/* --- results, ticks, work --------------------------------------------------------------------------- */

int
core_results_fd (const struct core *self)
{
	return journal_writer_fd (self->writer);
}

static void
s_unpark (struct core *self)
{
	struct journal_job *job = self->parked;

	self->parked = NULL;
	if (job)
		core_submit (self, &job);
}

void
core_on_results (struct core *self)
{
	struct journal_job *job;
	uint64_t head = self->head;

	while ((job = journal_writer_take (self->writer))) {
		bool is_new = job->result.code == 0 && !job->result.repeated;
		core_on_published (self, job);
		core_untag_job (self, job);
		if (is_new) /* those who watch the log's end want it next */
			record_cache_put (self->cache, &job);
		journal_job_destroy (&job);
	}
	s_unpark (self);
	if (journal_writer_has_failed (self->writer))
		core_fail (self, EX_IOERR, "journal-failed",
			   "the journal could not be written: starting again");
	if (self->roster_due && !self->stopping)
		core_log_roster (self);
	if (self->head != head)
		subscription_wake_all (self);
}

/* Ends sessions whose handshake takes too long, whose key's time is over, or that have fallen silent; that is
   counted in ticks, for the time in which this process did not run is not theirs. */
static void
s_watch_sessions (struct core *self)
{
	uint64_t now_ms = clock_mono_ms ();
	uint64_t now_us = clock_now_us ();
	struct session *session = session_table_next (self->sessions, NULL);

	while (session) {
		struct session *next = session_table_next (self->sessions, session);
		const struct siaga_roster_key *key;
		if (session->state != SESSION_OPEN &&
		    now_ms - session->opened_ms >= SIAGA_HANDSHAKE_MAX_MS)
			core_refuse_and_cut (self, &session, SIAGA_HELLO, SIAGA_EGRAMMAR,
					     "the handshake took too long");
		else if (session->state == SESSION_OPEN &&
			 (!siaga_roster_by_transport (self->trust->roster, session->key, &key) ||
			  siaga_roster_key_check (key, now_us) != 0))
			core_bye_and_cut (self, &session, SIAGA_EREVOKED);
		else if (++session->quiet_ticks > HUB_SILENCE_MAX_MS / HUB_TICK_MS)
			core_bye_and_cut (self, &session, 0);
		session = next;
	}
}

static void
s_give_back (struct core *self)
{
	uint64_t passed_bytes =
		self->metrics.entries * HUB_SLACK_OF_ENTRY + self->metrics.deliver_bytes;

	slack_note (&self->slack, passed_bytes - self->slack_bytes);
	self->slack_bytes = passed_bytes;
	slack_on_tick (&self->slack, clock_mono_ms ());
}

void
core_on_tick (struct core *self)
{
	s_watch_sessions (self);
	presence_on_tick (self->presence);
	escalation_on_tick (self->escalation);
	core_checkpoint_tick (self);
	core_watch_keys (self);
	metrics_on_tick (self);
	subscription_wake_all (self);
	account_tidy (&self->accounts, clock_mono_ms ());
	s_give_back (self);
}

bool
core_work (struct core *self)
{
	unsigned left = HUB_WORK_PER_TURN;
	struct subscription *subscription;

	while (left > 0 && self->out.bytes[PACKET_BULK] < HUB_BULK_BYTES &&
	       (subscription = subscription_next (self))) {
		unsigned done = deliver_step (self, subscription);
		left -= done < left ? done : left;
	}
	result_work (self);
	return core_has_work (self);
}

bool
core_has_work (const struct core *self)
{
	return (!TAILQ_EMPTY (&self->turns) || !TAILQ_EMPTY (&self->results)) &&
	       self->out.bytes[PACKET_BULK] < HUB_BULK_BYTES;
}

/* --- life ------------------------------------------------------------------------------------------- */

static int
s_start_writer (struct core *self, struct journal **write_p)
{
	struct journal_writer_options options = {
		.max_pending_bytes = HUB_PENDING_BYTES,
		.check = core_check_refs,
		.chore = self->chores ? chores_run : NULL,
		.chore_arg = self->chores,
		.arg = self,
	};

	return journal_writer_start (&self->writer, write_p, &options);
}

static uint64_t
s_last_accepted (struct core *self)
{
	const struct record *record;

	if (self->head == 0 || record_cache_get (self->cache, self->head - 1, &record) != 0)
		return 0;
	return record->accepted_us;
}

int
core_new (struct core **self_p, struct trust *trust, struct journal **write_p,
	  struct journal **read_p)
{
	static const struct core_options options = {0};

	return core_new_with (self_p, trust, write_p, read_p, &options);
}

int
core_new_with (struct core **self_p, struct trust *trust, struct journal **write_p,
	       struct journal **read_p, const struct core_options *options)
{
	struct core *self = calloc (1, sizeof *self);

	if (!self)
		return SIAGA_ENOMEM;
	self->trust = trust;
	packet_queue_init (&self->out);
	LIST_INIT (&self->accounts);
	TAILQ_INIT (&self->turns);
	TAILQ_INIT (&self->results);
	self->journal = *read_p;
	*read_p = NULL;
	self->generation = randombytes_random ();
	self->started_us = clock_now_us ();
	self->head = self->journal->ops->head (self->journal);
	self->sessions = session_table_new ();
	self->cache = record_cache_new (self->journal);
	self->keeper = options->keeper;
	self->chores = options->keeper ? chores_new (&options->chores) : NULL;
	self->lives = life_cache_new ();
	bool is_whole =
		self->sessions && self->cache && self->lives && (self->chores || !options->keeper);
	int error = is_whole ? s_start_writer (self, write_p) : SIAGA_ENOMEM;
	if (error) {
		core_destroy (&self);
		return error;
	}
	self->last_accepted_us = s_last_accepted (self);
	core_checkpoint_init (self);
	error = presence_new (&self->presence, self);
	if (!error)
		error = escalation_new (&self->escalation, self);
	if (error) {
		core_destroy (&self);
		return error;
	}
	*self_p = self;
	return 0;
}

void
core_on_check (struct core *self, bool is_well, const char *words)
{
	presence_on_journal (self->presence, is_well, words);
}

void
core_configure (struct core *self, const struct hub_conf *conf, const char *state_dir)
{
	core_set_quota (self, &conf->quota);
	self->conf = conf;
	self->state_dir = state_dir;
	presence_configure (self->presence, &conf->presence, &conf->expected, state_dir);
}

/* Jobs that nobody will hear of; their tags are ours. */
static void
s_drop_jobs (struct core *self)
{
	struct journal_job *job = self->parked;

	if (self->writer)
		journal_writer_stop (self->writer);
	self->parked = NULL;
	if (!job && self->writer)
		job = journal_writer_take (self->writer);
	while (job) {
		core_drop_job (self, &job);
		job = self->writer ? journal_writer_take (self->writer) : NULL;
	}
}

void
core_destroy (struct core **self_p)
{
	struct core *self = *self_p;

	if (!self)
		return;
	if (self->sessions)
		s_end_all (self);
	s_drop_jobs (self);
	account_tidy (&self->accounts, UINT64_MAX);
	journal_writer_destroy (&self->writer);
	chores_destroy (&self->chores);
	life_cache_destroy (&self->lives);
	record_cache_destroy (&self->cache);
	session_table_destroy (&self->sessions);
	packet_queue_finish (&self->out);
	escalation_destroy (&self->escalation);
	presence_destroy (&self->presence);
	if (self->journal)
		self->journal->ops->close (&self->journal);
	free (self);
	*self_p = NULL;
}

void
core_start (struct core *self)
{
	struct packet packet = {.type = PACKET_CORE_UP, .generation = self->generation};

	packet_queue_push (&self->out, PACKET_CONTROL, &packet, NO_BYTES);
	core_log_roster (self);
}

void
core_stop (struct core *self)
{
	struct session *session;

	self->stopping = true;
	journal_writer_stop (self->writer);
	core_on_results (self);
	while ((session = session_table_next (self->sessions, NULL)))
		core_bye_and_cut (self, &session, 0);
}
