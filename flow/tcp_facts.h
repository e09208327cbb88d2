/* What TCP and ICMP showed about one connection (RFC 9293, RFC 792, RFC 4443). Plain record; a `when` with
 * packet 0 was never seen. Index 0 is the client, 1 the server; see enum side in flow.h. */
#ifndef FLOW_TCP_FACTS_H
#define FLOW_TCP_FACTS_H

#include "flow/tcp_events.h"

struct tcp_side {         /* what every packet changes stands first, in one cache line; then what most change */
	struct when last; /* any packet */
	struct when last_payload;
	uint64_t payload_bytes; /* distinct sequence space seen or found missing */
	uint32_t n_packets, n_payload;
	uint16_t window_last, ip_id_last, n_zero_window;
	uint16_t ip_id_step_max;  /* between packets that have an IP-ID (wraps) */
	uint8_t ttl_min, ttl_max; /* of packets without RST */
	int8_t window_scale;      /* -1: no such option, or handshake not seen */
	bool has_syn;
	uint32_t isn;
	struct when unacked;    /* oldest payload (or SYN) that was not acknowledged, exact to one window */
	uint32_t acked_largest; /* largest acknowledged segment; with offload larger than on the wire */
	uint32_t n_retransmissions, n_reordered;
	uint16_t mss;
	uint8_t ttl_first; /* of the SYN or SYN-ACK if seen */
	bool has_timestamps, has_sack;
	struct when first, first_payload, fin;
	struct when gap;          /* where bytes were first found missing */
	uint64_t missing_bytes;   /* acknowledged by the receiver, or given up, but never captured */
	uint32_t n_cut;           /* packets shortened by snaplen inside the payload */
	uint32_t n_contradicting; /* retransmissions whose bytes differ from the first copy */
	uint32_t end_seq;         /* behind the furthest payload or FIN; only when the flow has ended */
	uint32_t acked_bytes;     /* payload that the other side acknowledged; 0 when the beginning was not seen */
	int64_t zero_since_ns, zero_longest_ns; /* its window was 0; since: 0 = it is not */
	struct tcp_stall stall;
};

struct tcp_facts {
	uint64_t stream;        /* counted from 0 in order of appearance, as packet viewers do */
	struct endpoint end[2]; /* client, server */
	struct tcp_side side[2];
	struct tcp_pause pause[2];    /* the last one of PAUSE_MIN_NS or more that the side ended */
	struct when acked_largest[2]; /* the packet that acknowledged the largest segment of the side */
	struct when syn, syn_last, syn_ack, handshake; /* handshake: the ACK that completes it */
	struct when now; /* latest packet of the whole capture, or tick, when the flow closed */
	uint32_t n_syn, n_syn_ack, n_resets, n_icmp;
	int64_t rtt_ns;                /* SYN to SYN-ACK plus SYN-ACK to ACK; 0 = not seen */
	const struct tcp_reset *reset; /* the first RESETS_KEPT of n_resets; NULL when there are none */
	const struct icmp_error *icmp; /* likewise ICMP_KEPT of n_icmp; both owned by the flow */
	bool is_midstream;             /* first packet seen was not a SYN: sides were guessed from ports */
	bool was_evicted;              /* closed early for lack of room */
	bool is_interrupted;           /* the capture ended while it was open */
	uint32_t n_syn_ack_unheard;    /* SYN-ACKs again, though the client had acknowledged them */
	struct when syn_ack_unheard;   /* the last of these */
	bool has_crossed_fins;         /* each side sent its FIN before it had seen the other's */
};

#endif
