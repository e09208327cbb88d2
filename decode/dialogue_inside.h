/* The part of a dialogue that is under TLS. Private to decode/; dialogue_tls.c works on it. */
#ifndef DECODE_DIALOGUE_INSIDE_H
#define DECODE_DIALOGUE_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

struct smtp;
struct tls;
struct tls_hold;

struct inside {
	struct tls *tls;       /* NULL: no TLS */
	struct tls_hold *hold; /* its bytes, while keys may still come; or NULL */
	uint64_t keys_version; /* of the key log, when it was looked at */
	struct smtp *smtp;     /* reads the plain bytes; NULL: never needed so far. It stays for the next session */
	bool is_open;          /* plain bytes came: smtp reads the dialogue from here on */
};

#endif
