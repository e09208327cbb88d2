/* One rule as loaded: plain record, owned by the catalogue. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "rules/finding.h"
#include "rules/over.h"
#include "rules/rule_parts.h"

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
	struct label *labels;
	struct reference *explains;
	size_t n_signs, n_severity, n_fault, n_notes, n_labels, n_explains;
	struct bytes source;
	bool is_last_resort, is_remark; /* only when no other rule found something wrong; ranks behind its severity */
	bool shows_device;              /* the closing section names it */
	struct arena arena;             /* owns the strings */
};

void rule_free(struct rule *r);         /* NULL is fine */
extern const char *const fault_names[]; /* NULL at the end */

#endif
