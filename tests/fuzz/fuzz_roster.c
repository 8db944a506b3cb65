/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roster text from anywhere: scan, libconfig, schema, checks, and the editing of what passes.
 */
#include <stdlib.h>

#include "common/roster_file.h"
#include "siaga/error.h"

/* What enrolling gives must be a roster again, with the card in it. */
static void
enroll (struct siaga_bytes text, const struct siaga_card *card)
{
	struct siaga_roster *roster;
	struct conf_error error;
	char *out;
	size_t size;

	if (roster_enroll ("roster.conf", text, card, SIAGA_ROLE_READ, &out, &size, &error) != 0)
		return;
	if (roster_parse ("roster.conf", (struct siaga_bytes){(uint8_t *) out, size}, &roster,
			  &error) != 0 ||
	    siaga_roster_by_transport (roster, card->transport, NULL) == NULL)
		abort ();
	siaga_roster_destroy (&roster);
	free (out);
}

/* What is found fault with must be named; what is not must have somebody who leads whatever comes. */
static void
lint (struct siaga_bytes text, const struct siaga_roster *roster)
{
	struct siaga_header header = {.category = siaga_text ("other/other")};
	struct conf_report report;
	struct conf_error error;
	struct siaga_duty duty;
	int status;

	conf_report_init (&report, "roster.conf", &error);
	status = roster_lint_report (&report, text);
	if (status != 0 && error.words[0] == '\0')
		abort ();
	if (status == 0 && !siaga_roster_duty (roster, &header, roster->issued_us, &duty))
		abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static struct siaga_identity *newcomer, *hub;
	struct siaga_roster *roster;
	struct conf_error error;
	struct siaga_bytes text = {data, size};

	if (newcomer == NULL &&
	    (siaga_crypto_init () != 0 ||
	     (newcomer = siaga_identity_new (siaga_text ("kpu/newcomer"))) == NULL ||
	     (hub = siaga_identity_new (siaga_text ("kpu/hub"))) == NULL))
		abort ();
	if (roster_parse ("roster.conf", text, &roster, &error) != 0) {
		if (error.words[0] == '\0')
			abort ();
		if (roster_lacks_principals (text)) /* or so it says: any text may */
			enroll (text, &hub->card);
		return 0;
	}
	if (siaga_roster_principal (roster, siaga_text (roster->hub)) == NULL)
		abort ();
	lint (text, roster);
	siaga_roster_destroy (&roster);
	enroll (text, &newcomer->card);
	return 0;
}
