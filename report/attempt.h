/* One session as one line of the text report, and the words for how it began and ended; private to report/. */
#ifndef REPORT_ATTEMPT_H
#define REPORT_ATTEMPT_H

#include "decode/session.h"

enum handshake {
	HANDSHAKE_COMPLETE,
	HANDSHAKE_UNANSWERED, /* the SYN, or the SYN-ACK, got no answer of TCP */
	HANDSHAKE_REFUSED,    /* a reset answered the SYN */
	HANDSHAKE_MIDSTREAM,  /* it began before the capture did */
};

#define ATTEMPT_SAID_MAX 200 /* bytes; enough for two lines on a terminal */
#define ATTEMPT_NAME_MAX 64  /* bytes of the server's name; longer ones are cut */

/* Plain, without pointers: it is kept long after its session, and may wait in a file. */
struct attempt {
	uint64_t id;
	struct when started;
	int64_t took_ns; /* < 0: not known */
	struct endpoint client, server;
	enum phase phase;
	enum outcome outcome;
	bool is_failure;
	bool is_encrypted;           /* and was not decrypted */
	unsigned said_code;          /* of the reply that matters most; 0 = none */
	uint8_t said_len, name_len;  /* bytes of said and name */
	char said[ATTEMPT_SAID_MAX]; /* enhanced code and text of that reply, or our own words; not escaped */
	char name[ATTEMPT_NAME_MAX]; /* under which DNS gave the server; likewise */
};

enum handshake attempt_handshake(const struct tcp_facts *t);
const char *attempt_handshake_name(enum handshake h);
const char *attempt_closer_name(enum closer c);
/* Mail did not get through, wholly or in part. */
bool attempt_is_failure(enum outcome o);
void attempt_of(const struct session *s, struct attempt *a);

#endif
