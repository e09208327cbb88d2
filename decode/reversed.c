/* In: a name of the DNS. Out: the address that its first labels spell backwards, and the rest. */
#include "decode/reversed.h"

#include "base/attr.h"

static int
nibble(struct bytes label)
{
	uint8_t c = label.len == 1 ? label.p[0] : 0;

	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
parse_octets(struct bytes *rest, struct address *a)
{
	uint8_t octets[4];

	for (size_t i = ARRAY_LEN(octets); i > 0; i--) {
		uint64_t value;

		if (!bytes_to_u64(bytes_split(rest, '.'), UINT8_MAX, &value))
			return false;
		octets[i - 1] = (uint8_t)value;
	}
	*a = address_from(bytes_of(octets, sizeof(octets)));
	return rest->len > 0;
}

static bool
parse_nibbles(struct bytes *rest, struct address *a)
{
	uint8_t octets[16];

	for (size_t i = ARRAY_LEN(octets); i > 0; i--) {
		int low = nibble(bytes_split(rest, '.')), high = nibble(bytes_split(rest, '.'));

		if (low < 0 || high < 0)
			return false;
		octets[i - 1] = (uint8_t)(high << 4 | low);
	}
	*a = address_from(bytes_of(octets, sizeof(octets)));
	return rest->len > 0;
}

bool
reversed_parse(struct bytes name, struct address *a, struct bytes *zone)
{
	*zone = name;
	if (parse_nibbles(zone, a))
		return true;
	*zone = name;
	return parse_octets(zone, a);
}
