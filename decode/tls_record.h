/* Bytes of one direction in, TLS records out (RFC 8446 5.1, RFC 5246 6.2; the hello of SSL 2, RFC 5246 E.2, counts as
 * one). Records may be cut and joined anyhow; a record that is whole in the given bytes is not copied. Private to
 * decode/. */
#ifndef DECODE_TLS_RECORD_H
#define DECODE_TLS_RECORD_H

#include "base/buf.h"

enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_HEARTBEAT = 24,
	TLS_V2_HELLO = 0x80, /* no content type of TLS: the first record of an old client */
};

struct tls_record {
	uint8_t type;
	uint16_t version;
	size_t len;        /* of the body on the wire */
	bool is_lossy;     /* bytes of it, or records before it, are not in the capture */
	struct bytes body; /* empty when nobody wanted it, or bytes of it are missing; until the next call */
};

enum records_state {
	RECORDS_HEADER,
	RECORDS_BODY,
	RECORDS_SKIP,   /* the rest of a body that nobody wants, or that is not whole */
	RECORDS_LOST,   /* somewhere inside of records */
	RECORDS_BROKEN, /* this is no TLS */
};

struct tls_records {
	enum records_state state;
	struct buf held;
	struct tls_record current;
	size_t left; /* bytes of its body that did not come yet */
	bool has_begun, is_lossy;
	bool is_spent; /* held is the record that was given last */
};

void tls_records_init(struct tls_records *r); /* allocates nothing */
void tls_records_fini(struct tls_records *r);
/* Takes from the front of *data; false: all of it is used up, and no record is whole. Bodies of application data are
 * given only when wants_data; such records are told at their headers else. */
bool tls_records_next(struct tls_records *r, struct bytes *data, bool wants_data, struct tls_record *record);
void tls_records_missing(struct tls_records *r, uint64_t n); /* n bytes are not in the capture */

#endif
