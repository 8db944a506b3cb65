/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Section by section, things found by their names: their order in the file says nothing, but for the playbook's.
 */
#include "cli/roster_diff_private.h"

#include <inttypes.h>
#include <stdarg.h>

#include "common/roster_file.h"

void
roster_diff_say (struct roster_diff *self, const char *what, const char *format, ...)
{
	va_list args;

	self->count++;
	fprintf (self->out, "%s: ", what);
	va_start (args, format);
	vfprintf (self->out, format, args);
	va_end (args);
	putc ('\n', self->out);
}

bool
roster_diff_same (const char *a, const char *b)
{
	return strcmp (a ? a : "", b ? b : "") == 0;
}

/* For one after the other in a line. */
struct time_text {
	char words[SIAGA_TIME_TEXT];
};

static struct time_text
s_time (uint64_t time_us)
{
	struct time_text text;

	siaga_time_text (text.words, time_us);
	return text;
}

/* --- the roster itself --------------------------------------------------------------------------------- */

static void
s_diff_serial (struct roster_diff *self)
{
	uint64_t from = self->old->serial, to = self->new->serial;

	if (from < to)
		roster_diff_say (self, "serial", "%" PRIu64 " becomes %" PRIu64, from, to);
	else if (from > to)
		roster_diff_say (self, "serial",
				 "%" PRIu64 " becomes %" PRIu64 ": nobody takes an older roster",
				 from, to);
	else if (memcmp (self->old->sha256, self->new->sha256, SIAGA_HASH_BYTES) != 0)
		roster_diff_say (self, "serial",
				 "%" PRIu64 " stays: raise it, or nobody takes the new roster",
				 from);
}

static void
s_diff_time (struct roster_diff *self, const char *what, uint64_t from_us, uint64_t to_us)
{
	if (from_us != to_us)
		roster_diff_say (self, what, "%s becomes %s", s_time (from_us).words,
				 s_time (to_us).words);
}

static bool
s_has_address (const struct siaga_roster *roster, const char *address)
{
	for (size_t i = 0; i < roster->address_count; i++)
		if (strcmp (roster->addresses[i], address) == 0)
			return true;
	return false;
}

static void
s_diff_hub (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;
	bool same_order = old->address_count == new->address_count;

	if (!roster_diff_same (old->hub, new->hub))
		roster_diff_say (self, "hub", "%s becomes %s", old->hub, new->hub);
	for (size_t i = 0; i < old->address_count; i++)
		if (!s_has_address (new, old->addresses[i]))
			roster_diff_say (self, "hub", "no longer at %s", old->addresses[i]);
	for (size_t i = 0; i < new->address_count; i++) {
		if (!s_has_address (old, new->addresses[i]))
			roster_diff_say (self, "hub", "also at %s", new->addresses[i]);
		same_order = same_order && roster_diff_same (old->addresses[i], new->addresses[i]);
	}
	for (size_t i = 0; i < new->address_count && !same_order; i++)
		same_order = !s_has_address (old, new->addresses[i]);
	if (!same_order && old->address_count == new->address_count)
		roster_diff_say (self, "hub", "its addresses are tried in another order");
}

static void
s_diff_head (struct roster_diff *self)
{
	if (!roster_diff_same (self->old->network, self->new->network))
		roster_diff_say (self, "network",
				 "%s becomes %s: nothing signed in the one counts in the other",
				 self->old->network, self->new->network);
	s_diff_serial (self);
	s_diff_time (self, "issued", self->old->issued_us, self->new->issued_us);
	s_diff_time (self, "expires", self->old->expires_us, self->new->expires_us);
	if (self->old->grace_us != self->new->grace_us)
		roster_diff_say (self, "grace", "%" PRIu64 " s become %" PRIu64 " s",
				 self->old->grace_us / 1000000, self->new->grace_us / 1000000);
	s_diff_hub (self);
}

/* --- roots ------------------------------------------------------------------------------------------------ */

static bool
s_has_root (const struct siaga_roster *roster, const struct siaga_minisig_key *root)
{
	for (size_t i = 0; i < roster->next_root_count; i++)
		if (memcmp (roster->next_roots[i].key, root->key, SIAGA_KEY_BYTES) == 0)
			return true;
	return false;
}

static void
s_diff_root_lists (struct roster_diff *self, const struct siaga_roster *from,
		   const struct siaga_roster *to, const char *words)
{
	char root[ROSTER_ROOT_TEXT];

	for (size_t i = 0; i < from->next_root_count; i++) {
		if (s_has_root (to, &from->next_roots[i]))
			continue;
		roster_root_text (&from->next_roots[i], root);
		roster_diff_say (self, "roots", "%s %s", root, words);
	}
}

static void
s_diff_roots (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;

	s_diff_root_lists (self, new, old, "is announced as a root");
	s_diff_root_lists (self, old, new, "is no longer announced");
	if (new->next_root_count > 0 && old->next_threshold != new->next_threshold)
		roster_diff_say (self, "roots", "%u of the %zu announced must sign",
				 new->next_threshold, new->next_root_count);
	if (new->next_root_count == 0 && old->next_root_count > 0)
		roster_diff_say (self, "roots", "none are announced any more");
}

/* --- members, systems -------------------------------------------------------------------------------------- */

static void
s_diff_member (struct roster_diff *self, const struct siaga_member *old,
	       const struct siaga_member *new)
{
	const char *from = siaga_name_of (&siaga_tlp_names, old->clearance);
	const char *to = siaga_name_of (&siaga_tlp_names, new->clearance);

	if (old->clearance != new->clearance)
		roster_diff_say (self, "member", "%s: cleared for %s, no longer for %s%s",
				 new->name, to, from,
				 new->clearance > old->clearance ? ": it sees more" : "");
	if (!roster_diff_same (old->title, new->title))
		roster_diff_say (self, "member", "%s: has another title", new->name);
	if (!roster_diff_same (old->duty_phone, new->duty_phone) ||
	    !roster_diff_same (old->mail, new->mail))
		roster_diff_say (self, "member", "%s: is reached elsewhere: %s %s", new->name,
				 new->duty_phone ? new->duty_phone : "",
				 new->mail ? new->mail : "");
}

static void
s_diff_members (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;
	const struct siaga_member *other;

	for (size_t i = 0; i < old->member_count; i++)
		if (!siaga_roster_member (new, siaga_text (old->members[i].name)))
			roster_diff_say (self, "member", "%s: taken out", old->members[i].name);
	for (size_t i = 0; i < new->member_count; i++) {
		other = siaga_roster_member (old, siaga_text (new->members[i].name));
		if (other)
			s_diff_member (self, other, &new->members[i]);
		else
			roster_diff_say (
				self, "member", "%s: new, cleared for %s", new->members[i].name,
				siaga_name_of (&siaga_tlp_names, new->members[i].clearance));
	}
}

static void
s_diff_systems (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;

	for (size_t i = 0; i < old->system_count; i++)
		if (!siaga_roster_system (new, siaga_text (old->systems[i].name)))
			roster_diff_say (self, "system", "%s: taken out", old->systems[i].name);
	for (size_t i = 0; i < new->system_count; i++) {
		const struct siaga_system *system = &new->systems[i];
		const struct siaga_system *other =
			siaga_roster_system (old, siaga_text (system->name));
		if (!other)
			roster_diff_say (self, "system", "%s: new, owned by %s", system->name,
					 system->owner);
		else if (!roster_diff_same (other->owner, system->owner))
			roster_diff_say (self, "system", "%s: owned by %s, no longer by %s",
					 system->name, system->owner, other->owner);
		else if (!roster_diff_same (other->title, system->title))
			roster_diff_say (self, "system", "%s: has another title", system->name);
		if (other && other->vital != system->vital)
			roster_diff_say (self, "system", "%s: is %s vital", system->name,
					 system->vital ? "now" : "no longer");
	}
}

/* --- principals ---------------------------------------------------------------------------------------------- */

/* "publish and read", or "nothing". */
static const char *
s_roles (unsigned roles, char out[64])
{
	size_t length = 0;

	snprintf (out, 64, "nothing");
	for (unsigned i = 0; i < roster_role_names.count; i++)
		if ((roles & 1U << i) != 0)
			length += (size_t) snprintf (out + length, 64 - length, "%s%s",
						     length > 0 ? ", " : "",
						     roster_role_names.names[i]);
	return out;
}

static const struct siaga_roster_key *
s_find_key (const struct siaga_principal *principal, const struct siaga_card *card)
{
	for (size_t k = 0; k < principal->key_count; k++)
		if (memcmp (&principal->keys[k].card, card, sizeof *card) == 0)
			return &principal->keys[k];
	return NULL;
}

/* A date of a key: given, changed, or taken back. */
static void
s_diff_key_date (struct roster_diff *self, const char *name, const char *fingerprint,
		 uint64_t from_us, uint64_t to_us, const char *given, const char *taken_back)
{
	if (from_us == to_us)
		return;
	if (to_us != 0)
		roster_diff_say (self, "key", "%s: %s is %s %s", name, fingerprint, given,
				 s_time (to_us).words);
	else
		roster_diff_say (self, "key", "%s: %s is %s", name, fingerprint, taken_back);
}

static void
s_diff_keys (struct roster_diff *self, const struct siaga_principal *old,
	     const struct siaga_principal *new)
{
	char fingerprint[SIAGA_FINGERPRINT_TEXT];

	for (size_t k = 0; k < old->key_count; k++) {
		siaga_card_fingerprint (&old->keys[k].card, fingerprint);
		if (!s_find_key (new, &old->keys[k].card))
			roster_diff_say (
				self, "key",
				"%s: %s is taken out: what it signed can no longer be verified",
				new->name, fingerprint);
	}
	for (size_t k = 0; k < new->key_count; k++) {
		const struct siaga_roster_key *key = &new->keys[k];
		const struct siaga_roster_key *other = s_find_key (old, &key->card);
		siaga_card_fingerprint (&key->card, fingerprint);
		if (!other)
			roster_diff_say (self, "key", "%s: %s is new", new->name, fingerprint);
		s_diff_key_date (self, new->name, fingerprint, other ? other->until_us : 0,
				 key->until_us, "retired from", "no longer retired");
		s_diff_key_date (self, new->name, fingerprint, other ? other->untrusted_from_us : 0,
				 key->untrusted_from_us, "revoked: untrusted from",
				 "trusted again");
	}
}

static void
s_diff_principal (struct roster_diff *self, const struct siaga_principal *old,
		  const struct siaga_principal *new)
{
	char words[64];

	if ((new->roles & ~old->roles) != 0)
		roster_diff_say (self, "roles", "%s: may now %s", new->name,
				 s_roles (new->roles & ~old->roles, words));
	if ((old->roles & ~new->roles) != 0)
		roster_diff_say (self, "roles", "%s: may no longer %s", new->name,
				 s_roles (old->roles & ~new->roles, words));
	s_diff_keys (self, old, new);
}

static void
s_say_enrolled (struct roster_diff *self, const struct siaga_principal *principal)
{
	char words[64], fingerprint[SIAGA_FINGERPRINT_TEXT];

	roster_diff_say (self, "enrolled", "%s: may %s", principal->name,
			 s_roles (principal->roles, words));
	for (size_t k = 0; k < principal->key_count; k++) {
		siaga_card_fingerprint (&principal->keys[k].card, fingerprint);
		roster_diff_say (self, "key", "%s: %s is new", principal->name, fingerprint);
	}
}

static void
s_diff_principals (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;
	const struct siaga_principal *other;

	for (size_t i = 0; i < old->principal_count; i++)
		if (!siaga_roster_principal (new, siaga_text (old->principals[i].name)))
			roster_diff_say (
				self, "taken out",
				"%s: kept out, and what it signed can no longer be verified",
				old->principals[i].name);
	for (size_t i = 0; i < new->principal_count; i++) {
		other = siaga_roster_principal (old, siaga_text (new->principals[i].name));
		if (other)
			s_diff_principal (self, other, &new->principals[i]);
		else
			s_say_enrolled (self, &new->principals[i]);
	}
}

unsigned
roster_diff (FILE *out, const struct siaga_roster *old, const struct siaga_roster *new)
{
	struct roster_diff diff = {out, 0, old, new};

	s_diff_head (&diff);
	s_diff_roots (&diff);
	s_diff_members (&diff);
	s_diff_principals (&diff);
	s_diff_systems (&diff);
	roster_diff_playbook (&diff);
	return diff.count;
}
