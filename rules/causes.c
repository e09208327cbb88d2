/* In: findings with their sessions, and which rules explain which. Out: who caused whom, and the order. */
#include <string.h>

#include "base/alloc.h"
#include "rules/found.h"

static bool
rule_explains(const struct rule *cause, const char *id)
{
	for (size_t i = 0; i < cause->n_explains; i++) {
		if (strcmp(cause->explains[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Marks the sessions of the effect that the cause has too; both lists ascend. Returns how many are new. */
static size_t
cover(const struct found *cause, const struct found *effect, bool *is_covered)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < cause->n_sessions && k < effect->n_sessions;) {
		if (cause->sessions[i] < effect->sessions[k]) {
			i++;
		} else if (cause->sessions[i] > effect->sessions[k]) {
			k++;
		} else {
			n += !is_covered[k];
			is_covered[k++] = true;
		}
	}
	return n;
}

/* What is merely possible explains nothing that is proven, and nothing worse than itself. */
static bool
may_explain(const struct found *cause, const struct found *effect)
{
	bool is_weak = cause->pub.certainty == CERTAINTY_POSSIBLE &&
		       (effect->pub.certainty == CERTAINTY_PROVEN || effect->pub.severity > cause->pub.severity);

	return cause != effect && !is_weak && rule_explains(cause->rule, effect->rule->id);
}

/* A finding stays on its own as long as one of its sessions is unexplained. */
static void
link_effect(struct found *effect, struct found *const *causes, size_t n_causes)
{
	bool *is_covered = mem_new_array(effect->n_sessions, sizeof(*is_covered));
	const struct found *best = NULL;
	size_t n_covered = 0;

	for (size_t i = 0; i < n_causes && n_covered < effect->n_sessions; i++) {
		size_t n;

		if (!may_explain(causes[i], effect))
			continue;
		n = cover(causes[i], effect, is_covered);
		n_covered += n;
		if (n > 0 && (!best || finding_compare(&causes[i]->pub, &best->pub) < 0))
			best = causes[i];
	}
	if (best && n_covered == effect->n_sessions)
		effect->pub.caused_by = best->pub.id;
	mem_free(is_covered);
}

void
found_link_causes(struct found *const *found, size_t n, struct rule *const *rule, size_t n_rules)
{
	struct found **causes = mem_new_array(n, sizeof(*causes));
	bool *is_explained = mem_new_array(n_rules, sizeof(*is_explained));
	size_t n_causes = 0;

	for (size_t i = 0; i < n; i++) {
		if (found[i]->rule->n_explains > 0)
			causes[n_causes++] = found[i];
	}
	for (size_t i = 0; i < n_rules && n_causes > 0; i++) {
		for (size_t k = 0; k < n_rules && !is_explained[i]; k++)
			is_explained[i] = rule[k]->n_explains > 0 && rule_explains(rule[k], rule[i]->id);
	}
	for (size_t i = 0; i < n; i++) {
		if (is_explained[found[i]->rule_index] && found[i]->n_sessions > 0)
			link_effect(found[i], causes, n_causes);
	}
	mem_free(is_explained);
	mem_free(causes);
}

static int
greater_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

int
finding_compare(const struct finding *a, const struct finding *b)
{
	int order = (a->caused_by != 0) - (b->caused_by != 0);

	if (order == 0)
		order = greater_first(a->severity, b->severity);
	if (order == 0)
		order = a->is_remark - b->is_remark;
	if (order == 0)
		order = b->is_ending - a->is_ending;
	if (order == 0)
		order = greater_first(a->certainty, b->certainty);
	if (order == 0)
		order = greater_first(a->n_sessions + a->n_sessions_dropped, b->n_sessions + b->n_sessions_dropped);
	if (order == 0)
		order = (a->first.time_ns > b->first.time_ns) - (a->first.time_ns < b->first.time_ns);
	return order != 0 ? order : -greater_first(a->id, b->id);
}
