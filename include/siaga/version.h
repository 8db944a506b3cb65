/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions of the protocol are spoken here: the one place that says so. PROTOCOL.md section 10 says when a new
 * one is needed; the one before it stays for a release, so that not everybody has to change on one day.
 */
#ifndef SIAGA_VERSION_H
#define SIAGA_VERSION_H

#include "siaga/wire.h"

/* SIAGA_PROTOCOL_OLDEST … SIAGA_PROTOCOL_VERSION: what KNOCK says. */
extern const struct siaga_knock siaga_versions;

/* The highest version in both ranges, or 0. */
uint64_t
siaga_version_common (const struct siaga_knock *a, const struct siaga_knock *b);

#endif
