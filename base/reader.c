/* In: borrowed bytes. Out: integers and sub-ranges. The only place that adds wire lengths. */
#include "base/reader.h"

struct reader
rd_over(struct bytes b)
{
	return (struct reader){ b, false };
}

struct bytes
rd_bytes(struct reader *r, size_t n)
{
	struct bytes out = { NULL, 0 };

	if (r->bad || n > r->left.len) {
		r->bad = true;
		r->left = out;
		return out;
	}
	out = bytes_head(r->left, n);
	r->left = bytes_from(r->left, n);
	return out;
}

static uint64_t
big_endian(struct reader *r, size_t width)
{
	struct bytes b = rd_bytes(r, width);
	uint64_t value = 0;

	for (size_t i = 0; i < b.len; i++)
		value = value << 8 | b.p[i];
	return value;
}

uint8_t
rd_u8(struct reader *r)
{
	return (uint8_t)big_endian(r, 1);
}

uint16_t
rd_be16(struct reader *r)
{
	return (uint16_t)big_endian(r, 2);
}

uint32_t
rd_be24(struct reader *r)
{
	return (uint32_t)big_endian(r, 3);
}

uint32_t
rd_be32(struct reader *r)
{
	return (uint32_t)big_endian(r, 4);
}

uint64_t
rd_be64(struct reader *r)
{
	return big_endian(r, 8);
}

void
rd_skip(struct reader *r, size_t n)
{
	(void)rd_bytes(r, n);
}

struct reader
rd_sub(struct reader *r, size_t n)
{
	struct reader sub = rd_over(rd_bytes(r, n));

	sub.bad = r->bad;
	return sub;
}

struct bytes
rd_rest(struct reader *r)
{
	return rd_bytes(r, r->left.len);
}

size_t
rd_left(const struct reader *r)
{
	return r->left.len;
}

bool
rd_ok(const struct reader *r)
{
	return !r->bad;
}
