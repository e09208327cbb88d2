/* The chain that a server sends, read by OpenSSL (RFC 5280), and what it proves at the time of its packet. Private to
 * decode/, but for struct tls_certificate. */
#ifndef DECODE_TLS_CERTIFICATE_H
#define DECODE_TLS_CERTIFICATE_H

#include "base/arena.h"
#include "base/limits.h"

struct tls_trust;

struct tls_certificate {
	struct bytes subject, issuer; /* "CN=mx.example.net, O=Example" */
	struct bytes names; /* DNS names and addresses, or the common name without any: "a.example, b.example" */
	struct bytes key, signature;       /* "RSA 2048", "SHA256" */
	int64_t not_before_s, not_after_s; /* since the epoch */
	bool is_weak_key, is_weak_signature;
	bool is_self_signed;
	bool names_issuer_url; /* says where the certificate of its issuer can be fetched (RFC 5280 4.2.2.1) */
};

enum tls_trusted {
	TLS_TRUST_UNKNOWN, /* no store, or the chain is not readable */
	TLS_TRUST_YES,
	TLS_TRUST_NO,         /* leads to an issuer that the store does not have */
	TLS_TRUST_INCOMPLETE, /* the certificate stands alone, and its issuer is not in the store */
};

struct tls_chain;

struct tls_chain *tls_chain_new(void);
void tls_chain_free(struct tls_chain *c); /* NULL is fine */
/* False: not readable, or there are TLS_CERTIFICATES_MAX already. Text goes into arena. */
bool tls_chain_add(struct tls_chain *c, struct bytes der, struct arena *arena);
void tls_chain_judge(struct tls_chain *c, struct tls_trust *trust); /* after the last one; trust may be NULL */
const struct tls_certificate *tls_chain_list(const struct tls_chain *c, size_t *n);
enum tls_trusted tls_chain_trusted(const struct tls_chain *c);
/* Does the server's own certificate hold this host name or address? RFC 9525; 1 yes, 0 no, -1 not to be told. */
int tls_chain_matches(const struct tls_chain *c, struct bytes name);

#endif
