/* Comes in: two ends, flags and payload. Goes out: one pcap record. Does not keep connections: the caller does. */
#include "frame.h"

#include <string.h>

#define ETHERNET_LEN 14
#define IP_LEN 20
#define TCP_LEN 20
#define OPTIONS_MAX 20
#define PACKET_GAP_US 20
#define FIRST_PACKET_S 1700000000u

static void
put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void
put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

static uint32_t
sum16(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	return len ? sum + (uint32_t)(p[0] << 8) : sum;
}

static unsigned
folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

bool
capture_file_open(struct capture_file *f, const char *name)
{
	const uint32_t head[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };

	memset(f, 0, sizeof(*f));
	f->out = fopen(name, "wb");
	if (f->out == NULL)
		return false;
	setvbuf(f->out, NULL, _IOFBF, 1 << 20);
	f->n_bytes = sizeof(head);
	return fwrite(head, sizeof(head), 1, f->out) == 1;
}

bool
capture_file_close(struct capture_file *f)
{
	bool is_fine = !ferror(f->out);

	return fclose(f->out) == 0 && is_fine;
}

/* MSS, SACK permitted, timestamps, window scale on a SYN; timestamps on the rest (RFC 7323). */
static size_t
put_options(uint8_t *p, unsigned flags, uint32_t now_ms)
{
	static const uint8_t syn[OPTIONS_MAX] = { 2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7 };
	static const uint8_t rest[12] = { 1, 1, 8, 10 };

	if (flags & FRAME_SYN) {
		memcpy(p, syn, sizeof(syn));
		put32(p + 8, now_ms);
		return sizeof(syn);
	}
	memcpy(p, rest, sizeof(rest));
	put32(p + 4, now_ms);
	put32(p + 8, now_ms - 1);
	return sizeof(rest);
}

static size_t
put_headers(uint8_t *p, const struct capture_file *f, const struct tcp_peer *from, const struct tcp_peer *to,
	    unsigned flags, size_t data_len)
{
	static const uint8_t ethernet[ETHERNET_LEN] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	uint8_t *ip = p + ETHERNET_LEN, *tcp = ip + IP_LEN;
	size_t options_len = put_options(tcp + TCP_LEN, flags, (uint32_t)(f->time_us / 1000 + 100000));

	memcpy(p, ethernet, sizeof(ethernet));
	memset(ip, 0, IP_LEN + TCP_LEN);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(IP_LEN + TCP_LEN + options_len + data_len));
	put16(ip + 4, (unsigned)f->n_packets & 0xffff);
	ip[6] = 0x40; /* do not fragment */
	ip[8] = to->port == 25 ? 64 : 56;
	ip[9] = 6;
	put32(ip + 12, from->address);
	put32(ip + 16, to->address);
	put16(ip + 10, folded(sum16(0, ip, IP_LEN)));
	put16(tcp, from->port);
	put16(tcp + 2, to->port);
	put32(tcp + 4, from->next);
	put32(tcp + 8, flags & FRAME_ACK ? to->next : 0);
	tcp[12] = (uint8_t)((TCP_LEN + options_len) / 4 << 4);
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, flags & FRAME_SYN ? 64240 : 501);
	return ETHERNET_LEN + IP_LEN + TCP_LEN + options_len;
}

void
frame_write(struct capture_file *f, struct tcp_peer *from, const struct tcp_peer *to, unsigned flags, const void *data,
	    size_t len)
{
	uint8_t frame[ETHERNET_LEN + IP_LEN + TCP_LEN + OPTIONS_MAX + FRAME_MSS];
	uint8_t *ip = frame + ETHERNET_LEN, *tcp = ip + IP_LEN;
	size_t frame_len = put_headers(frame, f, from, to, flags, len);

	if (len > 0)
		memcpy(frame + frame_len, data, len);
	frame_len += len;
	size_t segment_len = frame_len - ETHERNET_LEN - IP_LEN;
	put16(tcp + 16, folded(sum16(sum16(6 + (uint32_t)segment_len, ip + 12, 8), tcp, segment_len)));

	uint32_t record[4] = { FIRST_PACKET_S + (uint32_t)(f->time_us / 1000000), (uint32_t)(f->time_us % 1000000),
			       (uint32_t)frame_len, (uint32_t)frame_len };
	fwrite(record, sizeof(record), 1, f->out);
	fwrite(frame, frame_len, 1, f->out);
	from->next += (uint32_t)len + ((flags & (FRAME_SYN | FRAME_FIN)) != 0);
	f->time_us += PACKET_GAP_US;
	f->n_packets++;
	f->n_bytes += sizeof(record) + frame_len;
}
