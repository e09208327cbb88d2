/* Sessions against the settings: which ones they concern, by which profile, and each difference as facts.
 * Order: new, (session, next*)*, free. */
#ifndef RULES_EXPECT_H
#define RULES_EXPECT_H

#include "decode/session.h"
#include "rules/settings.h"

struct expect;
struct matcher;

struct expect *expect_new(const struct settings *s, struct matcher *m); /* borrows both */
void expect_free(struct expect *x);                                     /* NULL is fine */
void expect_wants(uint64_t *words);                                     /* as judge_wants */
/* Looks at a session that is over; sets client.not_allowlisted and smtp.refusal.cause. */
void expect_session(struct expect *x, const struct session *s);
/* Sets the expect.* facts of the next difference. false: there is none any more, and these facts are gone. */
bool expect_next(struct expect *x, const struct session *s) MUST_USE;

#endif
