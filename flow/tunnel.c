/* In: an IP packet. Out: the IP packet that it carries, if it is a tunnel. One level; the caller loops.
 * RFC 2003, RFC 2473, RFC 2784, RFC 2890, RFC 2637, RFC 7348, RFC 8926. */
#include "capture/link.h"
#include "flow/ip.h"
#include "flow/wire.h"

#define UDP_HEADER 8
#define VXLAN_HEADER 8
#define VXLAN_POLICY 0x80 /* draft-smith-vxlan-group-policy: a group in the reserved bytes */
#define GENEVE_HEADER 8
#define ERSPAN_HEADER 8
#define ETHERTYPE_BRIDGED 0x6558 /* a whole Ethernet frame follows */
#define ETHERTYPE_ERSPAN 0x88be  /* GRE from a mirror port: Ethernet, behind a header when numbered */

enum udp_tunnel { PORT_VXLAN = 4789, PORT_VXLAN_LINUX = 8472, PORT_GENEVE = 6081 };

enum gre_flag {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080,
	GRE_VERSION = 0x0007,
};

/* |C|R|K|S|...          |A|  | Ver |         Protocol Type         | then, by flag,
 * | Checksum, Offset: 32 (C) |  Key: 32 (K)  |  Sequence: 32 (S)  |  Acknowledgement: 32 (A, version 1) | */
static bool
enter_gre(struct bytes gre, struct bytes *inner)
{
	uint16_t flags = wire_be16(gre, 0);
	uint16_t type = wire_be16(gre, 2);
	size_t len = 4;

	if (gre.len < len || (flags & GRE_ROUTING) || (flags & GRE_VERSION) > 1)
		return false;
	len += flags & GRE_CHECKSUM ? 4 : 0;
	len += flags & GRE_KEY ? 4 : 0;
	len += flags & GRE_SEQUENCE ? 4 : 0;
	len += (flags & GRE_VERSION) == 1 && (flags & GRE_ACK) ? 4 : 0;
	if (type == ETHERTYPE_ERSPAN) {
		len += flags & GRE_SEQUENCE ? ERSPAN_HEADER : 0;
		type = ETHERTYPE_BRIDGED;
	}
	return link_strip_ethertype(type, bytes_from(gre, len), inner);
}

/* |Ver|  Opt Len  |O|C|  Rsvd.  |          Protocol Type        |  VNI, reserved: 32  |  options */
static bool
enter_geneve(struct bytes geneve, struct bytes *inner)
{
	size_t options_len = (size_t)(wire_u8(geneve, 0) & 0x3f) * 4;

	if (geneve.len < GENEVE_HEADER || wire_u8(geneve, 0) >> 6 != 0)
		return false;
	return link_strip_ethertype(wire_be16(geneve, 2), bytes_from(geneve, GENEVE_HEADER + options_len), inner);
}

/* |G|R|R|R|I|R|R|R| reserved: 24 |  VNI: 24 | reserved: 8 |  an Ethernet frame */
static bool
enter_vxlan(struct bytes vxlan, struct bytes *inner)
{
	if (vxlan.len < VXLAN_HEADER || (wire_u8(vxlan, 0) & ~VXLAN_POLICY) != 0x08)
		return false;
	return link_strip_ethertype(ETHERTYPE_BRIDGED, bytes_from(vxlan, VXLAN_HEADER), inner);
}

static bool
enter_udp(struct bytes udp, struct bytes *inner)
{
	uint16_t port = wire_be16(udp, 2);
	struct bytes payload = bytes_from(udp, UDP_HEADER);

	if (port == PORT_VXLAN || port == PORT_VXLAN_LINUX)
		return enter_vxlan(payload, inner);
	return port == PORT_GENEVE && enter_geneve(payload, inner);
}

bool
tunnel_enter(const struct ip_packet *outer, struct bytes *inner)
{
	switch (outer->protocol) {
	case IP_IPV4:
	case IP_IPV6:
		*inner = outer->payload;
		return true;
	case IP_GRE:
		return enter_gre(outer->payload, inner);
	case IP_UDP:
		return enter_udp(outer->payload, inner);
	default:
		return false;
	}
}
