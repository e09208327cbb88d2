/* In: bytes. Out: the same bytes, kept, up to the limit. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void
buf_fini(struct buf *b)
{
	mem_free(b->p);
	buf_init(b, b->limit);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->n_cut = 0;
}

static void
reserve(struct buf *b, size_t need)
{
	size_t capacity = b->capacity > 0 ? b->capacity : 64;

	if (need <= b->capacity)
		return;
	while (capacity < need)
		capacity *= 2;
	b->p = mem_resize(b->p, capacity);
	b->capacity = capacity;
}

void
buf_add(struct buf *b, struct bytes more)
{
	size_t room = b->limit - b->len;
	size_t take = more.len < room ? more.len : room;

	b->n_cut += more.len - take;
	if (take == 0)
		return;
	reserve(b, b->len + take);
	memcpy(b->p + b->len, more.p, take);
	b->len += take;
}

void
buf_add_u8(struct buf *b, uint8_t byte)
{
	if (LIKELY(b->len < b->capacity && b->len < b->limit))
		b->p[b->len++] = byte;
	else
		buf_add(b, bytes_of(&byte, 1));
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, bytes_str(s));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	char *big;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(small)) {
		buf_add(b, bytes_of(small, (size_t)n));
		return;
	}
	big = mem_new((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_add(b, bytes_of(big, (size_t)n));
	mem_free(big);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
}

struct bytes
buf_bytes(const struct buf *b)
{
	return bytes_of(b->p, b->len);
}

const char *
buf_str(struct buf *b)
{
	reserve(b, b->len + 1);
	b->p[b->len] = '\0';
	return (const char *)b->p;
}
