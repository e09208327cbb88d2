/* Texts with facts filled in: "TTL {tcp.reset.ttl}". {a|b|"words"} takes the first that is known; {{ is a brace. */
#ifndef RULES_TEMPLATE_H
#define RULES_TEMPLATE_H

#include "base/buf.h"
#include "rules/condition.h"

struct template;

/* NULL: e says what is wrong. Facts outside the scope are refused. Keeps nothing of text. */
struct template *template_new(struct bytes text, const struct expr_scope *scope, struct expr_error *e);
void template_free(struct template *t); /* NULL is fine */
/* An unknown fact leaves nothing, and takes one of the blanks around it along. */
void template_fill(const struct template *t, const struct facts *f, struct buf *out);
struct bytes template_source(const struct template *t); /* as the author wrote it */
bool template_is_empty(const struct template *t);
/* Calls see for each fact that the text names. */
void template_facts(const struct template *t, void (*see)(void *user, enum fact_id id), void *user);
/* The value as a reader expects it: "12.1 s", "192.0.2.1". */
void fact_print(enum fact_type type, const struct fact *value, struct buf *out);

#endif
