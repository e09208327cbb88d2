/* The rules and tables that are in force, for the parts of this stage. */
#ifndef RULES_CATALOGUE_H
#define RULES_CATALOGUE_H

#include "rules/knowledge.h"
#include "rules/rule.h"
#include "rules/rules.h"

struct batch { /* rules of one load, not in force yet */
	struct rule **rule;
	size_t n;
};

struct rules {
	struct rule **rule; /* in the order they were loaded */
	size_t n;
	struct knowledge *knowledge;
	char **kept; /* names and texts of files that rules and rows point to */
	size_t n_kept;
};

const struct rule *rules_find(const struct rules *r, const char *id); /* NULL: none */
/* Reads the rules of a text. */
bool batch_read(struct batch *b, const char *name, struct bytes text, struct err *e) MUST_USE;
void batch_drop(struct batch *b);
/* Do all explains name rules of this array, and never lead back to where they began? */
bool explains_check(struct rule *const *rule, size_t n, struct err *e) MUST_USE;

#endif
