/* One rule as loaded: plain record, owned by the catalogue. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "base/limits.h"
#include "rules/condition.h"
#include "rules/finding.h"
#include "rules/template.h"

enum rule_over { OVER_SESSION, OVER_REPLY, OVER_RECIPIENT, OVER_MESSAGE, OVER_CAPTURE, OVER_GROUP, OVER_COUNT };

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
struct reference {
	const char *id;
	struct place place;
};
struct rule {
	const char *id;
	struct place place;
	enum rule_over over;
	struct expr_scope scope;
	struct fact_list group_by, merge_by, detail;
	struct expr *when;
	struct sign *signs;
	struct choice *severity, *fault;
	int threshold[CERTAINTY_PROVEN + 1]; /* least sum of weights; INT_MAX: never */
	struct template *title, *means, *not_proven, *remedy;
	struct note *notes;
	struct reference *explains;
	size_t n_signs, n_severity, n_fault, n_notes, n_explains;
	struct bytes source;
	bool is_last_resort, is_remark; /* only when no other rule found something wrong; ranks behind its severity */
	struct arena arena;             /* owns the strings */
};

void rule_free(struct rule *r); /* NULL is fine */
extern const char *const rule_over_names[OVER_COUNT];
extern const char *const fault_names[]; /* NULL at the end */

#endif
