/* The setters of facts.h. Included by it only. */
#ifndef DECODE_FACTS_INLINE_H
#define DECODE_FACTS_INLINE_H

#include "decode/facts_slots.h"

static inline void
facts_set_bool(struct facts *f, enum fact_id id, bool value, struct when when)
{
	fact_slot(f, id, FACT_BOOL, when)->fact.truth = value;
}

static inline void
facts_set_int(struct facts *f, enum fact_id id, int64_t value, struct when when)
{
	fact_slot(f, id, FACT_INT, when)->fact.number = value;
}

static inline void
facts_set_seconds(struct facts *f, enum fact_id id, double value, struct when when)
{
	fact_slot(f, id, FACT_SECONDS, when)->fact.seconds = value;
}

static inline void
facts_set_address(struct facts *f, enum fact_id id, const struct address *value, struct when when)
{
	fact_slot(f, id, FACT_ADDRESS, when)->fact.address = *value;
}

#endif
