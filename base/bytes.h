/* Borrowed bytes: a pointer and a length, never owned, never NUL-terminated.
 * An empty value has len 0; p may then be NULL. Letters compare as ASCII. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *p;
	size_t len;
};

/* Over a NUL-terminated string of our own, never over wire text. */
static inline struct bytes bytes_str(const char *s);
static inline struct bytes bytes_of(const void *p, size_t len);
/* From offset on; empty when the offset is beyond the end. */
static inline struct bytes bytes_from(struct bytes b, size_t offset);
/* The first n bytes; all of them when there are fewer. */
static inline struct bytes bytes_head(struct bytes b, size_t n);
/* Without blanks and tabs at both ends. */
static inline struct bytes bytes_trim(struct bytes b);

static inline bool bytes_eq(struct bytes a, struct bytes b);
static inline bool bytes_eq_str(struct bytes a, const char *s);
bool bytes_eq_nocase(struct bytes a, struct bytes b);
static inline bool bytes_is_word(struct bytes a, const char *word); /* equal but for case */
bool bytes_starts_nocase(struct bytes b, const char *prefix);
/* Offset of the first match, or b.len when there is none. */
size_t bytes_find(struct bytes b, uint8_t byte);
/* What follows the last match; empty when there is none. */
struct bytes bytes_after_last(struct bytes b, uint8_t byte);
size_t bytes_find_str(struct bytes b, const char *s);
size_t bytes_find_nocase(struct bytes b, struct bytes needle);
bool bytes_contains_nocase(struct bytes b, const char *s);

/* Cuts the part before the first separator off the front of *rest and returns
 * it; the separator is dropped. Returns everything when there is none. */
struct bytes bytes_split(struct bytes *rest, uint8_t separator);

/* Decimal digits only, at most max; false on anything else or on nothing. */
bool bytes_to_u64(struct bytes b, uint64_t max, uint64_t *value);

#include "base/bytes_inline.h"

#include "base/bytes_equal.h"

#endif
