/* A rule that holds for something, on its way to becoming a finding or joining one. */
#ifndef RULES_FIRING_H
#define RULES_FIRING_H

#include "decode/session.h"
#include "rules/rule.h"

struct firing {
	const struct rule *rule;
	size_t rule_index; /* in the catalogue */
	enum severity severity;
	enum certainty certainty;
	const char *fault;
	const struct facts *facts;
	const uint64_t *sessions; /* numbers of the sessions it concerns */
	size_t n_sessions;
	uint64_t n_sessions_dropped;
	const int64_t *streams; /* tcp.stream of the first of them */
	size_t n_streams;
	struct when first, last;
	bool is_ending;               /* of a session that was cut: it may be why */
	const struct expr *counted;   /* of a group: what counts these facts in; NULL: the facts are the group's */
	const struct evidence *extra; /* evidence that is not in facts: of groups */
	size_t n_extra;
};

/* Weighs the signs and looks up severity and fault. false: not certain enough, the rule is silent. */
bool firing_weigh(struct firing *f) MUST_USE;
/* Sentences of what made the rule hold, ordered by packet; texts go to the arena. Returns how many, at most max. */
size_t firing_evidence(const struct firing *f, struct arena *texts, struct evidence *evidence, size_t max);
/* Adds one unless it is there; keeps the order. Returns the new number. */
size_t evidence_add(struct evidence *evidence, size_t n, size_t max, struct evidence one);

#endif
