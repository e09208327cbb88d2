/* In: borrowed bytes. Out: copies that live as long as the arena. */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

#define BLOCK_SIZE 1000

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	uint8_t data[];
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

void
arena_fini(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *gone = a->blocks;

		a->blocks = gone->next;
		mem_free(gone);
	}
	arena_init(a, a->limit);
}

void
arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (kept) {
		a->blocks = kept->next;
		arena_fini(a);
		if (kept->size > BLOCK_SIZE) {
			mem_free(kept);
			return;
		}
		kept->next = NULL;
		kept->used = 0;
		a->blocks = kept;
	}
	a->used = a->n_refused = 0;
}

static struct arena_block *
add_block(struct arena *a, size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct arena_block *block = mem_resize(NULL, sizeof(*block) + size);

	block->next = a->blocks;
	block->used = 0;
	block->size = size;
	a->blocks = block;
	return block;
}

struct bytes
arena_copy(struct arena *a, struct bytes b)
{
	struct arena_block *block = a->blocks;
	uint8_t *to;

	if (b.len > a->limit - a->used) {
		a->n_refused++;
		return bytes_of(NULL, 0);
	}
	if (b.len == 0)
		return bytes_of(NULL, 0);
	if (!block || block->size - block->used < b.len)
		block = add_block(a, b.len);
	to = block->data + block->used;
	memcpy(to, b.p, b.len);
	block->used += b.len;
	a->used += b.len;
	return bytes_of(to, b.len);
}
