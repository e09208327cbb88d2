/* In: attempts. Out: counts by lane, time and result. */
#include "report/timeline.h"

#include <string.h>

void
timeline_begin(struct timeline *t, const struct matrix *m, int64_t first_ns, int64_t last_ns)
{
	memset(t, 0, sizeof(*t));
	t->matrix = m;
	t->n_lanes = m->n < TIMELINE_LANES ? m->n : TIMELINE_LANES;
	if (m->n > t->n_lanes || m->others.n > 0)
		t->n_lanes++; /* for the others */
	t->first_ns = first_ns;
	t->width_ns = (last_ns - first_ns) / TIMELINE_BINS + 1;
}

static enum timeline_kind
kind_of(const struct attempt *a)
{
	if (a->is_failure)
		return TIMELINE_FAILED;
	return a->outcome == OUTCOME_DELIVERED ? TIMELINE_DELIVERED : TIMELINE_OTHER;
}

void
timeline_add(struct timeline *t, const struct attempt *a)
{
	size_t lane = matrix_find(t->matrix, &a->server), bin;
	uint64_t *n;

	if (a->started.packet == 0 || a->started.time_ns < t->first_ns)
		return;
	bin = (size_t)((a->started.time_ns - t->first_ns) / t->width_ns);
	if (lane > TIMELINE_LANES)
		lane = TIMELINE_LANES;
	if (bin >= TIMELINE_BINS)
		bin = TIMELINE_BINS - 1;
	n = &t->count[lane][bin][kind_of(a)];
	if (++*n > t->highest)
		t->highest = *n;
}
