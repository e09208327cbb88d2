/* Finds or opens the connection of a TCP segment and has it noted and put in order. */
#ifndef FLOW_TCP_H
#define FLOW_TCP_H

#include "flow/table.h"

void tcp_feed(struct flow_table *t, const struct ip_packet *ip, const struct when *when);

#endif
