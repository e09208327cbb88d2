/* How bytes are compared, for every word from the wire and every value of a fact: inline, so that what differs in its
 * length or first byte is never compared further. Included by bytes.h only. */
#ifndef BASE_BYTES_EQUAL_H
#define BASE_BYTES_EQUAL_H

#include <string.h>

#include "base/bytes.h"

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
