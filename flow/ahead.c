/* In: packets, and the beginnings of those that come two packets later. Out: their connections, if they are known. In
 * two steps: only the first line of a connection tells whether it is the one. It is fetched two packets ahead, the
 * others one packet ahead. */
#include "flow/ahead.h"

#include "capture/capture.h"
#include "capture/link.h"
#include "flow/table.h"

#define ADDRESSES_AT (LINK_PLAIN_LEN + 12)
#define PORTS_AT (LINK_PLAIN_LEN + 20)
#define HOT_LINES 4 /* of each place that the next stage named */

static inline ALWAYS_INLINE void
fetch_lines(const void *first, int n)
{
	PREFETCH(first);
	if (n > 1)
		PREFETCH((const char *)first + CACHE_LINE);
	if (n > 2)
		PREFETCH((const char *)first + 2 * CACHE_LINE);
	if (n > 3)
		PREFETCH((const char *)first + 3 * CACHE_LINE);
}

/* All lines that a packet in order needs. Always inline: the compiler takes a function that does nothing but this for
 * one that does nothing. */
static inline ALWAYS_INLINE void
fetch(const struct flow *f, enum side from)
{
	fetch_lines(&f->facts.side[from], 2);
	PREFETCH(&f->facts.side[other_side(from)]);
	fetch_lines(f->direction, 3);
	PREFETCH(&f->packets[from]);
	PREFETCH(&f->gap_ns);
	if (f->hot[0]) {
		fetch_lines(f->hot[0], HOT_LINES);
		fetch_lines(f->hot[1], HOT_LINES);
	}
}

static void
find(const struct flow_table *t, struct ahead_packet *a)
{
	for (struct flow *f = *table_bucket(t, a->hash); f; f = f->next_in_bucket) {
		if (!f->is_v6 && flow_has_key(f, a->key, &a->from)) {
			fetch(f, a->from);
			a->flow = f;
			return;
		}
	}
}

static void
look_at(const struct flow_table *t, struct ahead_packet *a, int link_type, const uint8_t *frame)
{
	const struct flow *f;

	a->flow = NULL;
	a->is_plain = frame && link_is_plain_ipv4(link_type, frame);
	if (UNLIKELY(!a->is_plain))
		return;
	a->key = key_of_v4(frame + ADDRESSES_AT, frame + PORTS_AT);
	a->hash = key_hash(a->key, t->seed);
	f = *table_bucket(t, a->hash);
	if (f)
		PREFETCH(f);
}

void
ahead_feed(struct flow_table *t, const struct packet *p)
{
	struct ahead *a = &t->ahead;
	bool is_it = a->next.flow && p->data.len >= PACKET_AHEAD_LEN &&
		     key_eq(a->next.key, key_of_v4(p->data.p + ADDRESSES_AT, p->data.p + PORTS_AT));

	a->flow = LIKELY(is_it) ? a->next.flow : NULL;
	a->from = a->next.from;
	a->next = a->later;
	if (LIKELY(a->next.is_plain))
		find(t, &a->next);
	look_at(t, &a->later, p->link_type, p->ahead);
}

void
ahead_forget(struct ahead *a, const struct flow *f)
{
	if (a->flow == f)
		a->flow = NULL;
	if (a->next.flow == f)
		a->next.flow = NULL;
}
