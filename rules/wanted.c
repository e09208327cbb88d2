/* In: rules. Out: the facts that they name anywhere. */
#include "rules/wanted.h"

static void
want(void *user, enum fact_id id)
{
	uint64_t *words = user;

	words[id / 64] |= UINT64_C(1) << (id % 64);
}

static void
wanted_by_list(const struct fact_list *list, uint64_t *words)
{
	for (size_t i = 0; i < list->n; i++)
		want(words, list->id[i]);
}

static void
wanted_by_tests(const struct expr *x, uint64_t *words)
{
	for (size_t i = 0; i < x->n_tests; i++) {
		const struct test *t = &x->tests[i];

		if (t->left.kind == OPERAND_FACT)
			want(words, (enum fact_id)t->left.index);
		if (t->right.kind == OPERAND_FACT)
			want(words, (enum fact_id)t->right.index);
	}
}

void
wanted_by_expr(const struct expr *x, uint64_t *words)
{
	if (!x)
		return;
	wanted_by_tests(x, words);
	for (size_t i = 0; i < x->n_counters; i++) { /* these have no counters of their own */
		if (x->counters[i].kind != COUNT)
			want(words, x->counters[i].fact);
		wanted_by_tests(x->counters[i].of, words);
	}
}

static void
wanted_by_template(const struct template *t, uint64_t *words)
{
	if (t)
		template_facts(t, want, words);
}

void
wanted_by_rule(const struct rule *r, uint64_t *words)
{
	wanted_by_expr(r->when, words);
	wanted_by_list(&r->group_by, words);
	wanted_by_list(&r->merge_by, words);
	wanted_by_list(&r->detail, words);
	wanted_by_template(r->title, words);
	wanted_by_template(r->means, words);
	wanted_by_template(r->not_proven, words);
	wanted_by_template(r->remedy, words);
	for (size_t i = 0; i < r->n_signs; i++) {
		wanted_by_expr(r->signs[i].when, words);
		wanted_by_template(r->signs[i].say, words);
	}
	for (size_t i = 0; i < r->n_severity; i++)
		wanted_by_expr(r->severity[i].when, words);
	for (size_t i = 0; i < r->n_fault; i++)
		wanted_by_expr(r->fault[i].when, words);
	for (size_t i = 0; i < r->n_notes; i++) {
		want(words, r->notes[i].fact);
		wanted_by_template(r->notes[i].say, words);
	}
}

void
wanted_always(uint64_t *words)
{
	want(words, FACT_ID_TCP_STREAM);
	want(words, FACT_ID_SMTP_GREETING_TEXT); /* this and the next ones: what tables are asked about */
	want(words, FACT_ID_SMTP_GREETING_NAME);
	want(words, FACT_ID_SMTP_GREETING_NETWORKS);
	want(words, FACT_ID_SMTP_EHLO_OTHER);
	want(words, FACT_ID_CLIENT_NAME);
	for (size_t i = 0; i < FACT_COUNT; i++)
		if (fact_infos[i].scope != SCOPE_SESSION)
			want(words, (enum fact_id)i);
}
