/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every limit of the protocol, each with its unit. PROTOCOL.md section 8 has the same table.
 */
#ifndef SIAGA_LIMITS_H
#define SIAGA_LIMITS_H

#define SIAGA_PROTOCOL_VERSION 1 /* the newest, N */
#define SIAGA_PROTOCOL_OLDEST 1	 /* N - 1 once there is one: siaga/version.h */

/* Identifiers, keys and hashes, in bytes. */
#define SIAGA_ID_BYTES 16	 /* UUIDv7, RFC 9562 section 5.7 */
#define SIAGA_HASH_BYTES 32	 /* SHA-256 */
#define SIAGA_KEY_BYTES 32	 /* public keys; Ed25519 seeds; X25519 secrets */
#define SIAGA_SIGNATURE_BYTES 64 /* Ed25519 */
#define SIAGA_KEY_ID_BYTES 8	 /* first bytes of SHA-256 over the Ed25519 public key */
#define SIAGA_EPOCH_BYTES 8
#define SIAGA_NONCE_BYTES 32
#define SIAGA_LOG_ID_BYTES 16

/* Names, in bytes. */
#define SIAGA_NETWORK_MAX 64   /* [a-z0-9.-] */
#define SIAGA_MEMBER_MAX 32    /* [a-z0-9-], starts with a letter */
#define SIAGA_PRINCIPAL_MAX 64 /* member "/" name, both as a member */
#define SIAGA_SYSTEM_MAX 32    /* as a member */
#define SIAGA_CATEGORY_MAX 80  /* RSIT class "/" type; the longest has 67 */
#define SIAGA_SOFTWARE_MAX 64
#define SIAGA_WORDS_MAX 256 /* words of a refusal */

/* An entry. */
#define SIAGA_ENTRY_MAX 16384 /* bytes of one encoded entry */
#define SIAGA_REFS_MAX 8
#define SIAGA_AUDIENCE_MAX 32	/* members */
#define SIAGA_RECIPIENTS_MAX 32 /* of a sealed body */
#define SIAGA_TITLE_MAX 512	/* bytes of UTF-8 */
#define SIAGA_TEXT_MAX 4096	/* description, instruction: bytes of UTF-8 */
#define SIAGA_RAW_MAX 8192	/* bytes of the original event */
#define SIAGA_ENDPOINTS_MAX 16	/* in source and in target, each */
#define SIAGA_FIELD_MAX 1024	/* any other text of a body, bytes of UTF-8 */
#define SIAGA_UNKNOWN_MAX 16	/* unknown body keys kept for showing */
#define SIAGA_LIFE_PARTIES_MAX                                                                     \
	64 /* that acknowledged an alert since it was opened; members that assist */
#define SIAGA_CBOR_DEPTH_MAX 8

/* A batch. */
#define SIAGA_BATCH_MAX 61440	     /* bytes of one encoded batch */
#define SIAGA_BATCH_ENTRIES_MAX 1024 /* entries, so a path has at most 10 hashes */
#define SIAGA_BATCH_HEAD_MAX 256     /* bytes of an encoded head */
#define SIAGA_PATH_MAX 10
#define SIAGA_OSEQ_MAX ((UINT64_C (1) << 53) - 1) /* so that JSON numbers stay exact */

/* A message. */
#define SIAGA_MESSAGE_MAX 65536	   /* bytes of one body frame */
#define SIAGA_RESULT_MAX (4 << 20) /* bytes of an answer in parts */
#define SIAGA_FILTER_ITEMS_MAX 16  /* values in one list of a filter */
#define SIAGA_BAD_MAX 1024	   /* entries named in one refusal */
#define SIAGA_CHECKPOINT_MAX 4096  /* bytes of a signed checkpoint note */
#define SIAGA_LEAVES_MAX 4096	   /* leaf hashes of one answer */
#define SIAGA_LOG_PATH_MAX 64	   /* hashes of an inclusion path in the log */
#define SIAGA_DELIVERIES_MAX 65536 /* batches in one list of deliveries */
#define SIAGA_PARTS_MAX 4096	   /* parts of one answer */

/* A session. */
#define SIAGA_CREDIT_MAX (1 << 20)     /* bytes a subscription may have outstanding */
#define SIAGA_DELIVER_COST_MIN 4096    /* bytes of credit the smallest DELIVER takes */
#define SIAGA_SUBSCRIPTIONS_MAX 4      /* of one session */
#define SIAGA_WINDOW_MAX 16	       /* batches in flight from one outbox */
#define SIAGA_STATUS_INTERVAL_MS 10000 /* between heartbeats */
#define SIAGA_SOURCES_MAX 64	       /* in one heartbeat, and … */
#define SIAGA_SOURCES_BYTES_MAX 16384  /* … bytes of them */
#define SIAGA_SOURCE_NAME_MAX 64       /* bytes of UTF-8 */
#define SIAGA_SOURCE_ERROR_MAX 128     /* bytes of UTF-8 */
#define SIAGA_SILENCE_MAX_MS 30000     /* a peer that hears nothing this long starts again */
#define SIAGA_HANDSHAKE_MAX_MS 10000   /* from connect to WELCOME */

/* Trust. */
#define SIAGA_ROSTER_MAX (1 << 20) /* bytes of roster.conf */
#define SIAGA_ROOTS_MAX 8	   /* pinned root keys */
#define SIAGA_CARD_MAX 512	   /* characters of a card line */
#define SIAGA_MEMBERS_MAX 64
#define SIAGA_PRINCIPALS_MAX 4096
#define SIAGA_KEYS_PER_PRINCIPAL_MAX 16
#define SIAGA_SYSTEMS_MAX 64

/* The playbook. */
#define SIAGA_PLAYS_MAX 256   /* rules */
#define SIAGA_PHASES_MAX 16   /* of the calendar */
#define SIAGA_PHASE_MAX 32    /* bytes of a phase's name, shaped as a member's */
#define SIAGA_STEPS_MAX 32    /* first actions of one rule */
#define SIAGA_CHAIN_MAX 16    /* members of one escalation chain */
#define SIAGA_CONTACT_MAX 128 /* bytes of a duty phone or a mail address */

#endif
