/* In: an ICMP packet. Out: an entry in the facts of the connection whose packet it quotes. Opens no connection and
 * keeps none alive: errors can be forged. */
#include "flow/icmp.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/wire.h"

#define ICMP_HEADER 8
#define PORTS_LEN 4
#define PORTS_AND_SEQ_LEN 8 /* RFC 792: 64 bits of the quoted payload are there */

enum icmp_type {
	ICMP_UNREACHABLE = 3,
	ICMP_QUENCH = 4,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
	ICMPV6_TOO_BIG = 2,
	ICMPV6_INFORMATIONAL = 128, /* from here on no errors */
};

enum { ICMP_FRAGMENTATION_NEEDED = 4 }; /* code */

static bool
is_error(uint8_t protocol, uint8_t type)
{
	if (protocol == IP_ICMPV6)
		return type < ICMPV6_INFORMATIONAL;
	return type == ICMP_UNREACHABLE || type == ICMP_QUENCH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER;
}

/* |     Type      |     Code      |          Checksum             |
 * |  unused: 16, or MTU: 32 (v6)  |  next-hop MTU: 16 (RFC 1191)  |  the packet that could not be delivered */
static uint16_t
mtu_of(uint8_t protocol, struct bytes icmp)
{
	uint8_t type = wire_u8(icmp, 0);
	uint32_t mtu = 0;

	if (protocol == IP_ICMPV6 && type == ICMPV6_TOO_BIG)
		mtu = wire_be32(icmp, 4);
	else if (protocol == IP_ICMP && type == ICMP_UNREACHABLE && wire_u8(icmp, 1) == ICMP_FRAGMENTATION_NEEDED)
		mtu = wire_be16(icmp, 6);
	return (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX);
}

static bool
quotes_syn(const struct flow *f, enum side quoted_from, struct bytes tcp)
{
	const struct tcp_side *side = &f->facts.side[quoted_from];
	bool is_answered = f->facts.side[other_side(quoted_from)].n_packets > 0;

	if (tcp.len < PORTS_AND_SEQ_LEN || !side->has_syn)
		return side->has_syn && !is_answered;
	return wire_be32(tcp, 4) == side->isn || (!is_answered && f->class == CLASS_OPENING);
}

static void
note_error(struct flow *f, enum side quoted_from, const struct ip_packet *ip, struct bytes quoted_tcp,
	   const struct when *when)
{
	uint32_t n = f->facts.n_icmp++;
	struct icmp_error *kept = (struct icmp_error *)(uintptr_t)f->facts.icmp; /* ours; const for readers */

	if (n >= ICMP_KEPT)
		return;
	if (!kept)
		kept = mem_new_array(ICMP_KEPT, sizeof(*kept));
	f->facts.icmp = kept;
	kept[n] = (struct icmp_error){
		.when = *when,
		.sender = address_from(ip_source(ip)),
		.mtu = mtu_of(ip->protocol, ip->payload),
		.type = wire_u8(ip->payload, 0),
		.code = wire_u8(ip->payload, 1),
		.quoted_from = (uint8_t)quoted_from,
		.quotes_syn = quotes_syn(f, quoted_from, quoted_tcp),
	};
}

void
icmp_feed(struct flow_table *t, const struct ip_packet *ip, const struct when *when)
{
	struct ip_packet quoted;
	enum side quoted_from;
	struct flow *f;

	if (ip->payload.len < ICMP_HEADER || !is_error(ip->protocol, wire_u8(ip->payload, 0)))
		return;
	if (!ip_parse(bytes_from(ip->payload, ICMP_HEADER), 0, &quoted))
		return;
	if (quoted.protocol != IP_TCP || quoted.fragment_offset > 0 || quoted.payload.len < PORTS_LEN)
		return;
	t->stats.n_icmp++;
	f = table_find(t, &quoted, &quoted_from);
	if (f)
		note_error(f, quoted_from, ip, quoted.payload, when);
	else
		t->stats.n_unmatched_icmp++;
}
