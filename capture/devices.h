/* The devices that packets can be captured from, and the filter used when the user gives none. */
#ifndef CAPTURE_DEVICES_H
#define CAPTURE_DEVICES_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* One line per device: name, description, addresses. */
bool devices_list(FILE *out, struct err *e) MUST_USE;
/* BPF that admits the mail ports (and extra_ports, NULL = none), ICMP, ICMPv6, DNS and fragments, each also
 * behind VLAN tags. false: extra_ports is not a list of port numbers. */
bool capture_default_filter(const char *extra_ports, struct buf *filter, struct err *e) MUST_USE;

#endif
