/* What flow/ hands to the next stage. Borrowed for the call. */
#ifndef FLOW_CHUNK_H
#define FLOW_CHUNK_H

#include "base/address.h"
#include "base/when.h"

enum side { SIDE_CLIENT, SIDE_SERVER }; /* who sent it; the client is the one that sent the SYN */
struct chunk {
	enum side from;
	struct bytes data;  /* the next bytes in order, borrowed for the call; empty when bytes are missing */
	uint64_t n_missing; /* > 0: this many bytes come next in the stream but are not in the capture */
	struct when when;   /* the packet that carried them, or that showed that they are missing */
};

struct datagram { /* of UDP; borrowed for the call */
	struct endpoint from, to;
	struct bytes data; /* as far as it was captured */
	struct when when;
};

#endif
