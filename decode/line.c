/* In: pieces of a stream. Out: lines. Leaves CR, verbs and codes to others. */
#include "decode/line.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"

#define LINE_FIRST_CAPACITY 128
#define LINE_KEPT_MAX 256 /* nearly every line needs no more */

void
line_init(struct line *l, size_t limit)
{
	*l = (struct line){ .limit = limit };
}

/* realloc would leave the old bytes behind in freed memory. */
static void
reserve(struct line *l, size_t need)
{
	size_t capacity = l->capacity > 0 ? l->capacity : LINE_FIRST_CAPACITY;
	uint8_t *p;

	while (capacity < need)
		capacity *= 2;
	p = mem_new(capacity);
	if (l->len > 0) {
		memcpy(p, l->p, l->len);
		explicit_bzero(l->p, l->len);
	}
	mem_free(l->p);
	l->p = p;
	l->capacity = capacity;
}

void
line_add(struct line *l, struct bytes more)
{
	size_t room = l->limit - l->len;
	size_t take = more.len < room ? more.len : room;

	l->n_cut += more.len - take;
	if (take == 0)
		return;
	if (UNLIKELY(l->len + take > l->capacity))
		reserve(l, l->len + take);
	memcpy(l->p + l->len, more.p, take);
	l->len += take;
}

void
line_add_u8(struct line *l, uint8_t byte)
{
	if (LIKELY(l->len < l->capacity && l->len < l->limit))
		l->p[l->len++] = byte;
	else
		line_add(l, bytes_of(&byte, 1));
}

void
line_wipe_bytes(struct line *l)
{
	if (l->capacity > LINE_KEPT_MAX) {
		line_fini(l);
		return;
	}
	if (l->len > 0)
		explicit_bzero(l->p, l->len);
	l->len = 0;
	l->n_cut = 0;
}

void
line_fini(struct line *l)
{
	if (l->p) {
		explicit_bzero(l->p, l->len);
		mem_free(l->p);
	}
	line_init(l, l->limit);
}

struct bytes
line_bytes(const struct line *l)
{
	return bytes_of(l->p, l->len);
}

size_t
line_take(struct line *l, struct bytes data, struct bytes *text, bool *whole)
{
	size_t end = bytes_find(data, '\n');
	struct bytes part = bytes_head(data, end);

	*whole = end < data.len;
	if (*whole && l->len == 0 && l->n_cut == 0) {
		*text = bytes_head(part, l->limit);
		l->n_cut = part.len - text->len;
		return end + 1;
	}
	line_add(l, part);
	*text = line_bytes(l);
	return *whole ? end + 1 : end;
}
