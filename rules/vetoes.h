/* Groups of which it is known that their rule can never hold, because a counter that must be 0 is not. Nearly every
 * session of a healthy capture is of that kind, so all that is kept of a group is its hash. */
#ifndef RULES_VETOES_H
#define RULES_VETOES_H

#include "rules/expr.h"

struct vetoes;

struct vetoes *vetoes_new(void);
void vetoes_free(struct vetoes *v); /* NULL is fine */
void vetoes_add(struct vetoes *v, uint64_t hash);
void vetoes_fetch(struct vetoes *v, uint64_t hash); /* soon it will be asked for, or added */
bool vetoes_has(struct vetoes *v, uint64_t hash);
/* Bit i: the condition is false whenever counter i has counted anything. */
unsigned vetoes_of(const struct expr *x);

#endif
