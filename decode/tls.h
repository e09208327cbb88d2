/* The TLS of one connection: bytes of both sides in, what is known of it out, and the plain bytes where the key log has
 * the keys (RFC 8446, RFC 5246). Knows nothing of SMTP. Private to decode/. Order: new, (feed or missing)*, free. */
#ifndef DECODE_TLS_H
#define DECODE_TLS_H

#include "base/arena.h"
#include "decode/tls_info.h"

struct tls;
struct tls_keys;

struct tls_start {
	struct arena *arena;     /* for the texts of tls_info; borrowed */
	struct tls_trust *trust; /* borrowed; NULL: no chain is judged */
	struct tls_keys *keys;   /* borrowed; NULL: none */
	bool is_last_try;        /* use what keys there are, also when some that belong to them are missing */
	void (*plain)(void *user, enum side from, struct bytes data, struct when when);
	void *user;
};

struct tls *tls_new(const struct tls_start *start);
void tls_feed(struct tls *t, enum side from, struct bytes data, struct when when);
void tls_missing(struct tls *t, enum side from, uint64_t n, struct when when);
const struct tls_info *tls_info(const struct tls *t); /* until the next call */
/* Protected records came, and there were no keys for them. */
bool tls_wants_keys(const struct tls *t);
/* The random of the ClientHello, TLS_RANDOM_LEN bytes; empty: not seen. */
struct bytes tls_client_random(const struct tls *t);
void tls_free(struct tls *t); /* NULL is fine */

#endif
