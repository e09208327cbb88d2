/* In: the text of a condition. Out: its tree in postfix order, tests with their types checked.
 * Grammar, loosest first: or ||, and &&, not !, ( ), comparison. Operators wait on a stack of fixed size, so that
 * input cannot nest the calls of this program. */
#include "rules/condition.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "rules/check.h"
#include "rules/program.h"
#include "rules/regex.h"

enum pending { PENDING_PAREN, PENDING_OR, PENDING_AND, PENDING_NOT };

/* Each level of nesting leaves at most an "or" and an "and" waiting. */
#define PENDING_MAX (3 * EXPRESSION_DEPTH_MAX + 8)

struct parser {
	struct lexer lexer;
	struct token token;
	struct checker check;
	struct expr *x;
	struct {
		enum pending op;
		size_t offset;
	} pending[PENDING_MAX];
	size_t n_pending;
	uint16_t done[PENDING_MAX]; /* roots of finished subtrees */
	size_t n_done;
	unsigned depth;
};

static bool parse_tree(struct parser *p);

static bool
advance(struct parser *p)
{
	return lexer_next(&p->lexer, &p->token);
}

static bool
fail(struct parser *p, const char *message)
{
	return expr_fail(p->check.error, p->token.offset, "%s", message);
}

static bool
push(struct parser *p, enum pending op)
{
	if (op == PENDING_PAREN || op == PENDING_NOT)
		p->depth++;
	if (p->depth > EXPRESSION_DEPTH_MAX || p->n_pending == PENDING_MAX)
		return fail(p, "nested too deeply");
	p->pending[p->n_pending].op = op;
	p->pending[p->n_pending++].offset = p->token.offset;
	return advance(p);
}

static void
add_node(struct parser *p, struct expr_node node)
{
	struct expr *x = p->x;

	x->nodes = mem_resize(x->nodes, (x->n_nodes + 1) * sizeof(x->nodes[0]));
	x->nodes[x->n_nodes] = node;
	p->done[p->n_done++] = (uint16_t)x->n_nodes++;
}

/* De Morgan: the tests of the subtree are turned around, and with them "and" and "or". */
static void
negate(struct expr *x, uint16_t root)
{
	for (size_t i = x->nodes[root].first; i <= root; i++) {
		struct expr_node *n = &x->nodes[i];

		if (n->kind == NODE_TEST)
			x->tests[n->test].is_negated = !x->tests[n->test].is_negated;
		else
			n->kind = n->kind == NODE_AND ? NODE_OR : NODE_AND;
	}
}

static void
reduce(struct parser *p)
{
	enum pending op = p->pending[--p->n_pending].op;
	uint16_t right = p->done[p->n_done - 1];

	if (op == PENDING_NOT) {
		p->depth--;
		negate(p->x, right);
		return;
	}
	p->n_done -= 2;
	add_node(p, (struct expr_node){ .kind = op == PENDING_AND ? NODE_AND : NODE_OR,
					.first = p->x->nodes[p->done[p->n_done]].first,
					.left = p->done[p->n_done],
					.right = right });
}

static void
reduce_from(struct parser *p, enum pending weakest)
{
	while (p->n_pending > 0 && p->pending[p->n_pending - 1].op >= weakest)
		reduce(p);
}

static bool
word_is(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && bytes_eq_str(p->token.text, word);
}

static bool
expect(struct parser *p, enum token_kind kind, const char *message)
{
	if (p->token.kind != kind)
		return fail(p, message);
	return advance(p);
}

/* A parser of its own for the condition inside count(...). Counters do not nest, so this goes one level deep. */
static bool
parse_counted(struct parser *p, struct expr *of)
{
	static const char session[] = "a session";
	struct expr_scope scope = { .scopes = p->check.scope->scopes, .judged = session };
	struct parser inner = { .lexer = p->lexer, .token = p->token, .check = p->check, .x = of };

	inner.check.scope = &scope;
	inner.check.arena = &of->arena;
	inner.lexer.arena = &of->arena;
	if (!parse_tree(&inner))
		return false;
	p->lexer.at = inner.lexer.at;
	p->token = inner.token;
	expr_link(of);
	return expect(p, TOKEN_CLOSE, "a closing ) is missing here");
}

static bool
parse_counter_fact(struct parser *p, struct counter *c)
{
	struct operand fact = { 0 };

	if (c->kind == COUNT)
		return true;
	if (c->kind != DISTINCT && !word_is(p, "time"))
		return fail(p, "write first(time, ...) or last(time, ...)");
	if (c->kind == DISTINCT && p->token.kind != TOKEN_WORD)
		return fail(p, "write distinct(FACT, ...)");
	if (c->kind == DISTINCT && !check_fact(&p->check, &p->token, &fact))
		return false;
	c->fact = (enum fact_id)fact.index;
	return advance(p) && expect(p, TOKEN_COMMA, "a comma is missing here");
}

static bool
parse_counter(struct parser *p, enum counter_kind kind, struct operand *o)
{
	struct expr *x = p->x;
	struct counter *c;

	if (!p->check.scope->has_counters)
		return fail(p, "counting needs a rule over a group of sessions: over: [fact, ...]");
	if (x->n_counters == COUNTERS_MAX)
		return fail(p, "too many counters in one condition");
	x->counters = mem_resize(x->counters, (x->n_counters + 1) * sizeof(x->counters[0]));
	c = &x->counters[x->n_counters];
	*c = (struct counter){ .kind = kind, .of = expr_blank() };
	*o = (struct operand){ .kind = OPERAND_COUNTER,
			       .type = kind == COUNT || kind == DISTINCT ? FACT_INT : FACT_SECONDS,
			       .index = (unsigned)x->n_counters++ };
	return advance(p) && expect(p, TOKEN_OPEN, "a ( is missing here") && parse_counter_fact(p, c) &&
	       parse_counted(p, c->of);
}

/* A fact or a counter. Leaves its name for messages. */
static bool
parse_operand(struct parser *p, struct operand *o, const char **name)
{
	static const char *const kinds[] = {
		[COUNT] = "count", [DISTINCT] = "distinct", [FIRST] = "first", [LAST] = "last"
	};

	if (p->token.kind == TOKEN_STRING)
		return fail(p, "a comparison begins with a fact");
	if (p->token.kind != TOKEN_WORD)
		return fail(p, "a fact is missing here");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		*name = kinds[i];
		if (word_is(p, kinds[i]))
			return parse_counter(p, (enum counter_kind)i, o);
	}
	if (!check_fact(&p->check, &p->token, o))
		return false;
	*name = fact_infos[o->index].name;
	return advance(p);
}

static bool
parse_range_end(struct parser *p, const struct test *t, const char *name, struct range *value)
{
	bool is_number = t->left.type == FACT_INT;
	struct range high;

	if (!check_constant(&p->check, t->left.type, name, &p->token, &high))
		return false;
	value->high = high.low;
	if (is_number ? value->high.number < value->low.number : value->high.seconds < value->low.seconds)
		return fail(p, "the range ends before it begins");
	return true;
}

static bool
parse_constant(struct parser *p, struct test *t, const char *name)
{
	struct range *value;

	t->set = mem_resize(t->set, (t->n_set + 1) * sizeof(t->set[0]));
	value = &t->set[t->n_set];
	if (!check_constant(&p->check, t->left.type, name, &p->token, value))
		return false;
	t->n_set++;
	if (!advance(p) || p->token.kind != TOKEN_TO)
		return p->check.error->text[0] == '\0';
	if (t->relation != IS_IN || t->left.type == FACT_TEXT || t->left.type == FACT_ADDRESS)
		return fail(p, "a range stands in a set of numbers or times: in {1..5}");
	return advance(p) && parse_range_end(p, t, name, value) && advance(p);
}

static bool
parse_set(struct parser *p, struct test *t, const char *name)
{
	if (!expect(p, TOKEN_SET_OPEN, "a set is missing here: in {1, 2, 5..9}"))
		return false;
	while (p->token.kind != TOKEN_SET_CLOSE) {
		if (!parse_constant(p, t, name))
			return false;
		if (p->token.kind == TOKEN_COMMA && !advance(p))
			return false;
	}
	if (t->n_set == 0)
		return fail(p, "the set is empty");
	return advance(p);
}

static bool
is_operand(const struct parser *p)
{
	enum fact_id id;

	return p->token.kind == TOKEN_WORD && (fact_find(p->token.text, &id) || word_is(p, "count") ||
					       word_is(p, "distinct") || word_is(p, "first") || word_is(p, "last"));
}

static bool
parse_right(struct parser *p, struct test *t, const char *name)
{
	const char *other;

	if (t->relation == IS_IN)
		return parse_set(p, t, name);
	if (t->relation == MATCHES)
		return check_pattern(&p->check, &p->token, &t->regex) && advance(p);
	if (is_operand(p))
		return parse_operand(p, &t->right, &other);
	return parse_constant(p, t, name);
}

static bool
parse_test(struct parser *p)
{
	struct expr *x = p->x;
	struct test *t;
	const char *name = "";
	size_t index = x->n_tests, offset = p->token.offset;
	struct operand left = { 0 };

	if (index == EXPRESSION_TESTS_MAX)
		return fail(p, "too many comparisons in one condition");
	if (!parse_operand(p, &left, &name))
		return false;
	x->tests = mem_resize(x->tests, (x->n_tests + 1) * sizeof(x->tests[0]));
	t = &x->tests[x->n_tests++];
	*t = (struct test){ .left = left };
	if (p->token.kind == TOKEN_RELATION) {
		t->relation = p->token.relation;
		offset = p->token.offset;
		if (!check_relation(&p->check, t, name, offset) || !advance(p) || !parse_right(p, t, name))
			return false;
	}
	if (!check_relation(&p->check, t, name, offset))
		return false;
	add_node(p, (struct expr_node){ .kind = NODE_TEST, .first = (uint16_t)x->n_nodes, .test = (uint16_t)index });
	return true;
}

/* After an operand: the parentheses that end here. */
static bool
parse_closing(struct parser *p)
{
	reduce_from(p, PENDING_NOT);
	while (p->token.kind == TOKEN_CLOSE) {
		reduce_from(p, PENDING_OR);
		if (p->n_pending == 0)
			return true; /* not ours: of count(...), or an error there */
		p->n_pending--;
		p->depth--;
		if (!advance(p))
			return false;
		reduce_from(p, PENDING_NOT);
	}
	return true;
}

static bool
parse_tree(struct parser *p)
{
	for (;;) {
		while (p->token.kind == TOKEN_NOT || p->token.kind == TOKEN_OPEN) {
			if (!push(p, p->token.kind == TOKEN_NOT ? PENDING_NOT : PENDING_PAREN))
				return false;
		}
		if (!parse_test(p) || !parse_closing(p))
			return false;
		if (p->token.kind != TOKEN_AND && p->token.kind != TOKEN_OR)
			break;
		reduce_from(p, p->token.kind == TOKEN_AND ? PENDING_AND : PENDING_OR);
		if (!push(p, p->token.kind == TOKEN_AND ? PENDING_AND : PENDING_OR))
			return false;
	}
	reduce_from(p, PENDING_OR);
	if (p->n_pending > 0)
		return expr_fail(p->check.error, p->pending[p->n_pending - 1].offset, "this ( is never closed");
	return true;
}

struct expr *
expr_new(struct bytes text, const struct expr_scope *scope, struct expr_error *e)
{
	struct expr *x = expr_blank();
	struct parser p = { .lexer = lexer_over(text, &x->arena, e), .check = { scope, &x->arena, e }, .x = x };

	*e = (struct expr_error){ 0 };
	x->text = arena_copy(&x->arena, text);
	if (advance(&p) && parse_tree(&p)) {
		if (p.token.kind == TOKEN_END) {
			expr_link(x);
			return x;
		}
		fail(&p, p.token.kind == TOKEN_CLOSE ? "this ) was never opened" : "&& or || is missing here");
	}
	expr_free(x);
	return NULL;
}
