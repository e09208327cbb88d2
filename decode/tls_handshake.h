/* Handshake messages: from pieces to what they say. Private to decode/. */
#ifndef DECODE_TLS_HANDSHAKE_H
#define DECODE_TLS_HANDSHAKE_H

#include "decode/tls_machine.h"

void tls_handshake_feed(struct tls *t, enum side from, struct bytes data, struct when when);
void tls_handshake_v2(struct tls *t, struct bytes record, struct when when); /* the hello of SSL 2 */
void tls_handshake_protect(struct tls *t, enum side from);                   /* ChangeCipherSpec, below TLS 1.3 */

#endif
