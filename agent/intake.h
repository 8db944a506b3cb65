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

/* The outbox and the principal's name are borrowed and outlive the intake. NULL when out of memory.
   */
struct intake *
intake_new (struct outbox *outbox, const char *principal);

void
intake_destroy (struct intake **self_p);

/* Whom to tell of new entries, and to cut for when it is idle; NULL: nobody. Borrowed. */
void
intake_set_uplink (struct intake *self, struct uplink *uplink);

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
 */
int
intake_add (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    const struct intake_origin *origin);

int
intake_set_position (struct intake *self, const char *source, const char *position);

/* As outbox_get_position (). */
int
intake_get_position (struct intake *self, const char *source, char **position_p);

/* Makes everything since intake_begin () durable, and tells the uplink. */
int
intake_commit (struct intake *self);

void
intake_rollback (struct intake *self);

/* The outbox's own words for its last error. */
const char *
intake_error (const struct intake *self);

#endif
