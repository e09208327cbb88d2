/* The first two bytes are a link type, or when there is no such one an EtherType inside a tunnel; the rest is the
 * frame. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "capture/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = rd_over(bytes_of(data, size));
	uint16_t type = rd_be16(&r);
	struct bytes frame = rd_rest(&r), ip;
	bool is_ip;

	if (link_is_known(type))
		is_ip = link_strip_to_ip(type, frame, &ip);
	else
		is_ip = link_strip_ethertype(type, frame, &ip);
	assert(is_ip == (ip.len > 0));
	if (is_ip) {
		assert(ip.p >= frame.p && ip.p + ip.len == frame.p + frame.len);
		assert(ip.p[0] >> 4 == 4 || ip.p[0] >> 4 == 6);
	}
	return 0;
}
