/* In: findings, and what the census says about their failures. Out: the scope of each, in the words of the rules over
 * findings. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/found.h"

/* Replies to these are about a message; to others, about the whole attempt. */
static bool
is_about_message(struct bytes phase)
{
	static const char *const phases[] = { "mail", "rcpt", "data", "data-end" };

	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (bytes_eq_str(phase, phases[i]))
			return true;
	return false;
}

static bool
is_over_replies(const struct rule *r)
{
	return r->over == OVER_REPLY || r->over == OVER_RECIPIENT || r->over == OVER_MESSAGE;
}

void
found_mark(struct found *found, const struct firing *f, size_t *room)
{
	const struct fact *code = facts_get(f->facts, FACT_ID_SMTP_REPLY_CODE);
	const struct fact *phase = facts_get(f->facts, FACT_ID_SMTP_REPLY_PHASE);
	const struct fact *recipient = facts_get(f->facts, FACT_ID_RECIPIENT_ADDRESS);
	bool is_rcpt;

	if (f->severity == SEVERITY_INFO || !is_over_replies(f->rule) || !code || !phase || f->n_sessions != 1)
		return;
	if (*room == 0 || !is_about_message(phase->text)) {
		found->has_unmarked = true;
		return;
	}
	is_rcpt = recipient && bytes_eq_str(phase->text, "rcpt");
	if (found->n_marks == found->marks_room) {
		found->marks_room = found->marks_room > 0 ? 2 * found->marks_room : 4;
		found->marks = mem_resize(found->marks, found->marks_room * sizeof(found->marks[0]));
	}
	found->is_about_rcpt = is_rcpt && (found->n_marks == 0 || found->is_about_rcpt);
	found->marks[found->n_marks++] = (struct scope_mark){
		.session = f->sessions[0],
		.key = census_key_of(code->when.packet, (unsigned)code->number,
				     is_rcpt ? recipient->text : bytes_of(NULL, 0)),
	};
	(*room)--;
}

static void
set_facts(struct facts *f, const struct scope_answer *a)
{
	struct when never = { 0 };

	facts_clear_scope(f, SCOPE_FINDING);
	facts_set_text(f, FACT_ID_SCOPE_DIMENSION, bytes_str(dimension_name(a->dimension)), never);
	if (a->value.len > 0)
		facts_set_text(f, FACT_ID_SCOPE_VALUE, buf_bytes(&a->value), never);
	facts_set_text(f, FACT_ID_SCOPE_UNIT, bytes_str(a->unit), never);
	facts_set_int(f, FACT_ID_SCOPE_FAILING, (int64_t)a->failing, never);
	facts_set_int(f, FACT_ID_SCOPE_TRIED, (int64_t)a->tried, never);
	facts_set_int(f, FACT_ID_SCOPE_FAILING_ELSEWHERE, (int64_t)a->failing_elsewhere, never);
	facts_set_int(f, FACT_ID_SCOPE_TRIED_ELSEWHERE, (int64_t)a->tried_elsewhere, never);
	facts_set_int(f, FACT_ID_SCOPE_OTHERS, (int64_t)a->n_others, never);
}

static struct bytes
fill(const struct template *t, const struct facts *f, struct buf *room, struct arena *texts)
{
	buf_clear(room);
	template_fill(t, f, room);
	return arena_copy(texts, bytes_trim(buf_bytes(room)));
}

/* The rule that has words for this answer; NULL: none. */
static const struct rule *
rule_for(struct rule *const *rule, size_t n_rules, const struct facts *f)
{
	for (size_t i = 0; i < n_rules; i++)
		if (rule[i]->over == OVER_FINDING && expr_holds(rule[i]->when, f, NULL))
			return rule[i];
	return NULL;
}

static struct scope_line
line_of(const struct scope_answer *a, const struct rule *r, const struct facts *f, struct arena *texts)
{
	struct scope_line line = { .rule = r->id,
				   .dimension = dimension_name(a->dimension),
				   .unit = a->unit,
				   .failing = a->failing,
				   .tried = a->tried,
				   .failing_elsewhere = a->failing_elsewhere,
				   .tried_elsewhere = a->tried_elsewhere,
				   .n_others = a->n_others };
	struct buf room;

	buf_init(&room, FINDING_TEXT_MAX);
	line.value = arena_copy(texts, buf_bytes(&a->value));
	line.text = fill(r->title, f, &room, texts);
	line.remedy = fill(r->remedy, f, &room, texts);
	buf_fini(&room);
	return line;
}

static void
ask_scope(struct found *found, struct scope *scope, struct rule *const *rule, size_t n_rules, struct arena *texts)
{
	struct scope_question q = { .sessions = found->sessions,
				    .n_sessions = found->n_sessions,
				    .marks = found->marks,
				    .n_marks = found->has_unmarked ? 0 : found->n_marks,
				    .is_about_rcpt = found->is_about_rcpt };
	const struct scope_answer *answers;
	size_t n = scope_find(scope, &q, &answers);
	struct facts *facts = n > 0 ? facts_new() : NULL;

	found->scope = mem_new_array(n, sizeof(found->scope[0]));
	for (size_t i = 0; i < n; i++) {
		const struct rule *r;

		set_facts(facts, &answers[i]);
		r = rule_for(rule, n_rules, facts);
		if (r)
			found->scope[found->pub.n_scope++] = line_of(&answers[i], r, facts, texts);
	}
	found->pub.scope = found->scope;
	facts_free(facts);
}

/* Remarks and notices are about no failure. */
static bool
is_asked(const struct finding *f)
{
	return f->severity > SEVERITY_INFO && !f->is_remark && f->n_sessions > 0;
}

void
found_ask_scopes(struct found *const *found, size_t n, struct scope *scope, struct rule *const *rule, size_t n_rules,
		 struct arena *texts)
{
	size_t n_asked = 0;

	for (size_t i = 0; i < n && n_asked < SCOPE_FINDINGS_MAX; i++) {
		if (!is_asked(&found[i]->pub))
			continue;
		n_asked++;
		ask_scope(found[i], scope, rule, n_rules, texts);
	}
}
