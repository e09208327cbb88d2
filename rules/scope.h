/* What the failures of one finding share that what went well does not: counts, and whether chance explains them
 * (docs/SCOPE.md). Knows nothing of rules. Order: new when the census is complete, find*, free. */
#ifndef RULES_SCOPE_H
#define RULES_SCOPE_H

#include "base/buf.h"
#include "rules/census.h"

enum dimension {
#define DIMENSION(id, name, of, is_of_recipient) DIMENSION_##id,
#include "rules/dimensions.def"
#undef DIMENSION
	DIMENSION_COUNT
};

struct scope_mark { /* a refusal that a finding is about */
	uint64_t session;
	uint32_t key; /* census_key_of */
};
struct scope_question {
	const uint64_t *sessions; /* of the finding, ascending */
	size_t n_sessions;
	const struct scope_mark *marks; /* of a finding about replies to MAIL, RCPT or the message; else none */
	size_t n_marks;
	bool is_about_rcpt; /* the replies answered RCPT */
};
struct scope_answer {
	enum dimension dimension;
	const char *unit;                            /* what is counted: "attempts", "recipients" */
	uint64_t failing, tried;                     /* with the value: those that failed so; and those that did not */
	uint64_t failing_elsewhere, tried_elsewhere; /* with other values */
	uint64_t n_others;                           /* of which so many */
	struct buf value;                            /* as text; empty: it has none */
};

struct scope;
struct settings;

struct scope *scope_new(const struct census *c); /* borrows the census */
void scope_free(struct scope *s);                /* NULL is fine */
/* The settings name the domains that the user calls own: then recipients are internal or external. Borrowed. */
void scope_set_own(struct scope *s, const struct settings *own);
/* Writes all dimensions that tell failures from the rest, the one to name first in front: the others cannot be told
 * apart from it. Returns how many. Owned by s until the next call. */
size_t scope_find(struct scope *s, const struct scope_question *q, const struct scope_answer **answers);
const char *dimension_name(enum dimension d);

#endif
