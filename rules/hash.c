/* In: bytes. Out: a number for a hash table. */
#include "rules/hash.h"

uint64_t
hash_bytes(struct bytes b)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < b.len; i++)
		h = (h ^ b.p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}
