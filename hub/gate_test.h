/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's proof at start that it refuses strangers, before anybody else can reach it. A CURVE server
 * without a handler, or with an option that a library ignores, lets everybody in (PITFALLS 3).
 */
#ifndef SIAGA_HUB_GATE_TEST_H
#define SIAGA_HUB_GATE_TEST_H

#include "hub/gate_router.h"
#include "hub/gate_zap.h"

/* Connects with a random key and requires that the handshake fails. With `zap` NULL no handler is bound
   yet, and the failure proves that the ROUTER demands one; else the handler must have said 400. 0, or
   SIAGA_EUNKNOWN when the stranger was let in or nothing was decided in GATE_TEST_MS (logged). */
int
gate_test_stranger (struct gate_router *router, struct gate_zap *zap,
		    const uint8_t server_key[SIAGA_KEY_BYTES]);

#endif
