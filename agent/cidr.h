/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of addresses, such as 10.47.3.0/24 and 2001:db8::/32, and whether an address lies in one. An IPv4
 * address written as IPv6 (::ffff:10.47.3.7) is the IPv4 address.
 */
#ifndef AGENT_CIDR_H
#define AGENT_CIDR_H

#include "siaga/bytes.h"

struct cidr {
	bool is_v6;
	unsigned bits;	     /* that an address must share */
	uint8_t address[16]; /* the first 4 bytes of it for IPv4 */
};

/* "address/bits", or a single address: 0, or SIAGA_EMALFORMED. Bits set behind the prefix (10.47.3.7/24) are
   malformed too: whoever wrote them meant something else. */
int
cidr_parse (struct cidr *self, const char *text);

/* Does `address` lie in it? What is no address lies nowhere. */
bool
cidr_has (const struct cidr *self, struct siaga_text address);

#endif
