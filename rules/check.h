/* Types: turns the tokens of one comparison into a test. All return false with the error set. */
#ifndef RULES_CHECK_H
#define RULES_CHECK_H

#include "rules/lexer.h"

struct checker {
	const struct expr_scope *scope;
	struct arena *arena;
	struct expr_error *error;
};

/* The fact that a word names, if the scope allows it. */
bool check_fact(const struct checker *c, const struct token *word, struct operand *o) MUST_USE;
bool check_fact_scope(const struct expr_scope *scope, enum fact_id id) MUST_USE;
/* A constant of the type of the left side; name: of the left side, for messages. */
bool check_constant(const struct checker *c, enum fact_type type, const char *name, const struct token *t,
		    struct range *value) MUST_USE;
/* Is this relation good for that type, with another fact or with constants on its right? */
bool check_relation(const struct checker *c, const struct test *t, const char *name, size_t offset) MUST_USE;
bool check_pattern(const struct checker *c, const struct token *t, struct regex **regex) MUST_USE;
const char *check_type_name(enum fact_type type); /* "a number" */

#endif
