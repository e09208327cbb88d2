/* In: a mistyped name and the known ones. Out: the nearest by edit distance, if it is near enough. */
#include "rules/suggest.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 64 /* longer names are no typing errors of ours */

struct suggestion
suggest_for(struct bytes wrong)
{
	/* At most a third of the letters may differ. */
	return (struct suggestion){ .wrong = wrong, .distance = wrong.len / 3 + 2 };
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance with one row; something not below limit when it is not below limit. */
static size_t
edit_distance(struct bytes a, struct bytes b, size_t limit)
{
	size_t row[NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0], least = i;

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t cost = diagonal + (a.p[i - 1] != b.p[j - 1]);

			diagonal = row[j];
			row[j] = min3(cost, row[j] + 1, row[j - 1] + 1);
			least = row[j] < least ? row[j] : least;
		}
		if (least >= limit)
			return least;
	}
	return row[b.len];
}

void
suggest_try(struct suggestion *s, const char *name)
{
	struct bytes known = bytes_str(name);
	size_t distance;

	if (s->wrong.len > NAME_MAX_LEN || known.len > NAME_MAX_LEN)
		return;
	if (s->wrong.len >= known.len + s->distance || known.len >= s->wrong.len + s->distance)
		return;
	distance = edit_distance(s->wrong, known, s->distance);
	if (distance >= s->distance)
		return;
	s->distance = distance;
	s->best = name;
}

const char *
suggest_text(const struct suggestion *s, char *text, size_t text_len)
{
	text[0] = '\0';
	if (s->best)
		snprintf(text, text_len, "; did you mean %s?", s->best);
	return text;
}
