/* The inside of one finding while it grows; shared by the store and by what links and orders. */
#ifndef RULES_FOUND_H
#define RULES_FOUND_H

#include "rules/firing.h"

struct found {
	struct finding pub;
	const struct rule *rule;
	size_t rule_index;
	struct bytes key; /* values of merge_by */
	uint64_t *sessions;
	size_t n_sessions, room;
	uint64_t n_sessions_dropped;
	struct evidence evidence[EVIDENCE_MAX];
	size_t n_evidence, n_evidence_firings;
	int64_t streams[FINDING_STREAMS_MAX];
	size_t n_streams;
	struct detail *detail;
};

/* Sets caused_by where the sessions of a finding are all covered by findings that explain it. */
void found_link_causes(struct found *const *found, size_t n, struct rule *const *rule, size_t n_rules);
/* -1 when a is more important than b, 1 when less. */
int finding_compare(const struct finding *a, const struct finding *b);

#endif
