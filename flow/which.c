/* In: a packet that was fed. Out: its connection and where its parts lie. Reads it once more, and changes nothing. */
#include "flow/which.h"

#include "base/limits.h"
#include "capture/link.h"
#include "flow/segment.h"
#include "flow/table.h"
#include "flow/wire.h"

#define ICMP_HEADER 8
#define UDP_HEADER 8

static bool
innermost(const struct packet *p, struct ip_packet *ip, struct bytes *outer)
{
	size_t n_cut = p->wire_len > p->data.len ? p->wire_len - p->data.len : 0;
	struct bytes inner;

	if (!link_strip_to_ip(p->link_type, p->data, &inner))
		return false;
	for (int depth = 0; depth < LINK_DEPTH_MAX; depth++) {
		if (!ip_parse(inner, n_cut, ip))
			return false;
		if (ip->is_fragment || ip->protocol == IP_TCP || !tunnel_enter(ip, &inner))
			return true;
		if (ip->protocol == IP_UDP)
			*outer = ip->payload;
		n_cut = ip->payload_len - ip->payload.len;
	}
	return false;
}

static void
find_segment(const struct flow_table *t, const struct ip_packet *ip, struct place_in_packet *place)
{
	struct segment s;

	if (!segment_parse(ip, &s))
		return;
	place->kind = PLACE_TCP;
	place->flow = table_find(t, ip, &place->from);
	place->payload = s.payload;
	place->seq = s.seq + (s.flags & TCP_SYN ? 1 : 0);
}

/* What is quoted may end anywhere behind the ports. */
static void
find_quoted(const struct flow_table *t, const struct ip_packet *ip, struct place_in_packet *place)
{
	struct ip_packet quoted;
	size_t header_len;

	if (ip->payload.len < ICMP_HEADER || !ip_parse(bytes_from(ip->payload, ICMP_HEADER), 0, &quoted))
		return;
	if (quoted.protocol != IP_TCP || quoted.fragment_offset > 0 || quoted.payload.len < 8)
		return;
	place->kind = PLACE_ICMP;
	place->flow = table_find(t, &quoted, &place->from);
	place->quoted = quoted.payload;
	place->seq = wire_be32(quoted.payload, 4);
	header_len = (size_t)(wire_u8(quoted.payload, 12) >> 4) * 4;
	if (quoted.payload.len > 12)
		place->payload = bytes_from(quoted.payload, header_len);
}

static void
find_datagram(const struct ip_packet *ip, struct place_in_packet *place)
{
	if (ip->payload.len < UDP_HEADER ||
	    (wire_be16(ip->payload, 0) != FLOW_DNS_PORT && wire_be16(ip->payload, 2) != FLOW_DNS_PORT))
		return;
	place->kind = PLACE_DNS;
	place->payload = bytes_from(ip->payload, UDP_HEADER);
}

struct place_in_packet
flow_which(const struct flow_table *t, const struct packet *p)
{
	struct place_in_packet place = { .kind = PLACE_OTHER };
	struct ip_packet ip;

	if (!innermost(p, &ip, &place.outer))
		return place;
	place.source = address_from(ip_source(&ip));
	place.target = address_from(ip_destination(&ip));
	place.protocol = ip.protocol;
	place.message = ip.payload;
	place.message_len = ip.payload_len;
	if (ip.is_fragment)
		place.kind = PLACE_FRAGMENT;
	else if (ip.protocol == IP_TCP)
		find_segment(t, &ip, &place);
	else if (ip.protocol == IP_ICMP || ip.protocol == IP_ICMPV6)
		find_quoted(t, &ip, &place);
	else if (ip.protocol == IP_UDP)
		find_datagram(&ip, &place);
	return place;
}

uint64_t
flow_first_packet(const struct tcp_facts *facts)
{
	uint64_t a = facts->side[SIDE_CLIENT].first.packet, b = facts->side[SIDE_SERVER].first.packet;

	return b == 0 || (a != 0 && a < b) ? a : b;
}

uint32_t
flow_next_seq(const struct flow *f, enum side from)
{
	return f->direction[from].next;
}
