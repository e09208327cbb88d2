/* Constants in conditions: numbers with units, times, addresses with CIDR. */
#ifndef RULES_CONSTANT_H
#define RULES_CONSTANT_H

#include "rules/expr.h"

/* 25, -1, 10MB, 10MiB */
bool constant_number(struct bytes word, int64_t *number) MUST_USE;
/* 5, 5s, 0.5, 300ms, 2min, 1h */
bool constant_seconds(struct bytes word, double *seconds) MUST_USE;
/* 192.0.2.1, 192.0.2.0/24, 2001:db8::/32 */
bool constant_address(struct bytes word, struct address *a, unsigned *n_bits) MUST_USE;
bool constant_truth(struct bytes word, bool *truth) MUST_USE;

#endif
