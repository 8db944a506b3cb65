/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict base64 for keys, cards and signatures: one spelling for each value.
 */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include "siaga/bytes.h"

/* Exactly `size` bytes from the whole of `text`, in one of libsodium's variants: 0 or
   SIAGA_EFORMAT. */
int
base64_exactly (struct siaga_text text, uint8_t *out, size_t size, int variant);

#endif
