/* In: octets or text. Out: comparable addresses and their text (RFC 5952). */
#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

struct address
address_from(struct bytes octets)
{
	struct address a = { 0 };

	if (octets.len != 4 && octets.len != 16)
		return a;
	a.family = octets.len == 4 ? 4 : 6;
	memcpy(a.octets, octets.p, octets.len);
	return a;
}

bool
address_parse(const char *text, struct address *a)
{
	*a = (struct address){ 0 };
	if (inet_pton(AF_INET, text, a->octets) == 1)
		a->family = 4;
	else if (inet_pton(AF_INET6, text, a->octets) == 1)
		a->family = 6;
	return a->family != 0;
}

const char *
address_text(const struct address *a, char text[ADDRESS_TEXT_MAX])
{
	int family = a->family == 4 ? AF_INET : AF_INET6;

	text[0] = '\0';
	if (a->family != 0 && !inet_ntop(family, a->octets, text, ADDRESS_TEXT_MAX))
		text[0] = '\0';
	return text;
}

int
address_cmp(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->octets, b->octets, sizeof(a->octets));
}

bool
address_eq(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0; /* two words */
}

bool
address_in(const struct address *a, const struct address *net, unsigned n_bits)
{
	size_t whole = n_bits / 8;
	unsigned rest = n_bits % 8;

	if (a->family != net->family || n_bits > (a->family == 4 ? 32U : 128U))
		return false;
	if (memcmp(a->octets, net->octets, whole) != 0)
		return false;
	return rest == 0 || (a->octets[whole] ^ net->octets[whole]) >> (8 - rest) == 0;
}
