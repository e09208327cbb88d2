/* In: a condition and facts. Out: does it hold, and which tests made it so? Allocates nothing. */
#include <string.h>

#include "base/limits.h"
#include "rules/condition.h"
#include "rules/regex.h"

static const struct fact *
operand_get(const struct operand *o, const struct facts *f, const struct counted *counters)
{
	if (o->kind == OPERAND_FACT)
		return facts_get(f, (enum fact_id)o->index);
	return counters && counters[o->index].is_present ? &counters[o->index].fact : NULL;
}

/* -1, 0, 1; addresses outside the n_bits of b do not count. */
static int
compare(enum fact_type type, const struct fact *a, const struct fact *b, unsigned n_bits)
{
	switch (type) {
	case FACT_BOOL:
		return a->truth - b->truth;
	case FACT_INT:
		return (a->number > b->number) - (a->number < b->number);
	case FACT_SECONDS:
		return (a->seconds > b->seconds) - (a->seconds < b->seconds);
	case FACT_TEXT:
		return !bytes_eq(a->text, b->text);
	case FACT_ADDRESS:
		return !address_in(&a->address, &b->address, n_bits);
	}
	return 1;
}

static bool
text_contains(struct bytes text, struct bytes part)
{
	if (part.len == 0)
		return true;
	while (text.len >= part.len) {
		size_t at = bytes_find(bytes_head(text, text.len - part.len + 1), part.p[0]);

		if (bytes_eq(bytes_head(bytes_from(text, at), part.len), part))
			return true;
		text = bytes_from(text, at + 1);
	}
	return false;
}

static bool
is_in_set(const struct test *t, const struct fact *a)
{
	enum fact_type type = t->left.type;

	for (size_t i = 0; type == FACT_TEXT && i < t->n_set; i++) { /* most sets are of words */
		if (bytes_eq(a->text, t->set[i].low.text))
			return true;
	}
	for (size_t i = 0; type != FACT_TEXT && i < t->n_set; i++) {
		const struct range *r = &t->set[i];
		int low = compare(type, a, &r->low, r->n_bits);

		if (low == 0)
			return true;
		if ((type == FACT_INT || type == FACT_SECONDS) && low > 0 && compare(type, a, &r->high, 0) <= 0)
			return true;
	}
	return false;
}

static bool
number_holds(enum relation relation, int64_t a, int64_t b)
{
	switch (relation) {
	case IS_EQ:
		return a == b;
	case IS_NE:
		return a != b;
	case IS_LT:
		return a < b;
	case IS_LE:
		return a <= b;
	case IS_GT:
		return a > b;
	default:
		return a >= b;
	}
}

static bool
relation_holds(const struct test *t, const struct fact *a, const struct fact *b, unsigned n_bits)
{
	enum fact_type type = t->left.type;

	if (type == FACT_TEXT && t->relation <= IS_NE)
		return bytes_eq(a->text, b->text) == (t->relation == IS_EQ);
	if (type == FACT_INT && t->relation <= IS_GE)
		return number_holds(t->relation, a->number, b->number);
	switch (t->relation) {
	case IS_TRUE: /* test_holds has looked */
		break;
	case IS_EQ:
		return compare(type, a, b, n_bits) == 0;
	case IS_NE:
		return compare(type, a, b, n_bits) != 0;
	case IS_LT:
		return compare(type, a, b, n_bits) < 0;
	case IS_LE:
		return compare(type, a, b, n_bits) <= 0;
	case IS_GT:
		return compare(type, a, b, n_bits) > 0;
	case IS_GE:
		return compare(type, a, b, n_bits) >= 0;
	case CONTAINS:
		return text_contains(a->text, b->text);
	case MATCHES:
		return regex_matches(t->regex, a->text);
	case IS_IN:
		return is_in_set(t, a);
	}
	return false;
}

/* a: the left side */
static bool
value_holds(const struct test *t, const struct fact *a, const struct facts *f, const struct counted *counters)
{
	const struct fact *b = NULL;
	unsigned n_bits = 128;

	if (t->right.kind != OPERAND_NONE) {
		b = operand_get(&t->right, f, counters);
		if (!b)
			return t->is_negated;
		n_bits = t->left.type == FACT_ADDRESS && b->address.family == 4 ? 32 : 128;
	} else if (t->n_set > 0) {
		b = &t->set[0].low;
		n_bits = t->set[0].n_bits;
	}
	return relation_holds(t, a, b, n_bits) != t->is_negated;
}

/* Most tests are about what is absent, or only about whether it is there. */
static inline ALWAYS_INLINE bool
test_holds(const struct test *t, const struct facts *f, const struct counted *counters)
{
	const struct fact *a = operand_get(&t->left, f, counters);

	if (!a)
		return t->is_negated;
	if (t->relation == IS_TRUE)
		return (t->left.type != FACT_BOOL || a->truth) != t->is_negated;
	if (t->left.type == FACT_INT && t->relation <= IS_GE && t->right.kind == OPERAND_NONE)
		return number_holds(t->relation, a->number, t->set[0].low.number) != t->is_negated;
	return value_holds(t, a, f, counters);
}

bool
expr_holds(const struct expr *x, const struct facts *f, const struct counted *counters)
{
	uint16_t at = 0;

	while (at < x->n_tests) {
		const struct test *t = &x->tests[at];

		at = test_holds(t, f, counters) ? t->on_true : t->on_false; /* always further on */
	}
	return at == EXPR_ACCEPT;
}

/* Both sides of a true "and" count, of a true "or" the first side that is true. */
size_t
expr_touched(const struct expr *x, const struct facts *f, const struct counted *counters, uint16_t *tests, size_t max)
{
	bool is_true[2 * EXPRESSION_TESTS_MAX] = { false }, is_live[2 * EXPRESSION_TESTS_MAX] = { false };
	size_t n = 0;

	for (size_t i = 0; i < x->n_nodes; i++) {
		const struct expr_node *node = &x->nodes[i];

		if (node->kind == NODE_TEST)
			is_true[i] = test_holds(&x->tests[node->test], f, counters);
		else if (node->kind == NODE_AND)
			is_true[i] = is_true[node->left] && is_true[node->right];
		else
			is_true[i] = is_true[node->left] || is_true[node->right];
	}
	if (x->n_nodes == 0 || !is_true[x->n_nodes - 1])
		return 0;
	is_live[x->n_nodes - 1] = true;
	for (size_t i = x->n_nodes; i-- > 0;) {
		const struct expr_node *node = &x->nodes[i];

		if (!is_live[i] || node->kind == NODE_TEST)
			continue;
		is_live[node->left] = is_true[node->left];
		is_live[node->right] = is_true[node->right] && (node->kind == NODE_AND || !is_true[node->left]);
	}
	for (size_t i = 0; i < x->n_nodes && n < max; i++) {
		if (is_live[i] && x->nodes[i].kind == NODE_TEST)
			tests[n++] = x->nodes[i].test;
	}
	return n;
}
