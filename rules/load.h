/* Reads rules from YAML text. */
#ifndef RULES_LOAD_H
#define RULES_LOAD_H

#include "rules/yaml.h"

/* Reads one rule; NULL: the error of y is set. */
struct rule *load_rule(struct yaml *y, const yaml_node_t *mapping);

/* Parts of a rule; false: the error of y is set. */
bool load_expr(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct expr **x) MUST_USE;
bool load_template(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct template **t) MUST_USE;
bool load_facts(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, struct fact_list *list) MUST_USE;
/* One word of names, or a list of {if: condition, then: word}. */
bool load_choices(struct yaml *y, const yaml_node_t *n, const struct expr_scope *scope, const char *const *names,
		  struct choice **choices, size_t *n_choices) MUST_USE;
bool load_signs(struct yaml *y, const yaml_node_t *n, struct rule *r) MUST_USE;
bool load_notes(struct yaml *y, const yaml_node_t *n, struct rule *r) MUST_USE;
bool load_word(struct yaml *y, const yaml_node_t *n, const char *const *names, int *value) MUST_USE;
bool load_integer(struct yaml *y, const yaml_node_t *n, int *value) MUST_USE;
/* The value of a key; NULL when it is not there. */
yaml_node_t *load_value(struct yaml *y, const yaml_node_t *mapping, const char *key);
/* Refuses keys that are not in names, and keys that stand twice. */
bool load_keys(struct yaml *y, const yaml_node_t *mapping, const char *const *names, const char *what) MUST_USE;

#endif
