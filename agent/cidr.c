/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prefixes over inet_pton (3)'s bytes.
 */
#include "agent/cidr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "common/alert_json.h"
#include "siaga/error.h"

#define MAPPED_BYTES 12

static const uint8_t s_mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

/* The bits of a whole address; 0 when it is none. Outputs only then. */
static unsigned
s_parse_address (struct cidr *self, const char *text)
{
	uint8_t address[16] = {0};
	bool is_v6 = strchr (text, ':') != NULL;
	if (inet_pton (is_v6 ? AF_INET6 : AF_INET, text, address) != 1)
		return 0;
	self->is_v6 = is_v6;
	memcpy (self->address, address, sizeof address);
	return is_v6 ? 128 : 32;
}

/* ::ffff:a.b.c.d/96+n is a.b.c.d/n. */
static void
s_unmap (struct cidr *self)
{
	if (!self->is_v6 || self->bits < 8 * MAPPED_BYTES ||
	    memcmp (self->address, s_mapped, MAPPED_BYTES) != 0)
		return;
	self->is_v6 = false;
	self->bits -= 8 * MAPPED_BYTES;
	memmove (self->address, self->address + MAPPED_BYTES, 4);
	memset (self->address + 4, 0, 12);
}

/* The mask's byte `index` of a prefix. */
static uint8_t
s_mask (unsigned bits, size_t index)
{
	unsigned before = (unsigned) index * 8;
	if (bits >= before + 8)
		return 0xff;
	return bits > before ? (uint8_t) (0xff00 >> (bits - before)) : 0;
}

static bool
s_has_host_bits (const struct cidr *self)
{
	for (size_t i = 0; i < sizeof self->address; i++)
		if (self->address[i] & ~s_mask (self->bits, i))
			return true;
	return false;
}

int
cidr_parse (struct cidr *self, const char *text)
{
	char address[ALERT_IP_TEXT];
	struct cidr cidr = {0};
	size_t size = strcspn (text, "/");
	if (size >= sizeof address)
		return SIAGA_EMALFORMED;
	memcpy (address, text, size);
	address[size] = '\0';
	unsigned max = s_parse_address (&cidr, address);
	if (max == 0)
		return SIAGA_EMALFORMED;
	cidr.bits = max;
	if (text[size] == '/') {
		const char *digits = text + size + 1;
		size_t count = strspn (digits, "0123456789");
		if (count == 0 || count > 3 || digits[count] != '\0' ||
		    (count > 1 && digits[0] == '0'))
			return SIAGA_EMALFORMED;
		cidr.bits = (unsigned) atoi (digits);
	}
	if (cidr.bits > max || s_has_host_bits (&cidr))
		return SIAGA_EMALFORMED;
	s_unmap (&cidr);
	*self = cidr;
	return 0;
}

bool
cidr_has (const struct cidr *self, struct siaga_text text)
{
	char copy[ALERT_IP_TEXT];
	struct cidr address = {0};
	if (text.size == 0 || text.size >= sizeof copy)
		return false;
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	address.bits = strlen (copy) == text.size ? s_parse_address (&address, copy) : 0;
	if (address.bits == 0)
		return false;
	s_unmap (&address);
	if (address.is_v6 != self->is_v6)
		return false;
	for (size_t i = 0; i < sizeof address.address; i++)
		if ((address.address[i] ^ self->address[i]) & s_mask (self->bits, i))
			return false;
	return true;
}
