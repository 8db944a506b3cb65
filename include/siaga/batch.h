/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: the entries that one signature covers (PROTOCOL.md section 5).
 *
 *	head        = [version, network, origin, key-id, epoch, first-oseq, count, root]
 *	full form   = [1, head bstr, signature bstr, [slot, …]]  slot = entry bstr / [leaf hash bstr]
 *	single form = [2, head bstr, signature bstr, index, [hash bstr, …], entry bstr]
 */
#ifndef SIAGA_BATCH_H
#define SIAGA_BATCH_H

#include "siaga/cbor.h"
#include "siaga/limits.h"

struct siaga_batch_head {
	struct siaga_text network;
	struct siaga_text origin;
	uint8_t key_id[SIAGA_KEY_ID_BYTES];
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first_oseq; /* 1 … */
	uint32_t count;	     /* 1 … SIAGA_BATCH_ENTRIES_MAX */
	uint8_t root[SIAGA_HASH_BYTES];
};

/* A place in a full batch: the entry's bytes, or `entry.size` 0 and only its leaf hash. `leaf` is
   filled for both. */
struct siaga_slot {
	struct siaga_bytes entry;
	uint8_t leaf[SIAGA_HASH_BYTES];
};

enum siaga_batch_form {
	SIAGA_BATCH_FULL = 1,
	SIAGA_BATCH_SINGLE = 2,
};

/* A batch read from bytes; everything borrowed from them. About 70 KiB: keep it on the heap or in a
   long-lived object. */
struct siaga_batch {
	enum siaga_batch_form form;
	struct siaga_bytes head_bytes;
	struct siaga_batch_head head;
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	uint32_t slot_count; /* full: head.count; single: 1 */
	uint32_t index;	     /* single: the entry's index; full: 0 */
	size_t path_length;  /* single */
	uint8_t path[SIAGA_PATH_MAX * SIAGA_HASH_BYTES];
	struct siaga_slot slots[SIAGA_BATCH_ENTRIES_MAX];
};

/* Reads a batch of either form and hashes its entries, checks sizes, and that entries and path lead to
   head.root. The signature is not checked. Returns 0, SIAGA_EMALFORMED, SIAGA_ELIMIT, SIAGA_EUPGRADE
   (version), SIAGA_EROOT. Entry contents are not looked at. `batch` is undefined on failure. */
int
siaga_batch_read (struct siaga_bytes bytes, struct siaga_batch *batch);

/* Checks the signature over the head: 0 or SIAGA_ESIGNATURE. `network` is the verifier's own pinned
   network (it makes the domain prefix): SIAGA_ENETWORK when the head names another. SIAGA_EUNKNOWN when
   key_id is not `sign_key`'s. */
int
siaga_batch_verify (const struct siaga_batch *batch, struct siaga_text network,
		    const uint8_t sign_key[SIAGA_KEY_BYTES]);

/* Makes a full batch: computes the root over `entries`, fills head->count and head->root, signs with the
   Ed25519 secret key (64 bytes, libsodium's form) and writes it. Returns 0 or SIAGA_ELIMIT: it does not fit
   the writer or SIAGA_BATCH_MAX, there are no entries or more than SIAGA_BATCH_ENTRIES_MAX, one is empty or over
   SIAGA_ENTRY_MAX, or the oseqs leave 1 … SIAGA_OSEQ_MAX. Then the writer keeps nothing of it, and the error. */
int
siaga_batch_make (struct siaga_writer *writer, struct siaga_batch_head *head,
		  const struct siaga_bytes *entries, size_t count, const uint8_t sign_secret[64]);

/* Encoded bytes a batch adds to its entries at most: for cutting. An entry in it adds at most 3 more. */
#define SIAGA_BATCH_OVERHEAD (SIAGA_BATCH_HEAD_MAX + SIAGA_SIGNATURE_BYTES + 16)
#define SIAGA_SLOT_OVERHEAD 3

/* The full form with only the chosen slots' entries, the others as leaf hashes. `shown[i]` for each of
   head.count slots. `batch` must be of full form with every shown entry present (assert). Returns 0 or
   SIAGA_ELIMIT, as above. */
int
siaga_batch_write_full (struct siaga_writer *writer, const struct siaga_batch *batch,
			const bool *shown);

/* The single form for one entry that is present in a full batch. Returns 0 or SIAGA_ELIMIT, as above. */
int
siaga_batch_write_single (struct siaga_writer *writer, const struct siaga_batch *batch,
			  uint32_t index);

/* The log's leaf hash of an entry: RFC 6962 leaf over CBOR [accepted, batch leaf hash]. */
void
siaga_log_leaf (uint8_t hash[SIAGA_HASH_BYTES], uint64_t accepted_us,
		const uint8_t batch_leaf[SIAGA_HASH_BYTES]);

/* SHA-256 over the head's bytes: how hub and outbox compare what they hold (WELCOME). */
void
siaga_head_hash (uint8_t hash[SIAGA_HASH_BYTES], struct siaga_bytes head_bytes);

#endif
