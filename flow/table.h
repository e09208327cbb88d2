/* The connections that are open: found by addresses and ports, listed by idleness. Private to flow/. It calls no
 * sink: whoever removes a connection has told the next stage before. */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H

#include "flow/ahead.h"

struct fragments;
struct flow_slab;
struct flow_list {
	struct flow *oldest, *newest;
	size_t n;
};

struct flow_table {
	const struct flow_config *config;
	const struct flow_sink *sink;
	struct flow **buckets;
	size_t n_buckets, n_flows; /* n_buckets: a power of two */
	uint64_t seed[2];          /* keeps hostile addresses from sharing a bucket */
	struct flow_list lists[N_CLASSES];
	struct flow_slab *slabs;
	struct flow *unused;
	size_t n_in_slab; /* flows of the newest slab that were ever used */
	struct ahead ahead;
	int64_t next_expiry_ns;
	struct when now; /* of the latest packet */
	int64_t gap_ns;  /* from the packet before it of the same connection */
	struct flow_stats stats;
	struct fragments *fragments;
	struct ordering ordering;
};

void table_init(struct flow_table *t);
void table_fini(struct flow_table *t); /* forgets what is still open */

/* payload begins with the ports. *from: the side that sent the packet. NULL: not known. */
struct flow *table_find(const struct flow_table *t, const struct ip_packet *ip, enum side *from);
/* There must be room (n_flows < FLOW_MAX). from: the side that sent this packet. */
struct flow *table_add(struct flow_table *t, const struct ip_packet *ip, enum side from, int64_t now_ns);
void table_remove(struct flow_table *t, struct flow *f);

void table_touch(struct flow_table *t, struct flow *f, int64_t now_ns);
void table_set_class(struct flow_table *t, struct flow *f, enum flow_class class);
struct flow *table_idlest(const struct flow_table *t);
bool table_may_expire(const struct flow_table *t, int64_t now_ns); /* else table_expired gives NULL */
struct flow *table_expired(struct flow_table *t, int64_t now_ns);  /* idle for too long */
/* All that are open, in the order in which they were opened. The caller frees the array. */
struct flow **table_list(const struct flow_table *t);

static inline struct flow **
table_bucket(const struct flow_table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

/* flow.c: makes the facts final, tells the sink, removes the flow. */
void flow_close(struct flow_table *t, struct flow *f);

#endif
