/* One YAML document at a time, and errors that name file, line and column. Hides the tedious part of libyaml.
 * Order: open, next*, close; nodes live until the next next or close. */
#ifndef RULES_YAML_H
#define RULES_YAML_H

#include <yaml.h>

#include "base/bytes.h"
#include "base/err.h"
#include "rules/rule.h"

struct yaml {
	const char *name;
	struct bytes text;
	yaml_parser_t parser;
	yaml_document_t document;
	bool has_document;
	struct err *error;
};

bool yaml_open(struct yaml *y, const char *name, struct bytes text, struct err *e) MUST_USE;
/* *root: NULL at the end. */
bool yaml_next(struct yaml *y, yaml_node_t **root) MUST_USE;
void yaml_close(struct yaml *y);

yaml_node_t *yaml_node(struct yaml *y, int index);
struct bytes yaml_text(const yaml_node_t *scalar);
struct place yaml_place(const struct yaml *y, const yaml_node_t *n);
/* Where the character at this offset of the scalar's value stands in the file. */
struct place yaml_place_in(const struct yaml *y, const yaml_node_t *scalar, size_t offset);
/* All return false, with the error set. */
bool yaml_fail(const struct yaml *y, const yaml_node_t *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool yaml_fail_at(const struct yaml *y, const yaml_node_t *scalar, const struct expr_error *e);
bool yaml_want(const struct yaml *y, const yaml_node_t *n, yaml_node_type_t type, const char *what);

#endif
