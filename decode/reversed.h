/* Names that hold an address backwards: 10.2.0.192.in-addr.arpa (RFC 1035 3.5), 10.2.0.192.zen.example (RFC 5782 2.1),
 * and nibbles for IPv6 (RFC 3596 2.5, RFC 5782 2.4). Private to decode/. */
#ifndef DECODE_REVERSED_H
#define DECODE_REVERSED_H

#include "base/address.h"
#include "base/attr.h"

/* False: it holds none. zone: what follows the address, part of name. */
bool reversed_parse(struct bytes name, struct address *a, struct bytes *zone) MUST_USE;

#endif
