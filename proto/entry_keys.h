/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map keys of an entry, as they stand on the wire (PROTOCOL.md section 4). A number is never given
 * a second meaning. Private to proto/.
 */
#ifndef SIAGA_ENTRY_KEYS_H
#define SIAGA_ENTRY_KEYS_H

enum header_key {
	HEADER_ID = 1,
	HEADER_ORIGIN = 2,
	HEADER_KIND = 3,
	HEADER_ACTION = 4,
	HEADER_REFS = 5,
	HEADER_STATUS = 6,
	HEADER_CREATED = 7,
	HEADER_DETECTED = 8,
	HEADER_EXPIRES = 9,
	HEADER_SEVERITY = 10,
	HEADER_CERTAINTY = 11,
	HEADER_CATEGORY = 12,
	HEADER_SYSTEM = 13,
	HEADER_TLP = 14,
	HEADER_AUDIENCE = 15,
	HEADER_SEALED = 16,
	HEADER_KEYS_END
};

enum body_key {
	BODY_TITLE = 1,
	BODY_DESCRIPTION = 2,
	BODY_INSTRUCTION = 3,
	BODY_SOURCE = 4,
	BODY_TARGET = 5,
	BODY_DETECTOR = 6,
	BODY_COUNT = 7,
	BODY_FIRST_SEEN = 8,
	BODY_LAST_SEEN = 9,
	BODY_RAW = 10,
	BODY_OUTCOME = 11,
	BODY_MEMBER = 12,
	BODY_PREVIOUS = 13,
	BODY_ROSTER = 14,
	BODY_FORMER_LOG = 20,
	BODY_KEYS_END
};

enum endpoint_key {
	ENDPOINT_IP = 1,
	ENDPOINT_PORT = 2,
	ENDPOINT_HOST = 3,
	ENDPOINT_USER = 4,
	ENDPOINT_URL = 5,
	ENDPOINT_HASH = 6,
	ENDPOINT_MAC = 7,
	ENDPOINT_EMAIL = 8,
	ENDPOINT_FILE = 9,
	ENDPOINT_PROCESS = 10,
	ENDPOINT_KEYS_END
};

enum detector_key {
	DETECTOR_TOOL = 1,
	DETECTOR_RULE_ID = 2,
	DETECTOR_RULE = 3,
	DETECTOR_NATIVE_SEVERITY = 4,
	DETECTOR_KEYS_END
};

/* The one way to seal that this version can route (it can not open it yet). */
#define SEALED_SCHEME 1
#define SEALED_NONCE_BYTES 24
#define SEALED_KEY_BYTES 80 /* crypto_box_seal () of a 32-byte content key */

#endif
