/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which log may be published to, where the hub has several addresses: those that lead to different logs would
 * scatter what is published, and one of them alone proves nothing (PROTOCOL 7, "One log"). In memory only: what the
 * addresses led to is learned again after a start.
 */
#ifndef COMMON_LOG_CHOICE_H
#define COMMON_LOG_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "siaga/limits.h"

#define LOG_CHOICE_ADDRESSES_MAX 16

struct log_choice {
	bool has_accepted;
	uint8_t accepted[SIAGA_LOG_ID_BYTES]; /* another log that may take the known one's place */
	struct {
		bool seen;
		uint8_t log_id[SIAGA_LOG_ID_BYTES];
	} ways[LOG_CHOICE_ADDRESSES_MAX]; /* where each address led when it was reached last */
};

/* The operator's word: this log may take the known one's place. */
void
log_choice_accept (struct log_choice *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES]);

/* The addresses are others now. */
void
log_choice_forget (struct log_choice *self);

/* Address `index` of `count` led to `log_id`: may it be published to? Yes where no log is known yet (`known` NULL),
   where it is the known one, where there is one address, where all have been reached and led there, and where it was
   accepted. */
bool
log_choice_allows (struct log_choice *self, size_t index, size_t count, const uint8_t *known,
		   const uint8_t log_id[SIAGA_LOG_ID_BYTES]);

#endif
