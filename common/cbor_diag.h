/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encoded item in CBOR's diagnostic notation (RFC 8949 section 8): how a body key is shown that this
 * version does not know.
 */
#ifndef COMMON_CBOR_DIAG_H
#define COMMON_CBOR_DIAG_H

#include "siaga/bytes.h"

/* `item` is one item of the subset. Text of JSON's kind, the caller's to free (); NULL when out of memory. What
   is malformed ends in "…". */
char *
cbor_diag (struct siaga_bytes item);

#endif
