/* In: a rule and the facts that made it hold. Out: how certain, how bad, and the evidence: the facts that the
 * condition touched, each with the packet that shows it. */
#include "rules/firing.h"

#include <limits.h>

#include "base/buf.h"

static int
choose(const struct choice *choices, size_t n, const struct facts *f)
{
	for (size_t i = 0; i < n; i++) {
		if (!choices[i].when || expr_holds(choices[i].when, f, NULL))
			return choices[i].value;
	}
	return 0;
}

bool
firing_weigh(struct firing *f)
{
	const struct rule *r = f->rule;
	int sum = 0;

	for (size_t i = 0; i < r->n_signs; i++) {
		if (expr_holds(r->signs[i].when, f->facts, NULL))
			sum += r->signs[i].weight;
	}
	for (int level = CERTAINTY_PROVEN; level >= CERTAINTY_POSSIBLE; level--) {
		if (r->threshold[level] == INT_MAX || sum < r->threshold[level])
			continue;
		f->certainty = (enum certainty)level;
		f->severity = (enum severity)choose(r->severity, r->n_severity, f->facts);
		f->fault = fault_names[choose(r->fault, r->n_fault, f->facts)];
		return true;
	}
	return false;
}

size_t
evidence_add(struct evidence *evidence, size_t n, size_t max, struct evidence one)
{
	size_t at = n;

	if (one.text.len == 0)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (evidence[i].when.packet == one.when.packet && bytes_eq(evidence[i].text, one.text))
			return n;
	}
	if (n == max)
		return n;
	for (; at > 0 && evidence[at - 1].when.packet > one.when.packet; at--)
		evidence[at] = evidence[at - 1];
	evidence[at] = one;
	return n + 1;
}

struct collector {
	const struct firing *firing;
	struct arena *texts;
	struct evidence *evidence;
	size_t n, max;
	struct buf sentence;
};

static void
collect(struct collector *c, struct when when)
{
	struct bytes text = bytes_trim(buf_bytes(&c->sentence));

	if (when.packet > 0 && text.len > 0 && c->n < c->max)
		c->n = evidence_add(c->evidence, c->n, c->max, (struct evidence){ when, arena_copy(c->texts, text) });
	buf_clear(&c->sentence);
}

static const struct note *
note_of(const struct rule *r, enum fact_id id)
{
	for (size_t i = 0; i < r->n_notes; i++) {
		if (r->notes[i].fact == id)
			return &r->notes[i];
	}
	return NULL;
}

/* The documentation of the fact, up to the values it lists after a colon, and its value. */
static void
collect_fact(struct collector *c, enum fact_id id)
{
	const struct fact *value = facts_get(c->firing->facts, id);
	struct bytes doc = bytes_str(fact_infos[id].doc);

	if (!value || note_of(c->firing->rule, id))
		return; /* a fact with a sentence of its own gets that one */
	if (fact_infos[id].type == FACT_BOOL) {
		if (!value->truth)
			return;
		buf_add(&c->sentence, doc);
	} else {
		buf_add(&c->sentence, bytes_head(doc, bytes_find(doc, ':')));
		buf_add_str(&c->sentence, ": ");
		fact_print(fact_infos[id].type, value, &c->sentence);
	}
	collect(c, value->when);
}

/* What a negated test did not find is no packet that one could look at. */
static struct when
collect_touched(struct collector *c, const struct expr *x, bool only_when)
{
	uint16_t touched[EXPRESSION_TESTS_MAX];
	size_t n = expr_touched(x, c->firing->facts, NULL, touched, ARRAY_LEN(touched));
	struct when when = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct test *t = &x->tests[touched[i]];
		const struct fact *value;

		if (t->is_negated || t->left.kind != OPERAND_FACT)
			continue;
		value = facts_get(c->firing->facts, (enum fact_id)t->left.index);
		if (when.packet == 0 && value)
			when = value->when;
		if (only_when)
			continue;
		collect_fact(c, (enum fact_id)t->left.index);
		if (t->right.kind == OPERAND_FACT)
			collect_fact(c, (enum fact_id)t->right.index);
	}
	return when;
}

static void
collect_signs(struct collector *c)
{
	const struct rule *r = c->firing->rule;

	for (size_t i = 0; i < r->n_signs; i++) {
		struct when when;

		if (!r->signs[i].say || !expr_holds(r->signs[i].when, c->firing->facts, NULL))
			continue;
		when = collect_touched(c, r->signs[i].when, true);
		if (when.packet == 0)
			when = c->firing->first;
		template_fill(r->signs[i].say, c->firing->facts, &c->sentence);
		collect(c, when);
	}
}

/* When the rule holds for what is not there, or for what we make of a reply: the place to look at. */
static void
collect_anything(struct collector *c)
{
	const struct fact *code = facts_get(c->firing->facts, FACT_ID_SMTP_REPLY_CODE);
	const struct fact *text = facts_get(c->firing->facts, FACT_ID_SMTP_REPLY_TEXT);
	enum rule_over over = c->firing->rule->over;
	bool is_reply = over == OVER_REPLY || over == OVER_RECIPIENT || over == OVER_MESSAGE;

	if (is_reply && code && text) {
		buf_addf(&c->sentence, "the server answers %03d ", (int)code->number);
		buf_add(&c->sentence, text->text);
		collect(c, code->when);
	} else if (c->firing->first.packet > 0) {
		buf_add_str(&c->sentence, "the attempt begins here");
		collect(c, c->firing->first);
	}
}

size_t
firing_evidence(const struct firing *f, struct arena *texts, struct evidence *evidence, size_t max)
{
	struct collector c = { .firing = f, .texts = texts, .evidence = evidence, .max = max };
	const struct rule *r = f->rule;

	buf_init(&c.sentence, FINDING_TEXT_MAX);
	for (size_t i = 0; i < r->n_notes; i++) {
		const struct fact *value = facts_get(f->facts, r->notes[i].fact);
		bool is_seen = value && (fact_infos[r->notes[i].fact].type != FACT_BOOL || value->truth);

		if (is_seen)
			template_fill(r->notes[i].say, f->facts, &c.sentence);
		if (is_seen)
			collect(&c, value->when);
	}
	collect_signs(&c);
	if (r->over != OVER_GROUP || f->counted)
		collect_touched(&c, f->counted ? f->counted : r->when, false);
	for (size_t i = 0; i < f->n_extra; i++) {
		buf_add(&c.sentence, f->extra[i].text);
		collect(&c, f->extra[i].when);
	}
	if (c.n == 0)
		collect_anything(&c);
	buf_fini(&c.sentence);
	return c.n;
}
