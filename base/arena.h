/* Many small byte strings with one life: added one by one, freed at once. Born with a limit;
 * what does not fit any more comes back empty and is counted in n_refused. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	uint8_t *next; /* into the newest block */
	size_t room;
	size_t used;
	size_t limit;
	size_t n_refused;
};

void arena_init(struct arena *a, size_t limit); /* allocates nothing */
void arena_fini(struct arena *a);
void arena_clear(struct arena *a); /* drops all strings, keeps a little memory for the next ones */
struct bytes arena_copy(struct arena *a, struct bytes b); /* valid until arena_fini or arena_clear */

#endif
