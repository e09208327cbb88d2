/* What is known of the TLS of one session. Plain record: built by tls.c, read for facts and reports. A packet number of
 * 0: that did not happen, or was not seen. */
#ifndef DECODE_TLS_INFO_H
#define DECODE_TLS_INFO_H

#include "base/bytes.h"
#include "base/when.h"
#include "decode/tls_certificate.h"
#include "flow/flow.h"

struct tls_alert {
	struct when when; /* packet 0: none */
	enum side from;
	bool is_fatal;
	bool is_hidden;    /* encrypted: known from its place and length only, number is not known */
	uint8_t number;    /* RFC 8446 6 */
	const char *after; /* the last step before it; static text */
};

struct tls_info {
	struct when client_hello, server_hello, certificate, server_done;
	struct when finished[2]; /* that side's Finished, readable or not */
	struct when talked[2];   /* the first application data after it, but for what has the length of an alert */
	struct when left;        /* after the handshake the client said nothing but an alert */
	struct when broken[2];   /* from here on the bytes of that side are no TLS */
	struct tls_alert alert;  /* the one that matters: a fatal one, or one before the handshake was complete */
	uint16_t version_max;    /* that the client offers */
	uint16_t version, suite; /* that the server chose; 0: none yet */
	struct bytes sni, alpn, suites, versions, groups, signatures; /* of the ClientHello; lists as text */
	struct tls_chain *chain;                                      /* of the server; NULL: not visible */
	unsigned dh_bits; /* of ephemeral Diffie-Hellman; 0: not used, not visible */
	bool is_retried, is_resumed, is_stapled;
	bool wants_client_certificate, has_client_certificate;
	bool is_decrypted; /* at least one record of application data was read */
	bool is_lossy;     /* bytes are not in the capture */
};

static inline bool
tls_is_established(const struct tls_info *t)
{
	return t->finished[SIDE_CLIENT].packet != 0 && t->finished[SIDE_SERVER].packet != 0;
}

#endif
