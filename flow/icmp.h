/* ICMP and ICMPv6 errors (RFC 792, RFC 4443) that quote a packet of a connection. */
#ifndef FLOW_ICMP_H
#define FLOW_ICMP_H

#include "flow/table.h"

/* Notes the error in the facts of the connection that it is about, if that is in the table. */
void icmp_feed(struct flow_table *t, const struct ip_packet *ip, const struct when *when);

#endif
