/* The messages of a handshake that are readable without keys (RFC 8446 4, RFC 5246 7.4, extensions of RFC 6066, 7301,
 * 7366, 8422). Bytes point into the message. Parsers say false when it ends before its fields do. Private to decode/.
 */
#ifndef DECODE_TLS_HELLO_H
#define DECODE_TLS_HELLO_H

#include "base/reader.h"

enum tls_message {
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_END_OF_EARLY_DATA = 5,
	TLS_CERTIFICATE = 11,
	TLS_SERVER_KEY_EXCHANGE = 12,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20,
	TLS_CERTIFICATE_STATUS = 22,
	TLS_KEY_UPDATE = 24,
};

#define TLS_RANDOM_LEN 32

enum tls_version { TLS_SSL3 = 0x0300, TLS_1_0 = 0x0301, TLS_1_1 = 0x0302, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

struct tls_client_hello {
	uint16_t version; /* the highest one that it offers */
	struct bytes random, session_id;
	struct bytes suites;             /* 2 bytes each (3 in the hello of SSL 2) */
	struct bytes groups, signatures; /* 2 bytes each */
	struct bytes versions;           /* 2 bytes each; empty: only version */
	struct bytes sni, alpn;          /* the name; the first protocol */
	bool offers_early_data;
};

struct tls_server_hello {
	uint16_t version, suite;
	struct bytes random, session_id, alpn;
	bool is_retry, has_psk, has_encrypt_then_mac;
};

bool tls_client_hello_parse(struct bytes message, struct tls_client_hello *h);
bool tls_v2_hello_parse(struct bytes record, struct tls_client_hello *h);
bool tls_server_hello_parse(struct bytes message, struct tls_server_hello *h);
/* The list inside a Certificate message; empty when there is none. */
struct reader tls_certificate_list(struct bytes message, bool is_tls13);
/* The next one as DER; false: no more. *is_stapled: set when an OCSP response is with it (TLS 1.3). */
bool tls_certificate_next(struct reader *list, bool is_tls13, struct bytes *der, bool *is_stapled);
/* Bits of the prime in a ServerKeyExchange of a suite with ephemeral Diffie-Hellman; 0 when it is not readable. */
unsigned tls_dh_bits(struct bytes message);
const char *tls_version_name(unsigned version); /* "TLS 1.2"; NULL: unknown */
bool tls_is_grease(uint16_t value);             /* RFC 8701 */

#endif
