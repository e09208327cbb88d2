/* In: borrowed bytes. Out: comparisons, searches and cuts. Never allocates. */
#include "base/bytes.h"

#include <string.h>

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

struct bytes
bytes_trim_blanks(struct bytes b)
{
	while (b.len > 0 && bytes_is_blank(b.p[0])) {
		b.p++;
		b.len--;
	}
	while (b.len > 0 && bytes_is_blank(b.p[b.len - 1]))
		b.len--;
	return b;
}

bool
bytes_eq_nocase(struct bytes a, struct bytes b)
{
	if (!bytes_may_eq_nocase(a, b))
		return false;
	if (a.len == 0 || memcmp(a.p, b.p, a.len) == 0)
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (a.p[i] != b.p[i] && lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool
bytes_starts_nocase(struct bytes b, const char *prefix)
{
	struct bytes want = bytes_str(prefix);

	return b.len >= want.len && bytes_eq_nocase(bytes_head(b, want.len), want);
}

size_t
bytes_find(struct bytes b, uint8_t byte)
{
	const uint8_t *hit = b.len > 0 ? memchr(b.p, byte, b.len) : NULL;

	return hit ? (size_t)(hit - b.p) : b.len;
}

struct bytes
bytes_after_last(struct bytes b, uint8_t byte)
{
	const uint8_t *hit = b.len > 0 ? memrchr(b.p, byte, b.len) : NULL;

	return hit ? bytes_from(b, (size_t)(hit - b.p) + 1) : bytes_of(NULL, 0);
}

size_t
bytes_find_str(struct bytes b, const char *s)
{
	const uint8_t *hit = b.len > 0 ? memmem(b.p, b.len, s, strlen(s)) : NULL;

	return hit ? (size_t)(hit - b.p) : b.len;
}

size_t
bytes_find_nocase(struct bytes b, struct bytes needle)
{
	for (size_t i = 0; i + needle.len <= b.len; i++)
		if (bytes_eq_nocase(bytes_of(b.p + i, needle.len), needle))
			return i;
	return b.len;
}

bool
bytes_contains_nocase(struct bytes b, const char *s)
{
	struct bytes needle = bytes_str(s);

	return needle.len == 0 || bytes_find_nocase(b, needle) < b.len;
}

struct bytes
bytes_split(struct bytes *rest, uint8_t separator)
{
	size_t at = bytes_find(*rest, separator);
	struct bytes head = bytes_head(*rest, at);

	*rest = bytes_from(*rest, at + 1);
	return head;
}

bool
bytes_to_u64(struct bytes b, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (b.len == 0)
		return false;
	for (size_t i = 0; i < b.len; i++) {
		uint64_t digit = (uint64_t)(b.p[i] - '0');

		if (digit > 9 || n > UINT64_MAX / 10 || n * 10 > UINT64_MAX - digit)
			return false;
		n = n * 10 + digit;
	}
	if (n > max)
		return false;
	*value = n;
	return true;
}
