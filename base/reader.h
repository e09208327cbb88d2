/* Reads big-endian wire fields without ever leaving the bytes it was given.
 * A reader that ran past its end yields zeros and empty bytes and stays bad:
 * parse straight on and ask rd_ok once. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/bytes.h"

struct reader {
	struct bytes left;
	bool bad;
};

struct reader rd_over(struct bytes b);
uint8_t rd_u8(struct reader *r);
uint16_t rd_be16(struct reader *r);
uint32_t rd_be24(struct reader *r);
uint32_t rd_be32(struct reader *r);
uint64_t rd_be64(struct reader *r);
struct bytes rd_bytes(struct reader *r, size_t n);
void rd_skip(struct reader *r, size_t n);
/* A reader over the next n bytes, which are consumed; bad when there are fewer. */
struct reader rd_sub(struct reader *r, size_t n);
struct bytes rd_rest(struct reader *r); /* everything left, consumed */
size_t rd_left(const struct reader *r);
bool rd_ok(const struct reader *r);

#endif
