/* In: tokens of one comparison. Out: a test whose types fit, or the reason why they do not. */
#include "rules/check.h"

#include <stdio.h>

#include "rules/constant.h"
#include "rules/regex.h"
#include "rules/suggest.h"

static const char *const scope_names[] = {
	[SCOPE_SESSION] = "a session",           [SCOPE_REPLY] = "a reply",           [SCOPE_RECIPIENT] = "a recipient",
	[SCOPE_MESSAGE] = "a message",           [SCOPE_DIFFERENCE] = "a difference", [SCOPE_CAPTURE] = "the capture",
	[SCOPE_FINDING] = "what failures share",
};

static const char *const relation_names[] = {
	[IS_TRUE] = "", [IS_EQ] = "==", [IS_NE] = "!=",          [IS_LT] = "<",         [IS_LE] = "<=",
	[IS_GT] = ">",  [IS_GE] = ">=", [CONTAINS] = "contains", [MATCHES] = "matches", [IS_IN] = "in",
};

const char *
check_type_name(enum fact_type type)
{
	static const char *const names[] = {
		[FACT_BOOL] = "true or false", [FACT_INT] = "a number",       [FACT_SECONDS] = "a time",
		[FACT_TEXT] = "text",          [FACT_ADDRESS] = "an address",
	};

	return names[type];
}

bool
check_fact_scope(const struct expr_scope *scope, enum fact_id id)
{
	return (scope->scopes >> fact_infos[id].scope & 1U) != 0;
}

bool
check_fact(const struct checker *c, const struct token *word, struct operand *o)
{
	struct suggestion near = suggest_for(word->text);
	char text[128];
	enum fact_id id;
	int len = (int)(word->text.len < 64 ? word->text.len : 64);

	if (!fact_find(word->text, &id)) {
		for (size_t i = 0; i < FACT_COUNT; i++)
			suggest_try(&near, fact_infos[i].name);
		return expr_fail(c->error, word->offset, "unknown fact %.*s%s", len, (const char *)word->text.p,
				 suggest_text(&near, text, sizeof(text)));
	}
	if (!check_fact_scope(c->scope, id))
		return expr_fail(c->error, word->offset, "the fact %s belongs to %s, but %s is judged here",
				 fact_infos[id].name, scope_names[fact_infos[id].scope], c->scope->judged);
	*o = (struct operand){ .kind = OPERAND_FACT, .type = fact_infos[id].type, .index = (unsigned)id };
	return true;
}

static bool
read_constant(const struct token *t, enum fact_type type, struct range *value)
{
	switch (type) {
	case FACT_BOOL:
		return constant_truth(t->text, &value->low.truth);
	case FACT_INT:
		return constant_number(t->text, &value->low.number);
	case FACT_SECONDS:
		return constant_seconds(t->text, &value->low.seconds);
	case FACT_ADDRESS:
		return constant_address(t->text, &value->low.address, &value->n_bits);
	case FACT_TEXT:
		break;
	}
	return false;
}

bool
check_constant(const struct checker *c, enum fact_type type, const char *name, const struct token *t,
	       struct range *value)
{
	int len = (int)(t->text.len < 64 ? t->text.len : 64);
	const char *text = (const char *)t->text.p;

	*value = (struct range){ 0 };
	if (t->kind == TOKEN_STRING && type == FACT_TEXT) {
		value->low.text = t->text;
		value->high = value->low;
		return true;
	}
	if (t->kind == TOKEN_STRING)
		return expr_fail(c->error, t->offset, "%s is %s; \"%.*s\" is text", name, check_type_name(type), len,
				 text);
	if (t->kind != TOKEN_WORD)
		return expr_fail(c->error, t->offset, "a value is missing here");
	if (type == FACT_TEXT)
		return expr_fail(c->error, t->offset, "%s is text: write \"%.*s\" with quotes", name, len, text);
	if (!read_constant(t, type, value))
		return expr_fail(c->error, t->offset, "%s is %s; %.*s is not", name, check_type_name(type), len, text);
	value->high = value->low;
	return true;
}

static bool
relation_fits(enum relation relation, enum fact_type type)
{
	switch (relation) {
	case IS_TRUE:
	case IS_EQ:
	case IS_NE:
		return true;
	case IS_LT:
	case IS_LE:
	case IS_GT:
	case IS_GE:
		return type == FACT_INT || type == FACT_SECONDS;
	case CONTAINS:
	case MATCHES:
		return type == FACT_TEXT;
	case IS_IN:
		return type != FACT_BOOL;
	}
	return false;
}

bool
check_relation(const struct checker *c, const struct test *t, const char *name, size_t offset)
{
	if (t->left.kind == OPERAND_COUNTER && t->relation == IS_TRUE)
		return expr_fail(c->error, offset, "compare %s with something", name);
	if (!relation_fits(t->relation, t->left.type))
		return expr_fail(c->error, offset, "%s is %s and cannot be compared with %s", name,
				 check_type_name(t->left.type), relation_names[t->relation]);
	if (t->right.kind != OPERAND_NONE && t->right.type != t->left.type)
		return expr_fail(c->error, offset, "%s is %s, but the right side is %s", name,
				 check_type_name(t->left.type), check_type_name(t->right.type));
	return true;
}

bool
check_pattern(const struct checker *c, const struct token *t, struct regex **regex)
{
	char message[200];
	size_t offset = 0;

	if (t->kind != TOKEN_STRING)
		return expr_fail(c->error, t->offset, "matches needs a regular expression in quotes");
	*regex = regex_new(t->text, message, sizeof(message), &offset);
	if (!*regex)
		return expr_fail(c->error, t->offset, "bad regular expression: %s at its character %zu", message,
				 offset + 1);
	return true;
}
