/* In: bytes. Out: a number for a hash table. Eight bytes at a time: keys are addresses, domains, mailboxes. */
#include "base/hash.h"

#include <string.h>

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

uint64_t
hash_bytes(struct bytes b)
{
	uint64_t h = b.len, word;
	size_t i = 0;

	for (; b.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, b.p + i, sizeof(word));
		h = mix(h, word);
	}
	word = 0;
	for (; i < b.len; i++)
		word = word << 8 | b.p[i];
	return mix(h, word);
}
