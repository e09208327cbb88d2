/* The inside of one finding while it grows; shared by the store and by what links and orders. */
#ifndef RULES_FOUND_H
#define RULES_FOUND_H

#include "rules/firing.h"
#include "rules/scope.h"

struct found {
	struct finding pub;
	const struct rule *rule;
	size_t rule_index;
	struct bytes key; /* values of merge_by */
	uint64_t *sessions;
	size_t n_sessions, room;
	uint64_t n_sessions_dropped;
	size_t n_overcome; /* sessions in which all mail was delivered all the same */
	struct evidence evidence[EVIDENCE_MAX];
	size_t n_evidence, n_evidence_firings;
	int64_t streams[FINDING_STREAMS_MAX];
	size_t n_streams;
	struct detail *detail;
	struct scope_mark *marks; /* of the refusals that it is about */
	size_t n_marks, marks_room;
	bool is_about_rcpt, has_unmarked; /* all replies were to RCPT; some answered something else than MAIL and on */
	struct scope_line *scope;
};

/* Sets caused_by where the sessions of a finding are all covered by findings that explain it. */
void found_link_causes(struct found *const *found, size_t n, struct rule *const *rule, size_t n_rules);
/* Notes the refusal that a firing is about. room: how many more may be noted, of all findings. */
void found_mark(struct found *found, const struct firing *f, size_t *room);
/* Asks what the failures of the findings share; the rules over findings find words. Sessions are sorted already. */
void found_ask_scopes(struct found *const *found, size_t n, struct scope *scope, struct rule *const *rule,
		      size_t n_rules, struct arena *texts);
/* -1 when a is more important than b, 1 when less. */
int finding_compare(const struct finding *a, const struct finding *b);

#endif
