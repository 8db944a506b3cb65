/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of keys: an identity, and whether two are the same.
 */
#ifndef SIAGA_TESTS_KEYS_FIXTURE_H
#define SIAGA_TESTS_KEYS_FIXTURE_H

#include "siaga/keys.h"

static inline struct siaga_identity *
make_identity (void)
{
	struct siaga_identity *identity = siaga_identity_new (siaga_text ("bssn/soc-1"));

	assert_non_null (identity);
	return identity;
}

static inline void
assert_same (const struct siaga_identity *a, const struct siaga_identity *b)
{
	assert_string_equal (a->card.principal, b->card.principal);
	assert_memory_equal (a->card.sign, b->card.sign, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.transport, b->card.transport, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.seal, b->card.seal, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.signature, b->card.signature, SIAGA_SIGNATURE_BYTES);
	assert_memory_equal (a->sign_secret, b->sign_secret, 64);
	assert_memory_equal (a->transport_secret, b->transport_secret, SIAGA_KEY_BYTES);
	assert_memory_equal (a->seal_secret, b->seal_secret, SIAGA_KEY_BYTES);
}

#endif
