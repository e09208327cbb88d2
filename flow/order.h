/* Puts the bytes of one direction in order and hands them to the sink. In-order bytes pass straight through; order.c
 * decides, pieces.c remembers what is held, nids_engine.c holds it, missing.c decides what will never come. */
#ifndef FLOW_ORDER_H
#define FLOW_ORDER_H

#include "flow/flow.h"
#include "flow/segment.h"

struct nids_engine;
struct order; /* what is held of one direction; only there while there is a hole */

/* All sequence numbers wrap; distances are below 2 GiB. */
struct direction {            /* what every packet needs stands first: that of both fits two cache lines */
	uint32_t next;        /* the byte that the sink gets next */
	uint32_t highest;     /* end of the furthest segment, SYN and FIN included */
	uint32_t acked;       /* highest plausible acknowledgement by the other side */
	uint32_t unacked_end; /* of the packet in the fact `unacked` */
	struct order *order;  /* NULL in pass-through */
	struct {
		uint32_t end, len;
	} large[2];          /* large segments that wait for their acknowledgement; len 0: none */
	uint32_t largest;    /* segment so far */
	uint8_t n_ack_ahead; /* packets that said so; 0: none */
	bool is_started;     /* next and highest are known */
	bool is_guessed;     /* ... but only from what the other side acknowledged */
	bool has_unacked, has_fin, has_far;
	uint32_t fin_seq;               /* of the first FIN */
	uint32_t ack_ahead, ack_latest; /* acknowledged, but not seen yet: see missing.c */
	uint32_t far;                   /* end of a segment too far ahead to be believed at once */
	int64_t ack_ahead_ns;
};

/* What all directions share. */
struct ordering {
	struct nids_engine *engine;
	struct order *oldest, *newest; /* those that hold something */
	size_t n_orders, held_total;
	int64_t next_check_ns;
};

void order_init(struct ordering *o);
void order_fini(struct ordering *o); /* after all flows were closed */

struct flow_table;

/* A segment of side `from`, without RST. Sets the payload facts and calls the sink. */
void order_segment(struct flow_table *t, struct flow *f, enum side from, const struct segment *s,
		   const struct when *when);
/* The other side of `from` acknowledged up to ack. Call it before the same packet's payload. */
void order_acknowledge(struct flow_table *t, struct flow *f, enum side from, const struct segment *s,
		       const struct when *when);
/* Nothing more comes: holes become missing bytes and what waits behind them is delivered. */
void order_finish(struct flow_table *t, struct flow *f, const struct when *when);
/* Gives up holes that nobody will ever acknowledge. Cheap when there is nothing to do. */
void order_expire(struct flow_table *t, const struct when *when);

#endif
