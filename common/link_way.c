/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to the hub: its addresses, from the roster or the owner's own, and its live keys.
 */
#include "common/link_private.h"

#include <stdio.h>

#include "common/clock.h"

size_t
link_live_keys (const struct siaga_principal *hub, const struct siaga_roster_key **keys)
{
	uint64_t now_us = clock_now_us ();
	size_t count = 0;
	for (size_t i = 0; hub && i < hub->key_count && count < SIAGA_KEYS_PER_PRINCIPAL_MAX; i++)
		if (siaga_roster_key_check (&hub->keys[i], now_us) == 0)
			keys[count++] = &hub->keys[i];
	return count;
}

size_t
link_address_count (const struct link *self)
{
	return self->only_address ? 1 : self->trust->roster->address_count;
}

size_t
link_candidate (struct link *self, const struct siaga_roster_key **key_p)
{
	const struct siaga_roster *roster = self->trust->roster;
	const struct siaga_roster_key *keys[SIAGA_KEYS_PER_PRINCIPAL_MAX];
	size_t key_count = link_live_keys (trust_hub (self->trust), keys);
	size_t address_count = link_address_count (self), count = key_count * address_count;
	*key_p = NULL;
	self->address[0] = '\0';
	if (count == 0)
		return 0;
	self->candidate %= count;
	*key_p = keys[self->candidate / address_count];
	snprintf (self->address, sizeof self->address, "%s",
		  self->only_address ? self->only_address
				     : roster->addresses[self->candidate % address_count]);
	return count;
}
