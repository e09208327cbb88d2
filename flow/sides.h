/* What a connection has twice, once for each side. A choice between two addresses, not an index: the compiler keeps
 * such an address, while it calculates an index again for every field. Private to flow/. */
#ifndef FLOW_SIDES_H
#define FLOW_SIDES_H

#include "flow/connection.h"

static inline struct tcp_side *
side_facts(struct flow *f, enum side from)
{
	return from == SIDE_CLIENT ? &f->facts.side[SIDE_CLIENT] : &f->facts.side[SIDE_SERVER];
}

static inline struct direction *
side_direction(struct flow *f, enum side from)
{
	return from == SIDE_CLIENT ? &f->direction[SIDE_CLIENT] : &f->direction[SIDE_SERVER];
}

static inline struct recent_packets *
side_packets(struct flow *f, enum side from)
{
	return from == SIDE_CLIENT ? &f->packets[SIDE_CLIENT] : &f->packets[SIDE_SERVER];
}

#endif
