/* Which connection does a packet belong to? For whoever writes packets again; the way of every packet does not come
 * here. */
#ifndef FLOW_WHICH_H
#define FLOW_WHICH_H

#include "capture/capture.h"
#include "flow/flow.h"

enum place_kind {
	PLACE_OTHER,
	PLACE_TCP,
	PLACE_ICMP, /* an error that quotes a TCP segment */
	PLACE_DNS,
	PLACE_FRAGMENT, /* of an IP datagram: only addresses are told */
};

/* All bytes lie in the packet. */
struct place_in_packet {
	enum place_kind kind;
	struct flow *flow;             /* of TCP and ICMP; NULL: none that is open */
	enum side from;                /* who sent the segment, or the quoted one */
	struct address source, target; /* of the innermost IP packet */
	uint8_t protocol;              /* likewise */
	struct bytes message;          /* what the IP header is followed by, as far as captured */
	size_t message_len;            /* on the wire */
	struct bytes quoted;           /* the IP packet inside ICMP */
	struct bytes payload;          /* of the segment, the quoted segment or the datagram, as far as captured */
	uint32_t seq;                  /* of the first byte of payload */
	struct bytes outer;            /* UDP datagram of a tunnel around it; empty: none */
};

/* Call it right after the packet was fed. */
struct place_in_packet flow_which(const struct flow_table *t, const struct packet *p);
/* The number of its first packet: a name for a connection that is the same whenever the capture is read. */
uint64_t flow_first_packet(const struct tcp_facts *facts);
/* The sequence number behind the bytes that the sink got last: within its chunk call, behind those of the chunk. */
uint32_t flow_next_seq(const struct flow *f, enum side from);

#endif
