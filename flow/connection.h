/* One TCP connection with all that flow/ remembers of it. Private to flow/. */
#ifndef FLOW_CONNECTION_H
#define FLOW_CONNECTION_H

#include "flow/key.h"
#include "flow/order.h"
#include "flow/recent.h"

enum flow_class {                /* how long a connection may be idle */
		  CLASS_OPENING, /* only SYNs so far */
		  CLASS_OPEN,
		  CLASS_ENDED, /* both FINs, or a reset that nobody spoke after */
		  N_CLASSES,
};

/* Kept small, because a flood of SYNs fills the table with these, and in an order that touches few cache lines per
 * packet, because with a thousand connections at a time that is what a packet costs. */
struct flow {
	struct flow *next_in_bucket; /* or in the list of unused ones */
	struct flow_key key;         /* of what the client sends */
	int64_t touched_ns;          /* orders the list of its class; a little behind the last packet */
	void *user;                  /* of the next stage */
	const void *hot[2];          /* of the next stage, too */
	uint8_t class;               /* enum flow_class */
	bool is_v6 : 1, ignores_payload : 1, has_duplicates : 1, has_rival : 1, has_resets : 1, is_established : 1;
	bool was_reset : 1;            /* and no new payload came since */
	bool is_told : 1;              /* the sink knows that it ended */
	uint32_t rival_isn;            /* of a SYN-ACK that contradicts the first */
	struct recent_payload *recent; /* of both sides; NULL until there is payload */
	int64_t last_ns;               /* of the last packet of either side; 0: none */
	struct tcp_facts facts;        /* its sides begin on a cache line, and so does what follows */
	_Alignas(CACHE_LINE) struct direction direction[2];
	struct flow *older, *newer; /* in the list of its class */
	int64_t syn_answered_ns;    /* last SYN before the first SYN-ACK */
	int64_t syn_ack_last_ns;
	struct recent_packets packets[2];
};

static inline enum side
other_side(enum side s)
{
	return s == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* Is it between the same addresses and ports, as far as a key tells? Then *from is the side of the source. */
static inline bool
flow_has_key(const struct flow *f, struct flow_key key, enum side *from)
{
	*from = key_eq(f->key, key) ? SIDE_CLIENT : SIDE_SERVER;
	return *from == SIDE_CLIENT || key_eq(f->key, key_reversed(key));
}

#endif
