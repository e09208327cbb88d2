/* In: segments of one side. Out: is it a copy, does it contradict. All of it is small and of fixed size: a
 * contradiction is seen within the first SAMPLE_LEN bytes of the last RECENT_SAMPLES payloads, because keeping more
 * would cost a copy of every byte. */
#include "flow/recent.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/wire.h"

#define OPTIONS_AT 20
#define TIMESTAMPS_LEN 12 /* the options of nearly every packet: two fillers, RFC 7323 */

/* Over everything that a retry or another packet would have different, and nothing that a router or the network card
 * changes on the way (TTL, checksum). The products do not wait for each other. */
static uint32_t
print_of(const struct ip_packet *ip, const struct segment *s)
{
	uint64_t hash = ((uint64_t)s->seq << 32 | s->ack) * 0x9e3779b97f4a7c15ULL;
	uint64_t options[2];

	hash += ((uint64_t)s->window << 48 ^ (uint64_t)s->len << 24 ^ (uint64_t)s->flags << 16 ^ ip->id) *
		0xc2b2ae3d27d4eb4fULL;
	if (LIKELY(s->header.len == OPTIONS_AT + TIMESTAMPS_LEN)) {
		memcpy(options, s->header.p + OPTIONS_AT, 8);
		memcpy(options + 1, s->header.p + OPTIONS_AT + TIMESTAMPS_LEN - 8, 8);
		hash ^= options[0] * 0x165667b19e3779f9ULL + options[1] * 0xd6e8feb86659fd93ULL;
	} else {
		for (size_t at = OPTIONS_AT; at + 4 <= s->header.len; at += 4)
			hash = (hash ^ hash >> 29 ^ wire_be32(s->header, at)) * 0x9e3779b97f4a7c15ULL;
	}
	return (uint32_t)(hash >> 32 ^ hash >> 13) | 1; /* never 0, which is an empty place */
}

static bool
is_near(const struct recent_packets *r, uint32_t print, uint16_t now_ms, uint16_t limit_ms)
{
	for (unsigned i = 0; i < RECENT_PACKETS; i++) {
		uint16_t distance_ms = (uint16_t)(now_ms - r->times_ms[i] + limit_ms); /* in either direction */

		if (r->prints[i] == print && distance_ms <= 2 * limit_ms)
			return true;
	}
	return false;
}

bool
recent_is_duplicate(struct recent_packets *r, const struct ip_packet *ip, const struct segment *s, int64_t now_ns,
		    bool had_duplicates)
{
	uint32_t print = print_of(ip, s);
	uint16_t now_ms = (uint16_t)(now_ns >> 20);
	unsigned place = r->n % RECENT_PACKETS;
	uint32_t n_same = 0;

	for (unsigned i = 0; i < RECENT_PACKETS; i++) /* without a branch: two vector instructions */
		n_same += r->prints[i] == print;
	if (UNLIKELY(n_same > 0)) {
		bool is_reset = s->flags & TCP_RST;
		bool has_own_id = ip->id != 0 && !is_reset;
		uint16_t limit_ms = (uint16_t)((has_own_id ? DUPLICATE_NS : DUPLICATE_SHORT_NS) >> 20);

		if ((!is_reset || had_duplicates) && is_near(r, print, now_ms, limit_ms))
			return true;
	}
	r->prints[place] = print;
	r->times_ms[place] = now_ms;
	r->n++;
	return false;
}

struct recent_payload *
recent_new(void)
{
	size_t size = 2 * sizeof(struct recent_payload);

	return memset(mem_new_aligned(CACHE_LINE, size), 0, size);
}

void
recent_keep_sample(struct recent_payload *r, uint32_t n, uint32_t seq, struct bytes payload)
{
	struct sample *sample = &r->samples[n % RECENT_SAMPLES];

	sample->seq = seq;
	if (LIKELY(payload.len >= SAMPLE_LEN)) {
		sample->len = SAMPLE_LEN;
		memcpy(sample->bytes, payload.p, SAMPLE_LEN); /* a constant length: no call */
		return;
	}
	sample->len = (uint8_t)payload.len;
	if (payload.len > 0)
		memcpy(sample->bytes, payload.p, payload.len);
}

static bool
differs(const struct sample *sample, uint32_t seq, struct bytes payload)
{
	uint32_t skip = sample->seq - seq; /* where the sample begins in the payload; wraps when before it */
	struct bytes kept = bytes_of(sample->bytes, sample->len);
	size_t len;

	if (skip >= 0x80000000U) {
		kept = bytes_from(kept, seq - sample->seq);
		skip = 0;
	}
	payload = bytes_from(payload, skip);
	len = kept.len < payload.len ? kept.len : payload.len;
	return len > 0 && memcmp(kept.p, payload.p, len) != 0;
}

bool
recent_contradicts(const struct recent_payload *r, uint32_t seq, struct bytes payload)
{
	for (unsigned i = 0; i < RECENT_SAMPLES; i++) {
		if (r->samples[i].len > 0 && differs(&r->samples[i], seq, payload))
			return true;
	}
	return false;
}
