/* Making and running conditions. Order: new, holds* or touched*, free. */
#ifndef RULES_CONDITION_H
#define RULES_CONDITION_H

#include "rules/expr.h"

struct expr_scope {         /* what a condition may speak of */
	unsigned scopes;    /* bit (1 << enum fact_scope) */
	bool has_counters;  /* count() and its kin */
	const char *judged; /* for messages: "a session" */
};
struct expr_error {
	size_t offset; /* into the text of the condition */
	char text[384];
};
struct counted { /* value of a counter; absent as long as nothing was counted (first, last) */
	bool is_present;
	struct fact fact;
};

/* NULL: e says what is wrong and where. */
struct expr *expr_new(struct bytes text, const struct expr_scope *scope, struct expr_error *e);
void expr_free(struct expr *x); /* NULL is fine */
/* counters: one per counter of the expression; NULL when it has none. */
bool expr_holds(const struct expr *x, const struct facts *f, const struct counted *counters);
/* The tests that made it true, at most max; 0 when it is false. */
size_t expr_touched(const struct expr *x, const struct facts *f, const struct counted *counters, uint16_t *tests,
		    size_t max);
/* Are all facts present that need asks for? */
static inline bool
facts_cover(const uint64_t *present, const uint64_t *need)
{
	uint64_t missing = 0;

	UNROLL
	for (size_t w = 0; w < FACT_WORDS; w++)
		missing |= need[w] & ~present[w];
	return missing == 0;
}

#endif
