/* The TLS bytes of one connection in their order, until the key log has its keys. At most TLS_HELD_MAX bytes, and
 * TLS_HELD_TOTAL of all connections; what is beyond is not kept, and that session stays encrypted. Private to decode/.
 */
#ifndef DECODE_TLS_HOLD_H
#define DECODE_TLS_HOLD_H

#include "base/bytes.h"
#include "base/when.h"
#include "flow/flow.h"

struct tls;
struct tls_hold;

struct tls_hold *tls_hold_new(size_t *total); /* memory of all that count there; borrowed */
void tls_hold_free(struct tls_hold *h);       /* NULL is fine */
/* False: there is no room; nothing is held any more. missing: bytes that are not in the capture. */
bool tls_hold_add(struct tls_hold *h, enum side from, struct bytes data, uint64_t missing, struct when when);
void tls_hold_replay(const struct tls_hold *h, struct tls *t);

#endif
