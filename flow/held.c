/* In: segments of one direction of which some bytes before them are not there. Out: bytes in order, put in order by
 * libnids. Here it is known what is held (pieces) and what it costs; libnids has the bytes. */
#include "flow/held.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/nids_engine.h"
#include "flow/pieces.h"

#define FRAME_LEN 2047        /* libnids queues frames of this length ... */
#define FRAME_COST 192        /* ... with this much around each, ours included */
#define STREAM_MAX (1U << 29) /* bytes through one libnids stream: its counters are ints, its window is 1 GiB */
#define CHECK_NS (NS_PER_S / 2)

struct order {
	struct order *older, *newer;
	struct flow_table *table;
	struct flow *flow;
	enum side from;
	struct nids_slot *slot; /* NULL: the bytes are not kept (not wanted, or no libnids) */
	struct pieces pieces;
	size_t cost;
	uint32_t start;
	int64_t start_ns;
};

void
order_init(struct ordering *o)
{
	o->engine = nids_engine_new();
	o->next_check_ns = INT64_MIN;
}

void
order_fini(struct ordering *o)
{
	nids_engine_free(o->engine);
}

static void
emit(struct flow_table *t, struct flow *f, const struct chunk *c)
{
	if (!f->ignores_payload)
		t->sink->chunk(t->sink->user, f, c);
}

void
order_cut(struct flow_table *t, struct flow *f, enum side from, uint32_t n, const struct when *when)
{
	f->direction[from].next += n;
	emit(t, f, &(struct chunk){ .from = from, .n_missing = n, .when = *when });
}

static void
note_missing(struct flow *f, enum side from, uint32_t n, const struct when *when)
{
	struct tcp_side *side = &f->facts.side[from];

	if (side->missing_bytes == 0)
		side->gap = *when;
	side->missing_bytes += n;
}

void
order_miss(struct flow_table *t, struct flow *f, enum side from, uint32_t n, const struct when *when)
{
	struct direction *d = &f->direction[from];

	note_missing(f, from, n, when);
	f->facts.side[from].payload_bytes += n;
	d->is_guessed = false;
	if ((int32_t)(d->highest - d->next - n) < 0)
		d->highest = d->next + n;
	order_cut(t, f, from, n, when);
}

static size_t
cost_of(uint32_t len)
{
	return len + (size_t)(len / FRAME_LEN + 1) * FRAME_COST;
}

/* libnids hands out the bytes at d->next. They never span two pieces, because each piece has frames of its own. */
static void
on_bytes(void *user, struct bytes data)
{
	struct order *o = user;
	const struct piece *p = pieces_after(&o->pieces, o->flow->direction[o->from].next);

	order_pass(o->table, o->flow, o->from, data, p ? &p->when : &o->table->now);
}

static struct order *
open_order(struct flow_table *t, struct flow *f, enum side from, const struct when *when)
{
	struct ordering *all = &t->ordering;
	struct order *o = mem_new(sizeof(*o));

	o->table = t;
	o->flow = f;
	o->from = from;
	o->start = f->direction[from].next;
	o->start_ns = when->time_ns;
	if (all->engine && !f->ignores_payload)
		o->slot = nids_engine_open(all->engine, o->start, on_bytes, o);
	o->older = all->newest;
	if (all->newest)
		all->newest->newer = o;
	else
		all->oldest = o;
	all->newest = o;
	all->n_orders++;
	f->direction[from].order = o;
	return o;
}

static void
close_order(struct order *o)
{
	struct ordering *all = &o->table->ordering;

	if (o->slot)
		nids_engine_close(o->slot);
	if (o->older)
		o->older->newer = o->newer;
	else
		all->oldest = o->newer;
	if (o->newer)
		o->newer->older = o->older;
	else
		all->newest = o->older;
	all->n_orders--;
	all->held_total -= o->cost;
	o->flow->direction[o->from].order = NULL;
	pieces_fini(&o->pieces);
	mem_free(o);
}

/* A piece whose bytes are not in libnids: behind what was captured of a cut segment, or all of it without a slot. */
static void
pass_absent(struct order *o, const struct piece *p)
{
	struct flow *f = o->flow;
	uint32_t n = p->seq + p->len - f->direction[o->from].next;

	if (!p->is_missing && !f->ignores_payload)
		note_missing(f, o->from, n, &p->when);
	order_cut(o->table, f, o->from, n, &p->when);
	if (o->slot)
		nids_engine_skip(o->slot, n);
}

/* Drops pieces that were delivered and steps over absent ones, up to the next hole. Closes at the end of all. */
static void
drain(struct order *o)
{
	const struct direction *d = &o->flow->direction[o->from];
	const struct piece *p;

	if (o->slot && o->flow->ignores_payload) { /* the sink lost interest */
		nids_engine_close(o->slot);
		o->slot = NULL;
	}
	while ((p = pieces_first(&o->pieces))) {
		struct piece piece = *p;

		if ((int32_t)(piece.seq - d->next) > 0)
			return;
		if ((int32_t)(piece.seq + piece.len - d->next) > 0)
			pass_absent(o, &piece);
		o->cost -= cost_of(piece.len);
		o->table->ordering.held_total -= cost_of(piece.len);
		pieces_drop_first(&o->pieces);
	}
	close_order(o);
}

/* The first hole becomes missing bytes, or as much of it as lies before `until`. May close the order. */
static void
give_up_first(struct order *o, uint32_t until, const struct when *when)
{
	struct direction *d = &o->flow->direction[o->from];
	const struct piece *p = pieces_first(&o->pieces);
	struct when shown_by = when ? *when : p->when;
	uint32_t n = p->seq - d->next;

	if ((int32_t)(until - p->seq) < 0)
		n = until - d->next;
	order_miss(o->table, o->flow, o->from, n, &shown_by);
	if (o->slot)
		nids_engine_skip(o->slot, n);
	drain(o);
}

void
held_give_up(struct flow_table *t, struct flow *f, enum side from, uint32_t until, const struct when *when)
{
	struct direction *d = &f->direction[from];

	while (d->order && (int32_t)(until - d->next) > 0)
		give_up_first(d->order, until, when);
	if ((int32_t)(until - d->next) > 0)
		order_miss(t, f, from, until - d->next, when ? when : &t->now);
}

void
held_finish(struct flow_table *t, struct flow *f, enum side from, const struct when *when)
{
	struct direction *d = &f->direction[from];

	(void)t;
	while (d->order)
		give_up_first(d->order, pieces_first(&d->order->pieces)->seq, when);
}

static void
finish_oldest(struct ordering *all)
{
	held_finish(all->oldest->table, all->oldest->flow, all->oldest->from, NULL);
}

void
held_make_room(struct flow_table *t, struct flow *f, enum side from, uint32_t len)
{
	struct ordering *all = &t->ordering;
	struct direction *d = &f->direction[from];
	size_t cost = cost_of(len);

	if (d->order && d->next - d->order->start > STREAM_MAX)
		held_finish(t, f, from, NULL);
	while (d->order && (d->order->cost + cost > HELD_PER_FLOW || d->order->pieces.n >= ORDER_PIECES_MAX))
		give_up_first(d->order, pieces_first(&d->order->pieces)->seq, NULL);
	while (all->oldest && all->held_total + cost > HELD_TOTAL)
		give_up_first(all->oldest, pieces_first(&all->oldest->pieces)->seq, NULL);
	while (!d->order && all->n_orders >= ORDER_STREAMS_MAX)
		finish_oldest(all);
}

static void
add_piece(struct order *o, uint32_t seq, struct bytes data, uint32_t len, const struct when *when, bool is_missing)
{
	struct piece piece = { .seq = seq, .len = len, .when = *when, .is_missing = is_missing };

	if (len == 0)
		return;
	pieces_insert(&o->pieces, piece);
	o->cost += cost_of(len);
	o->table->ordering.held_total += cost_of(len);
	if (o->slot && !is_missing)
		nids_engine_feed(o->slot, seq, data);
}

const struct piece *
held_after(const struct direction *d, uint32_t seq)
{
	return d->order ? pieces_after(&d->order->pieces, seq) : NULL;
}

uint32_t
held_add(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, struct bytes data, uint32_t len,
	 const struct when *when)
{
	struct order *o = f->direction[from].order;
	uint32_t n_new = 0;

	if (!o)
		o = open_order(t, f, from, when);
	while (len > 0) {
		const struct piece *p = pieces_after(&o->pieces, seq);
		bool is_held = p && (int32_t)(p->seq - seq) <= 0;
		uint32_t n = !p ? len : is_held ? p->seq + p->len - seq : p->seq - seq;

		n = n < len ? n : len;
		if (!is_held) {
			struct bytes captured = bytes_head(data, n);
			uint32_t n_captured = (uint32_t)captured.len;

			n_new += n;
			add_piece(o, seq, captured, n_captured, when, false);
			add_piece(o, seq + n_captured, data, n - n_captured, when, true);
		}
		data = bytes_from(data, n);
		seq += n;
		len -= n;
	}
	drain(o);
	return n_new;
}

void
held_expire(struct flow_table *t, int64_t now_ns)
{
	struct ordering *all = &t->ordering;

	if (now_ns < all->next_check_ns && all->next_check_ns - now_ns <= CHECK_NS)
		return;
	all->next_check_ns = now_ns + CHECK_NS;
	for (struct order *o = all->oldest, *next; o; o = next) {
		bool has_witness = o->flow->facts.side[other_side(o->from)].n_packets > 0;

		next = o->newer;
		if (!has_witness && now_ns - o->start_ns > ORDER_WAIT_NS)
			held_finish(t, o->flow, o->from, NULL);
	}
}
