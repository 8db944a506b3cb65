/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry: an alert, a response, or what else stands in the log under one number (PROTOCOL.md
 * section 4). Open records to be filled in or read; every text and byte string is borrowed from the
 * encoded entry (after reading) or from the caller (before writing).
 *
 *	entry = [ header map, body bstr ]
 */
#ifndef SIAGA_ENTRY_H
#define SIAGA_ENTRY_H

#include "siaga/cbor.h"
#include "siaga/names.h"

/* What an entry is about: the id, and the leaf hash that proves which bytes are meant. */
struct siaga_ref {
	uint8_t id[SIAGA_ID_BYTES];
	uint8_t leaf[SIAGA_HASH_BYTES];
};

struct siaga_header {
	uint8_t id[SIAGA_ID_BYTES];
	struct siaga_text origin; /* principal */
	enum siaga_kind kind;
	enum siaga_action action; /* NONE unless a response */
	size_t ref_count;
	struct siaga_ref refs[SIAGA_REFS_MAX];
	enum siaga_status status;
	uint64_t created_us;
	uint64_t detected_us; /* 0: not said */
	uint64_t expires_us;  /* 0: never */
	enum siaga_severity severity;
	enum siaga_certainty certainty;
	struct siaga_text category; /* empty only for void, system, roster, response */
	struct siaga_text system;   /* protected system; may be empty */
	enum siaga_tlp tlp;
	size_t audience_count;				/* 0: everybody whose clearance allows */
	struct siaga_text audience[SIAGA_AUDIENCE_MAX]; /* strictly ascending */
	struct siaga_bytes sealed; /* encoded `sealed` item, or empty: then the body is readable */
};

/* Does the hub say by it that a deadline of an alert passed (PROTOCOL.md section 6.9)? */
static inline bool
siaga_header_is_escalation (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_SYSTEM && header->category.size > 0 &&
	       header->ref_count > 0;
}

struct siaga_endpoint {
	struct siaga_text ip; /* textual IPv4 or IPv6 (RFC 5952) */
	uint32_t port;	      /* 0: not said; at most 65535 */
	struct siaga_text host;
	struct siaga_text user;
	struct siaga_text url;
	struct siaga_text hash; /* "sha256:<hex>" */
	struct siaga_text mac;
	struct siaga_text email;
	struct siaga_text file;
	struct siaga_text process;
};

struct siaga_detector {
	struct siaga_text tool;
	struct siaga_text rule_id;
	struct siaga_text rule;
	struct siaga_text native_severity;
};

struct siaga_unknown {
	uint64_t key;
	struct siaga_bytes value; /* one encoded item of the subset */
};

struct siaga_body {
	struct siaga_text title;
	struct siaga_text description; /* of a response: the comment; of a void: the reason */
	struct siaga_text instruction;
	size_t source_count;
	struct siaga_endpoint source[SIAGA_ENDPOINTS_MAX];
	size_t target_count;
	struct siaga_endpoint target[SIAGA_ENDPOINTS_MAX];
	struct siaga_detector detector;
	uint64_t count; /* 0: not said, means 1 */
	uint64_t first_seen_us;
	uint64_t last_seen_us;
	struct siaga_text raw;	    /* the original event, perhaps cut */
	enum siaga_outcome outcome; /* of resolve */
	struct siaga_text member;   /* of handover */
	bool has_previous;	    /* of a void that begins an epoch: */
	uint8_t previous_epoch[SIAGA_EPOCH_BYTES];
	uint64_t previous_oseq;		/* the last oseq known to be cut there */
	uint64_t roster_serial;		/* of a roster entry */
	struct siaga_bytes roster_hash; /* SHA-256 of roster.conf, 32 bytes or empty */
	bool has_former_log;		/* of the first entry of a log that another one became: */
	uint8_t former_log[SIAGA_LOG_ID_BYTES];
	uint64_t former_size; /* the entries both have in common */
	size_t unknown_count; /* keys this version does not know, kept for showing */
	struct siaga_unknown unknown[SIAGA_UNKNOWN_MAX];
};

/* Writes the whole entry, [header, body], deterministically, at most SIAGA_ENTRY_MAX bytes. Returns 0,
   SIAGA_ELIMIT, or SIAGA_EMALFORMED when the records do not make a valid entry (it is read back). */
int
siaga_entry_write (struct siaga_writer *writer, const struct siaga_header *header,
		   const struct siaga_body *body);

/* Reads and checks an entry's header; `body` gets the encoded body (or the sealed bytes). Both borrow
   from `entry`. Returns 0, SIAGA_EMALFORMED, SIAGA_ELIMIT, SIAGA_EUPGRADE (a header key, a
   category or a value of an enumeration of a later version). Outputs are undefined on failure. */
int
siaga_header_read (struct siaga_bytes entry, struct siaga_header *header, struct siaga_bytes *body);

/* Reads and checks a body that is not sealed; borrowed. Returns 0, SIAGA_EMALFORMED, SIAGA_ELIMIT,
   SIAGA_EUPGRADE (an outcome of a later version). */
int
siaga_body_read (struct siaga_bytes encoded, struct siaga_body *body);

/* siaga_header_read (), and siaga_body_read () unless sealed (then `body` is zeroed); their errors. */
int
siaga_entry_read (struct siaga_bytes entry, struct siaga_header *header, struct siaga_body *body);

#endif
