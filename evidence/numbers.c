/* In: numbers. Out: which were there. A hash table that is never more than half full. */
#include "evidence/numbers.h"

#include "base/alloc.h"
#include "base/limits.h"

#define PLACES_MIN 64 /* a power of two */

static size_t
place_of(const struct numbers *s, uint64_t number)
{
	uint64_t h = number * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(h ^ h >> 32) & (s->n_places - 1);

	while (s->places[at] != 0 && s->places[at] != number)
		at = (at + 1) & (s->n_places - 1);
	return at;
}

static void
grow(struct numbers *s)
{
	struct numbers old = *s;

	s->n_places = old.n_places > 0 ? 2 * old.n_places : PLACES_MIN;
	s->places = mem_new_array(s->n_places, sizeof(*s->places));
	for (size_t i = 0; i < old.n_places; i++)
		if (old.places[i] != 0)
			s->places[place_of(s, old.places[i])] = old.places[i];
	mem_free(old.places);
}

void
numbers_add(struct numbers *s, uint64_t number)
{
	if (number == 0) {
		s->has_zero = true;
		return;
	}
	if (s->n >= NUMBERS_MAX || numbers_has(s, number))
		return;
	if (2 * (s->n + 1) > s->n_places)
		grow(s);
	s->places[place_of(s, number)] = number;
	s->n++;
}

bool
numbers_has(const struct numbers *s, uint64_t number)
{
	if (number == 0)
		return s->has_zero;
	return s->n > 0 && s->places[place_of(s, number)] == number;
}

void
numbers_fini(struct numbers *s)
{
	mem_free(s->places);
	*s = (struct numbers){ 0 };
}
