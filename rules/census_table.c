/* In: keys. Out: the numbers of their rows. */
#include "rules/census_table.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/hash.h"

#define ROWS_FIRST 64

void
census_table_init(struct census_table *t, bool has_phases)
{
	*t = (struct census_table){ .has_phases = has_phases };
}

void
census_table_fini(struct census_table *t)
{
	mem_free(t->rows);
	mem_free(t->stopped);
	mem_free(t->text);
	mem_free(t->places);
	census_table_init(t, t->has_phases);
}

static void
place(struct census_table *t, size_t row)
{
	size_t at = t->rows[row].hash & (t->n_places - 1);

	while (t->places[at] != 0)
		at = (at + 1) & (t->n_places - 1);
	t->places[at] = (uint16_t)(row + 1);
}

static RARE void
grow(struct census_table *t)
{
	t->room = t->room > 0 ? 2 * t->room : ROWS_FIRST;
	t->rows = mem_resize(t->rows, t->room * sizeof(t->rows[0]));
	if (t->has_phases)
		t->stopped = mem_resize(t->stopped, t->room * sizeof(t->stopped[0]));
	mem_free(t->places);
	t->n_places = 4 * t->room;
	t->places = mem_new_array(t->n_places, sizeof(t->places[0]));
	for (size_t i = 0; i < t->n; i++)
		place(t, i);
}

static size_t
add(struct census_table *t, struct bytes key, uint64_t hash)
{
	if (t->n == CENSUS_ROWS_MAX) {
		t->n_uncounted++;
		return 0;
	}
	if (UNLIKELY(t->n == t->room))
		grow(t);
	if (UNLIKELY(t->text_len + key.len > t->text_room)) {
		t->text_room = 2 * t->text_room + ROWS_FIRST * CENSUS_KEY_MAX;
		t->text = mem_resize(t->text, t->text_room);
	}
	t->rows[t->n] = (struct census_row){ .hash = hash, .key = (uint32_t)t->text_len, .key_len = (uint8_t)key.len };
	if (t->has_phases)
		memset(t->stopped[t->n], 0, sizeof(t->stopped[0]));
	memcpy(t->text + t->text_len, key.p, key.len);
	t->text_len += key.len;
	place(t, t->n);
	return ++t->n;
}

size_t
census_table_look(struct census_table *t, struct bytes whole)
{
	struct bytes key = bytes_head(whole, CENSUS_KEY_MAX);
	uint64_t hash;

	if (key.len == 0)
		return 0;
	hash = hash_bytes(key);
	for (size_t at = hash; t->n > 0; at++) {
		size_t number = t->places[at & (t->n_places - 1)];

		if (number == 0)
			break;
		if (t->rows[number - 1].hash == hash && t->rows[number - 1].key_len == key.len)
			return number;
	}
	return add(t, key, hash);
}
