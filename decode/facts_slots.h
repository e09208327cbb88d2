/* The inside of the store: a hundred facts are set for each session, and all about one that is named in the code is a
 * constant, so this is inline. Included by facts.h only. */
#ifndef DECODE_FACTS_SLOTS_H
#define DECODE_FACTS_SLOTS_H

#include <assert.h>

#include "decode/fact.h"

struct slot {
	struct fact fact;
	uint8_t *room; /* for text */
	size_t room_len;
};

struct facts {
	uint64_t present[FACT_WORDS];
	uint64_t wanted[FACT_WORDS];
	uint64_t of_scope[SCOPE_FINDING + 1][FACT_WORDS]; /* which facts belong to it */
	uint16_t slot_of[FACT_COUNT];                     /* 0: it has none yet */
	struct slot *slots;
	size_t n_slots, capacity; /* the first two: none, and one for all that is not wanted and never read */
	size_t n_text;            /* bytes of room of all slots */
};

void facts_add_slot(struct facts *f, enum fact_id id);

static inline uint64_t
fact_bit(enum fact_id id)
{
	return UINT64_C(1) << (id % 64);
}

static inline const struct fact *
facts_get(const struct facts *f, enum fact_id id)
{
	if (!(f->present[id / 64] & fact_bit(id)))
		return NULL;
	return &f->slots[f->slot_of[id]].fact;
}

/* Where the value goes; the fact is present from now on. */
static inline struct slot *
fact_slot(struct facts *f, enum fact_id id, enum fact_type type, struct when when)
{
	struct slot *s;

	assert(fact_infos[id].type == type);
	(void)type;
	if (UNLIKELY(f->slot_of[id] == 0))
		facts_add_slot(f, id);
	f->present[id / 64] |= fact_bit(id) & f->wanted[id / 64];
	s = &f->slots[f->slot_of[id]];
	s->fact.when = when;
	return s;
}

#endif
