/* Finds the connections of packets that come soon, and fetches them into the cache while others are fed: with a
 * thousand connections at a time that is most of what a packet costs. Only plain IPv4; private to flow/. */
#ifndef FLOW_AHEAD_H
#define FLOW_AHEAD_H

#include "flow/connection.h"
#include "flow/key.h"

struct flow_table;
struct packet;

struct ahead_packet {
	struct flow_key key;
	struct flow *flow; /* NULL: not known, or the packet is not plain */
	uint16_t payload_len;
	enum side from;
};

struct ahead {
	struct flow *flow; /* of the packet that is fed; NULL: look for it in the table */
	enum side from;    /* who sent it */
	struct ahead_packet next;
	struct ahead_packet later; /* the one after it; its flow is only the first of the bucket */
};

void ahead_feed(struct flow_table *t, const struct packet *p); /* before p is fed */
void ahead_forget(struct ahead *a, const struct flow *f);      /* f is being removed */

#endif
