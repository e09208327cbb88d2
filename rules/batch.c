/* In: the text of a rule file. Out: its rules, none of them in force yet. */
#include <string.h>

#include "base/alloc.h"
#include "rules/catalogue.h"
#include "rules/load.h"

static bool
is_new(const struct batch *b, const struct yaml *y, const struct rule *r)
{
	for (size_t i = 0; i < b->n; i++) {
		if (strcmp(b->rule[i]->id, r->id) != 0)
			continue;
		err_set(y->error, "%s:%u:%u: the id %s stands twice, first in line %u of %s", r->place.file,
			r->place.line, r->place.column, r->id, b->rule[i]->place.line, b->rule[i]->place.file);
		return false;
	}
	return true;
}

static bool
add_rule(struct batch *b, struct yaml *y, const yaml_node_t *n)
{
	struct rule *r;

	if (b->n == RULES_MAX)
		return yaml_fail(y, n, "more than %d rules", RULES_MAX);
	r = load_rule(y, n);
	if (!r)
		return false;
	if (!is_new(b, y, r)) {
		rule_free(r);
		return false;
	}
	b->rule = mem_resize(b->rule, (b->n + 1) * sizeof(b->rule[0]));
	b->rule[b->n++] = r;
	return true;
}

static bool
add_document(struct batch *b, struct yaml *y, const yaml_node_t *root)
{
	if (!yaml_want(y, root, YAML_SEQUENCE_NODE, "a list of rules (- id: ...)"))
		return false;
	for (yaml_node_item_t *i = root->data.sequence.items.start; i < root->data.sequence.items.top; i++) {
		if (!add_rule(b, y, yaml_node(y, *i)))
			return false;
	}
	return true;
}

bool
batch_read(struct batch *b, const char *name, struct bytes text, struct err *e)
{
	struct yaml y;
	yaml_node_t *root = NULL;
	size_t n_before = b->n;
	bool is_ok;

	if (!yaml_open(&y, name, text, e))
		return false;
	while ((is_ok = yaml_next(&y, &root)) && root && (is_ok = add_document(b, &y, root)))
		;
	yaml_close(&y);
	if (is_ok && b->n == n_before)
		err_set(e, "%s:1:1: no rules in this file", name);
	return is_ok && b->n > n_before;
}

void
batch_drop(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		rule_free(b->rule[i]);
	mem_free(b->rule);
	*b = (struct batch){ 0 };
}
