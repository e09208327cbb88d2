/* The dialogue of RFC 5321 as both sides speak it: bytes in, events out. Knows nothing of TCP, ports or clocks, and
 * gives the same events wherever the streams are cut. Private to decode/.
 * Order: new, (start, feed* and missing*, finish)*, free. */
#ifndef DECODE_SMTP_H
#define DECODE_SMTP_H

#include <stdio.h>

#include "decode/event.h"

struct smtp;

struct smtp_start {
	void (*event)(void *user, const struct event *e);
	/* What is TLS goes there as it is; missing: bytes that are not in the capture. NULL: it is dropped. */
	void (*tls)(void *user, enum side from, struct bytes data, uint64_t missing, struct when when);
	void *user;
	FILE *trace;       /* NULL = none */
	bool is_midstream; /* the first bytes are from the middle of a dialogue */
	bool is_greeted;   /* the client speaks first: the greeting came before TLS (RFC 3207 4.2) */
};

struct smtp_unanswered {
	const char *verb; /* of the oldest command without a reply; NULL: none, or it cannot be known */
	struct when when;
};

struct smtp *smtp_new(void);
void smtp_start(struct smtp *m, const struct smtp_start *how); /* forgets everything before it */
void smtp_feed(struct smtp *m, enum side from, struct bytes data, struct when when);
void smtp_missing(struct smtp *m, enum side from, uint64_t n, struct when when);
void smtp_finish(struct smtp *m); /* nothing comes any more: half lines count */
/* Bytes of a message whose end did not come; 0 when there is none. */
uint64_t smtp_message_so_far(const struct smtp *m);
struct smtp_unanswered smtp_unanswered(const struct smtp *m);
void smtp_free(struct smtp *m); /* NULL is fine */

#endif
