/* Which facts the rules can ever ask for: the decoders need not record the others. */
#ifndef RULES_WANTED_H
#define RULES_WANTED_H

#include "rules/rule.h"

/* Adds to words, FACT_WORDS of them, bit id for each fact. */
void wanted_by_expr(const struct expr *x, uint64_t *words); /* NULL is fine */
void wanted_by_rule(const struct rule *r, uint64_t *words);
/* Those of one reply, recipient or message, and those that this stage asks for by itself. */
void wanted_always(uint64_t *words);

#endif
