/* A table of secrets by client random and label. Private to tls_keys.c. Bounded: when it is full, the oldest goes. */
#ifndef DECODE_TLS_SECRETS_H
#define DECODE_TLS_SECRETS_H

#include "decode/tls_keys.h"

struct tls_secrets;

struct tls_secrets *tls_secrets_new(size_t n_max);
void tls_secrets_free(struct tls_secrets *s); /* NULL is fine; wipes */
/* Copies. secret.len <= TLS_SECRET_LEN_MAX. False: it was known already. */
bool tls_secrets_put(struct tls_secrets *s, enum tls_secret which, const uint8_t *client_random, struct bytes secret);
/* secret: borrowed until the next put. */
bool tls_secrets_find(const struct tls_secrets *s, enum tls_secret which, const uint8_t *client_random,
		      struct bytes *secret);

#endif
