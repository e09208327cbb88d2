/* Applies rules to what the decoders found. Order: new, (scope* session)*, capture, findings, free. */
#ifndef RULES_JUDGE_H
#define RULES_JUDGE_H

#include "rules/census.h"
#include "rules/finding.h"
#include "rules/rules.h"
#include "rules/settings.h"

struct judge;

struct judge *judge_new(const struct rules *r); /* borrows r */
/* From now on sessions are compared with these settings, and their own domains part recipients into internal and
 * external ones; borrowed. Before judge_wants and the first session. */
void judge_expect(struct judge *j, const struct settings *s);
/* Adds the facts that the rules name to words, FACT_WORDS of them: nobody asks for others. */
void judge_wants(const struct judge *j, uint64_t *words);
/* Is there a rule that looks at replies that refuse nothing? If not, judge_scope need not be called for them. */
bool judge_wants_all_replies(const struct judge *j);
/* Rules `over:` reply, recipient or message, when the facts of one are complete. */
void judge_scope(struct judge *j, const struct session *s, enum fact_scope scope);
/* Rules over: session and the groups, once per session, when its facts are final. */
void judge_session(struct judge *j, const struct session *s);
/* Rules over: capture; then links causes, ranks and writes the verdict. Call once, after the last session. */
void judge_capture(struct judge *j, const struct facts *capture_facts);
/* By importance, the main diagnosis first. Owned by j. */
const struct finding *judge_findings(const struct judge *j, size_t *n);
const struct verdict *judge_verdict(const struct judge *j);
/* Who took part, and how things went with each. Owned by j. */
const struct census *judge_census(const struct judge *j);
void judge_free(struct judge *j); /* NULL is fine */

#endif
