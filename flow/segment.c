/* In: the payload of an IP packet. Out: the fields of a TCP segment. Knows no connections. */
#include "flow/segment.h"

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
read_option(uint8_t kind, struct bytes value, struct segment_options *o)
{
	if (kind == OPTION_MSS && value.len == 2)
		o->mss = wire_be16(value, 0);
	else if (kind == OPTION_SCALE && value.len == 1)
		o->window_scale = (int8_t)(wire_u8(value, 0) & 0x0f);
	else if (kind == OPTION_SACK && value.len == 0)
		o->has_sack = true;
	else if (kind == OPTION_TIMES && value.len == 8)
		o->has_timestamps = true;
}

struct segment_options
segment_options(const struct segment *s)
{
	struct segment_options o = { .window_scale = -1 };
	struct bytes left = bytes_from(s->header, TCP_HEADER_MIN);

	while (left.len > 0) {
		uint8_t kind = wire_u8(left, 0);
		size_t len = kind == OPTION_NOP ? 1 : wire_u8(left, 1);

		if (kind == OPTION_END || len > left.len || (len < 2 && kind != OPTION_NOP))
			break;
		if (kind != OPTION_NOP)
			read_option(kind, wire_part(left, 2, len - 2), &o);
		left = bytes_from(left, len);
	}
	if (o.window_scale > WINDOW_SCALE_MAX)
		o.window_scale = WINDOW_SCALE_MAX;
	return o;
}
