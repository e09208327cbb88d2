/* From the tree of a condition to tests that follow each other. */
#ifndef RULES_PROGRAM_H
#define RULES_PROGRAM_H

#include "rules/expr.h"

struct expr *expr_blank(void);  /* no tests yet; freed by expr_free */
void expr_link(struct expr *x); /* once the tree is whole: successors and needed facts */

#endif
