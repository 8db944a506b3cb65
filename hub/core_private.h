/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the core share. core.c has the dispatch, core_words.c the words to peers; each message has
 * a file: hello.c, ingest.c, subscription.c with deliver.c, query.c with status.c; hub_entry.c is what the hub itself
 * says in the log.
 */
#ifndef SIAGA_HUB_CORE_PRIVATE_H
#define SIAGA_HUB_CORE_PRIVATE_H

#include "hub/chores.h"
#include "hub/core.h"
#include "hub/escalation.h"
#include "hub/hub_limits.h"
#include "hub/journal_writer.h"
#include "hub/keeper.h"
#include "hub/life_cache.h"
#include "hub/metrics.h"
#include "hub/presence.h"
#include "hub/record_cache.h"
#include "hub/session.h"
#include "hub/slack.h"
#include "siaga/checkpoint.h"

struct result;
TAILQ_HEAD (result_queue, result);

/* A checkpoint, as a record and as it is told. */
struct signed_head {
	struct siaga_checkpoint checkpoint;
	size_t note_size; /* 0: none */
	char note[SIAGA_CHECKPOINT_MAX];
};

struct core {
	struct trust *trust;
	struct journal *journal; /* a reader */
	struct journal_writer *writer;
	struct record_cache *cache; /* of the reader */
	struct life_cache *lives;   /* of the writer's thread, while there is a writer */
	struct session_table *sessions;
	struct presence *presence;
	struct escalation *escalation;
	const struct hub_conf *conf; /* NULL: none was given */
	const char *state_dir;	     /* likewise */
	struct metrics metrics;
	struct slack slack;
	uint64_t slack_bytes; /* all that has passed through, at the last tick */
	struct packet_queue out;
	uint32_t generation;
	uint32_t gate_generation;
	bool gate_is_up;
	bool is_ready; /* said so in the log */
	bool stopping;
	bool draining;
	uint64_t drain_ms;	 /* since when */
	uint64_t drain_moved_ms; /* when a reader last moved */
	uint64_t drain_places;	 /* of all readers, added up */
	int status;

	uint64_t started_us;
	uint64_t head; /* next log number, as far as committed */
	uint64_t last_accepted_us;

	unsigned jobs;		    /* handed to the writer and not taken back */
	struct journal_job *parked; /* the writer is full: goes in before anything else */
	bool roster_due;	    /* the log may lack the entry about the roster in force */
	bool roster_busy;	    /* something of the hub's own is on its way into the journal */
	uint64_t keys_end_us;	    /* when a key of those told to the gate is over */
	char roster_words[sizeof ((struct conf_error *) 0)
				  ->words]; /* why the last one was refused */
	struct account_list accounts;
	const struct quota_conf *quota; /* NULL: none */
	struct account_queue turns;	/* members with subscriptions to be served */
	struct result_queue results;
	unsigned result_count;

	struct keeper *keeper;	 /* borrowed; NULL: nobody keeps checkpoints outside the journal */
	struct chores *chores;	 /* the writer's, for us */
	struct signed_head told; /* the last that was told to anybody */
	struct signed_head next; /* on its way to the disk while checkpoint_busy */
	bool checkpoint_busy;
	bool checkpoint_failed; /* said so in the log */
	uint64_t checkpoint_ms; /* when one was last signed */
	bool disk_is_low;	/* nothing new is taken */
	uint64_t disk_free;	/* bytes, 0: not known */

	uint64_t logged_ms;
	unsigned logged; /* lines about peers, in that second */

	struct siaga_message message; /* being read */
	struct siaga_message reply;   /* being made */
	struct siaga_bad bad[SIAGA_BAD_MAX];
	uint8_t frame[SIAGA_MESSAGE_MAX];
	uint8_t items[SIAGA_MESSAGE_MAX];
	uint8_t forms[2][SIAGA_MESSAGE_MAX];
	bool shown[SIAGA_BATCH_ENTRIES_MAX];
};

#define NO_BYTES ((struct siaga_bytes){NULL, 0})

/* --- core_words.c: words to a peer ---------------------------------------------------------------------- */

/* An empty reply of a type, to be filled in and said. */
struct siaga_message *
core_reply (struct core *self, enum siaga_message_type type);

/* Sends core_reply ()'s message. */
void
core_say (struct core *self, const struct session *session);

/* Sends an encoded message. */
void
core_send (struct core *self, const struct session *session, enum packet_class class,
	   struct siaga_bytes frame);

/* REFUSED; `words` NULL takes those of the code; `id` is that of a subscription or query. The session goes
   on. */
void
core_refuse (struct core *self, struct session *session, enum siaga_message_type what, int code,
	     const char *words, uint64_t id);

/* The same with a time after which to try again. */
void
core_refuse_later (struct core *self, struct session *session, enum siaga_message_type what,
		   int code, uint64_t id, uint64_t retry_ms);

/* REFUSED, then the session is over: *session_p is freed. */
void
core_refuse_and_cut (struct core *self, struct session **session_p, enum siaga_message_type what,
		     int code, const char *words);

/* BYE with a code, then the session is over. */
void
core_bye_and_cut (struct core *self, struct session **session_p, int code);

/* Ends a session; the gate is told when `tell`. */
void
core_end (struct core *self, struct session **session_p, bool tell);

/* Logs a refusal, once for a session and not too often. */
void
core_complain (struct core *self, struct session *session, const char *what, int code,
	       const char *words);

/* May another line about what a peer did be logged now? They can do it as often as they like. */
bool
core_may_log (struct core *self);

/* Something that a restart must cure: logged, and core_status () says so. */
void
core_fail (struct core *self, int status, const char *id, const char *words);

/* --- core_roster.c ---------------------------------------------------------------------------------- */

/* Tells the gate whom to admit: every key in the roster whose time is not over. */
void
core_send_keys (struct core *self);

/* Does it again once the time of one of them is over. */
void
core_watch_keys (struct core *self);

/* Another roster is in force, and the former one is not destroyed yet: what it says counts for every session, the
   gate and the log. */
void
core_on_roster (struct core *self);

/* --- messages; each may end the session ----------------------------------------------------------- */

void
core_on_knock (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_hello (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_publish (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_subscribe (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_credit (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_status (struct core *self, struct session *session, const struct siaga_message *message);
void
core_on_query (struct core *self, struct session *session, const struct siaga_message *message);

/* --- ingest.c, refs.c --------------------------------------------------------------------------- */

/* Hands a job to the writer, or parks it. */
void
core_submit (struct core *self, struct journal_job **job_p);

/* Tells the publisher what became of its batch. */
void
core_on_published (struct core *self, struct journal_job *job);

/* Frees a job and its tag; *job_p may be NULL. */
void
core_drop_job (struct core *self, struct journal_job **job_p);

/* --- core_quota.c ----------------------------------------------------------------------------------- */

/* May the session publish now? Otherwise it has been told when, or has lost its session (*session_p is NULL). */
bool
core_has_quota (struct core *self, struct session **session_p);

/* It does. */
void
core_take_quota (struct core *self, const struct session *session, uint64_t entries,
		 uint64_t bytes);

/* Only lets go of what ingest counted for it. */
void
core_untag_job (struct core *self, struct journal_job *job);

/* What ingest.c tells refs.c about a batch, by the job's tag: a copy, for the writer's thread. */
struct ingest_tag {
	struct siaga_member member; /* the signer's; without its title */
	struct account *account;    /* held; of the core's thread */
	size_t cost;		    /* of the batch, in its pending_bytes */
};

/* ingest_deed.c: what the roster says of a response, before the writer judges the rest. 0, SIAGA_EMALFORMED (it lacks
   what its action needs), SIAGA_EREF (handed over to nobody of the roster, or who may not see it). */
int
core_check_deed (struct core *self, const struct siaga_header *header,
		 const struct siaga_body *body);

/* The writer's hook (journal_writer_options.check). */
int
core_check_refs (void *arg, struct journal_view *view, const struct journal_job *job,
		 struct siaga_bad *bad, size_t *bad_count);

/* --- subscription.c, deliver.c --------------------------------------------------------------------- */

void
subscription_end (struct core *self, struct subscription **subscription_p);

/* Puts it in the list of those to be served, when there is something for it and credit. */
void
subscription_wake (struct core *self, struct subscription *subscription);

/* Takes the next one to be served out of the lists; NULL when there is none. Each member has its turn, and
   in it each principal. */
struct subscription *
subscription_next (struct core *self);

/* The head moved, or time passed: wakes whom it concerns. */
void
subscription_wake_all (struct core *self);

/* Serves one subscription one DELIVER, or looks at some records for it: the work done, in entries. */
unsigned
deliver_step (struct core *self, struct subscription *subscription);

/* Writes what of one batch a member sees and a filter takes, as deliveries in the smallest form, to `writer`
   (nothing when nothing). `from`: entries with smaller numbers are left out. `filter` NULL takes all. Returns
   how many deliveries, or SIAGA_ELIMIT when they do not fit (nothing is written then). */
int
deliver_record (struct core *self, struct siaga_writer *writer, const struct record *record,
		const struct siaga_member *member, const struct siaga_filter *filter,
		uint64_t from);

/* One entry of a batch as a delivery: 0 or SIAGA_ELIMIT. */
int
deliver_entry (struct core *self, struct siaga_writer *writer, const struct record *record,
	       uint32_t index);

/* --- query.c, result.c, status.c --------------------------------------------------------------------- */

/* Makes or sends a part of the answers under way. */
void
result_work (struct core *self);

/* May this principal ask one more thing now? Otherwise it has been told to come back, or the session is gone. */
bool
result_has_room (struct core *self, struct session *session, uint64_t id);

/* Drops the answers for a session. */
void
result_forget (struct core *self, const struct session *session);

/* Drops those that came from the log, and refuses the queries: SIAGA_EROLE, or SIAGA_ELATER to be asked again. */
void
result_take_back (struct core *self, struct session *session, int code);

/* An answer to be sent in parts; `data` is malloc ()ed and consumed. */
void
result_send (struct core *self, struct session *session, uint64_t id, uint8_t **data_p,
	     size_t size);

/* An answer to be looked up and gathered from the log first. */
void
result_ask (struct core *self, struct session *session, const struct siaga_query *query);

/* What an entry or story query asks for: the numbers of the entries that may belong to the answer (malloc ()ed; the
   first is there and seen), and the work done, in entries. 0, SIAGA_ENOTFOUND (also when the asker may not see it),
   SIAGA_ELIMIT, SIAGA_ENOMEM, SIAGA_EIO. */
int
query_find (struct core *self, const struct session *session, const struct siaga_query *query,
	    uint64_t **numbers_p, size_t *count, unsigned *work);

/* The map of PROTOCOL.md section 6.7 for a session: 0 and malloc ()ed bytes, or an error. */
int
status_write (struct core *self, const struct session *session, uint8_t **data_p, size_t *size_p);

/* status_more.c: what presence adds to that. */
size_t
status_more_size (const struct core *self); /* bytes, at most */
void
status_write_principals (struct core *self, struct siaga_writer *writer,
			 const struct session *asker);
void
status_write_conditions (struct core *self, struct siaga_writer *writer,
			 const struct session *asker);
void
status_write_metrics (struct core *self, struct siaga_writer *writer, const struct session *asker);
/* --- query_proof.c: 0 (the answer is on its way) or what to refuse with ------------------------------- */

int
query_leaves (struct core *self, struct session *session, const struct siaga_query *query);
int
query_proof (struct core *self, struct session *session, const struct siaga_query *query);
int
query_checkpoint (struct core *self, struct session *session, const struct siaga_query *query);

/* --- hub_entry.c ------------------------------------------------------------------------------------- */

/* Appends an entry about the roster in force unless the newest one in the log is about it; later when the
   writer is busy, so call it again after results while roster_due. */
void
core_log_roster (struct core *self);

/* The oseq the hub's next batch begins with; only right while none of its own is on its way. 0 or SIAGA_EIO. */
int
hub_lane_next (struct core *self, uint64_t *oseq);

/* Fills the job with a signed batch of these entries in the hub's lane: 0, SIAGA_ENOMEM, SIAGA_ELIMIT, or what makes
   an entry of ours wrong. */
int
hub_lane_batch (struct core *self, const struct siaga_bytes *entries, size_t count, uint64_t oseq,
		struct journal_job *job);

/* Hands an entry of the hub's own to the writer as a batch of one: 0 or an error. */
int
core_say_own (struct core *self, struct siaga_bytes entry, uint64_t oseq);

/* --- former_log.c ------------------------------------------------------------------------------------ */

/* Says which log this one was, if that was not said yet: true when it is on its way into the log. */
bool
core_log_former (struct core *self);

/* --- core_checkpoint.c ------------------------------------------------------------------------------- */

/* Takes over the one the journal holds. */
void
core_checkpoint_init (struct core *self);

/* Hears the keeper, and signs when it is time. */
void
core_checkpoint_tick (struct core *self);

/* The last one; empty when there is none. */
struct siaga_text
core_checkpoint_note (const struct core *self);

/* Sends it to a session that has not got it. */
void
core_tell_checkpoint (struct core *self, struct session *session);

/* What became of the hub's own entry. */
void
core_on_own_entry (struct core *self, const struct journal_result *result);

#endif
