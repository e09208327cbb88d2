/* In: findings with their sessions. Out: for a session its findings. */
#include "report/index.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

struct finding_index {
	size_t n;
	struct index_entry entries[]; /* by session, then by rank */
};

static int
entry_cmp(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->session != y->session)
		return x->session < y->session ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static size_t
count_entries(const struct finding *findings, size_t n_findings)
{
	size_t n = 0;

	for (size_t i = 0; i < n_findings; i++)
		n += findings[i].n_sessions;
	return n < REPORT_INDEX_MAX ? n : REPORT_INDEX_MAX;
}

struct finding_index *
finding_index_new(const struct finding *findings, size_t n_findings)
{
	size_t n = count_entries(findings, n_findings);
	struct finding_index *x = mem_resize(NULL, sizeof(*x) + n * sizeof(x->entries[0]));

	x->n = 0;
	for (size_t i = 0; i < n_findings; i++) {
		const struct finding *f = &findings[i];

		for (size_t k = 0; k < f->n_sessions && x->n < n; k++)
			x->entries[x->n++] = (struct index_entry){ .session = f->sessions[k],
								   .rank = (uint32_t)i,
								   .finding = f->id };
	}
	if (x->n > 0)
		qsort(x->entries, x->n, sizeof(x->entries[0]), entry_cmp);
	return x;
}

size_t
finding_index_get(const struct finding_index *x, uint64_t session, const struct index_entry **entries)
{
	size_t low = 0, high = x->n, end;

	while (low < high) { /* the first entry that is not before the session */
		size_t middle = low + (high - low) / 2;

		if (x->entries[middle].session < session)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < x->n && x->entries[end].session == session; end++)
		;
	*entries = x->entries + low;
	return end - low;
}

void
finding_index_free(struct finding_index *x)
{
	mem_free(x);
}
