/* In: values with their packets. Out: the same, by id. A slot is taken when a fact is set for the first time and
 * keeps its room for text, so that a store that is used again allocates nothing. */
#include "decode/facts.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/facts_store.h"

const struct fact_info fact_infos[FACT_COUNT] = {
#define FACT(id, name, type, scope, doc) { name, type, scope, doc },
#include "decode/facts.def"
#undef FACT
};

#define SLOTS_FIRST 24
#define UNWANTED 1
#define TEXT_ROOM_FIRST 32
#define N_SCOPES (SCOPE_FINDING + 1)

bool
fact_find(struct bytes name, enum fact_id *id)
{
	static const uint8_t lengths[] = {
#define FACT(id, name, type, scope, doc) sizeof(name) - 1,
#include "decode/facts.def"
#undef FACT
	};

	for (size_t i = 0; i < FACT_COUNT; i++)
		if (name.len == lengths[i] && memcmp(name.p, fact_infos[i].name, name.len) == 0) {
			*id = (enum fact_id)i;
			return true;
		}
	return false;
}

struct facts *
facts_new(void)
{
	struct facts *f = mem_new(sizeof(*f));

	memset(f->wanted, 0xff, sizeof(f->wanted));
	for (size_t i = 0; i < FACT_COUNT; i++)
		f->of_scope[fact_infos[i].scope][i / 64] |= fact_bit((enum fact_id)i);
	return f;
}

void
facts_free(struct facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_slots; i++)
		mem_free(f->slots[i].room);
	mem_free(f->slots);
	mem_free(f);
}

void
facts_want(struct facts *f, const uint64_t *words)
{
	memcpy(f->wanted, words, sizeof(f->wanted));
}

void
facts_clear(struct facts *f)
{
	memset(f->present, 0, sizeof(f->present));
}

size_t
facts_size(const struct facts *f)
{
	return sizeof(*f) + f->capacity * sizeof(f->slots[0]) + f->n_text;
}

void
facts_clear_scope(struct facts *f, enum fact_scope scope)
{
	for (size_t i = 0; i < FACT_WORDS; i++)
		f->present[i] &= ~f->of_scope[scope][i];
}

const uint64_t *
facts_present(const struct facts *f)
{
	return f->present;
}

static bool
is_wanted(const struct facts *f, enum fact_id id)
{
	return (f->wanted[id / 64] & fact_bit(id)) != 0;
}

void
facts_add_slot(struct facts *f, enum fact_id id)
{
	if (f->n_slots == f->capacity) {
		f->capacity = f->capacity > 0 ? f->capacity * 2 : SLOTS_FIRST;
		f->slots = mem_resize(f->slots, f->capacity * sizeof(f->slots[0]));
	}
	while (f->n_slots <= UNWANTED)
		f->slots[f->n_slots++] = (struct slot){ .room = NULL };
	f->slot_of[id] = UNWANTED;
	if (!is_wanted(f, id))
		return;
	f->slots[f->n_slots] = (struct slot){ .room = NULL };
	f->slot_of[id] = (uint16_t)f->n_slots++;
}

static void
make_room(struct facts *f, struct slot *s, size_t need)
{
	size_t len = TEXT_ROOM_FIRST;

	while (len < need)
		len *= 2;
	f->n_text += len - s->room_len;
	s->room = mem_resize(NULL, len);
	s->room_len = len;
}

void
facts_set_text(struct facts *f, enum fact_id id, struct bytes value, struct when when)
{
	struct slot *s = fact_slot(f, id, FACT_TEXT, when);
	struct bytes kept = bytes_head(value, FACT_TEXT_MAX);

	if (!is_wanted(f, id))
		return;
	if (kept.len > s->room_len) {
		uint8_t *old = s->room;

		make_room(f, s, kept.len);
		memcpy(s->room, kept.p, kept.len);
		mem_free(old); /* only now: the value may come from this very slot */
	} else if (kept.len > 0) {
		memmove(s->room, kept.p, kept.len);
	}
	s->fact.text = bytes_of(s->room, kept.len);
}

static void
add_one(struct facts *to, const struct facts *from, enum fact_id id)
{
	const struct fact *value = facts_get(from, id);

	if (fact_infos[id].type == FACT_TEXT)
		facts_set_text(to, id, value->text, value->when);
	else
		fact_slot(to, id, fact_infos[id].type, value->when)->fact = *value;
}

static void
add_bits(struct facts *to, const struct facts *from, size_t word, uint64_t bits)
{
	for (; bits != 0; bits &= bits - 1)
		add_one(to, from, (enum fact_id)(word * 64 + (size_t)__builtin_ctzll(bits)));
}

void
facts_add_all(struct facts *to, const struct facts *from)
{
	for (size_t i = 0; i < FACT_WORDS; i++)
		add_bits(to, from, i, from->present[i]);
}

void
facts_add_scope(struct facts *to, const struct facts *from, enum fact_scope scope)
{
	for (size_t i = 0; i < FACT_WORDS; i++)
		add_bits(to, from, i, from->present[i] & from->of_scope[scope][i]);
}

void
facts_unset(struct facts *f, enum fact_id id)
{
	f->present[id / 64] &= ~fact_bit(id);
}
