/* What was said in a session and when, as rungs between two columns; private to report/. Order: init, of*, fini. */
#ifndef REPORT_LADDER_H
#define REPORT_LADDER_H

#include "base/buf.h"
#include "base/limits.h"
#include "decode/session.h"

enum rung_kind {
	RUNG_TCP,
	RUNG_RESET,
	RUNG_ICMP,
	RUNG_COMMAND,
	RUNG_GOOD, /* a reply below 400 */
	RUNG_BAD,  /* any other reply */
	RUNG_TLS,
	RUNG_DATA,
	RUNG_NOTE, /* nobody sent it */
};

struct rung {
	struct when when; /* packet 0: it was no packet, and stands at the end */
	enum rung_kind kind;
	enum side from;
	bool is_inside; /* of TLS, decrypted */
	uint32_t order; /* among those of one packet */
	uint32_t text_at, text_len;
};

struct ladder {
	size_t n, n_all; /* n_all: before the middle was left out */
	size_t n_head;   /* n_all > n: so many stand before the gap */
	struct rung rungs[LADDER_RUNGS_ALL];
	struct buf texts; /* wire text and our own, not escaped */
};

void ladder_init(struct ladder *l);
void ladder_fini(struct ladder *l);
/* The rungs of a session by time; when there are more than LADDER_RUNGS_MAX, the middle is left out. */
void ladder_of(struct ladder *l, const struct session *s);
/* A note at a packet that has no rung; nothing when it has one, or when the middle was left out. */
void ladder_note(struct ladder *l, struct when when, struct bytes text);
struct bytes ladder_text(const struct ladder *l, const struct rung *r);

/* For those who add rungs: begins one; its text is what is added to texts until the next one. */
void ladder_add(struct ladder *l, struct when when, enum rung_kind kind, enum side from);
void ladder_add_text(struct ladder *l, struct bytes text);      /* with a blank before it if it is not the first; cut */
void ladder_add_tcp(struct ladder *l, const struct session *s); /* ladder_tcp.c */
void ladder_add_tls(struct ladder *l, const struct tls_info *t); /* ladder_tls.c */

#endif
