/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of what is shown: a verified entry made of records, and a roster with a playbook.
 */
#ifndef SIAGA_TESTS_RENDER_FIXTURE_H
#define SIAGA_TESTS_RENDER_FIXTURE_H

#include "common/reader.h"
#include "make_entry.h"

struct render_fixture {
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_batch_head head;
	struct reader_entry entry;
	struct siaga_roster roster;
	struct siaga_play play;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	char support[2][SIAGA_MEMBER_MAX + 1];
};

/* Entry 4711 of log 00 01 … 0f, accepted at 08:00:01 UTC; kpu leads what concerns sirekap, bssn and brin help. */
static inline void
render_fixture_init (struct render_fixture *self)
{
	memset (self, 0, sizeof *self);
	make_alert (&self->header, &self->body);
	make_head (&self->head, 9);
	make_run (self->log_id, sizeof self->log_id, 0);
	self->entry.number = 4711;
	self->entry.accepted_us = MAKE_TIME_US + 1000000;
	self->entry.oseq = 9;
	self->entry.head = &self->head;
	self->entry.header = &self->header;
	self->entry.body = &self->body;
	strcpy (self->play.system, "sirekap");
	strcpy (self->play.lead, "kpu");
	strcpy (self->support[0], "bssn");
	strcpy (self->support[1], "brin");
	self->play.support = self->support;
	self->play.support_count = 2;
	self->roster.plays = &self->play;
	self->roster.play_count = 1;
}

#endif
