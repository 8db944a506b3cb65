/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roster's memory and its lookups: by name, by transport key, by key id. Two sorted indexes
 * keep the big ones at a dozen comparisons for 4096 principals. What a principal may do is
 * authority.c; text and signatures are common/roster_file.h.
 */
#include "siaga/roster.h"
#include "siaga/error.h"

#include <stdlib.h>

struct siaga_roster_transport {
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key;
};

static int
s_compare_names (const void *a, const void *b)
{
	const struct siaga_principal *const *left = a, *const *right = b;

	return strcmp ((*left)->name, (*right)->name);
}

static int
s_compare_transports (const void *a, const void *b)
{
	const struct siaga_roster_transport *left = a, *right = b;

	return memcmp (left->key->card.transport, right->key->card.transport, SIAGA_KEY_BYTES);
}

static void
s_index_fill (struct siaga_roster *self)
{
	size_t at = 0;

	for (size_t i = 0; i < self->principal_count; i++) {
		const struct siaga_principal *principal = &self->principals[i];

		self->by_name[i] = principal;
		for (size_t k = 0; k < principal->key_count; k++, at++) {
			self->by_transport[at].principal = principal;
			self->by_transport[at].key = &principal->keys[k];
		}
	}
	self->transport_count = at;
	qsort (self->by_name, self->principal_count, sizeof *self->by_name, s_compare_names);
	qsort (self->by_transport, at, sizeof *self->by_transport, s_compare_transports);
}

static void
s_index_free (struct siaga_roster *self)
{
	free (self->by_name);
	free (self->by_transport);
	self->by_name = NULL;
	self->by_transport = NULL;
	self->transport_count = 0;
}

int
siaga_roster_index (struct siaga_roster *self)
{
	size_t keys = 0;

	s_index_free (self);
	for (size_t i = 0; i < self->principal_count; i++)
		keys += self->principals[i].key_count;
	self->by_name = calloc (self->principal_count + 1, sizeof *self->by_name);
	self->by_transport = calloc (keys + 1, sizeof *self->by_transport);
	if (self->by_name == NULL || self->by_transport == NULL) {
		s_index_free (self);
		return SIAGA_ENOMEM;
	}
	s_index_fill (self);
	return 0;
}

static void
s_playbook_free (struct siaga_roster *self)
{
	for (size_t i = 0; i < self->play_count; i++)
		siaga_play_finish (&self->plays[i]);
	for (size_t i = 0; i < self->phase_count; i++)
		free (self->phases[i].title);
	siaga_terms_finish (&self->play_defaults.terms);
	free (self->plays);
	free (self->phases);
}

static void
s_members_free (struct siaga_roster *self)
{
	for (size_t i = 0; i < self->member_count; i++) {
		free (self->members[i].title);
		free (self->members[i].duty_phone);
		free (self->members[i].mail);
	}
	free (self->members);
}

void
siaga_roster_destroy (struct siaga_roster **self_p)
{
	struct siaga_roster *self = *self_p;

	if (self == NULL)
		return;
	for (size_t i = 0; i < self->address_count; i++)
		free (self->addresses[i]);
	for (size_t i = 0; i < self->principal_count; i++)
		free (self->principals[i].keys);
	for (size_t i = 0; i < self->system_count; i++)
		free (self->systems[i].title);
	s_playbook_free (self);
	s_members_free (self);
	s_index_free (self);
	free (self->addresses);
	free (self->principals);
	free (self->systems);
	free (self);
	*self_p = NULL;
}

const struct siaga_member *
siaga_roster_member (const struct siaga_roster *self, struct siaga_text name)
{
	for (size_t i = 0; i < self->member_count; i++)
		if (siaga_text_is (name, self->members[i].name))
			return &self->members[i];
	return NULL;
}

const struct siaga_system *
siaga_roster_system (const struct siaga_roster *self, struct siaga_text name)
{
	for (size_t i = 0; i < self->system_count; i++)
		if (siaga_text_is (name, self->systems[i].name))
			return &self->systems[i];
	return NULL;
}

const struct siaga_principal *
siaga_roster_principal (const struct siaga_roster *self, struct siaga_text name)
{
	struct siaga_principal wanted = {.key_count = 0};
	const struct siaga_principal *key = &wanted, **found;

	if (name.size == 0 || name.size > SIAGA_PRINCIPAL_MAX ||
	    memchr (name.data, '\0', name.size) != NULL)
		return NULL;
	memcpy (wanted.name, name.data, name.size);
	if (self->by_name != NULL) {
		found = bsearch (&key, self->by_name, self->principal_count, sizeof *self->by_name,
				 s_compare_names);
		return found != NULL ? *found : NULL;
	}
	for (size_t i = 0; i < self->principal_count; i++)
		if (strcmp (self->principals[i].name, wanted.name) == 0)
			return &self->principals[i];
	return NULL;
}

static const struct siaga_principal *
s_transport_scan (const struct siaga_roster *self, const uint8_t transport[SIAGA_KEY_BYTES],
		  const struct siaga_roster_key **key_p)
{
	for (size_t i = 0; i < self->principal_count; i++) {
		const struct siaga_principal *principal = &self->principals[i];

		for (size_t k = 0; k < principal->key_count; k++) {
			if (memcmp (principal->keys[k].card.transport, transport,
				    SIAGA_KEY_BYTES) != 0)
				continue;
			if (key_p != NULL)
				*key_p = &principal->keys[k];
			return principal;
		}
	}
	return NULL;
}

const struct siaga_principal *
siaga_roster_by_transport (const struct siaga_roster *self,
			   const uint8_t transport[SIAGA_KEY_BYTES],
			   const struct siaga_roster_key **key_p)
{
	struct siaga_roster_key key;
	struct siaga_roster_transport wanted = {NULL, &key}, *found;

	if (self->by_transport == NULL)
		return s_transport_scan (self, transport, key_p);
	memcpy (key.card.transport, transport, SIAGA_KEY_BYTES);
	found = bsearch (&wanted, self->by_transport, self->transport_count, sizeof *found,
			 s_compare_transports);
	if (found == NULL)
		return NULL;
	if (key_p != NULL)
		*key_p = found->key;
	return found->principal;
}

const struct siaga_roster_key *
siaga_roster_key (const struct siaga_principal *principal, const uint8_t key_id[SIAGA_KEY_ID_BYTES])
{
	for (size_t i = 0; i < principal->key_count; i++)
		if (memcmp (principal->keys[i].key_id, key_id, SIAGA_KEY_ID_BYTES) == 0)
			return &principal->keys[i];
	return NULL;
}

int
siaga_roster_key_check (const struct siaga_roster_key *key, uint64_t at_us)
{
	if (key->until_us != 0 && at_us >= key->until_us)
		return SIAGA_EREVOKED;
	if (key->untrusted_from_us != 0 && at_us >= key->untrusted_from_us)
		return SIAGA_EREVOKED;
	return 0;
}

int
siaga_roster_signer (const struct siaga_roster *self, struct siaga_text origin,
		     const uint8_t key_id[SIAGA_KEY_ID_BYTES], uint64_t accepted_us,
		     const struct siaga_principal **principal_p,
		     const struct siaga_roster_key **key_p)
{
	const struct siaga_principal *principal = siaga_roster_principal (self, origin);
	const struct siaga_roster_key *key;

	key = principal != NULL ? siaga_roster_key (principal, key_id) : NULL;
	if (key == NULL)
		return SIAGA_EUNKNOWN;
	if (siaga_roster_key_check (key, accepted_us) != 0)
		return SIAGA_EREVOKED;
	*principal_p = principal;
	*key_p = key;
	return 0;
}
