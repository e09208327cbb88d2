/* In: the payload of an IP packet. Out: the fields of a TCP segment. Knows no connections. */
#include "flow/segment.h"

#include "base/reader.h"
#include "flow/wire.h"

#define TCP_HEADER_MIN 20
#define WINDOW_SCALE_MAX 14 /* RFC 7323 2.3 */

enum tcp_option { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3, OPTION_SACK = 4, OPTION_TIMES = 8 };

/* |          Source Port          |       Destination Port        |
 * |                        Sequence Number                        |
 * |                    Acknowledgment Number                      |
 * | Offset| Rsrvd |    Control    |            Window             |
 * |           Checksum            |         Urgent Pointer        |  options  */
bool
segment_parse(const struct ip_packet *ip, struct segment *s)
{
	struct bytes b = ip->payload;
	size_t header_len;

	if (UNLIKELY(b.len < TCP_HEADER_MIN)) /* first, so that no field is checked again */
		return false;
	header_len = (size_t)(wire_u8(b, 12) >> 4) * 4;
	if (header_len < TCP_HEADER_MIN || header_len > ip->payload_len)
		return false;
	s->seq = wire_be32(b, 4);
	s->ack = wire_be32(b, 8);
	s->flags = wire_u8(b, 13);
	s->window = wire_be16(b, 14);
	s->header = bytes_head(b, header_len);
	s->payload = bytes_from(b, header_len);
	s->len = (uint32_t)(ip->payload_len - header_len);
	return true;
}

static void
read_option(uint8_t kind, struct reader value, struct segment_options *o)
{
	size_t len = rd_left(&value);

	if (kind == OPTION_MSS && len == 2)
		o->mss = rd_be16(&value);
	else if (kind == OPTION_SCALE && len == 1)
		o->window_scale = (int8_t)(rd_u8(&value) & 0x0f);
	else if (kind == OPTION_SACK && len == 0)
		o->has_sack = true;
	else if (kind == OPTION_TIMES && len == 8)
		o->has_timestamps = true;
}

struct segment_options
segment_options(const struct segment *s)
{
	struct segment_options o = { .window_scale = -1 };
	struct reader r = rd_over(bytes_from(s->header, TCP_HEADER_MIN));

	while (rd_left(&r) > 0) {
		uint8_t kind = rd_u8(&r);
		uint8_t len;

		if (kind == OPTION_END)
			break;
		if (kind == OPTION_NOP)
			continue;
		len = rd_u8(&r);
		if (len < 2 || len - 2U > rd_left(&r))
			break;
		read_option(kind, rd_sub(&r, len - 2U), &o);
	}
	if (o.window_scale > WINDOW_SCALE_MAX)
		o.window_scale = WINDOW_SCALE_MAX;
	return o;
}
