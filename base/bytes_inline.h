/* What is done to every line from the wire, and to every value of a fact: inline, so that the length of a constant is
 * a constant, and what differs in its first byte is never compared further. Included by bytes.h only. */
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

static inline bool
bytes_eq(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.len) == 0));
}

static inline bool
bytes_eq_str(struct bytes a, const char *s)
{
	return bytes_eq(a, bytes_str(s));
}

/* Equal but for case, perhaps: letters differ from their other case in one bit only. */
static inline bool
bytes_may_eq_nocase(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || ((a.p[0] ^ b.p[0]) & 0xdf) == 0);
}

static inline bool
bytes_is_word(struct bytes a, const char *word)
{
	struct bytes b = bytes_str(word);

	return bytes_may_eq_nocase(a, b) && bytes_eq_nocase(a, b);
}

#endif
