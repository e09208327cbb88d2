/* What is held of one direction behind a hole. Private to order.c, missing.c and held.c. */
#ifndef FLOW_HELD_H
#define FLOW_HELD_H

#include "flow/sides.h"
#include "flow/table.h"

struct piece;

/* Hands in-order bytes to the sink and moves on behind them. Inline: it is where nearly all payload passes. */
static inline void
order_pass(struct flow_table *t, struct flow *f, enum side from, struct bytes data, const struct when *when)
{
	side_direction(f, from)->next += (uint32_t)data.len;
	if (data.len > 0 && !f->ignores_payload)
		t->sink->chunk(t->sink->user, f, &(struct chunk){ .from = from, .data = data, .when = *when });
}

/* The next n bytes were never captured. Only while nothing is held. */
void order_miss(struct flow_table *t, struct flow *f, enum side from, uint32_t n, const struct when *when);
/* The next n bytes are on the wire, but the snapshot length cut them off. Likewise. */
void order_cut(struct flow_table *t, struct flow *f, enum side from, uint32_t n, const struct when *when);

/* Gives up holes until len more bytes fit into all budgets. Afterwards the direction may hold nothing any more. */
void held_make_room(struct flow_table *t, struct flow *f, enum side from, uint32_t len);
/* Bytes seq .. seq + len, of which `data` was captured; those that are held already stay as they are. Returns how
 * many were new. */
uint32_t held_add(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, struct bytes data, uint32_t len,
		  const struct when *when);
/* The piece that contains seq or comes next after it; NULL: none. */
const struct piece *held_after(const struct direction *d, uint32_t seq);
/* Bytes before `until` are not coming: they are reported as missing, what waits behind them is delivered. when: the
 * packet that showed it; NULL: the one behind each hole. */
void held_give_up(struct flow_table *t, struct flow *f, enum side from, uint32_t until, const struct when *when);
/* The same for all that is held. */
void held_finish(struct flow_table *t, struct flow *f, enum side from, const struct when *when);
/* Gives up directions whose other side was never captured, so that nobody can acknowledge. */
void held_expire(struct flow_table *t, int64_t now_ns);

#endif
