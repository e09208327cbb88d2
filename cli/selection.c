/* In: numbers of sessions. Out: whether a number is among them. One bit each, at most SELECTION_MAX. */
#include "cli/selection.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct selection {
	uint64_t *words;
	size_t n_words;
};

struct selection *
selection_new(void)
{
	return mem_new(sizeof(struct selection));
}

bool
selection_covers(uint64_t id)
{
	return id < SELECTION_MAX;
}

void
selection_add(struct selection *s, uint64_t id)
{
	size_t word = (size_t)(id / 64);

	if (!selection_covers(id))
		return;
	if (word >= s->n_words) {
		size_t n = (word + 1) * 2;

		s->words = mem_resize(s->words, n * sizeof(*s->words));
		memset(s->words + s->n_words, 0, (n - s->n_words) * sizeof(*s->words));
		s->n_words = n;
	}
	s->words[word] |= (uint64_t)1 << (id % 64);
}

bool
selection_has(const struct selection *s, uint64_t id)
{
	size_t word = (size_t)(id / 64);

	return selection_covers(id) && word < s->n_words && (s->words[word] >> (id % 64) & 1) != 0;
}

void
selection_free(struct selection *s)
{
	if (!s)
		return;
	mem_free(s->words);
	mem_free(s);
}
