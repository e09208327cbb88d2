/* How likely chance alone puts failures together. */
#ifndef RULES_CHANCE_H
#define RULES_CHANCE_H

#include <stdint.h>

/* Of n_all tries n_failing failed, and n_drawn of all share a value: how likely at least n_hit of the failing ones are
 * among these, when failures fall on tries blindly? (The one-sided test of Fisher.) */
double chance_of_overlap(uint64_t n_all, uint64_t n_failing, uint64_t n_drawn, uint64_t n_hit);
/* And that the failing ones follow each other without any other between them? */
double chance_of_run(uint64_t n_all, uint64_t n_failing);

#endif
