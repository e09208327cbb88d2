/* The header of a PROXY protocol, versions 1 and 2: a proxy tells the server whose connection it passes on (haproxy,
 * proxy-protocol.txt). Private to decode/. */
#ifndef DECODE_PROXY_HEADER_H
#define DECODE_PROXY_HEADER_H

#include "base/address.h"
#include "base/buf.h"
#include "base/bytes.h"

#define PROXY_HEADER_FIXED_LEN 16 /* of version 2 */
#define PROXY_HEADER_ENDS_MAX 128 /* two addresses and two ports */

/* Version 1, "PROXY TCP4 192.0.2.1 198.51.100.1 40000 25": ends becomes what follows the family, empty when it is
 * UNKNOWN. False: this is no such line. */
bool proxy_header_line(struct bytes line, struct bytes *ends);
/* Version 2: its length as far as its beginning tells, more than begun.len when it is not whole. 0: it is none. */
size_t proxy_header_length(struct bytes begun);
/* Of a whole one, in the form of version 1. Nothing for a connection that the proxy itself made. */
void proxy_header_ends(struct bytes header, struct buf *ends);
bool proxy_header_address(struct bytes text, struct address *a);
/* The ends again; false when they are not well formed. */
bool proxy_header_endpoints(struct bytes ends, struct endpoint *client, struct endpoint *server);

#endif
