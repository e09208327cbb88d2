/* Opens the protected records of one direction of one connection (RFC 8446 5.2, RFC 5246 6.2.3). Give it those that
 * come after ServerHello (TLS 1.3) or after ChangeCipherSpec (before), in order. Private to decode/. */
#ifndef DECODE_TLS_OPENER_H
#define DECODE_TLS_OPENER_H

#include "decode/tls_keys.h"
#include "flow/flow.h"

struct tls_opener;

struct tls_opener_start {
	uint16_t version, suite;                      /* that the server chose, as on the wire */
	const uint8_t *client_random, *server_random; /* 32 bytes; borrowed for the call */
	bool encrypt_then_mac;                        /* the server accepted it (RFC 7366) */
	enum side side;                               /* that sends */
	const struct tls_keys *keys;                  /* borrowed as long as the opener lives: more keys may come */
};

enum tls_epoch {
	TLS_EPOCH_EARLY,       /* 0-RTT; perhaps nobody read it (RFC 8446 4.2.10) */
	TLS_EPOCH_HANDSHAKE,   /* of TLS 1.3 only */
	TLS_EPOCH_APPLICATION, /* before TLS 1.3: everything */
};

/* NULL: no key of this direction is known (yet), or a suite that cannot be computed. */
struct tls_opener *tls_opener_new(const struct tls_opener_start *s);
void tls_opener_free(struct tls_opener *o); /* NULL is fine */
/* type: outer content type in, inner one out. record_version: of the header. plain: borrowed until the next call, of
 * any opener with these keys. False: it does not open; type is as it was. TLS 1.3 goes on to a later epoch by itself
 * when the record fits there. A body above TLS_RECORD_MAX does not open. */
bool tls_opener_open(struct tls_opener *o, uint8_t *type, uint16_t record_version, struct bytes body,
		     struct bytes *plain);
void tls_opener_key_update(struct tls_opener *o); /* this side's KeyUpdate was read (RFC 8446 4.6.3, 7.2) */
void tls_opener_finished(struct tls_opener *o);   /* TLS 1.3: this side's Finished was read: application keys next */
/* About so many records are not in the capture. What comes next is tried with a few numbers around. */
void tls_opener_skip(struct tls_opener *o, uint64_t n_records);
enum tls_epoch tls_opener_epoch(const struct tls_opener *o);
/* Records fail for want of a key, of this epoch and of all later ones: they may open when tls_keys_version has grown.
 */
bool tls_opener_lacks_key(const struct tls_opener *o);

#endif
