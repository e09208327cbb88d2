/* In: YAML nodes. Out: conditions, texts, words and lists of a rule, checked. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/load.h"
#include "rules/suggest.h"

static const char *const choice_keys[] = { "if", "then", NULL };
static const char *const sign_keys[] = { "weight", "if", "say", NULL };

static int
shown(struct bytes b)
{
	return (int)(b.len < 64 ? b.len : 64);
}

static bool
is_known(const char *const *names, struct bytes word)
{
	for (size_t i = 0; names[i]; i++) {
		if (bytes_eq_str(word, names[i]))
			return true;
	}
	return false;
}

static bool
fail_unknown(struct yaml *y, const yaml_node_t *n, const char *what, const char *const *names)
{
	struct bytes word = yaml_text(n);
	struct suggestion near = suggest_for(word);
	char text[128];

	for (size_t i = 0; names[i]; i++)
		suggest_try(&near, names[i]);
	return yaml_fail(y, n, "unknown %s %.*s%s", what, shown(word), (const char *)word.p,
			 suggest_text(&near, text, sizeof(text)));
}

bool
load_keys(struct yaml *y, const yaml_node_t *mapping, const char *const *names, const char *what)
{
	const yaml_node_pair_t *pairs = mapping->data.mapping.pairs.start;
	const yaml_node_pair_t *top = mapping->data.mapping.pairs.top;

	for (const yaml_node_pair_t *p = pairs; p < top; p++) {
		const yaml_node_t *key = yaml_node(y, p->key);

		if (!yaml_want(y, key, YAML_SCALAR_NODE, "a key"))
			return false;
		if (!is_known(names, yaml_text(key)))
			return fail_unknown(y, key, what, names);
		for (const yaml_node_pair_t *q = pairs; q < p; q++) {
			if (bytes_eq(yaml_text(yaml_node(y, q->key)), yaml_text(key)))
				return yaml_fail(y, key, "the key %s stands twice", key->data.scalar.value);
		}
	}
	return true;
}

yaml_node_t *
load_value(struct yaml *y, const yaml_node_t *mapping, const char *key)
{
	for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		if (bytes_eq_str(yaml_text(yaml_node(y, p->key)), key))
			return yaml_node(y, p->value);
	}
	return NULL;
}

static bool
is_short_text(const struct yaml *y, const yaml_node_t *n, const char *what)
{
	if (!yaml_want(y, n, YAML_SCALAR_NODE, what))
		return false;
	return yaml_text(n).len <= RULE_TEXT_MAX || yaml_fail(y, n, "longer than %d bytes", RULE_TEXT_MAX);
}

static bool
has_room(const struct yaml *y, const yaml_node_t *n, size_t n_parts)
{
	return n_parts < RULE_PARTS_MAX || yaml_fail(y, n, "more than %d entries", RULE_PARTS_MAX);
}

bool
load_expr(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct expr **x)
{
	struct expr_error e;

	if (!is_short_text(y, n, "a condition"))
		return false;
	*x = expr_new(yaml_text(n), scope, &e);
	return *x || yaml_fail_at(y, n, &e);
}

bool
load_template(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct template **t)
{
	struct expr_error e;

	if (!is_short_text(y, n, "text"))
		return false;
	*t = template_new(yaml_text(n), scope, &e);
	return *t || yaml_fail_at(y, n, &e);
}

static bool
load_fact(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, enum fact_id *id)
{
	struct suggestion near;
	char text[128];
	struct bytes word;

	if (!yaml_want(y, n, YAML_SCALAR_NODE, "a fact"))
		return false;
	word = yaml_text(n);
	near = suggest_for(word);
	if (!fact_find(word, id)) {
		for (size_t i = 0; i < FACT_COUNT; i++)
			suggest_try(&near, fact_infos[i].name);
		return yaml_fail(y, n, "unknown fact %.*s%s", shown(word), (const char *)word.p,
				 suggest_text(&near, text, sizeof(text)));
	}
	if (!(scope->scopes >> fact_infos[*id].scope & 1U))
		return yaml_fail(y, n, "the fact %s is not known when %s is judged", fact_infos[*id].name,
				 scope->judged);
	return true;
}

bool
load_facts(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct fact_list *list)
{
	if (!yaml_want(y, n, YAML_SEQUENCE_NODE, "a list of facts"))
		return false;
	list->n = 0;
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
		if (list->n == RULE_FACTS_MAX)
			return yaml_fail(y, n, "more than %d facts in a list", RULE_FACTS_MAX);
		if (!load_fact(y, yaml_node(y, *i), scope, &list->id[list->n]))
			return false;
		list->n++;
	}
	return list->n > 0 || yaml_fail(y, n, "the list is empty");
}

bool
load_word(struct yaml *y, const yaml_node_t *n, const char *const *names, int *value)
{
	if (!yaml_want(y, n, YAML_SCALAR_NODE, "a word"))
		return false;
	for (int i = 0; names[i]; i++) {
		if (bytes_eq_str(yaml_text(n), names[i])) {
			*value = i;
			return true;
		}
	}
	return fail_unknown(y, n, "word", names);
}

bool
load_integer(struct yaml *y, const yaml_node_t *n, int *value)
{
	const char *text;
	char *end;
	long number;

	if (!yaml_want(y, n, YAML_SCALAR_NODE, "a whole number"))
		return false;
	text = (const char *)n->data.scalar.value; /* libyaml ends scalars with a NUL */
	number = strtol(text, &end, 10);
	if (end == text || (size_t)(end - text) != n->data.scalar.length || number < -1000 || number > 1000)
		return yaml_fail(y, n, "a whole number from -1000 to 1000 is expected here");
	*value = (int)number;
	return true;
}

/* {if: condition, then: word}; the last one of a list may stand without "if". */
static bool
load_choice(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, const char *const *names,
	    struct choice *c)
{
	const yaml_node_t *when, *then;

	if (!yaml_want(y, n, YAML_MAPPING_NODE, "{if: condition, then: word}") || !load_keys(y, n, choice_keys, "key"))
		return false;
	when = load_value(y, n, "if");
	then = load_value(y, n, "then");
	if (!then)
		return yaml_fail(y, n, "the key then is missing");
	return (!when || load_expr(y, when, scope, &c->when)) && load_word(y, then, names, &c->value);
}

bool
load_choices(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, const char *const *names,
	     struct choice **choices, size_t *n_choices)
{
	bool is_complete = false;

	if (n->type == YAML_SCALAR_NODE) {
		*choices = mem_new(sizeof(**choices));
		*n_choices = 1;
		return load_word(y, n, names, &(*choices)[0].value);
	}
	if (!yaml_want(y, n, YAML_SEQUENCE_NODE, "a word or a list of {if: condition, then: word}"))
		return false;
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
		struct choice *c;

		if (!has_room(y, n, *n_choices))
			return false;
		*choices = mem_resize(*choices, (*n_choices + 1) * sizeof(**choices));
		c = &(*choices)[(*n_choices)++];
		*c = (struct choice){ 0 };
		if (!load_choice(y, yaml_node(y, *i), scope, names, c))
			return false;
		is_complete = !c->when;
	}
	return is_complete || yaml_fail(y, n, "the last of the list must be {then: word} without if");
}

static bool
load_sign(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct sign *s)
{
	const yaml_node_t *weight, *when, *say;

	if (!yaml_want(y, n, YAML_MAPPING_NODE, "{weight: number, if: condition, say: text}") ||
	    !load_keys(y, n, sign_keys, "key"))
		return false;
	weight = load_value(y, n, "weight");
	when = load_value(y, n, "if");
	say = load_value(y, n, "say");
	if (!weight || !when)
		return yaml_fail(y, n, "the key %s is missing", weight ? "if" : "weight");
	return load_integer(y, weight, &s->weight) && load_expr(y, when, scope, &s->when) &&
	       (!say || load_template(y, say, scope, &s->say));
}

bool
load_signs(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!yaml_want(y, n, YAML_SEQUENCE_NODE, "a list of signs"))
		return false;
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
		struct sign *s;

		if (!has_room(y, n, r->n_signs))
			return false;
		r->signs = mem_resize(r->signs, (r->n_signs + 1) * sizeof(r->signs[0]));
		s = &r->signs[r->n_signs++];
		*s = (struct sign){ 0 };
		if (!load_sign(y, yaml_node(y, *i), &r->scope, s))
			return false;
	}
	return true;
}

bool
load_notes(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!yaml_want(y, n, YAML_MAPPING_NODE, "{fact: sentence}"))
		return false;
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		struct note *note;

		if (!has_room(y, n, r->n_notes))
			return false;
		r->notes = mem_resize(r->notes, (r->n_notes + 1) * sizeof(r->notes[0]));
		note = &r->notes[r->n_notes++];
		*note = (struct note){ 0 };
		if (!load_fact(y, yaml_node(y, p->key), &r->scope, &note->fact) ||
		    !load_template(y, yaml_node(y, p->value), &r->scope, &note->say))
			return false;
	}
	return true;
}
