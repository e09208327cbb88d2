/* What is remembered of the last few packets of one side of a connection: enough to see that a packet is a second
 * copy, and that a retransmission brings other bytes. */
#ifndef FLOW_RECENT_H
#define FLOW_RECENT_H

#include "base/alloc.h"
#include "flow/segment.h"

#define RECENT_PACKETS 8 /* a power of two */
#define RECENT_SAMPLES 4 /* likewise */
#define SAMPLE_LEN 27    /* makes a sample half a cache line */

struct recent_packets {
	_Alignas(CACHE_LINE) uint32_t prints[RECENT_PACKETS];
	uint16_t times_ms[RECENT_PACKETS]; /* nearly: 2^20 ns; wraps after 68 s, only short distances count */
	uint8_t n;                         /* wraps; the next place is n % RECENT_PACKETS */
};

struct sample { /* the beginning of a payload that was seen */
	uint32_t seq;
	uint8_t len;
	uint8_t bytes[SAMPLE_LEN];
};

struct recent_payload { /* aligned, so that no sample lies in two cache lines */
	struct sample samples[RECENT_SAMPLES];
};

struct recent_payload *recent_new(void); /* of both sides; freed with mem_free */
/* The same packet again, on another interface or from a mirror port? Remembers it when not. A reset is one only where
 * the connection had duplicates before: hosts do send the same reset more than once. */
bool recent_is_duplicate(struct recent_packets *r, const struct ip_packet *ip, const struct segment *s, int64_t now_ns,
			 bool had_duplicates) MUST_USE;
/* n: how many payloads came before it. */
void recent_keep_sample(struct recent_payload *r, uint32_t n, uint32_t seq, struct bytes payload);
/* Do the bytes differ from those that were kept for the same sequence numbers? */
bool recent_contradicts(const struct recent_payload *r, uint32_t seq, struct bytes payload);

#endif
