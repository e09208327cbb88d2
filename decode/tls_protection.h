/* One key of one direction, and how it opens a record (RFC 8446 5.2, RFC 5246 6.2.3, RFC 7366). Knows no epochs and
 * looks for no keys: that is tls_opener.h. Private to it. Order: init, (set_key, (open+, pass)*)*, fini. No record
 * allocates. */
#ifndef DECODE_TLS_PROTECTION_H
#define DECODE_TLS_PROTECTION_H

#include <openssl/types.h>

#include "base/bytes.h"
#include "decode/tls_hello.h"
#include "decode/tls_suite.h"

#define TLS_IV_MAX 16 /* a block of CBC; AEAD has 12 */

struct tls_crypto;

struct tls_protected {
	uint64_t sequence; /* of the record, counted from the key on */
	uint8_t type;      /* in the header, as version is */
	uint16_t version;
	struct bytes body;
};

struct tls_protection {
	struct tls_suite_parts parts;
	uint16_t version;      /* of the connection */
	bool encrypt_then_mac; /* RFC 7366; counts for CBC only */
	struct tls_crypto *crypto;
	EVP_CIPHER *algorithm;  /* NULL: nothing is encrypted */
	EVP_CIPHER_CTX *cipher; /* likewise */
	EVP_MAC_CTX *mac;       /* NULL: AEAD, or no key yet */
	uint8_t iv[TLS_IV_MAX]; /* AEAD: the part that the key gave; CBC in TLS 1.0: of the next record */
};

/* False: a suite that this OpenSSL cannot compute; fini is not needed. crypto is borrowed. */
bool tls_protection_init(struct tls_protection *p, struct tls_crypto *crypto, const struct tls_suite_parts *parts,
			 uint16_t version, bool encrypt_then_mac);
void tls_protection_fini(struct tls_protection *p);
/* Lengths: parts.mac_len, parts.key_len, tls_protection_iv_len. What the suite does not need is not looked at. */
bool tls_protection_set_key(struct tls_protection *p, const uint8_t *mac_key, const uint8_t *key, const uint8_t *iv);
size_t tls_protection_iv_len(const struct tls_protection *p); /* that the key derivation has to give */
/* False: it does not open with this key and number. plain: borrowed until crypto is used again; of TLS 1.3 with the
 * inner type and padding still on it. */
bool tls_protection_open(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain);
/* Once per record, opened or not, after all trials: in TLS 1.0 the next one needs its last block. */
void tls_protection_pass(struct tls_protection *p, struct bytes body);

/* Of tls_protection_mac.c: suites with a MAC of their own. */
bool tls_protection_open_mac(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain);

#endif
