/* When attempts began and what became of them, in lanes by server; private to report/. Order: begin, add*, read. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include "report/matrix.h"

#define TIMELINE_LANES 10
#define TIMELINE_BINS 96

enum timeline_kind { TIMELINE_FAILED, TIMELINE_DELIVERED, TIMELINE_OTHER, TIMELINE_KINDS };

struct timeline {
	const struct matrix *matrix; /* its first rows are the lanes; what is no row of it is in the last lane */
	size_t n_lanes;
	int64_t first_ns, width_ns; /* width of a bin */
	uint64_t count[TIMELINE_LANES + 1][TIMELINE_BINS][TIMELINE_KINDS];
	uint64_t highest; /* of all counts */
};

/* The matrix is sorted and stays; all attempts begin from first to last. */
void timeline_begin(struct timeline *t, const struct matrix *m, int64_t first_ns, int64_t last_ns);
void timeline_add(struct timeline *t, const struct attempt *a);

#endif
