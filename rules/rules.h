/* The catalogue of rules: data from YAML files, checked when loaded (DESIGN: rules are data).
 * Order: new_builtin, load*, then judges; the rules must outlive them. */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stdio.h>

#include "base/err.h"
#include "decode/session.h"

struct rules;
struct condition;

struct rules *rules_new_builtin(void); /* the catalogue built into the program */
/* Adds the rules of a YAML file, or of all *.yaml of a directory; a rule with a known id replaces it.
 * false: e says file, line, column and what is wrong; the rules are as before. */
bool rules_load(struct rules *r, const char *path, struct err *e) MUST_USE;
bool rules_load_text(struct rules *r, const char *name, struct bytes yaml, struct err *e) MUST_USE;
void rules_free(struct rules *r); /* NULL is fine */

/* Pages for `smtptrace rules`, `rules ID` and `explain ID`. false: no such rule. */
void rules_list(const struct rules *r, FILE *out);
bool rules_print(const struct rules *r, const char *id, FILE *out) MUST_USE;

/* A lone condition, as -Y takes it, over the facts of a session. */
struct condition *condition_new(const char *text, struct err *e);
void condition_wants(const struct condition *c, uint64_t *words); /* as judge_wants */
bool condition_holds(const struct condition *c, const struct facts *f);
void condition_free(struct condition *c); /* NULL is fine */

#endif
