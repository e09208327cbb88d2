/* Which findings concern a session: the findings' session lists, turned around. */
#ifndef REPORT_INDEX_H
#define REPORT_INDEX_H

#include "rules/finding.h"

struct finding_index;

struct index_entry {
	uint64_t session;
	uint32_t rank;    /* place of the finding, 0 = most important */
	uint64_t finding; /* its id */
};

/* At most REPORT_INDEX_MAX entries; the most important findings are indexed first. Keeps no pointer to them. */
struct finding_index *finding_index_new(const struct finding *findings, size_t n_findings);
/* The entries of one session, by importance; returns how many. */
size_t finding_index_get(const struct finding_index *x, uint64_t session, const struct index_entry **entries);
void finding_index_free(struct finding_index *x); /* NULL is fine */

#endif
