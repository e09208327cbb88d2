/* OpenSSL's algorithms, each fetched once, in a library context of our own: no configuration of the system and no other
 * user of the library changes what can be read. Private to the TLS parts of decode/. What it returns it owns. */
#ifndef DECODE_TLS_CRYPTO_H
#define DECODE_TLS_CRYPTO_H

#include <openssl/types.h>

#include "base/bytes.h"

struct tls_crypto;

struct tls_crypto *tls_crypto_new(void);
void tls_crypto_free(struct tls_crypto *c); /* NULL is fine; wipes what was decrypted last */

/* By OpenSSL's name; of the legacy provider, too, which is loaded when first needed. NULL: not in this OpenSSL. The
 * name is remembered by its address: give constants only. */
EVP_CIPHER *tls_crypto_cipher(struct tls_crypto *c, const char *name);
/* HMAC with this digest and key. Owned by the caller. NULL: not in this OpenSSL. */
EVP_MAC_CTX *tls_crypto_hmac(struct tls_crypto *c, const char *digest, struct bytes key);
/* Derives with a KDF that OpenSSL has. Its parameters are those of EVP_KDF(3). */
bool tls_crypto_hkdf(struct tls_crypto *c, const OSSL_PARAM *params, uint8_t *out, size_t len);
bool tls_crypto_prf(struct tls_crypto *c, const OSSL_PARAM *params, uint8_t *out, size_t len);
/* Room for one decrypted record and its overhead (TLS_RECORD_MAX), shared by all that use c. */
uint8_t *tls_crypto_room(struct tls_crypto *c);

#endif
