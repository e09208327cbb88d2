/* What the client asked for and the server answered (RFC 5321 3.3). Plain records; the bytes are borrowed from the
 * session that holds them; empty = not seen. */
#ifndef DECODE_TRANSACTION_H
#define DECODE_TRANSACTION_H

#include "base/bytes.h"
#include "base/when.h"

struct reply {
	struct when when;      /* of its last line */
	unsigned code;         /* three digits; 0 = not seen */
	struct bytes enhanced; /* "5.1.1", RFC 3463 */
	struct bytes text;     /* lines joined by one blank, code and enhanced code removed */
	struct bytes to;       /* "greeting", "EHLO", "RCPT", ...; "message" for the reply after the data */
};
struct recipient {
	struct bytes address; /* without <> */
	struct when when;     /* of the RCPT command */
	struct reply reply;   /* the last word on this recipient; code 0 = none seen */
};
struct transaction {                       /* RFC 5321 3.3: opened by MAIL */
	struct bytes mail_from;            /* without <>; empty and has_null_sender for MAIL FROM:<> */
	bool has_eight_bit_body;           /* BODY=8BITMIME, BODY=BINARYMIME or SMTPUTF8 */
	bool has_null_sender, is_accepted; /* is_accepted: the server took the message (final 2xx) */
	struct when when;
	struct recipient *recipients;
	size_t n_recipients;
	uint64_t size_declared;         /* SIZE= of MAIL, RFC 1870; 0 = none */
	uint64_t n_bytes;               /* of the message as sent, missing ones included */
	struct reply mail_reply, reply; /* reply: the final one */
	struct bytes queue_id;
};

#endif
