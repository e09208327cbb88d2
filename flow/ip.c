/* In: bytes that begin with an IP header. Out: addresses, protocol, payload. Does not reassemble fragments and
 * does not enter tunnels. RFC 791, RFC 8200. */
#include "flow/ip.h"

#include "base/limits.h"
#include "flow/wire.h"

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER 40
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK 0x1fff

enum ipv6_extension {
	IPV6_HOP_BY_HOP = 0,
	IPV6_ROUTING = 43,
	IPV6_FRAGMENT = 44,
	IPV6_AUTHENTICATION = 51,
	IPV6_DESTINATION = 60,
};

/* said: length by the header, 0 when the header does not say (TSO, jumbo): then all that was on the wire. */
static void
set_payload(struct ip_packet *out, struct bytes captured, size_t n_cut, size_t said)
{
	size_t on_wire = captured.len + n_cut;

	out->payload_len = said > 0 ? said : on_wire;
	out->lies_about_length = out->payload_len > on_wire || out->payload_len > PACKET_LEN_MAX;
	if (out->payload_len > PACKET_LEN_MAX)
		out->payload_len = captured.len;
	out->payload = wire_part(captured, 0, out->payload_len); /* drops the padding of short frames */
}

/*  0                   1                   2                   3
 * |Version|  IHL  |Type of Service|          Total Length         |
 * |         Identification        |Flags|     Fragment Offset     |
 * |  Time to Live |    Protocol   |        Header Checksum        |
 * |          Source Address (32)  |     Destination Address (32)  |  options */
static bool
parse_v4(struct bytes ip, size_t n_cut, struct ip_packet *out)
{
	size_t header_len, total_len;
	uint16_t fragment;

	if (UNLIKELY(ip.len < IPV4_HEADER_MIN)) /* first, so that no field is checked again */
		return false;
	header_len = (size_t)(wire_u8(ip, 0) & 0x0f) * 4;
	total_len = wire_be16(ip, 2);
	fragment = wire_be16(ip, 6);
	if (header_len < IPV4_HEADER_MIN || ip.len < header_len || (total_len > 0 && total_len < header_len))
		return false;
	out->addresses = ip.p + 12;
	out->address_len = 4;
	out->id = wire_be16(ip, 4);
	out->ttl = wire_u8(ip, 8);
	out->protocol = wire_u8(ip, 9);
	out->fragment_id = out->id;
	out->fragment_offset = (uint32_t)(fragment & IPV4_OFFSET_MASK) * 8;
	out->has_more_fragments = fragment & IPV4_MORE_FRAGMENTS;
	out->is_fragment = out->has_more_fragments || out->fragment_offset > 0;
	if (total_len == header_len) { /* not "unknown": there is no payload */
		out->payload = wire_part(ip, header_len, 0);
		out->payload_len = 0;
		out->lies_about_length = false;
		return true;
	}
	set_payload(out, wire_part(ip, header_len, ip.len), n_cut, total_len > 0 ? total_len - header_len : 0);
	return true;
}

bool
ip_parse_plain(struct bytes ip, struct ip_packet *out)
{
	size_t total_len;

	if (ip.len < IP_PLAIN_MIN)
		return false;
	total_len = wire_be16(ip, 2);
	if (total_len <= IPV4_HEADER_MIN || total_len > ip.len ||
	    (wire_be16(ip, 6) & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) != 0)
		return false;
	*out = (struct ip_packet){
		.addresses = ip.p + 12,
		.address_len = 4,
		.payload = bytes_of(ip.p + IPV4_HEADER_MIN, total_len - IPV4_HEADER_MIN),
		.payload_len = total_len - IPV4_HEADER_MIN,
		.id = wire_be16(ip, 4),
		.protocol = IP_TCP,
		.ttl = wire_u8(ip, 8),
	};
	return true;
}

/* Length of an extension header; 0: this is none (or one whose content is hidden). */
static size_t
extension_len(uint8_t type, struct bytes extension)
{
	size_t units = wire_u8(extension, 1);

	if (type == IPV6_FRAGMENT)
		return 8;
	if (type == IPV6_AUTHENTICATION)
		return (units + 2) * 4; /* RFC 4302 2.2 */
	if (type == IPV6_HOP_BY_HOP || type == IPV6_ROUTING || type == IPV6_DESTINATION)
		return (units + 1) * 8;
	return 0;
}

bool
ip_skip_extensions(struct ip_packet *out)
{
	for (int i = 0; i < IP_EXTENSIONS_MAX; i++) {
		size_t len = extension_len(out->protocol, out->payload);
		uint16_t fragment = wire_be16(out->payload, 2);

		if (len == 0)
			return true;
		if (len > out->payload.len)
			return false;
		if (out->protocol == IPV6_FRAGMENT && (fragment & 0xfff9) != 0) { /* else atomic: RFC 6946 */
			out->is_fragment = true;
			out->has_more_fragments = fragment & 1;
			out->fragment_offset = fragment & 0xfff8;
			out->fragment_id = wire_be32(out->payload, 4);
		}
		out->protocol = wire_u8(out->payload, 0);
		out->payload = wire_part(out->payload, len, out->payload.len);
		out->payload_len -= len;
		if (out->is_fragment)
			return true; /* what follows may be the middle of something */
	}
	return false;
}

/* |Version| Traffic Class |           Flow Label                  |
 * |         Payload Length        |  Next Header  |   Hop Limit   |
 * |     Source Address (128)      |  Destination Address (128)    | */
static bool
parse_v6(struct bytes ip, size_t n_cut, struct ip_packet *out)
{
	if (ip.len < IPV6_HEADER)
		return false;
	out->addresses = ip.p + 8;
	out->address_len = 16;
	out->id = 0;
	out->ttl = wire_u8(ip, 7);
	out->protocol = wire_u8(ip, 6);
	out->fragment_id = out->fragment_offset = 0;
	out->is_fragment = out->has_more_fragments = false;
	set_payload(out, wire_part(ip, IPV6_HEADER, ip.len), n_cut, wire_be16(ip, 4));
	return ip_skip_extensions(out);
}

bool
ip_parse(struct bytes ip, size_t n_cut, struct ip_packet *out)
{
	uint8_t version = wire_u8(ip, 0) >> 4;

	if (LIKELY(version == 4))
		return parse_v4(ip, n_cut, out);
	return version == 6 && parse_v6(ip, n_cut, out);
}
