/* In: the tree of a condition in postfix order. Out: for each test where to go when it is true and when it is false,
 * and the facts without which the whole cannot be true. Two linear passes, no recursion. */
#include "rules/program.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "rules/condition.h"
#include "rules/regex.h"

/* More than all constants of a condition of RULE_FILE_MAX can take. */
#define CONSTANTS_MAX RULE_FILE_MAX

struct expr *
expr_blank(void)
{
	struct expr *x = mem_new(sizeof(*x));

	arena_init(&x->arena, CONSTANTS_MAX);
	return x;
}

static void
free_parts(struct expr *x)
{
	for (size_t i = 0; i < x->n_tests; i++) {
		mem_free(x->tests[i].set);
		regex_free(x->tests[i].regex);
	}
	mem_free(x->tests);
	mem_free(x->nodes);
	mem_free(x->counters);
	arena_fini(&x->arena);
	mem_free(x);
}

void
expr_free(struct expr *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n_counters; i++)
		free_parts(x->counters[i].of); /* counters do not nest */
	free_parts(x);
}

/* Parents come after their children, so going down the array sees a parent before its children. */
static void
link_successors(struct expr *x)
{
	size_t n = x->n_nodes;
	uint16_t *on_true = mem_new_array(n, sizeof(*on_true));
	uint16_t *on_false = mem_new_array(n, sizeof(*on_false));

	if (n > 0) {
		on_true[n - 1] = EXPR_ACCEPT;
		on_false[n - 1] = EXPR_REJECT;
	}
	for (size_t i = n; i-- > 0;) {
		const struct expr_node *node = &x->nodes[i];

		if (node->kind == NODE_TEST) {
			x->tests[node->test].on_true = on_true[i];
			x->tests[node->test].on_false = on_false[i];
			continue;
		}
		on_true[node->right] = on_true[i];
		on_false[node->right] = on_false[i];
		on_true[node->left] = on_true[i];
		on_false[node->left] = on_false[i];
		/* the leftmost test of the right side comes next; a subtree begins with a test */
		if (node->kind == NODE_AND)
			on_true[node->left] = x->nodes[x->nodes[node->right].first].test;
		else
			on_false[node->left] = x->nodes[x->nodes[node->right].first].test;
	}
	mem_free(on_true);
	mem_free(on_false);
}

static void
need_fact(uint64_t *need, const struct operand *o)
{
	if (o->kind == OPERAND_FACT)
		need[o->index / 64] |= UINT64_C(1) << (o->index % 64);
}

static void
link_needs(struct expr *x)
{
	uint64_t(*need)[FACT_WORDS] = mem_new_array(x->n_nodes, sizeof(*need));

	for (size_t i = 0; i < x->n_nodes; i++) {
		const struct expr_node *node = &x->nodes[i];

		if (node->kind == NODE_TEST && !x->tests[node->test].is_negated) {
			need_fact(need[i], &x->tests[node->test].left);
			need_fact(need[i], &x->tests[node->test].right);
		}
		for (size_t w = 0; node->kind != NODE_TEST && w < FACT_WORDS; w++) {
			uint64_t left = need[node->left][w], right = need[node->right][w];

			need[i][w] = node->kind == NODE_AND ? left | right : left & right;
		}
	}
	if (x->n_nodes > 0)
		memcpy(x->need, need[x->n_nodes - 1], sizeof(x->need));
	mem_free(need);
}

void
expr_link(struct expr *x)
{
	link_successors(x);
	link_needs(x);
}
