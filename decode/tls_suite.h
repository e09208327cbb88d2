/* Cipher suites of TLS: their names (IANA registry "TLS Cipher Suites"), and what the names say about how records are
 * protected. Constants only: nothing to own, nothing to free. Lengths are bytes. */
#ifndef DECODE_TLS_SUITE_H
#define DECODE_TLS_SUITE_H

#include <stdbool.h>
#include <stdint.h>

const char *tls_suite_name(uint16_t number); /* NULL: not registered, or one of those that mean nothing (RFC 8701) */
/* Nobody shows a certificate: a server that offers it to everyone is no sign of a fault (RFC 5246 A.5, RFC 4492). */
bool tls_suite_is_anonymous(uint16_t number);

/* The rest is for those that open records. */

enum tls_bulk {
	TLS_BULK_NULL,   /* not encrypted, with a MAC (RFC 5246 6.2.3.1) */
	TLS_BULK_STREAM, /* RC4 (the same section) */
	TLS_BULK_CBC,    /* RFC 5246 6.2.3.2 */
	TLS_BULK_GCM,    /* RFC 5288 */
	TLS_BULK_CCM,    /* RFC 6655 */
	TLS_BULK_CHACHA, /* RFC 7905 */
};

struct tls_suite_parts {
	enum tls_bulk bulk;
	bool is_tls13;      /* made for TLS 1.3 and nothing else */
	const char *cipher; /* as OpenSSL calls it; NULL = none */
	uint8_t key_len;
	uint8_t block_len; /* CBC only, else 0 */
	uint8_t tag_len;   /* AEAD only, else 0 */
	const char *mac;   /* digest of its HMAC as OpenSSL calls it; NULL: AEAD */
	uint8_t mac_len;
	const char *hash; /* of the key derivation in TLS 1.2 and 1.3 */
	uint8_t hash_len;
};

/* False: unknown, weakened for export, or a cipher that OpenSSL never had. Whether this OpenSSL has it is not asked. */
bool tls_suite_parts(uint16_t number, struct tls_suite_parts *parts);

#endif
