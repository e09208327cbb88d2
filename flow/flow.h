/* Puts the bytes of TCP connections in order and keeps what TCP and ICMP say about them.
 * Order: table_new, feed*, finish, free. The sink is called from within feed and finish. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "flow/chunk.h"
#include "flow/tcp_facts.h"

#define FLOW_DNS_PORT 53

struct packet;
struct flow_table;
struct flow;

struct flow_sink {
	void *user;
	/* A connection was seen for the first time: its first packet is in the facts. NULL: not wanted. */
	void (*opened)(void *user, struct flow *f);
	void (*chunk)(void *user, struct flow *f, const struct chunk *c);
	/* The facts are final; the flow is gone after the call. Every opened flow is closed once. */
	void (*closed)(void *user, struct flow *f);
	void (*ended)(void *user, struct flow *f); /* both FINs were acknowledged: all else is late. NULL: not wanted */
	void (*datagram)(void *user, const struct datagram *d); /* from or to port FLOW_DNS_PORT. NULL: not wanted */
};

struct flow_config {
	const uint16_t *mail_ports; /* the side on such a port is the server when no SYN was seen; borrowed */
	size_t n_mail_ports;
};

struct flow_stats {
	uint64_t n_packets, n_not_ip, n_damaged; /* damaged: headers that lie about lengths */
	uint64_t n_connections, n_evicted;       /* evicted: closed early because the table was full */
	uint64_t n_duplicates;                   /* the same packet seen twice (-i any, mirror ports) */
	uint64_t n_icmp, n_unmatched_icmp;
};

/* sink and config are borrowed and must outlive the table. */
struct flow_table *flow_table_new(const struct flow_config *config, const struct flow_sink *sink);
void flow_table_feed(struct flow_table *t, const struct packet *p); /* borrows p for the call */
void flow_table_tick(struct flow_table *t, int64_t now_ns);         /* live and idle: lets time pass */
void flow_table_finish(struct flow_table *t);                       /* closes all flows; call once */
struct flow_stats flow_table_stats(const struct flow_table *t);
void flow_table_free(struct flow_table *t); /* NULL is fine */

const struct tcp_facts *flow_facts(const struct flow *f); /* valid as long as the flow */
int64_t flow_now_ns(const struct flow_table *t);          /* time of the latest packet or tick */
/* A place for the next stage's record; NULL at first. The next stage owns what it hangs there. */
void flow_set_user(struct flow *f, void *user);
void *flow_user(const struct flow *f);
/* Fetched ahead of its next payload, or only of short payload, as dialogues have; NULL: nothing. */
void flow_set_hot(struct flow *f, const void *all, const void *dialogue);
/* From now on no chunks of this flow are wanted; its facts are still kept. Cheap for bulk traffic. */
void flow_ignore_payload(struct flow *f);

#endif
