/* The header section of a message (RFC 5322 section 2.2): which fields are there, and the few values that rules
 * need. All other values are dropped as they pass. Private to decode/. Order: start, feed*, finish. */
#ifndef DECODE_HEADER_H
#define DECODE_HEADER_H

#include "decode/line.h"

struct header_sink {
	void *user;
	/* row and name as in headers.def; value is empty unless the row keeps some of it; n: addresses in To and Cc,
	 * else 0. */
	void (*field)(void *user, unsigned row, struct bytes name, struct bytes value, uint64_t n);
};

struct header {
	bool is_open;      /* still in the header section */
	unsigned field;    /* the row of headers.def that is being read */
	struct line line;  /* a line that waits for its rest */
	struct line value; /* of the field that is being read, unfolded */
};

void header_init(struct header *h);
void header_start(struct header *h);
void header_feed(struct header *h, struct bytes data, const struct header_sink *sink);
/* The message ended, or bytes of it are missing. */
void header_finish(struct header *h, const struct header_sink *sink);
void header_abort(struct header *h); /* the rest is not wanted */
void header_fini(struct header *h);

#endif
