/* In: chunks. Out: the same, once more. */
#include "decode/tls_hold.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "decode/tls.h"

struct piece {
	struct when when;
	uint64_t missing;
	uint32_t len;
	enum side from;
};

struct tls_hold {
	struct buf bytes;
	struct piece *pieces;
	size_t n_pieces, room;
	size_t counted; /* of total */
	size_t *total;
};

struct tls_hold *
tls_hold_new(size_t *total)
{
	struct tls_hold *h = mem_new(sizeof(*h));

	h->total = total;
	buf_init(&h->bytes, TLS_HELD_MAX);
	return h;
}

void
tls_hold_free(struct tls_hold *h)
{
	if (!h)
		return;
	*h->total -= h->counted;
	buf_fini(&h->bytes);
	mem_free(h->pieces);
	mem_free(h);
}

static void
count(struct tls_hold *h)
{
	size_t now = h->bytes.capacity + h->room * sizeof(*h->pieces);

	*h->total += now - h->counted;
	h->counted = now;
}

bool
tls_hold_add(struct tls_hold *h, enum side from, struct bytes data, uint64_t missing, struct when when)
{
	if (data.len > h->bytes.limit - h->bytes.len || h->n_pieces == TLS_HELD_PIECES_MAX ||
	    *h->total + data.len > TLS_HELD_TOTAL)
		return false;
	if (h->n_pieces == h->room) {
		h->room = h->room > 0 ? 2 * h->room : 16;
		h->pieces = mem_resize(h->pieces, h->room * sizeof(*h->pieces));
	}
	h->pieces[h->n_pieces++] = (struct piece){ when, missing, (uint32_t)data.len, from };
	buf_add(&h->bytes, data);
	count(h);
	return true;
}

void
tls_hold_replay(const struct tls_hold *h, struct tls *t)
{
	struct bytes left = buf_bytes(&h->bytes);

	for (size_t i = 0; i < h->n_pieces; i++) {
		const struct piece *p = &h->pieces[i];

		if (p->missing > 0)
			tls_missing(t, p->from, p->missing, p->when);
		else
			tls_feed(t, p->from, bytes_head(left, p->len), p->when);
		left = bytes_from(left, p->len);
	}
}
