/* A part of a line that waits for its rest. May hold a password, so every byte is overwritten when it is not needed any
 * more, also when the line grows. Bytes beyond the limit are dropped and counted. Private to decode/. */
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include "base/bytes.h"

struct line {
	uint8_t *p;
	size_t len, capacity, limit;
	uint64_t n_cut;
};

void line_init(struct line *l, size_t limit); /* allocates nothing */
void line_add(struct line *l, struct bytes more);
void line_add_u8(struct line *l, uint8_t byte);
void line_wipe(struct line *l); /* empties it; keeps a little memory for the next line */
void line_fini(struct line *l); /* empties it, gives the memory back; then as after line_init */
struct bytes line_bytes(const struct line *l);

/* Takes bytes of data up to and including the first LF, returns how many. When the LF is there, *whole is true and
 * *text the line without it: borrowed from data or from l, valid until line_wipe(l), which the caller must call. */
size_t line_take(struct line *l, struct bytes data, struct bytes *text, bool *whole);

#endif
