/* One TCP segment as it is on the wire (RFC 9293 3.1) and its options (RFC 7323, RFC 2018). */
#ifndef FLOW_SEGMENT_H
#define FLOW_SEGMENT_H

#include "flow/ip.h"

enum tcp_flag { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

struct segment {
	struct bytes header;  /* with options, as far as captured */
	struct bytes payload; /* as far as captured */
	uint32_t len;         /* payload on the wire */
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags;
};

struct segment_options {
	uint16_t mss;        /* 0: not there */
	int8_t window_scale; /* -1: not there */
	bool has_sack, has_timestamps;
};

/* False: not enough of it is there, or the header is longer than the packet. */
bool segment_parse(const struct ip_packet *ip, struct segment *s) MUST_USE;
struct segment_options segment_options(const struct segment *s);

#endif
