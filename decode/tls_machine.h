/* The inside of struct tls, shared by tls.c and tls_handshake.c only. */
#ifndef DECODE_TLS_MACHINE_H
#define DECODE_TLS_MACHINE_H

#include "decode/tls.h"
#include "decode/tls_hello.h"
#include "decode/tls_record.h"

struct tls_opener;

enum { /* RFC 8446 6 */
       TLS_ALERT_CLOSE_NOTIFY = 0,
       TLS_ALERT_USER_CANCELED = 90,
       TLS_ALERT_NO_RENEGOTIATION = 100,
};

struct tls_side {
	struct tls_records records;
	struct buf message;        /* of the handshake, with its header; not whole yet */
	uint32_t skip;             /* bytes of one that is too long */
	bool is_protected;         /* below TLS 1.3: ChangeCipherSpec was sent */
	struct tls_opener *opener; /* NULL: no keys */
};

struct tls {
	struct tls_start start;
	struct tls_info info;
	struct tls_side side[2];
	uint8_t random[2][TLS_RANDOM_LEN];
	bool has_random[2];
	struct buf session_id; /* that the client wants to resume */
	bool encrypt_then_mac, wants_keys;
	bool has_early_data, has_server_answered; /* TLS 1.3 */
};

/* tls.c */
void tls_open_with_keys(struct tls *t, enum side from); /* from here on its records are protected */

#endif
