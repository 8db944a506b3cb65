/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the card in what somebody gave us.
 */
#include "cli/card_operand.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "common/file.h"
#include "siaga/error.h"

#define INPUT_MAX 65536 /* bytes */
#define CARD_WORD "siaga-card-1 "

static int
s_say (int status, const char *operand, const char *words)
{
	fprintf (stderr, "siaga: %.200s: %s\n", operand, words);
	return status;
}

/* The first line that is a card, or an identity's card. */
static struct siaga_text
s_find_card (struct siaga_text text)
{
	while (text.size > 0) {
		const char *end = memchr (text.data, '\n', text.size);
		size_t size = end != NULL ? (size_t) (end - text.data) : text.size;
		struct siaga_text line = {text.data, size};

		if (size > 5 && memcmp (line.data, "card ", 5) == 0) {
			line.data += 5;
			line.size -= 5;
		}
		if (line.size > strlen (CARD_WORD) &&
		    memcmp (line.data, CARD_WORD, strlen (CARD_WORD)) == 0)
			return line;
		text.data += size;
		text.size -= size;
		if (text.size > 0) {
			text.data++;
			text.size--;
		}
	}
	return text;
}

static int
s_parse (const char *operand, struct siaga_text text, struct siaga_card *card)
{
	struct siaga_text line = s_find_card (text);

	if (line.size == 0)
		return s_say (CMD_DATA, operand, "holds no card (siaga-card-1 …)");
	switch (siaga_card_read (line, card)) {
	case 0:
		return CMD_OK;
	case SIAGA_ESIGNATURE:
		return s_say (CMD_DATA, operand, "the card's own signature does not verify");
	case SIAGA_EWEAKKEY:
		return s_say (CMD_DATA, operand, "the card has a weak key");
	default:
		return s_say (CMD_DATA, operand, "the card is damaged");
	}
}

static int
s_read_input (const char *operand, char **data_p, size_t *size_p)
{
	uint8_t *data;
	int status;

	if (strcmp (operand, "-") == 0) {
		data = malloc (INPUT_MAX);
		if (data == NULL)
			return SIAGA_ENOMEM;
		*size_p = fread (data, 1, INPUT_MAX, stdin);
		status = ferror (stdin) ? SIAGA_EIO : *size_p == INPUT_MAX ? SIAGA_ELIMIT : 0;
		if (status != 0)
			free (data);
	} else {
		status = file_read (operand, INPUT_MAX, &data, size_p);
	}
	if (status == 0)
		*data_p = (char *) data;
	return status;
}

int
card_operand_read (const char *operand, struct siaga_card *card)
{
	char *data;
	size_t size;
	int status;

	if (strncmp (operand, CARD_WORD, strlen (CARD_WORD)) == 0)
		return s_parse ("card", siaga_text (operand), card);
	status = s_read_input (operand, &data, &size);
	if (status == SIAGA_ELIMIT)
		return s_say (CMD_DATA, operand, "is too large for a card");
	if (status != 0)
		return s_say (CMD_NOINPUT, operand,
			      status == SIAGA_EIO ? strerror (errno) : siaga_strerror (status));
	status = s_parse (operand, (struct siaga_text){data, size}, card);
	sodium_memzero (data, size); /* it may be an identity */
	free (data);
	return status;
}
