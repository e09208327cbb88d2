/* One IPv4 or IPv6 packet: what the next stages need of its headers. Checksums are not looked at: the capturing
 * host's own packets have none yet. */
#ifndef FLOW_IP_H
#define FLOW_IP_H

#include "base/attr.h"
#include "base/bytes.h"

enum ip_protocol {
	IP_ICMP = 1,
	IP_IPV4 = 4,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_IPV6 = 41,
	IP_GRE = 47,
	IP_ICMPV6 = 58,
};

#define IP_PLAIN_MIN 40 /* with the TCP header */

struct ip_packet {
	const uint8_t *addresses; /* source, destination; borrowed like the payload */
	size_t address_len;       /* of each: 4 or 16 */
	struct bytes payload;     /* as far as it was captured */
	size_t payload_len;       /* as the header says */
	uint32_t fragment_id, fragment_offset;
	uint16_t id; /* IPv4 identification, 0 for IPv6 */
	uint8_t protocol, ttl;
	bool is_fragment, has_more_fragments;
	bool lies_about_length; /* says more than the wire carried */
};

static inline struct bytes
ip_source(const struct ip_packet *p)
{
	return bytes_of(p->addresses, p->address_len);
}

static inline struct bytes
ip_destination(const struct ip_packet *p)
{
	return bytes_of(p->addresses + p->address_len, p->address_len);
}

/* n_cut: bytes that the snapshot length took off the end of the frame. False: not IP, or too damaged to use. */
bool ip_parse(struct bytes ip, size_t n_cut, struct ip_packet *out) MUST_USE;
/* The same, for TCP in IPv4 without IP options: at least IP_PLAIN_MIN bytes, whose first says so. False: it is cut, a
 * fragment, or else not as simple as that. */
bool ip_parse_plain(struct bytes ip, struct ip_packet *out) MUST_USE;
/* For IPv6: protocol and payload become those behind extension headers. False: there is no end to them. ip_parse has
 * done it; a datagram that was put together from fragments may begin with more of them. */
bool ip_skip_extensions(struct ip_packet *out) MUST_USE;
/* Does the packet carry another IP packet (IP-in-IP, GRE, VXLAN, Geneve)? Then *inner borrows it. */
bool tunnel_enter(const struct ip_packet *outer, struct bytes *inner) MUST_USE;

#endif
