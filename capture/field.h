/* Fields of capture files, which are in the byte order of the machine that wrote them. Beyond the end: 0. */
#ifndef CAPTURE_FIELD_H
#define CAPTURE_FIELD_H

#include "base/bytes.h"

static inline uint16_t
field_u16(struct bytes b, size_t at, bool is_big)
{
	const uint8_t *p = b.p + at;

	if (at + 2 > b.len)
		return 0;
	return (uint16_t)(is_big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

/* There are four bytes. */
static inline uint32_t
field_read_u32(const uint8_t *p, bool is_big)
{
	if (is_big)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t
field_u32(struct bytes b, size_t at, bool is_big)
{
	return at + 4 > b.len ? 0 : field_read_u32(b.p + at, is_big);
}

#endif
