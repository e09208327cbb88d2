/* The parts of the default filter, for devices on which libpcap knows no VLAN tags. */
#ifndef CAPTURE_DEFAULT_FILTER_H
#define CAPTURE_DEFAULT_FILTER_H

#include "capture/devices.h"

/* As capture_default_filter, but only for packets without a tag. */
bool default_filter_without_tags(const char *extra_ports, struct buf *filter, struct err *e) MUST_USE;

#endif
