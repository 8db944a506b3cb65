/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signed parts of HELLO and WELCOME, for wire_read.c. Private to proto/.
 */
#ifndef SIAGA_HELLO_H
#define SIAGA_HELLO_H

#include "siaga/wire.h"

/* Read everything after the message's type; the reader's error is sticky. */
void
siaga_hello_read (struct siaga_reader *reader, struct siaga_hello *hello);
void
siaga_welcome_read (struct siaga_reader *reader, struct siaga_welcome *welcome);

#endif
