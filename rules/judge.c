/* In: facts that are complete. Out: firings of the rules that hold. A rule whose facts are not all there is passed by
 * with two comparisons of bits; for replies that are no failure, the rules about failures are not even listed. */
#include "rules/judge.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "rules/catalogue.h"
#include "rules/devices.h"
#include "rules/expect.h"
#include "rules/findings.h"
#include "rules/groups.h"
#include "rules/matcher.h"
#include "rules/scope.h"
#include "rules/verdict.h"
#include "rules/wanted.h"

struct entry {
	uint64_t need[FACT_WORDS];
	const struct rule *rule;
	size_t rule_index;
};
struct line_up { /* rules of one kind: for anything, then for failures only, then those of last resort */
	struct entry *entries;
	size_t n_any, n_ordinary, n;
};

struct judge {
	const struct rules *rules;
	struct matcher *matcher;
	struct devices *devices;
	struct expect *expect; /* NULL: no settings were given */
	struct findings *findings;
	struct groups *groups;
	struct census *census;
	struct scope *scope;
	struct line_up line_ups[OVER_COUNT];
	struct outcomes outcomes;
	struct verdict verdict;
	struct buf verdict_text;
};

static bool
needs(const struct rule *r, enum fact_id id)
{
	return (r->when->need[id / 64] >> (id % 64) & 1U) != 0;
}

/* Facts that only a reply from 400 on has. */
static bool
is_for_failures(const struct rule *r)
{
	static const enum fact_id ids[] = {
		FACT_ID_SMTP_REPLY_FAILURE,  FACT_ID_SMTP_REPLY_CAUSE,    FACT_ID_SMTP_REPLY_BASIS,
		FACT_ID_SMTP_REPLY_PROVIDER, FACT_ID_SMTP_REPLY_LIST,     FACT_ID_SMTP_REPLY_MEANING,
		FACT_ID_SMTP_REPLY_REMEDY,   FACT_ID_SMTP_REPLY_WHO_ACTS, FACT_ID_SMTP_REPLY_RETRY,
		FACT_ID_SMTP_REPLY_SOURCE,
	};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		if (needs(r, ids[i]))
			return true;
	}
	return false;
}

enum rank { RANK_ANY, RANK_FAILURE, RANK_LAST_RESORT };

static enum rank
rank_of(const struct rule *r)
{
	if (r->is_last_resort)
		return RANK_LAST_RESORT;
	return is_for_failures(r) ? RANK_FAILURE : RANK_ANY;
}

static void
line_up_rank(struct line_up *l, enum rule_over over, enum rank rank, const struct rules *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct entry e = { .rule = r->rule[i], .rule_index = i };

		if (e.rule->over != over || rank_of(e.rule) != rank)
			continue;
		for (size_t w = 0; w < FACT_WORDS; w++)
			e.need[w] = e.rule->when->need[w];
		l->entries[l->n++] = e;
	}
}

static void
line_up(struct line_up *l, enum rule_over over, const struct rules *r)
{
	l->entries = mem_new_array(r->n, sizeof(l->entries[0]));
	line_up_rank(l, over, RANK_ANY, r);
	l->n_any = l->n;
	line_up_rank(l, over, RANK_FAILURE, r);
	l->n_ordinary = l->n;
	line_up_rank(l, over, RANK_LAST_RESORT, r);
}

struct judge *
judge_new(const struct rules *r)
{
	struct judge *j = mem_new(sizeof(*j));

	j->rules = r;
	j->matcher = matcher_new(r->knowledge);
	j->devices = devices_new(r->knowledge);
	j->findings = findings_new(r->n);
	j->groups = groups_new(r, j->findings);
	j->census = census_new();
	j->scope = scope_new(j->census);
	for (int over = 0; over < OVER_COUNT; over++)
		line_up(&j->line_ups[over], (enum rule_over)over, r);
	buf_init(&j->verdict_text, FINDING_TEXT_MAX);
	return j;
}

void
judge_expect(struct judge *j, const struct settings *s)
{
	expect_free(j->expect);
	j->expect = expect_new(s, j->matcher);
	scope_set_own(j->scope, s);
}

void
judge_free(struct judge *j)
{
	if (!j)
		return;
	for (int over = 0; over < OVER_COUNT; over++)
		mem_free(j->line_ups[over].entries);
	groups_free(j->groups);
	scope_free(j->scope);
	census_free(j->census);
	findings_free(j->findings);
	expect_free(j->expect);
	matcher_free(j->matcher);
	devices_free(j->devices);
	buf_fini(&j->verdict_text);
	mem_free(j);
}

/* f: what is judged; the rule is filled in. Returns whether something wrong was found. */
static bool
judge_entries(struct judge *j, const struct entry *entries, size_t n, struct firing f)
{
	uint64_t present[FACT_WORDS];
	bool is_wrong = false;

	memcpy(present, facts_present(f.facts), sizeof(present)); /* in registers: most rules are passed by */
	for (size_t i = 0; i < n; i++) {
		if (!facts_cover(present, entries[i].need) || !expr_holds(entries[i].rule->when, f.facts, NULL))
			continue;
		f.rule = entries[i].rule;
		f.rule_index = entries[i].rule_index;
		if (!firing_weigh(&f))
			continue;
		findings_add(j->findings, &f);
		is_wrong = is_wrong || (f.severity > SEVERITY_INFO && !f.rule->is_remark);
	}
	return is_wrong;
}

static void
judge_kind(struct judge *j, enum rule_over over, struct firing f)
{
	const struct line_up *l = &j->line_ups[over];
	bool is_failure = facts_get(f.facts, FACT_ID_SMTP_REPLY_FAILURE) != NULL;
	bool is_wrong = judge_entries(j, l->entries, is_failure ? l->n_ordinary : l->n_any, f);

	if (!is_wrong)
		judge_entries(j, l->entries + l->n_ordinary, l->n - l->n_ordinary, f);
}

static struct firing
firing_of(const struct session *s, const struct fact *stream)
{
	return (struct firing){ .facts = s->facts,
				.sessions = &s->id,
				.n_sessions = 1,
				.streams = stream ? &stream->number : NULL,
				.n_streams = stream ? 1 : 0,
				.first = s->started,
				.last = s->ended };
}

void
judge_wants(const struct judge *j, uint64_t *words)
{
	wanted_always(words);
	if (j->expect)
		expect_wants(words);
	for (size_t i = 0; i < j->rules->n; i++)
		wanted_by_rule(j->rules->rule[i], words);
}

bool
judge_wants_all_replies(const struct judge *j)
{
	const struct line_up *reply = &j->line_ups[OVER_REPLY], *recipient = &j->line_ups[OVER_RECIPIENT];
	size_t n_failures = reply->n_ordinary - reply->n_any + recipient->n_ordinary - recipient->n_any;

	for (size_t i = reply->n_ordinary; i < reply->n; i++)
		n_failures += is_for_failures(reply->entries[i].rule);
	return n_failures < reply->n + recipient->n;
}

void
judge_scope(struct judge *j, const struct session *s, enum fact_scope scope)
{
	static const enum rule_over overs[] = {
		[SCOPE_REPLY] = OVER_REPLY,
		[SCOPE_RECIPIENT] = OVER_RECIPIENT,
		[SCOPE_MESSAGE] = OVER_MESSAGE,
	};
	const struct fact *code;
	struct firing f;

	if (scope == SCOPE_SESSION || scope == SCOPE_DIFFERENCE || scope == SCOPE_CAPTURE)
		return; /* these have calls of their own */
	if (scope == SCOPE_REPLY || !facts_get(s->facts, FACT_ID_SMTP_REPLY_RETRY))
		matcher_set_facts(j->matcher, s);
	f = firing_of(s, facts_get(s->facts, FACT_ID_TCP_STREAM));
	code = facts_get(s->facts, FACT_ID_SMTP_REPLY_CODE);
	if (code)
		f.first = f.last = code->when;
	judge_kind(j, overs[scope], f);
}

/* A login refused before another one that is accepted, or a command that is not known before one that is. */
static bool
was_overcome(const struct session *s)
{
	for (size_t i = 0; s->outcome == OUTCOME_DELIVERED && i < s->n_replies; i++) {
		if (s->replies[i].code >= 500)
			return true;
	}
	return false;
}

void
judge_session(struct judge *j, const struct session *s)
{
	struct firing f;

	j->outcomes.n[s->outcome]++;
	devices_set_facts(j->devices, s);
	matcher_set_provider(j->matcher, s);
	if (j->expect)
		expect_session(j->expect, s);
	groups_look(j->groups, s); /* well before they are needed */
	f = firing_of(s, facts_get(s->facts, FACT_ID_TCP_STREAM));
	f.is_ending = s->outcome == OUTCOME_CUT;
	judge_kind(j, OVER_SESSION, f);
	while (j->expect &&
	       expect_next(j->expect, s)) /* sets facts: what the firing borrows of them is looked up anew */
		judge_kind(j, OVER_DIFFERENCE, firing_of(s, facts_get(s->facts, FACT_ID_TCP_STREAM)));
	if (was_overcome(s))
		findings_overcome(j->findings, s->id);
	groups_add(j->groups, s);
	census_add(j->census, s);
}

const struct census *
judge_census(const struct judge *j)
{
	return j->census;
}

void
judge_capture(struct judge *j, const struct facts *capture_facts)
{
	const struct finding *list;
	size_t n;

	groups_finish(j->groups);
	judge_kind(j, OVER_CAPTURE, (struct firing){ .facts = capture_facts });
	findings_finish(j->findings, j->rules->rule, j->rules->n, j->scope);
	list = findings_list(j->findings, &n);
	j->verdict = verdict_on(&j->outcomes, list, n, &j->verdict_text);
}

const struct finding *
judge_findings(const struct judge *j, size_t *n)
{
	return findings_list(j->findings, n);
}

const struct verdict *
judge_verdict(const struct judge *j)
{
	return &j->verdict;
}
