/* Single packets that say more than their bytes: resets (RFC 9293 3.5.2) and ICMP errors (RFC 792, RFC 4443). */
#ifndef FLOW_TCP_EVENTS_H
#define FLOW_TCP_EVENTS_H

#include "base/address.h"
#include "base/when.h"

struct tcp_reset { /* header fields of one segment with RST */
	struct when when;
	uint32_t seq, ack;      /* as on the wire */
	uint32_t seq_ahead;     /* seq minus the next sequence number expected of that side (wraps) */
	uint32_t seq_past_ack;  /* seq minus the highest acknowledgement of the other side (wraps) */
	int64_t since_other_ns; /* time since the last packet of the other side; < 0: there was none */
	uint16_t window, ip_id, ip_id_before, payload_len; /* ip_id_before: of that side's last packet that had one */
	uint8_t from, ttl;                                 /* from: the side it names as its sender */
	bool has_ack, has_timestamp, answers_syn;
	int64_t since_payload_ns;   /* since the last payload, if that came from the other side; else < 0 */
	int64_t since_own_ns;       /* since the last packet of that side; < 0: there was none */
	uint32_t end, other_end;    /* next new sequence numbers of that side and of the other; 0: not known */
	struct when heard_after;    /* next packet of that side that is no reset */
	struct when said_after;     /* new bytes or a FIN of that side that come behind the reset in the stream */
	struct when went_on;        /* new bytes of that side, wherever the reset lies */
	struct when acked_after;    /* that side acknowledges what was sent after the reset */
	struct when answered_after; /* new bytes of the other side */
};

struct icmp_error { /* quotes a packet of this connection */
	struct when when;
	struct address sender; /* the device that reports */
	uint16_t mtu;          /* of "fragmentation needed"/"packet too big", else 0 */
	uint8_t type, code;
	uint8_t quoted_from; /* side that sent the quoted packet */
	bool quotes_syn;
};

struct tcp_stall {                /* payload that was sent again and again and never acknowledged */
	struct when first, last;  /* repetitions */
	uint32_t seq, n, len_min; /* n: repetitions; len_min: of the shortest one */
};

struct tcp_pause {       /* nobody sent anything, then one side sent new payload */
	struct when end; /* packet 0: never */
	int64_t ns;
	uint32_t seq; /* of that payload */
};

#endif
