/* Keeps what rules found: the same rule with the same merge_by values is one finding with many sessions.
 * Order: new, add*, finish, list, free. */
#ifndef RULES_FINDINGS_H
#define RULES_FINDINGS_H

#include "rules/firing.h"
#include "rules/scope.h"

struct findings;

struct findings *findings_new(size_t n_rules);
void findings_free(struct findings *s); /* NULL is fine */
void findings_add(struct findings *s, const struct firing *f);
/* All mail of this session was delivered in the end: what was refused in it before was overcome. */
void findings_overcome(struct findings *s, uint64_t session);
/* Links causes, asks for scopes and orders; call once. rule: the catalogue, as rule_index counts. */
void findings_finish(struct findings *s, struct rule *const *rule, size_t n_rules, struct scope *scope);
const struct finding *findings_list(const struct findings *s, size_t *n); /* by importance */

#endif
