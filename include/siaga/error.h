/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can go wrong, in one list.
 *
 * What can fail returns 0 or one of these negative numbers. Codes 1 to 63 also travel on the wire
 * (as positive numbers, PROTOCOL.md section 9): a number is never given a second meaning. Codes from
 * 64 on stay on the machine where they happened.
 */
#ifndef SIAGA_ERROR_H
#define SIAGA_ERROR_H

#define SIAGA_ERRORS(X)                                                                            \
	X (GRAMMAR, 1, "grammar", "message is not in the protocol's grammar or not expected now")  \
	X (VERSION, 2, "version", "no common protocol version")                                    \
	X (NETWORK, 3, "network", "made for another network")                                      \
	X (UNKNOWN, 4, "unknown", "principal or key is not in the roster")                         \
	X (REVOKED, 5, "revoked", "key is retired or no longer trusted")                           \
	X (ROLE, 6, "role", "the roster does not let this principal do that")                      \
	X (SIGNATURE, 7, "signature", "signature does not verify")                                 \
	X (SIGNER, 8, "signer", "signed by another principal than the session's")                  \
	X (MALFORMED, 9, "malformed", "not well-formed deterministic CBOR of the expected shape")  \
	X (LIMIT, 10, "limit", "over a limit")                                                     \
	X (UPGRADE, 11, "upgrade", "needs a newer version of Siaga")                               \
	X (HOLE, 12, "hole", "a hole in the sequence: an earlier batch is missing")                \
	X (CONFLICT, 13, "conflict", "another batch is held under these sequence numbers")         \
	X (REPLACED, 14, "replaced", "a newer session of the same outbox took over")               \
	X (KNOWN, 15, "known", "an entry with this id is already in the log")                      \
	X (ROOT, 16, "root", "the entries do not make the signed root")                            \
	X (ROSTER, 17, "roster", "no roster in force")                                             \
	X (LATER, 18, "later", "not now: try again later")                                         \
	X (DISK, 19, "disk", "no disk space left for new entries")                                 \
	X (QUOTA, 20, "quota", "over the quota")                                                   \
	X (NOTFOUND, 21, "not-found", "unknown, or not for you")                                   \
	X (CURSOR, 22, "cursor", "this log does not continue from that cursor")                    \
	X (ORIGIN, 23, "origin", "the entry names another origin than its signer")                 \
	X (REF, 24, "ref", "the entry refers to nothing it may refer to")                          \
	X (STATE, 25, "state", "the state of the alert does not allow that")                       \
	X (REPLAY, 26, "replay", "an old message was played again")                                \
	X (INTERNAL, 27, "internal", "internal error")                                             \
	X (NOMEM, 64, "memory", "out of memory")                                                   \
	X (IO, 65, "io", "input or output failed")                                                 \
	X (FORMAT, 66, "format", "file is not of the expected format")                             \
	X (EXPIRED, 67, "expired", "expired")                                                      \
	X (UNSIGNED, 68, "unsigned", "not signed by enough trusted root keys")                     \
	X (ROLLBACK, 69, "rollback", "older than one already seen")                                \
	X (EXISTS, 70, "exists", "exists already")                                                 \
	X (PASSPHRASE, 71, "passphrase", "wrong or missing passphrase")                            \
	X (FULL, 72, "full", "full")                                                               \
	X (CONF, 73, "conf", "configuration error")                                                \
	X (AGAIN, 74, "again", "would block")                                                      \
	X (WEAKKEY, 75, "weak-key", "key is not a valid point of its curve")                       \
	X (LOCKED, 76, "locked", "in use by another process")                                      \
	X (USAGE, 77, "usage", "not valid here")

enum siaga_error {
	SIAGA_OK = 0,
#define SIAGA_ERROR_ENUM(name, number, id, words) SIAGA_E##name = -(number),
	SIAGA_ERRORS (SIAGA_ERROR_ENUM)
#undef SIAGA_ERROR_ENUM
};

/* The largest code that may stand on the wire. */
#define SIAGA_WIRE_CODE_MAX 63

/* Words for an error, for people; never NULL. Takes the negative or the positive form. */
const char *
siaga_strerror (int error);

/* The short stable id of an error ("conflict"), for logs and JSON; never NULL. Either sign. */
const char *
siaga_error_id (int error);

#endif
