/* A condition over facts, parsed, type-checked and ready to run. Records of the parts that parse, check and run it;
 * everyone else uses the functions. A test has two successors, so running needs no stack; the nodes keep the tree in
 * postfix order, so that walking it needs none either. */
#ifndef RULES_EXPR_H
#define RULES_EXPR_H

#include "base/arena.h"
#include "decode/facts.h"

struct regex;
struct expr;

enum relation { IS_TRUE, IS_EQ, IS_NE, IS_LT, IS_LE, IS_GT, IS_GE, CONTAINS, MATCHES, IS_IN };
enum operand_kind { OPERAND_NONE, OPERAND_FACT, OPERAND_COUNTER };
enum node_kind { NODE_TEST, NODE_AND, NODE_OR };
enum counter_kind { COUNT, DISTINCT, FIRST, LAST };

struct operand {
	enum operand_kind kind;
	enum fact_type type;
	unsigned index; /* fact id, or number of the counter */
};
struct range { /* low to high; one value has them equal; n_bits: of an address, CIDR */
	struct fact low, high;
	unsigned n_bits;
};
struct test {
	struct operand left, right; /* right NONE: the constants in set, the first for all relations but IS_IN */
	enum relation relation;
	bool is_negated;            /* an absent fact makes a test false before this turns it around */
	uint16_t on_true, on_false; /* number of the next test, or EXPR_ACCEPT, EXPR_REJECT */
	struct range *set;
	size_t n_set;
	struct regex *regex;
};
struct expr_node { /* children stand before their parents; first: where this subtree begins */
	enum node_kind kind;
	uint16_t first, left, right, test;
};
struct counter { /* count(of), distinct(fact, of), first(time, of), last(time, of) */
	enum counter_kind kind;
	enum fact_id fact;
	struct expr *of;
};
enum { EXPR_ACCEPT = 0xfffe, EXPR_REJECT = 0xffff };

struct expr {
	struct test *tests;
	struct expr_node *nodes;
	struct counter *counters;
	size_t n_tests, n_nodes, n_counters;
	uint64_t need[FACT_WORDS]; /* facts without which it cannot be true */
	struct bytes text;         /* as the author wrote it; empty inside count(...) */
	struct arena arena;        /* owns the text and the bytes of constants */
};

#endif
