/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map keys of messages (PROTOCOL.md section 6). Private to proto/.
 */
#ifndef SIAGA_WIRE_KEYS_H
#define SIAGA_WIRE_KEYS_H

enum refused_key {
	REFUSED_RETRY = 1,
	REFUSED_EPOCH = 2,
	REFUSED_FIRST = 3,
	REFUSED_EXPECTED = 4,
	REFUSED_BAD = 5,
	REFUSED_ID = 6,
	REFUSED_KEYS_END
};

enum status_key {
	STATUS_NOW = 1,
	STATUS_STARTED = 2,
	STATUS_WAITING = 3,
	STATUS_WAITING_BYTES = 4,
	STATUS_OLDEST = 5,
	STATUS_IN_FLIGHT = 6,
	STATUS_SOURCES = 7,
	STATUS_LOST = 8,
	STATUS_DISK_FREE = 9,
	STATUS_ASIDE = 10,
	STATUS_KEYS_END
};

enum query_key {
	QUERY_NUMBER = 1,
	QUERY_UUID = 2,
	QUERY_KEYS_END
};

/* What KNOCK begins with. */
#define KNOCK_WORD "siaga"

#endif
