/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operand CARD of `card` and `roster enroll`: a card's line itself, a file with a card or an
 * identity (its card is in the clear), or "-" for standard input.
 */
#ifndef CLI_CARD_OPERAND_H
#define CLI_CARD_OPERAND_H

#include "siaga/keys.h"

/* Reads the card. Returns CMD_OK, or what to exit with after saying why on standard error. */
int
card_operand_read (const char *operand, struct siaga_card *card);

#endif
