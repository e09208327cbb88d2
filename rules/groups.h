/* Rules over groups of sessions. Counts as sessions end; keeps at most GROUPS_MAX groups of a rule and lets the idlest
 * go, not without judging it. Order: new, (look, add)*, finish, free. */
#ifndef RULES_GROUPS_H
#define RULES_GROUPS_H

#include "rules/findings.h"
#include "rules/rules.h"

struct groups;

struct groups *groups_new(const struct rules *r, struct findings *to); /* borrows both */
void groups_free(struct groups *g);                                    /* NULL is fine */
void groups_look(struct groups *g, const struct session *s);           /* when its facts are final */
void groups_add(struct groups *g, const struct session *s);            /* the session that was looked at last */
void groups_finish(struct groups *g);                                  /* judges what is left */

#endif
