/* From a captured frame to the IP packet in it. One row per link type in link.c. */
#ifndef CAPTURE_LINK_H
#define CAPTURE_LINK_H

#include "base/bytes.h"

/* Strips link headers, VLAN tags (802.1Q, QinQ), PPPoE, PPP, MPLS and cooked headers. True when what is
 * left begins with an IPv4 or IPv6 header; *ip borrows from frame and may carry trailing padding. */
bool link_strip_to_ip(int link_type, struct bytes frame, struct bytes *ip);
/* The same for what follows an EtherType or a PPP protocol number inside a tunnel (GRE, VXLAN, Geneve). */
bool link_strip_ethertype(uint16_t ethertype, struct bytes payload, struct bytes *ip);
bool link_is_known(int link_type);

#endif
