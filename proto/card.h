/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What identity.c needs of card.c and nobody else does.
 */
#ifndef PROTO_CARD_H
#define PROTO_CARD_H

#include "siaga/keys.h"

/* Signs the card with its own key, once name and public keys are in it. */
void
card_sign (struct siaga_card *card, const uint8_t sign_secret[64]);

#endif
