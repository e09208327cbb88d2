/* The scope of a finding in words: what its failures share that what worked does not. Plain record; texts as in
 * finding.h. */
#ifndef RULES_SCOPE_LINE_H
#define RULES_SCOPE_LINE_H

#include "base/bytes.h"

struct scope_line {
	const char *rule, *dimension, *unit; /* unit: what is counted */
	struct bytes value, text, remedy;
	uint64_t failing, tried;                     /* with the value */
	uint64_t failing_elsewhere, tried_elsewhere; /* with others */
	uint64_t n_others;                           /* values that worked */
};

#endif
