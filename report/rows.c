/* In: rows of a census. Out: the few that matter most, as words. */
#include "report/rows.h"

#define ROWS_SHOWN 6

/* Is a in front of b? Rows keep their order of appearance otherwise. */
static bool
comes_before(const struct census_row *a, const struct census_row *b)
{
	if (a->luck[LUCK_BAD] != b->luck[LUCK_BAD])
		return a->luck[LUCK_BAD] > b->luck[LUCK_BAD];
	return a->luck[LUCK_GOOD] > b->luck[LUCK_GOOD];
}

/* The most important rows by insertion: there are few. Returns how many. */
static size_t
choose(const struct census_table *t, size_t *chosen, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t k = n;

		while (k > 0 && comes_before(&t->rows[i], &t->rows[chosen[k - 1]]))
			k--;
		if (k == max)
			continue;
		n += n < max;
		for (size_t move = n - 1; move > k; move--)
			chosen[move] = chosen[move - 1];
		chosen[k] = i;
	}
	return n;
}

void
rows_print_endpoint(struct wrap *w, const struct endpoint *e)
{
	char text[ADDRESS_TEXT_MAX];

	address_text(&e->address, text);
	if (e->port == 0)
		wrap_strf(w, "%s", text);
	else
		wrap_strf(w, e->address.family == 6 ? "[%s]:%u" : "%s:%u", text, (unsigned)e->port);
}

static void
tell_key(struct wrap *w, struct bytes key, bool is_endpoint)
{
	struct endpoint e;

	if (!is_endpoint) {
		wrap_words(w, key);
		return;
	}
	e = census_endpoint(key);
	rows_print_endpoint(w, &e);
}

static bool
is_endpoint(enum census_of of)
{
	return of == CENSUS_CLIENT || of == CENSUS_SERVER;
}

bool
rows_print(struct wrap *w, const struct census *c, enum census_of of, const char *bad)
{
	const struct census_table *t = &c->of[of];
	size_t chosen[ROWS_SHOWN], n = choose(t, chosen, ROWS_SHOWN);

	for (size_t i = 0; i < n; i++) {
		const struct census_row *row = &t->rows[chosen[i]];
		unsigned long n_bad = row->luck[LUCK_BAD];

		tell_key(w, census_key(t, row), is_endpoint(of));
		if (n_bad > 0)
			wrap_strf(w, "(%lu of %lu %s)", n_bad, n_bad + row->luck[LUCK_GOOD] + row->luck[LUCK_OTHER],
				  bad);
		if (i + 1 < n)
			wrap_glue(w, ",");
	}
	if (t->n_uncounted > 0)
		wrap_strf(w, "and at least %zu more", t->n - n + 1);
	else if (t->n > n)
		wrap_strf(w, "and %zu more", t->n - n);
	return n > 0;
}

void
rows_print_first(struct wrap *w, const struct census *c, enum census_of of)
{
	const struct census_table *t = &c->of[of];
	size_t chosen[1];

	if (choose(t, chosen, 1) > 0)
		tell_key(w, census_key(t, &t->rows[chosen[0]]), is_endpoint(of));
}
