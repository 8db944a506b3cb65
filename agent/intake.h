/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the records of an alert to an entry in the outbox: the one way in, for every source. What a
 * source read, its new position, and where the uplink is idle also the batch, are one transaction.
 *
 *	intake_begin; intake_add, intake_add …; intake_set_position; intake_commit
 */
#ifndef AGENT_INTAKE_H
#define AGENT_INTAKE_H

#include "common/outbox.h"
#include "common/uplink.h"

struct intake;

/* Where an alert comes from, when it can be read again: what its id is made of. */
struct intake_origin {
	const char *source;
	uint64_t inode;
	uint64_t offset;
	struct siaga_text line;
};

/* The outbox and the identity are borrowed and outlive the intake. An alert with an origin gets an id made of the origin
   and the line, hashed under a secret of the identity that this outbox had first. NULL when out of memory, or when the
   outbox cannot be read or written. */
struct intake *
intake_new (struct outbox *outbox, const struct siaga_identity *identity);

void
intake_destroy (struct intake **self_p);

/* The id of an entry made of something that can come again: of the parts, hashed under that secret, since they
   may hold what was redacted. */
void
intake_make_id (const struct intake *self, uint8_t id[SIAGA_ID_BYTES], uint64_t time_us,
		const struct siaga_bytes *parts, size_t count);

/* Whom to tell of new entries, and to cut for when it is idle; NULL: nobody. Borrowed. */
void
intake_set_uplink (struct intake *self, struct uplink *uplink);

/* What became of the last intake_add (). */
enum intake_result {
	INTAKE_ADDED,
	INTAKE_KNOWN, /* it is in the outbox already */
	INTAKE_LOST,  /* no room for it, and no lower severity to drop for it: counted as lost */
};

struct damper;
struct loss;

/* Both follow the transaction from now on (damper.h, loss.h); without a loss a full outbox is the owner's to deal with.
   They say so themselves when they are made and destroyed. Borrowed; NULL: none. */
void
intake_set_damper (struct intake *self, struct damper *damper);
void
intake_set_loss (struct intake *self, struct loss *loss);

/* Called after each commit. NULL: nothing is. */
void
intake_on_commit (struct intake *self, void (*on_commit) (void *arg), void *arg);

/* Opens the transaction. Every error here and below is the outbox's (SIAGA_EFULL, SIAGA_EDISK,
   SIAGA_EIO, SIAGA_ENOMEM) but for those of intake_add (); after one, call intake_rollback (). */
int
intake_begin (struct intake *self);

/*
 * Completes the header (origin, created, id) and adds the entry. An entry over SIAGA_ENTRY_MAX goes
 * without `raw`.
 *
 * With `origin` the id is made from it, so that lines read again after the agent's own disk went
 * back in time (a snapshot of a virtual machine) get the ids they had, and the hub knows them: a
 * UUIDv7 whose time is that of header->detected_us (of now, where there is none) and whose 10
 * random bytes are BLAKE2b over principal, source, inode, offset and the line's bytes. Without, it
 * is random.
 *
 * An id already in the outbox is no error: the alert is there. SIAGA_EMALFORMED or SIAGA_ELIMIT:
 * the records do not make a valid entry; nothing was added, and the transaction goes on.
 *
 * Where the outbox is full, what is less severe goes, then, with `origin`, what is older; an entry with `origin` that
 * finds no room still is counted as lost and is no error. Whoever can be told (no origin) is told: SIAGA_EFULL.
 */
int
intake_add (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    const struct intake_origin *origin);

/* What it was: for damper_sent (). */
enum intake_result
intake_result (const struct intake *self);

/* Adds an entry of the agent's own that has an id, and stands for that many lines; the rest is completed as above.
   SIAGA_EFULL when it finds no room. */
int
intake_put (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    uint64_t lines);

/* The same for a report about the outbox (outbox_add_report ()). */
int
intake_put_report (struct intake *self, struct siaga_header *header, struct siaga_body *body);

/* The last entry encoded by intake_add () or intake_put (); borrowed until the next. */
struct siaga_bytes
intake_entry (const struct intake *self);

/* Lines of that severity that will never be told: counted in the loss. */
void
intake_lost (struct intake *self, enum siaga_severity severity, uint64_t lines);

int
intake_set_position (struct intake *self, const char *source, const char *position);

/* As outbox_get_position (). */
int
intake_get_position (struct intake *self, const char *source, char **position_p);

/* As outbox_each_position (). */
int
intake_each_position (struct intake *self, const char *prefix,
		      int (*each) (void *arg, struct siaga_text source), void *arg);

/* Makes everything since intake_begin () durable, and tells the uplink. */
int
intake_commit (struct intake *self);

void
intake_rollback (struct intake *self);

/* The outbox's own words for its last error. */
const char *
intake_error (const struct intake *self);

#endif
