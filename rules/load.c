/* In: one mapping of a rule file. Out: a rule, or the exact place of what is wrong with it. */
#include "rules/load.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

static const char *const severity_words[] = { "info", "warning", "error", NULL };
static const char *const certainty_words[] = { "possible", "likely", "proven", NULL };
static const char *const truth_words[] = { "false", "true", NULL };
static const char *const over_words[] = { "session",    "reply",   "recipient", "message",
					  "difference", "capture", "finding",   NULL };
static const char *const key_names[] = {
#define KEY(name, read, is_needed) name,
#include "rules/keys.def"
#undef KEY
	NULL,
};

#define BIT(scope) (1U << (scope))

/* The facts of a session are known while its replies are judged; those of one reply are gone at its end. */
static const struct expr_scope scopes[OVER_COUNT] = {
	[OVER_SESSION] = { BIT(SCOPE_SESSION), false, "a session" },
	[OVER_REPLY] = { BIT(SCOPE_SESSION) | BIT(SCOPE_REPLY) | BIT(SCOPE_RECIPIENT) | BIT(SCOPE_MESSAGE), false,
			 "a reply" },
	[OVER_RECIPIENT] = { BIT(SCOPE_SESSION) | BIT(SCOPE_REPLY) | BIT(SCOPE_RECIPIENT) | BIT(SCOPE_MESSAGE), false,
			     "a recipient" },
	[OVER_MESSAGE] = { BIT(SCOPE_SESSION) | BIT(SCOPE_REPLY) | BIT(SCOPE_MESSAGE), false, "a message" },
	[OVER_DIFFERENCE] = { BIT(SCOPE_SESSION) | BIT(SCOPE_DIFFERENCE), false, "a difference" },
	[OVER_CAPTURE] = { BIT(SCOPE_CAPTURE), false, "the capture" },
	[OVER_FINDING] = { BIT(SCOPE_FINDING), false, "what the failures of a finding share" },
	[OVER_GROUP] = { BIT(SCOPE_SESSION), true, "a group of sessions" },
};

/* With libyaml's NUL. */
static const char *
copy_text(struct rule *r, struct bytes scalar)
{
	return (const char *)arena_copy(&r->arena, bytes_of(scalar.p, scalar.len + 1)).p;
}

static bool
read_id(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	struct bytes id;

	if (!yaml_want(y, n, YAML_SCALAR_NODE, "an id"))
		return false;
	id = yaml_text(n);
	for (size_t i = 0; i < id.len; i++) {
		uint8_t c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return yaml_fail(y, n, "an id has small letters, digits and - only");
	}
	if (id.len == 0 || id.len > 64)
		return yaml_fail(y, n, "an id has 1 to 64 letters");
	r->id = copy_text(r, id);
	r->place = yaml_place(y, n);
	return true;
}

static bool
read_over(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	int over = OVER_GROUP;

	if (n->type == YAML_SEQUENCE_NODE) {
		if (!load_facts(y, n, &scopes[OVER_SESSION], &r->group_by))
			return false;
	} else if (!load_word(y, n, over_words, &over)) {
		return false;
	}
	r->over = (enum rule_over)over;
	r->scope = scopes[over];
	return true;
}

static bool
read_when(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!load_expr(y, n, &r->scope, &r->when))
		return false;
	for (size_t i = 0; r->over == OVER_GROUP && i < r->when->n_tests; i++) {
		if (r->when->tests[i].left.kind != OPERAND_COUNTER || r->when->tests[i].right.kind == OPERAND_FACT)
			return yaml_fail(y, n,
					 "over a group of sessions, write count(...), distinct(...), first(...) "
					 "or last(...) on both sides of a comparison, or a number");
	}
	return true;
}

static bool
read_signs(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (r->over == OVER_GROUP)
		return yaml_fail(y, n, "a rule over a group of sessions has no signs");
	return load_signs(y, n, r);
}

/* A word, or {proven: 6, likely: 3}: the sum of the weights that is needed. */
static bool
read_certainty(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	int word;

	for (size_t i = 0; i < ARRAY_LEN(r->threshold); i++)
		r->threshold[i] = INT_MAX;
	if (n->type == YAML_SCALAR_NODE) {
		if (!load_word(y, n, certainty_words, &word))
			return false;
		r->threshold[word] = INT_MIN;
		return true;
	}
	if (!yaml_want(y, n, YAML_MAPPING_NODE, "a word or {proven: number, likely: number}") ||
	    !load_keys(y, n, certainty_words, "certainty"))
		return false;
	if (r->n_signs == 0)
		return yaml_fail(y, n, "thresholds need signs");
	for (int i = 0; certainty_words[i]; i++) {
		const yaml_node_t *value = load_value(y, n, certainty_words[i]);

		if (value && !load_integer(y, value, &r->threshold[i]))
			return false;
	}
	return true;
}

/* All but "when" and "evidence" of a rule over a group knows only what its sessions share. */
struct group_check {
	const struct rule *rule;
	bool is_ok;
};

static void
see_fact(void *user, enum fact_id id)
{
	struct group_check *check = user;
	bool is_shared = false;

	for (size_t i = 0; i < check->rule->group_by.n; i++)
		is_shared = is_shared || check->rule->group_by.id[i] == id;
	check->is_ok = check->is_ok && is_shared;
}

static bool
read_choices(struct yaml *y, const yaml_node_t *n, struct rule *r, const char *const *names, struct choice **choices,
	     size_t *n_choices)
{
	struct group_check check = { r, true };
	struct expr_scope scope = r->scope;

	scope.has_counters = false;
	if (!load_choices(y, n, &scope, names, choices, n_choices))
		return false;
	for (size_t i = 0; r->over == OVER_GROUP && i < *n_choices; i++) {
		const struct expr *x = (*choices)[i].when;

		for (size_t k = 0; x && k < x->n_tests; k++) {
			see_fact(&check, (enum fact_id)x->tests[k].left.index);
			if (x->tests[k].right.kind == OPERAND_FACT)
				see_fact(&check, (enum fact_id)x->tests[k].right.index);
		}
	}
	return check.is_ok || yaml_fail(y, n, "over a group of sessions, this may depend only on the facts in over");
}

static bool
read_severity(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_choices(y, n, r, severity_words, &r->severity, &r->n_severity);
}

static bool
read_fault(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_choices(y, n, r, fault_names, &r->fault, &r->n_fault);
}

static bool
read_text(struct yaml *y, const yaml_node_t *n, struct rule *r, struct template **t)
{
	struct group_check check = { r, true };

	if (!load_template(y, n, &r->scope, t))
		return false;
	if (r->over == OVER_GROUP)
		template_facts(*t, see_fact, &check);
	return check.is_ok || yaml_fail(y, n, "over a group of sessions, texts may name only the facts in over");
}

static bool
read_title(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_text(y, n, r, &r->title);
}

static bool
read_means(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_text(y, n, r, &r->means);
}

static bool
read_not_proven(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_text(y, n, r, &r->not_proven);
}

static bool
read_remedy(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return read_text(y, n, r, &r->remedy);
}

static bool
read_evidence(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	return load_notes(y, n, r);
}

static bool
read_detail(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	struct group_check check = { r, true };

	if (!load_facts(y, n, &r->scope, &r->detail))
		return false;
	for (size_t i = 0; r->over == OVER_GROUP && i < r->detail.n; i++)
		see_fact(&check, r->detail.id[i]);
	return check.is_ok || yaml_fail(y, n, "over a group of sessions, detail may name only the facts in over");
}

static bool
read_merge_by(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (r->over == OVER_GROUP || r->over == OVER_CAPTURE || r->over == OVER_FINDING)
		return yaml_fail(y, n, "a rule over a group, a finding or the capture has nothing to merge");
	return load_facts(y, n, &r->scope, &r->merge_by);
}

static bool
read_explains(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!yaml_want(y, n, YAML_SEQUENCE_NODE, "a list of ids"))
		return false;
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
		const yaml_node_t *id = yaml_node(y, *i);
		struct bytes text;

		if (!yaml_want(y, id, YAML_SCALAR_NODE, "an id"))
			return false;
		text = yaml_text(id);
		if (r->n_explains == RULE_PARTS_MAX || text.len > RULE_TEXT_MAX)
			return yaml_fail(y, id, "too many ids, or too long");
		r->explains = mem_resize(r->explains, (r->n_explains + 1) * sizeof(r->explains[0]));
		r->explains[r->n_explains].id = (const char *)arena_copy(&r->arena, bytes_of(text.p, text.len + 1)).p;
		r->explains[r->n_explains++].place = yaml_place(y, id);
	}
	return true;
}

static bool
read_last_resort(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	int value;

	if (!load_word(y, n, truth_words, &value))
		return false;
	r->is_last_resort = value == 1;
	return !r->is_last_resort || r->over != OVER_GROUP ||
	       yaml_fail(y, n, "a rule over a group of sessions cannot be one of last resort");
}

static bool
read_remark(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	int value;

	if (!load_word(y, n, truth_words, &value))
		return false;
	r->is_remark = value == 1;
	return true;
}

static bool
read_labels(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!yaml_want(y, n, YAML_MAPPING_NODE, "{name: text}"))
		return false;
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_node(y, p->key), *text = yaml_node(y, p->value);

		if (!yaml_want(y, key, YAML_SCALAR_NODE, "a name") || !yaml_want(y, text, YAML_SCALAR_NODE, "text"))
			return false;
		if (r->n_labels == RULE_PARTS_MAX || yaml_text(text).len > RULE_TEXT_MAX)
			return yaml_fail(y, text, "more than %d labels, or one longer than %d bytes", RULE_PARTS_MAX,
					 RULE_TEXT_MAX);
		r->labels = mem_resize(r->labels, (r->n_labels + 1) * sizeof(r->labels[0]));
		r->labels[r->n_labels++] = (struct label){ copy_text(r, yaml_text(key)),
							   arena_copy(&r->arena, yaml_text(text)) };
	}
	return true;
}

static bool
read_device(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	int value;

	if (!load_word(y, n, truth_words, &value))
		return false;
	r->shows_device = value == 1;
	return true;
}

static bool
read_source(struct yaml *y, const yaml_node_t *n, struct rule *r)
{
	if (!yaml_want(y, n, YAML_SCALAR_NODE, "text"))
		return false;
	if (yaml_text(n).len > RULE_TEXT_MAX)
		return yaml_fail(y, n, "longer than %d bytes", RULE_TEXT_MAX);
	r->source = arena_copy(&r->arena, yaml_text(n));
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct yaml *y, const yaml_node_t *n, struct rule *r);
	bool is_needed;
} keys[] = {
#define KEY(name, read, is_needed) { name, read, is_needed },
#include "rules/keys.def"
#undef KEY
};

static bool
read_rule(struct yaml *y, const yaml_node_t *mapping, struct rule *r)
{
	if (!yaml_want(y, mapping, YAML_MAPPING_NODE, "a rule: keys and values") ||
	    !load_keys(y, mapping, key_names, "key"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const yaml_node_t *value = load_value(y, mapping, keys[i].name);

		if (!value && keys[i].is_needed)
			return yaml_fail(y, mapping, "the key %s is missing", keys[i].name);
		if (value && !keys[i].read(y, value, r))
			return false;
	}
	return true;
}

struct rule *
load_rule(struct yaml *y, const yaml_node_t *mapping)
{
	struct rule *r = mem_new(sizeof(*r));

	arena_init(&r->arena, RULE_FILE_MAX);
	if (read_rule(y, mapping, r))
		return r;
	rule_free(r);
	return NULL;
}
