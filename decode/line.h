/* A part of a line that waits for its rest. May hold a password, so every byte is overwritten when it is not needed any
 * more, also when the line grows. Bytes beyond the limit are dropped and counted. Private to decode/. */
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include <string.h>

#include "base/bytes.h"

struct line {
	uint8_t *p;
	size_t len, capacity, limit;
	uint64_t n_cut;
};

void line_init(struct line *l, size_t limit); /* allocates nothing */
void line_add(struct line *l, struct bytes more);
void line_add_u8(struct line *l, uint8_t byte);
static inline void line_wipe(struct line *l); /* empties it; keeps a little memory for the next line */
void line_wipe_bytes(struct line *l);         /* the same, when there is something to wipe */
void line_fini(struct line *l);               /* empties it, gives the memory back; then as after line_init */
struct bytes line_bytes(const struct line *l);

/* Nearly every line: the first of data, when nothing waits in l, it is whole, fits, and ends in the only CR it has,
 * before the only LF. Returns how many bytes it takes, with CRLF, and *text without; else 0. */
static inline size_t line_plain(const struct line *l, struct bytes data, struct bytes *text);

/* Takes bytes of data up to and including the first LF, returns how many. When the LF is there, *whole is true and
 * *text the line without it: borrowed from data or from l, valid until line_wipe(l), which the caller must call. */
size_t line_take(struct line *l, struct bytes data, struct bytes *text, bool *whole);

static inline void
line_wipe(struct line *l)
{
	if (l->len > 0 || l->n_cut > 0)
		line_wipe_bytes(l);
}

static inline size_t
line_plain(const struct line *l, struct bytes data, struct bytes *text)
{
	const uint8_t *lf = memchr(data.p, '\n', data.len);
	size_t n = lf ? (size_t)(lf - data.p) : 0;

	if (n < 2 || n > l->limit || l->len > 0 || l->n_cut > 0 || lf[-1] != '\r' ||
	    memchr(data.p, '\r', n - 1) != NULL)
		return 0;
	*text = bytes_of(data.p, n - 1);
	return n + 1;
}

#endif
