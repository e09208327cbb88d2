/* What rules are made of: plain records, as loaded. */
#ifndef RULES_RULE_PARTS_H
#define RULES_RULE_PARTS_H

#include "base/limits.h"
#include "rules/condition.h"
#include "rules/template.h"

struct place { /* in a rule file, from 1 */
	const char *file;
	unsigned line, column;
};

struct fact_list {
	enum fact_id id[RULE_FACTS_MAX];
	size_t n;
};

struct sign {
	int weight;
	struct expr *when;
	struct template *say; /* NULL: adds weight only */
};

struct choice { /* the first whose condition holds, or that has none */
	struct expr *when;
	int value; /* a severity, or a side at fault */
};

struct note { /* the sentence of a fact in the evidence; empty: it is none */
	enum fact_id fact;
	struct template *say;
};

struct label { /* what programs get as it stands, for instance the name that an RFC has for it */
	const char *key;
	struct bytes text;
};

struct reference {
	const char *id;
	struct place place;
};

#endif
