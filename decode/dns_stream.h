/* DNS over TCP: messages behind two bytes of length (RFC 1035 4.2.2, RFC 7766 8). Private to decode/.
 * Order: new, feed*, free. */
#ifndef DECODE_DNS_STREAM_H
#define DECODE_DNS_STREAM_H

#include "flow/chunk.h"

struct dns_stream;

/* Gets each message; borrowed for the call. */
typedef void dns_stream_sink(void *user, enum side from, struct bytes message, struct when when);

struct dns_stream *dns_stream_new(void);
void dns_stream_free(struct dns_stream *s); /* NULL is fine */
void dns_stream_feed(struct dns_stream *s, const struct chunk *c, dns_stream_sink *sink, void *user);

#endif
