/* The facts of one session (or of the capture), by their ids. Absent is a state of its own, never a guess. */
#ifndef DECODE_FACTS_H
#define DECODE_FACTS_H

#include "decode/fact.h"

struct facts;
struct facts *facts_new(void);
void facts_free(struct facts *f); /* NULL is fine */
void facts_clear_scope(struct facts *f, enum fact_scope scope);
/* NULL: absent. Valid until the next set. */
static inline const struct fact *facts_get(const struct facts *f, enum fact_id id);
const uint64_t *facts_present(const struct facts *f); /* FACT_WORDS words, bit id is set when present */

/* The setters replace. Text longer than FACT_TEXT_MAX is cut. Setting a wrong type is our mistake. */
static inline void facts_set_bool(struct facts *f, enum fact_id id, bool value, struct when when);
static inline void facts_set_int(struct facts *f, enum fact_id id, int64_t value, struct when when);
static inline void facts_set_seconds(struct facts *f, enum fact_id id, double value, struct when when);
void facts_set_text(struct facts *f, enum fact_id id, struct bytes value, struct when when);
static inline void facts_set_address(struct facts *f, enum fact_id id, const struct address *value, struct when when);
void facts_unset(struct facts *f, enum fact_id id);

#include "decode/facts_inline.h"

#endif
