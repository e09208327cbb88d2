/* In: packets, and the beginnings of those that come two packets later. Out: their connections, if they are known. In
 * two steps: only the first line of a connection tells whether it is the one. It is fetched two packets ahead, the
 * others one packet ahead. */
#include "flow/ahead.h"

#include "capture/capture.h"
#include "capture/link.h"
#include "flow/table.h"

#define ADDRESSES_AT (LINK_PLAIN_LEN + 12)
#define PORTS_AT (LINK_PLAIN_LEN + 20)
#define IP_HEADER_LEN 20 /* without options */
#define LEN_AT (LINK_PLAIN_LEN + 2)
#define OFFSET_AT (PORTS_AT + 12)
#define BULK_LEN 512 /* of payload: as long are parts of messages, hardly commands and replies */
#define HOT_LINES 3  /* of each place that the next stage named */

static inline ALWAYS_INLINE void
fetch_lines(const void *first, size_t n)
{
	UNROLL for (size_t i = 0; i < n; i++) PREFETCH((const char *)first + i * CACHE_LINE);
}

/* All lines that a packet in order needs. Always inline: the compiler takes a function that does nothing but this for
 * one that does nothing. */
static inline ALWAYS_INLINE void
fetch(const struct flow *f, const struct ahead_packet *p)
{
	PREFETCH(&f->last_ns);
	fetch_lines(&f->facts.side[p->from], 2);
	PREFETCH(&f->direction[SIDE_CLIENT]);
	PREFETCH(&f->direction[SIDE_SERVER]);
	PREFETCH(&f->packets[p->from]);
	if (p->payload_len > 0 && f->hot[0]) {
		PREFETCH(f->user);
		fetch_lines(f->hot[0], HOT_LINES);
		if (p->payload_len < BULK_LEN)
			fetch_lines(f->hot[1], HOT_LINES);
	}
}

/* From the first one of the bucket to the one it is. */
static struct ahead_packet
found(struct ahead_packet p)
{
	while (p.flow && (p.flow->is_v6 || !flow_has_key(p.flow, p.key, &p.from)))
		p.flow = p.flow->next_in_bucket;
	if (p.flow)
		fetch(p.flow, &p);
	return p;
}

/* As the headers say; nothing that matters depends on it. */
static uint16_t
payload_len(const uint8_t *frame)
{
	unsigned headers = IP_HEADER_LEN + (frame[OFFSET_AT] >> 4) * 4U;
	unsigned len = (unsigned)frame[LEN_AT] << 8 | frame[LEN_AT + 1];

	return (uint16_t)(len > headers ? len - headers : 0);
}

static void
look_at(const struct flow_table *t, struct ahead_packet *a, int link_type, const uint8_t *frame)
{
	a->flow = NULL;
	if (UNLIKELY(!frame || !link_is_plain_ipv4(link_type, frame)))
		return;
	a->key = key_of_v4(frame + ADDRESSES_AT, frame + PORTS_AT);
	a->flow = *table_bucket(t, key_hash(a->key, t->seed));
	a->payload_len = payload_len(frame);
	if (a->flow)
		PREFETCH(a->flow);
}

void
ahead_feed(struct flow_table *t, const struct packet *p)
{
	struct ahead *a = &t->ahead;
	bool is_it = a->next.flow && p->data.len >= PACKET_AHEAD_LEN &&
		     key_eq(a->next.key, key_of_v4(p->data.p + ADDRESSES_AT, p->data.p + PORTS_AT));

	a->flow = LIKELY(is_it) ? a->next.flow : NULL;
	a->from = a->next.from;
	a->next = found(a->later);
	look_at(t, &a->later, p->link_type, p->ahead);
}

void
ahead_forget(struct ahead *a, const struct flow *f)
{
	if (a->flow == f)
		a->flow = NULL;
	if (a->next.flow == f)
		a->next.flow = NULL;
	if (a->later.flow == f)
		a->later.flow = NULL;
}
