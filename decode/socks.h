/* The messages of SOCKS 4, 4a and 5 (RFC 1928, RFC 1929). Private to decode/. Keeps nothing: a login is as long as it
 * says, and nobody looks into it. */
#ifndef DECODE_SOCKS_H
#define DECODE_SOCKS_H

#include "base/buf.h"
#include "base/bytes.h"

#define SOCKS_TARGET_MAX 270 /* a name has 255 bytes at most, then the port */

enum socks_message {
	SOCKS_HELLO,   /* client: version 5 and its methods */
	SOCKS_LOGIN,   /* client: RFC 1929 */
	SOCKS_REQUEST, /* client: version 5 */
	SOCKS4_REQUEST,
	SOCKS_METHOD, /* proxy: which method */
	SOCKS_STATUS, /* proxy: RFC 1929 */
	SOCKS_REPLY,  /* proxy: version 5 */
	SOCKS4_REPLY,
};

#define SOCKS_METHOD_NONE 0xff
#define SOCKS_METHOD_OPEN 0
#define SOCKS_METHOD_LOGIN 2

/* How many bytes the message has, as far as its beginning tells: more than begun.len when it is not whole yet.
 * 0: this is no such message. */
size_t socks_length(enum socks_message type, struct bytes begun);
/* Of a whole request: "mx.example:25", "192.0.2.1:25", "[2001:db8::1]:25"; returns the port. 0: no connection is asked
 * for. */
uint16_t socks_target(struct bytes request, struct buf *text);

#endif
