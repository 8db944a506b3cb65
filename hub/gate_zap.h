/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ZAP handler's socket: libzmq asks on inproc://zeromq.zap.01, zap.h judges, the answer goes back.
 */
#ifndef SIAGA_HUB_GATE_ZAP_H
#define SIAGA_HUB_GATE_ZAP_H

#include <czmq.h>

#include "hub/zap.h"

struct gate_zap;

/* Binds the handler, with no list: nobody is admitted. NULL when it cannot. */
struct gate_zap *
gate_zap_new (void);

void
gate_zap_destroy (struct gate_zap **self_p);

zsock_t *
gate_zap_socket (struct gate_zap *self);

/* Answers one waiting question; who is admitted gets that number. 0: nobody is, for now. */
void
gate_zap_answer (struct gate_zap *self, uint64_t admission);

const struct zap_keys *
gate_zap_keys (const struct gate_zap *self);

/* Puts a sealed list in force; it is consumed. */
void
gate_zap_put (struct gate_zap *self, struct zap_keys *keys);

#endif
