/* The first bytes of a connection: what stands before the first byte 0xfe is the client's, the rest the server's.
 *
 * Checked: bytes of the client that decide decide the same with more bytes behind them; so wherever the stream is cut,
 * the same connections are mail. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "decode/detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exact copies on the heap, so that a read one byte too far is caught. */
static enum detected
detect(struct bytes client, struct bytes server)
{
	static const uint16_t ports[] = { 25, 465, 587 };
	struct bytes sides[] = { client, server }, first[2];
	enum detected d;

	for (size_t i = 0; i < 2; i++) {
		uint8_t *copy = malloc(sides[i].len > 0 ? sides[i].len : 1);

		assert(copy);
		if (sides[i].len > 0)
			memcpy(copy, sides[i].p, sides[i].len);
		first[i] = bytes_of(copy, sides[i].len);
	}
	d = detect_smtp(first, ports, ARRAY_LEN(ports));
	free((void *)(uintptr_t)first[0].p);
	free((void *)(uintptr_t)first[1].p);
	return d;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes server = bytes_of(data, size), client = bytes_split(&server, 0xfe), none = bytes_of(NULL, 0);
	enum detected before = DETECT_MAYBE;

	if (size > 2048)
		return 0;
	detect(client, server);
	for (size_t n = 1; n <= client.len; n++) {
		enum detected now = detect(bytes_head(client, n), none);

		assert(before == DETECT_MAYBE || now == before);
		before = now;
	}
	return 0;
}
