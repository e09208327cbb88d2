/* In: a frame and its link type. Out: the IP packet in it. One row and one short function per link type and per
 * EtherType; each takes its header off the front and names the EtherType of what follows. */
#include "capture/link.h"

#include <pcap/dlt.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/reader.h"

/* EtherTypes, and next to them the PPP protocol numbers of the same meaning (RFC 1661, RFC 5072, RFC 3032). Below
 * 1536 an EtherType field is a length, so the two do not collide. */
enum ethertype {
	TYPE_NONE = 0,   /* nothing that leads to IP */
	TYPE_ANY_IP = 2, /* the version digit tells which; PPP numbers are odd */
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
	TYPE_FIRST = 0x0600,
	TYPE_IPV4 = 0x0800,
	TYPE_BRIDGED = 0x6558, /* a whole Ethernet frame */
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_PPP = 0x880b,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_QINQ_OLDER = 0x9200,
};

#define ETHERNET_LEN 14

/* IEEE 802.2 with SNAP: AA AA 03, an organisation, and with organisation 0 an EtherType. 06 06 03 is IP itself. */
static uint16_t
strip_llc(struct reader *r)
{
	uint32_t saps = rd_be24(r);

	if (saps == 0x060603)
		return TYPE_IPV4;
	if (saps != 0xaaaa03 || rd_be24(r) != 0)
		return TYPE_NONE;
	saps = rd_be16(r);
	return saps < TYPE_FIRST ? TYPE_NONE : (uint16_t)saps;
}

static uint16_t
strip_type_or_length(struct reader *r)
{
	uint16_t type = rd_be16(r);

	return type < TYPE_FIRST ? strip_llc(r) : type;
}

static uint16_t
strip_ethernet(struct reader *r)
{
	rd_skip(r, 12);
	return strip_type_or_length(r);
}

static uint16_t
strip_vlan(struct reader *r)
{
	rd_skip(r, 2);
	return strip_type_or_length(r);
}

/* Address and control (FF 03) may be left out; the protocol is one byte when that byte is odd (RFC 1661 6.5). */
static uint16_t
strip_ppp(struct reader *r)
{
	uint16_t protocol = rd_u8(r);

	if (protocol == 0xff) {
		rd_skip(r, 1);
		protocol = rd_u8(r);
	}
	if (protocol % 2 == 0)
		protocol = (uint16_t)(protocol << 8 | rd_u8(r));
	return protocol < TYPE_FIRST && protocol % 2 == 1 ? protocol : TYPE_NONE;
}

/* RFC 2516: version and type 1, code 0 = session data, session, length. */
static uint16_t
strip_pppoe(struct reader *r)
{
	if (rd_be16(r) != 0x1100)
		return TYPE_NONE;
	rd_skip(r, 4);
	return strip_ppp(r);
}

/* RFC 3032: labels of 4 bytes, the lowest bit of the third marks the last one. What follows is not named: IP by its
 * version, or behind a control word of 0 an Ethernet frame (RFC 4448). */
static uint16_t
strip_mpls(struct reader *r)
{
	struct reader ahead;
	uint32_t label = 0;
	uint8_t first;

	for (int i = 0; i < LINK_DEPTH_MAX && rd_ok(r) && !(label & 0x100); i++)
		label = rd_be32(r);
	if (!(label & 0x100))
		return TYPE_NONE;
	ahead = *r;
	first = rd_u8(&ahead);
	if (first >> 4 != 0)
		return TYPE_ANY_IP;
	rd_skip(r, 4);
	return TYPE_BRIDGED;
}

/* 802.2 in a cooked header has the protocol 4 (linux/if_ether.h). */
static uint16_t
cooked_type(struct reader *r, uint16_t protocol)
{
	if (protocol == 4)
		return strip_llc(r);
	return protocol < TYPE_FIRST ? TYPE_NONE : protocol;
}

static uint16_t
strip_cooked(struct reader *r)
{
	rd_skip(r, 14);
	return cooked_type(r, rd_be16(r));
}

static uint16_t
strip_cooked2(struct reader *r)
{
	uint16_t protocol = rd_be16(r);

	rd_skip(r, 18);
	return cooked_type(r, protocol);
}

static uint16_t
strip_nothing(struct reader *r)
{
	(void)r;
	return TYPE_ANY_IP;
}

static uint16_t
strip_nothing4(struct reader *r)
{
	(void)r;
	return TYPE_IPV4;
}

static uint16_t
strip_nothing6(struct reader *r)
{
	(void)r;
	return TYPE_IPV6;
}

/* The address family in 4 bytes, in the order of the writer; IPv6 is 10 on Linux, 24, 28, 30 on the BSDs and macOS. */
static uint16_t
strip_family(struct reader *r)
{
	uint32_t family = rd_be32(r);

	if (family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00);
	if (family == 2)
		return TYPE_IPV4;
	return family == 10 || family == 24 || family == 28 || family == 30 ? TYPE_IPV6 : TYPE_NONE;
}

/* Cisco HDLC: address, control, EtherType. */
static uint16_t
strip_c_hdlc(struct reader *r)
{
	uint16_t type;

	rd_skip(r, 2);
	type = rd_be16(r);
	return type < TYPE_FIRST ? TYPE_NONE : type;
}

/* PPP in HDLC framing, or Cisco's on the same line: its addresses are 0F and 8F (RFC 1547). */
static uint16_t
strip_ppp_serial(struct reader *r)
{
	struct reader ahead = *r;
	uint8_t address = rd_u8(&ahead);

	return address == 0x0f || address == 0x8f ? strip_c_hdlc(r) : strip_ppp(r);
}

/* IEEE 802.11 9.2: only data frames in clear carry anything we can read.
 *  0       1       2          4                 22         24
 * +-------+-------+----------+-----------------+----------+---------------------------------
 * | type  | flags | duration | three addresses | sequence | address 4, QoS, HT control, LLC
 * +-------+-------+----------+-----------------+----------+---------------------------------
 */
static uint16_t
strip_wlan(struct reader *r)
{
	uint8_t type = rd_u8(r);
	uint8_t flags = rd_u8(r);
	bool is_data = (type & 0x0f) == 0x08 && !(type & 0x40);
	bool is_protected = flags & 0x40;
	bool has_qos = type & 0x80;

	if (!is_data || is_protected)
		return TYPE_NONE;
	rd_skip(r, 22);
	if ((flags & 0x03) == 0x03) /* from one access point to another */
		rd_skip(r, 6);
	if (has_qos && rd_be16(r) & 0x8000) /* several frames in one */
		return TYPE_NONE;
	if (has_qos && flags & 0x80)
		rd_skip(r, 4);
	return strip_llc(r);
}

/* Radiotap: version, padding, length of the whole header (little-endian). */
static uint16_t
strip_radiotap(struct reader *r)
{
	uint16_t len;

	rd_skip(r, 2);
	len = rd_u8(r);
	len = (uint16_t)(len | rd_u8(r) << 8);
	if (len < 4)
		return TYPE_NONE;
	rd_skip(r, len - 4U);
	return strip_wlan(r);
}

struct link_type {
	int dlt;
	uint16_t (*strip)(struct reader *r);
};

static const struct link_type link_types[] = {
	{ DLT_EN10MB, strip_ethernet },  { DLT_LINUX_SLL2, strip_cooked2 },
	{ DLT_LINUX_SLL, strip_cooked }, { DLT_RAW, strip_nothing },
	{ 14, strip_nothing },  /* DLT_RAW of OpenBSD */
	{ 101, strip_nothing }, /* LINKTYPE_RAW, not mapped */
	{ DLT_IPV4, strip_nothing4 },    { DLT_IPV6, strip_nothing6 },
	{ DLT_NULL, strip_family },      { DLT_LOOP, strip_family },
	{ DLT_PPP, strip_ppp },          { DLT_PPP_SERIAL, strip_ppp_serial },
	{ DLT_PPP_ETHER, strip_pppoe },  { DLT_C_HDLC, strip_c_hdlc },
	{ DLT_IEEE802_11, strip_wlan },  { DLT_IEEE802_11_RADIO, strip_radiotap },
};

struct inner_type {
	uint16_t type;
	uint16_t (*strip)(struct reader *r);
};

static const struct inner_type inner_types[] = {
	{ TYPE_VLAN, strip_vlan },       { TYPE_QINQ, strip_vlan },           { TYPE_PPPOE, strip_pppoe },
	{ TYPE_MPLS, strip_mpls },       { TYPE_MPLS_MULTICAST, strip_mpls }, { TYPE_QINQ_OLD, strip_vlan },
	{ TYPE_QINQ_OLDER, strip_vlan }, { TYPE_BRIDGED, strip_ethernet },    { TYPE_PPP, strip_ppp },
	{ PPP_MPLS, strip_mpls },        { PPP_MPLS_MULTICAST, strip_mpls },
};

static const struct link_type *
find_link_type(int dlt)
{
	for (size_t i = 0; i < ARRAY_LEN(link_types); i++)
		if (link_types[i].dlt == dlt)
			return &link_types[i];
	return NULL;
}

static const struct inner_type *
find_inner_type(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(inner_types); i++)
		if (inner_types[i].type == type)
			return &inner_types[i];
	return NULL;
}

/* Does the version digit agree with what the header before it announced? */
static bool
is_ip(uint16_t type, uint8_t first)
{
	unsigned version = first >> 4;

	if (type == TYPE_ANY_IP)
		return version == 4 || version == 6;
	if (type == TYPE_IPV4 || type == PPP_IPV4)
		return version == 4;
	return (type == TYPE_IPV6 || type == PPP_IPV6) && version == 6;
}

/* Every turn takes at least two bytes. */
static bool
strip_to_ip(uint16_t type, struct reader *r, struct bytes *ip)
{
	const struct inner_type *inner;

	for (int depth = 0; depth < LINK_DEPTH_MAX && (inner = find_inner_type(type)); depth++)
		type = inner->strip(r);
	*ip = rd_rest(r);
	if (rd_ok(r) && ip->len > 0 && is_ip(type, ip->p[0]))
		return true;
	*ip = bytes_of(NULL, 0);
	return false;
}

bool
link_strip_to_ip(int link_type, struct bytes frame, struct bytes *ip)
{
	const struct link_type *link;
	struct reader r;

	/* Nearly every packet is plain IPv4 on Ethernet, so it is not sent through tables and readers. */
	if (LIKELY(link_type == DLT_EN10MB && frame.len > ETHERNET_LEN && frame.p[12] == TYPE_IPV4 >> 8 &&
		   frame.p[13] == (TYPE_IPV4 & 0xff) && frame.p[ETHERNET_LEN] >> 4 == 4)) {
		*ip = (struct bytes){ frame.p + ETHERNET_LEN, frame.len - ETHERNET_LEN };
		return true;
	}
	link = find_link_type(link_type);
	if (!link) {
		*ip = bytes_of(NULL, 0);
		return false;
	}
	r = rd_over(frame);
	return strip_to_ip(link->strip(&r), &r, ip);
}

bool
link_strip_ethertype(uint16_t ethertype, struct bytes payload, struct bytes *ip)
{
	struct reader r = rd_over(payload);

	return strip_to_ip(ethertype == TYPE_ANY_IP ? TYPE_NONE : ethertype, &r, ip);
}

bool
link_is_known(int link_type)
{
	return find_link_type(link_type) != NULL;
}
