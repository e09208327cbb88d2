/* A growing byte buffer that was born with its limit. Bytes beyond the limit
 * are dropped and counted in n_cut. Owns its memory: init, add*, fini. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/attr.h"
#include "base/bytes.h"

struct buf {
	uint8_t *p;
	size_t len;
	size_t capacity;
	size_t limit;
	size_t n_cut;
};

void buf_init(struct buf *b, size_t limit); /* allocates nothing */
void buf_fini(struct buf *b);               /* afterwards as after buf_init */
void buf_clear(struct buf *b);              /* keeps the memory */
void buf_add(struct buf *b, struct bytes more);
void buf_add_u8(struct buf *b, uint8_t byte);
void buf_add_str(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Drops the first n bytes (all when there are fewer). */
void buf_drop(struct buf *b, size_t n);
struct bytes buf_bytes(const struct buf *b); /* borrowed until the next change */
/* The content as a NUL-terminated string, borrowed likewise. Own text only. */
const char *buf_str(struct buf *b);

#endif
