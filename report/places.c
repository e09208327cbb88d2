/* In: evidence and sessions. Out: where evidence stands. */
#include "report/places.h"

#include <stdlib.h>

#include "base/alloc.h"

struct place {
	uint64_t packet, finding;
	uint32_t rank;    /* of the finding */
	uint64_t session; /* 0: not found yet */
};

struct places {
	struct place *list; /* by packet, then by rank */
	size_t n;
	uint64_t *sessions; /* with evidence; sorted when is_sorted */
	size_t n_sessions;
};

static int
place_cmp(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->packet != y->packet)
		return x->packet < y->packet ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

struct places *
places_new(const struct finding *findings, size_t n_findings)
{
	struct places *p = mem_new(sizeof(*p));

	p->list = mem_new_array(REPORT_PLACES_MAX, sizeof(*p->list));
	p->sessions = mem_new_array(REPORT_PLACES_MAX, sizeof(*p->sessions));
	for (size_t i = 0; i < n_findings; i++) {
		const struct finding *f = &findings[i];

		for (size_t k = 0; k < f->n_evidence && p->n < REPORT_PLACES_MAX; k++)
			if (f->evidence[k].when.packet != 0)
				p->list[p->n++] = (struct place){ .packet = f->evidence[k].when.packet,
								  .finding = f->id,
								  .rank = (uint32_t)i };
	}
	qsort(p->list, p->n, sizeof(*p->list), place_cmp);
	return p;
}

/* The first place of this packet; n when there is none. */
static size_t
find(const struct places *p, uint64_t packet)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->list[middle].packet < packet)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->n && p->list[low].packet == packet ? low : p->n;
}

void
places_add(struct places *p, const struct story *y)
{
	uint64_t id = y->head.attempt.id;
	bool has_any = false;

	for (size_t i = 0; i < y->ladder.n; i++) {
		uint64_t packet = y->ladder.rungs[i].when.packet;

		for (size_t k = packet != 0 ? find(p, packet) : p->n; k < p->n && p->list[k].packet == packet; k++) {
			if (p->list[k].session != 0)
				continue;
			p->list[k].session = id;
			has_any = true;
		}
	}
	if (has_any && p->n_sessions < REPORT_PLACES_MAX)
		p->sessions[p->n_sessions++] = id;
}

uint64_t
places_session(const struct places *p, uint64_t packet)
{
	size_t i = packet != 0 ? find(p, packet) : p->n;

	return i < p->n ? p->list[i].session : 0;
}

bool
places_has_session(const struct places *p, uint64_t session)
{
	for (size_t i = 0; i < p->n_sessions; i++)
		if (p->sessions[i] == session)
			return true;
	return false;
}

bool
places_is_evidence(const struct places *p, uint64_t packet, uint64_t finding, bool *is_main)
{
	size_t first = packet != 0 ? find(p, packet) : p->n;

	*is_main = false;
	for (size_t i = first; i < p->n && p->list[i].packet == packet; i++)
		*is_main = *is_main || p->list[i].finding == finding;
	return first < p->n;
}

void
places_free(struct places *p)
{
	if (!p)
		return;
	mem_free(p->list);
	mem_free(p->sessions);
	mem_free(p);
}
