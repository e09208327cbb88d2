/* In: borrowed bytes. Out: copies that live as long as the arena. */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

#define BLOCK_SIZE 1000

struct arena_block {
	struct arena_block *next;
	size_t size;
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

static void
use_block(struct arena *a, struct arena_block *block)
{
	block->next = a->blocks;
	a->blocks = block;
	a->next = block->data;
	a->room = block->size;
}

void
arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (kept && kept->size <= BLOCK_SIZE) {
		a->blocks = kept->next;
		arena_fini(a);
		use_block(a, kept);
	} else {
		arena_fini(a);
	}
}

static void
add_block(struct arena *a, size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct arena_block *block = mem_resize(NULL, sizeof(*block) + size);

	block->size = size;
	use_block(a, block);
}

struct bytes
arena_copy(struct arena *a, struct bytes b)
{
	uint8_t *to;

	if (b.len > a->limit - a->used) {
		a->n_refused++;
		return bytes_of(NULL, 0);
	}
	if (b.len == 0)
		return bytes_of(NULL, 0);
	if (a->room < b.len)
		add_block(a, b.len);
	to = a->next;
	memcpy(to, b.p, b.len);
	a->next += b.len;
	a->room -= b.len;
	a->used += b.len;
	return bytes_of(to, b.len);
}
