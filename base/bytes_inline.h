/* How bytes are cut, for every line from the wire: inline, so that the length of a constant is a constant. Included by
 * bytes.h only. */
#ifndef BASE_BYTES_INLINE_H
#define BASE_BYTES_INLINE_H

#include <string.h>

#include "base/bytes.h"

static inline struct bytes
bytes_of(const void *p, size_t len)
{
	return (struct bytes){ (const uint8_t *)p, len };
}

static inline struct bytes
bytes_str(const char *s)
{
	return bytes_of(s, strlen(s));
}

static inline struct bytes
bytes_from(struct bytes b, size_t offset)
{
	if (offset >= b.len)
		return (struct bytes){ NULL, 0 };
	return bytes_of(b.p + offset, b.len - offset);
}

static inline struct bytes
bytes_head(struct bytes b, size_t n)
{
	return bytes_of(b.p, n < b.len ? n : b.len);
}

struct bytes bytes_trim_blanks(struct bytes b);

static inline bool
bytes_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Nearly everything is trimmed already. */
static inline struct bytes
bytes_trim(struct bytes b)
{
	if (b.len == 0 || (!bytes_is_blank(b.p[0]) && !bytes_is_blank(b.p[b.len - 1])))
		return b;
	return bytes_trim_blanks(b);
}

#endif
