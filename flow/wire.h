/* Big-endian fields of a header at a fixed place. Like a reader, a field beyond the end reads as zero; unlike
 * one it is inline and keeps no state, because every packet passes here and pays for each call. */
#ifndef FLOW_WIRE_H
#define FLOW_WIRE_H

#include "base/bytes.h"

static inline uint8_t
wire_u8(struct bytes b, size_t at)
{
	return at < b.len ? b.p[at] : 0;
}

static inline uint16_t
wire_be16(struct bytes b, size_t at)
{
	if (at + 2 > b.len)
		return 0;
	return (uint16_t)(b.p[at] << 8 | b.p[at + 1]);
}

static inline uint32_t
wire_be32(struct bytes b, size_t at)
{
	if (at + 4 > b.len)
		return 0;
	return (uint32_t)b.p[at] << 24 | (uint32_t)b.p[at + 1] << 16 | (uint32_t)b.p[at + 2] << 8 | b.p[at + 3];
}

/* From..from+len, as much of it as there is. */
static inline struct bytes
wire_part(struct bytes b, size_t from, size_t len)
{
	struct bytes part = { NULL, 0 };

	if (from < b.len) {
		part.p = b.p + from;
		part.len = b.len - from < len ? b.len - from : len;
	}
	return part;
}

#endif
