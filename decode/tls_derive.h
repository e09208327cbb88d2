/* Keys from secrets: HKDF-Expand-Label of TLS 1.3 (RFC 8446 7.1), the PRF of those before (RFC 2246 5, RFC 5246 5).
 * Private to the TLS parts of decode/. False: OpenSSL refused, and out is not to be used. */
#ifndef DECODE_TLS_DERIVE_H
#define DECODE_TLS_DERIVE_H

#include "base/bytes.h"

struct tls_crypto;

#define TLS_LABEL_MAX 32 /* of our labels, with "tls13 "; the RFC allows 255 */

/* The context is always empty: nothing that we derive has one. len <= 65535. */
bool tls_derive_expand(struct tls_crypto *c, const char *hash, struct bytes secret, const char *label, uint8_t *out,
		       size_t len);
/* The key block (RFC 5246 6.3): out is cut into keys by the caller. hash: "MD5-SHA1" before TLS 1.2. The randoms are 32
 * bytes each. */
bool tls_derive_key_block(struct tls_crypto *c, const char *hash, struct bytes master, const uint8_t *client_random,
			  const uint8_t *server_random, uint8_t *out, size_t len);

#endif
