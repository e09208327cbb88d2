/* One line of a key log (RFC 9850 2): label, client random, secret. Private to tls_keys.c. */
#ifndef DECODE_TLS_KEYLOG_H
#define DECODE_TLS_KEYLOG_H

#include "decode/tls_keys.h"

enum tls_keylog_line {
	TLS_KEYLOG_SECRET, /* one that we use */
	TLS_KEYLOG_OTHER,  /* one that we have no use for */
	TLS_KEYLOG_EMPTY,  /* or a comment */
	TLS_KEYLOG_BAD,
};

struct tls_keylog_secret {
	enum tls_secret which;
	uint8_t client_random[TLS_CLIENT_RANDOM_LEN];
	uint8_t secret[TLS_SECRET_LEN_MAX];
	size_t len;
};

/* Without its line feed; a carriage return and blanks at the end are fine. Fills s only for TLS_KEYLOG_SECRET. */
enum tls_keylog_line tls_keylog_parse(struct bytes line, struct tls_keylog_secret *s);
/* A line whose end did not come yet may become one of a key log. */
bool tls_keylog_may_begin(struct bytes head);

#endif
