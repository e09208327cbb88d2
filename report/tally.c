/* In: keys with good or bad luck. Out: counts. */
#include "report/tally.h"

#include <string.h>

#include "base/hash.h"

struct bytes
tally_key(const struct tally_row *row)
{
	return bytes_of(row->key, row->key_len);
}

static struct tally_row *
find_or_add(struct tally *t, struct bytes key)
{
	uint32_t hash = (uint32_t)hash_bytes(key);
	size_t at = (hash ^ hash >> 16) % TALLY_PLACES;
	struct tally_row *row;

	for (; t->places[at] != 0; at = (at + 1) % TALLY_PLACES) {
		row = &t->rows[t->places[at] - 1];
		if (row->hash == hash && bytes_eq(tally_key(row), key))
			return row;
	}
	if (t->n == REPORT_TALLY_MAX)
		return NULL;
	row = &t->rows[t->n++];
	t->places[at] = (uint8_t)t->n;
	memset(row, 0, sizeof(*row));
	row->hash = hash;
	row->key_len = (uint8_t)key.len;
	memcpy(row->key, key.p, key.len);
	return row;
}

void
tally_add(struct tally *t, struct bytes key, enum tally_kind kind)
{
	struct tally_row *row;

	if (key.len == 0)
		return;
	row = find_or_add(t, bytes_head(key, TALLY_KEY_MAX));
	if (!row) {
		t->n_uncounted++;
		return;
	}
	row->n_good += kind == TALLY_GOOD;
	row->n_bad += kind == TALLY_BAD;
	row->n_other += kind == TALLY_OTHER;
}

static bool
comes_before(const struct tally_row *a, const struct tally_row *b)
{
	if (a->n_bad != b->n_bad)
		return a->n_bad > b->n_bad;
	return a->n_good > b->n_good;
}

/* By insertion: stable, and there are few rows. */
void
tally_sort(struct tally *t)
{
	for (size_t i = 1; i < t->n; i++) {
		struct tally_row row = t->rows[i];
		size_t k = i;

		for (; k > 0 && comes_before(&row, &t->rows[k - 1]); k--)
			t->rows[k] = t->rows[k - 1];
		t->rows[k] = row;
	}
}
