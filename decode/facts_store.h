/* What decode/ does with fact stores beyond facts.h. */
#ifndef DECODE_FACTS_STORE_H
#define DECODE_FACTS_STORE_H

#include "base/limits.h"
#include "decode/facts.h"

/* Only these are recorded: FACT_WORDS words, bit id is set for each; copied. Before the first fact is set. */
void facts_want(struct facts *f, const uint64_t *words);
/* As facts_set_text without a copy: value stays valid until the fact is set again, or the store is cleared. */
static inline void facts_lend_text(struct facts *f, enum fact_id id, struct bytes value, struct when when);
void facts_clear(struct facts *f); /* no fact is present; the memory stays for the next session */
void facts_add_all(struct facts *to, const struct facts *from);                          /* text is copied */
void facts_add_scope(struct facts *to, const struct facts *from, enum fact_scope scope); /* likewise */
size_t facts_size(const struct facts *f);                                                /* bytes it occupies */

static inline void
facts_lend_text(struct facts *f, enum fact_id id, struct bytes value, struct when when)
{
	fact_slot(f, id, FACT_TEXT, when)->fact.text = bytes_head(value, FACT_TEXT_MAX);
}

#endif
