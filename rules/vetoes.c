/* In: hashes of groups. Out: the same. Holds VETOES_MAX; among those that share a place the oldest is forgotten, which
 * can only make a rule look at a group again. */
#include "rules/vetoes.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"

#define WAYS 8

struct vetoes {
	uint64_t memory[VETOES_MAX + WAYS];
};

/* Those that share a place also share a cache line: nearly every session asks for one that is not in the cache. */
static uint64_t *
place_of(struct vetoes *v, uint64_t hash)
{
	size_t past = (uintptr_t)v->memory / sizeof(uint64_t) % WAYS;
	size_t first = (size_t)((hash ^ hash >> 29) % (VETOES_MAX / WAYS)) * WAYS;

	return v->memory + (WAYS - past) % WAYS + first;
}

struct vetoes *
vetoes_new(void)
{
	return mem_new(sizeof(struct vetoes));
}

void
vetoes_free(struct vetoes *v)
{
	mem_free(v);
}

/* The newest stands first. */
void
vetoes_add(struct vetoes *v, uint64_t hash)
{
	uint64_t *place = place_of(v, hash);

	if (vetoes_has(v, hash))
		return;
	memmove(place + 1, place, (WAYS - 1) * sizeof(*place));
	place[0] = hash;
}

void
vetoes_fetch(struct vetoes *v, uint64_t hash)
{
	PREFETCH(place_of(v, hash));
}

bool
vetoes_has(struct vetoes *v, uint64_t hash)
{
	const uint64_t *place = place_of(v, hash);

	for (size_t i = 0; i < WAYS; i++)
		if (place[i] == hash)
			return true;
	return false;
}

/* count(...) == 0 */
static bool
is_veto(const struct expr *x, const struct test *t)
{
	return t->left.kind == OPERAND_COUNTER && x->counters[t->left.index].kind == COUNT && t->relation == IS_EQ &&
	       !t->is_negated && t->right.kind == OPERAND_NONE && t->n_set == 1 && t->set[0].low.number == 0;
}

/* Those that stand alone, or are joined by "and" only. Children stand before their parents: a node counts when all
 * nodes above it are "and". */
unsigned
vetoes_of(const struct expr *x)
{
	bool *is_joined = mem_new_array(x->n_nodes, sizeof(*is_joined));
	unsigned found = 0;

	if (x->n_nodes > 0)
		is_joined[x->n_nodes - 1] = true;
	for (size_t i = x->n_nodes; i-- > 0;) {
		const struct expr_node *n = &x->nodes[i];

		if (!is_joined[i])
			continue;
		if (n->kind == NODE_AND)
			is_joined[n->left] = is_joined[n->right] = true;
		else if (n->kind == NODE_TEST && is_veto(x, &x->tests[n->test]))
			found |= 1U << x->tests[n->test].left.index;
	}
	mem_free(is_joined);
	return found;
}
