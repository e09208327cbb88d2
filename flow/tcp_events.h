/* Single packets that say more than their bytes: resets (RFC 9293 3.5.2) and ICMP errors (RFC 792, RFC 4443). */
#ifndef FLOW_TCP_EVENTS_H
#define FLOW_TCP_EVENTS_H

#include "base/address.h"
#include "base/when.h"

struct tcp_reset { /* header fields of one segment with RST */
	struct when when;
	uint32_t seq, ack;  /* as on the wire */
	uint32_t seq_ahead; /* seq minus the next sequence number expected of that side (wraps) */
	uint16_t window, ip_id, payload_len;
	uint8_t from, ttl; /* from: the side it names as its sender */
	bool has_ack, has_timestamp, answers_syn;
};

struct icmp_error { /* quotes a packet of this connection */
	struct when when;
	struct address sender; /* the device that reports */
	uint16_t mtu;          /* of "fragmentation needed"/"packet too big", else 0 */
	uint8_t type, code;
	uint8_t quoted_from; /* side that sent the quoted packet */
	bool quotes_syn;
};

#endif
