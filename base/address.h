/* An IPv4 or IPv6 address (RFC 791, RFC 4291) and a port. Plain values. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/bytes.h"

#define ADDRESS_TEXT_MAX 48 /* with the terminating NUL */

struct address {
	uint8_t family;     /* 4, 6, or 0: none */
	uint8_t octets[16]; /* network order; the unused ones are zero */
};

struct endpoint {
	struct address address;
	uint16_t port;
};

/* From 4 or 16 octets; family 0 when the length is another. */
struct address address_from(struct bytes octets);
/* From text such as "192.0.2.1" or "2001:db8::1"; false when it is neither. */
bool address_parse(const char *text, struct address *a);
const char *address_text(const struct address *a, char text[ADDRESS_TEXT_MAX]);
bool address_eq(const struct address *a, const struct address *b);
int address_cmp(const struct address *a, const struct address *b);
/* Are the first n_bits equal and the families the same? (CIDR, RFC 4632) */
bool address_in(const struct address *a, const struct address *net, unsigned n_bits);

#endif
