/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See siaga/version.h.
 */
#include "siaga/version.h"

const struct siaga_knock siaga_versions = {
	.min_version = SIAGA_PROTOCOL_OLDEST,
	.max_version = SIAGA_PROTOCOL_VERSION,
};

uint64_t
siaga_version_common (const struct siaga_knock *a, const struct siaga_knock *b)
{
	uint64_t highest = a->max_version < b->max_version ? a->max_version : b->max_version;

	return highest >= a->min_version && highest >= b->min_version ? highest : 0;
}
