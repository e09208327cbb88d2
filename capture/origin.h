/* Where packets come from, as capture files describe it: interfaces, and the names that were written into them. Only
 * those ask who write packets again. */
#ifndef CAPTURE_ORIGIN_H
#define CAPTURE_ORIGIN_H

#include "capture/capture.h"

struct capture_interface {
	int link_type;     /* DLT_* */
	uint32_t snaplen;  /* 0: no limit, or not known */
	struct bytes name; /* "eth0"; empty: not known; borrowed like the bytes of the packet */
};

/* Of the packet that capture_next gave last. */
struct capture_interface capture_interface(const struct capture *c);

/* Records of name resolution blocks that were met so far, one behind the other as in a pcapng file of this machine's
 * byte order: type, length, value, padding. Borrowed until the next capture_next; may hold a record twice. */
struct bytes capture_names(const struct capture *c);

#endif
