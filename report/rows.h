/* Rows of a census as a list in a sentence: "a (2 of 3 failed), b and 4 more"; private to report/. */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "report/wrap.h"
#include "rules/census.h"

/* Those with most bad luck first, then those with most good luck, then as they appeared. bad: "failed".
 * false: there is no row. */
bool rows_print(struct wrap *w, const struct census *c, enum census_of of, const char *bad);
void rows_print_endpoint(struct wrap *w, const struct endpoint *e);
/* The value that is most important, alone. */
void rows_print_first(struct wrap *w, const struct census *c, enum census_of of);

#endif
