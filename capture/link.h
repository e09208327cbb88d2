/* From a captured frame to the IP packet in it. One row per link type in link.c. */
#ifndef CAPTURE_LINK_H
#define CAPTURE_LINK_H

#include <string.h>

#include "base/bytes.h"

/* Strips link headers, VLAN tags (802.1Q, QinQ), PPPoE, PPP, MPLS and cooked headers. True when what is
 * left begins with an IPv4 or IPv6 header; *ip borrows from frame and may carry trailing padding. */
bool link_strip_to_ip(int link_type, struct bytes frame, struct bytes *ip);
/* The same for what follows an EtherType or a PPP protocol number inside a tunnel (GRE, VXLAN, Geneve). */
bool link_strip_ethertype(uint16_t ethertype, struct bytes payload, struct bytes *ip);
/* Is it Ethernet with IPv4 without options and TCP? The IP header is then at LINK_PLAIN_LEN. At least
 * PACKET_AHEAD_LEN bytes; inline, since it looks at every packet. */
#define LINK_PLAIN_LEN 14
static inline bool
link_is_plain_ipv4(int link_type, const uint8_t *frame)
{
	static const uint8_t plain[] = { 0x08, 0x00, 0x45 }; /* EtherType; version and length of the header */

	return link_type == 1 /* DLT_EN10MB */ && memcmp(frame + 12, plain, sizeof(plain)) == 0 && frame[23] == 6;
}
bool link_is_known(int link_type);

#endif
