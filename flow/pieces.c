/* In: held pieces. Out: the same, sorted. Pieces mostly come in order, so inserting looks from the end. */
#include "flow/pieces.h"

#include <string.h>

#include "base/alloc.h"

void
pieces_fini(struct pieces *p)
{
	mem_free(p->list);
	*p = (struct pieces){ 0 };
}

struct piece *
pieces_first(const struct pieces *p)
{
	return p->n > 0 ? &p->list[p->first] : NULL;
}

void
pieces_drop_first(struct pieces *p)
{
	p->first++;
	p->n--;
	if (p->n == 0)
		p->first = 0;
}

static bool
ends_after(const struct piece *piece, uint32_t seq)
{
	return (int32_t)(piece->seq + piece->len - seq) > 0;
}

/* Index, counted from first, of the first piece that ends after seq. */
static size_t
index_after(const struct pieces *p, uint32_t seq)
{
	const struct piece *list;
	size_t low = 0;
	size_t high = p->n;

	if (p->n == 0)
		return 0;
	list = p->list + p->first;
	if (!ends_after(&list[p->n - 1], seq))
		return p->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ends_after(&list[middle], seq))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct piece *
pieces_after(const struct pieces *p, uint32_t seq)
{
	size_t i = index_after(p, seq);

	return i < p->n ? &p->list[p->first + i] : NULL;
}

static void
make_room(struct pieces *p)
{
	if (p->first + p->n < p->capacity)
		return;
	if (p->first >= p->capacity / 2 && p->first > 0) {
		memmove(p->list, p->list + p->first, p->n * sizeof(*p->list));
		p->first = 0;
		return;
	}
	p->capacity = p->capacity > 0 ? p->capacity * 2 : 8;
	p->list = mem_resize(p->list, p->capacity * sizeof(*p->list));
}

void
pieces_insert(struct pieces *p, struct piece piece)
{
	size_t i;
	struct piece *place;

	make_room(p);
	i = index_after(p, piece.seq);
	place = p->list + p->first + i;
	memmove(place + 1, place, (p->n - i) * sizeof(*place));
	*place = piece;
	p->n++;
}
