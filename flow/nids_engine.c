/* In: segments of one direction, in any order. Out: bytes in order. libnids wants frames, so it gets canonical ones
 * (RFC 791 and RFC 9293 headers of our own, no link header) from addresses that only name the slot.
 *
 * What was read in libnids 1.26 and is relied upon: data is taken from ack_seq to ack_seq + window * scale, which is
 * 1 GiB here because nobody acknowledges after the handshake; an early segment is copied to a queue; the queue is
 * pruned above 65535 "truesize" bytes, and sk_buff_size is added to each truesize, so a negative one switches that off
 * (not too large: the sum is an int, and wraps with -2^30 at the third frame); with `collect` 0 bytes are counted as
 * delivered without being read or copied, which makes a hole of any size cheap to skip; delivered bytes pass a buffer
 * that doubles from 4096, so frames stay below 2048 bytes. */
#include "flow/nids_engine.h"

#include <nids.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/when.h"

#define IP_HEADER 20
#define TCP_HEADER 20
#define HEADERS (IP_HEADER + TCP_HEADER)
#define SYN_OPTIONS 4
#define DATA_MAX 2047              /* per frame, see above */
#define SKIP_MAX (65535 - HEADERS) /* per frame: the IP total length has 16 bits */
#define SERVER_ISN 1               /* of the side that never sends data */
#define PORT_FROM 1
#define PORT_TO 2
#define NO_PRUNING (-4096)                   /* added to each queued frame's size, which then is below zero */
#define POOL (ORDER_STREAMS_MAX * 4 / 3 + 8) /* libnids uses three quarters of what it is told */

enum tcp_bit { BIT_SYN = 0x02, BIT_ACK = 0x10 };

struct nids_slot {
	struct nids_engine *engine;
	struct nids_slot *next_free;
	struct tcp_stream *stream;
	nids_sink *sink;
	void *user;
	uint32_t number;
	uint32_t next;    /* first byte that was not delivered yet */
	bool is_skipping; /* the byte that comes next is filler */
};

struct nids_engine {
	pcap_t *link;
	struct nids_slot *opening;
	struct nids_slot *free_slots;
	struct nids_slot slots[ORDER_STREAMS_MAX];
	struct nids_chksum_ctl no_checksums;
	unsigned n_users;
	uint8_t frame[65536]; /* only the headers and DATA_MAX bytes are ever written */
};

/* Allowed by .ci/globals: libnids has one callback and gives it nothing of ours before a stream exists. */
static struct nids_engine *the_engine;

static void
be16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void
be32(uint8_t *p, uint32_t value)
{
	be16(p, value >> 16);
	be16(p + 2, value & 0xffff);
}

static void
deliver(struct nids_slot *slot, struct half_stream *half)
{
	struct bytes data = bytes_of(half->data, (size_t)half->count_new);

	slot->next += (uint32_t)data.len;
	if (slot->is_skipping && data.len > 0) {
		slot->is_skipping = false;
		data = bytes_from(data, 1);
	}
	if (data.len > 0)
		slot->sink(slot->user, data);
}

/* libnids calls it for every change of a stream; user is our own pointer, kept by libnids. */
static void
on_stream(struct tcp_stream *stream, void **user)
{
	if (stream->nids_state == NIDS_JUST_EST) {
		stream->server.collect = 1;
		the_engine->opening->stream = stream;
		*user = the_engine->opening;
	} else if (stream->nids_state == NIDS_DATA) {
		deliver(*user, &stream->server);
	}
}

static void
no_log(int type, int number, struct ip *ip, void *data)
{
	(void)type, (void)number, (void)ip, (void)data;
}

static bool
init_libnids(struct nids_engine *e)
{
	e->link = pcap_open_dead(DLT_RAW, 65535);
	if (!e->link)
		return false;
	nids_params.pcap_desc = e->link;
	nids_params.n_tcp_streams = POOL;
	nids_params.n_hosts = 1; /* no fragments come here */
	nids_params.scan_num_hosts = 0;
	nids_params.sk_buff_size = NO_PRUNING;
	nids_params.syslog = no_log;
	nids_params.tcp_workarounds = 0;
	nids_params.one_loop_less = 0;
	if (!nids_init())
		return false;
	e->no_checksums = (struct nids_chksum_ctl){ .netaddr = 0, .mask = 0, .action = NIDS_DONT_CHKSUM };
	nids_register_chksum_ctl(&e->no_checksums, 1);
	nids_register_tcp((void *)(uintptr_t)on_stream); /* its prototype says void * */
	return true;
}

struct nids_engine *
nids_engine_new(void)
{
	struct nids_engine *e = the_engine;

	if (e) {
		e->n_users++;
		return e;
	}
	e = mem_new(sizeof(*e));
	if (!init_libnids(e)) {
		mem_free(e);
		return NULL;
	}
	for (uint32_t i = ORDER_STREAMS_MAX; i-- > 0;) {
		e->slots[i].engine = e;
		e->slots[i].number = i;
		e->slots[i].next_free = e->free_slots;
		e->free_slots = &e->slots[i];
	}
	e->n_users = 1;
	the_engine = e;
	return e;
}

void
nids_engine_free(struct nids_engine *e)
{
	if (!e || --e->n_users > 0)
		return;
	nids_unregister_tcp((void *)(uintptr_t)on_stream);
	nids_exit();
	nids_register_chksum_ctl(NULL, 0);
	pcap_close(e->link);
	the_engine = NULL;
	mem_free(e);
}

/* One frame of the slot's connection; its data, if any, is in the engine's frame already. */
static void
send_frame(const struct nids_slot *slot, bool from_sender, uint8_t flags, uint32_t seq, uint32_t ack, size_t len)
{
	uint8_t *p = slot->engine->frame;
	size_t options_len = flags & BIT_SYN ? SYN_OPTIONS : 0;
	uint32_t near = 0x0a000000U | slot->number; /* 10.0.0.0 + n and 11.0.0.0 + n */
	uint32_t far = 0x0b000000U | slot->number;
	size_t total = HEADERS + options_len + len;
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)total, .len = (bpf_u_int32)total };

	memset(p, 0, HEADERS);
	p[0] = 0x45;
	be16(p + 2, total);
	p[8] = 64;
	p[9] = 6;
	be32(p + 12, from_sender ? near : far);
	be32(p + 16, from_sender ? far : near);
	p += IP_HEADER;
	be16(p, from_sender ? PORT_FROM : PORT_TO);
	be16(p + 2, from_sender ? PORT_TO : PORT_FROM);
	be32(p + 4, seq);
	be32(p + 8, ack);
	p[12] = (uint8_t)((TCP_HEADER + options_len) / 4 << 4);
	p[13] = flags;
	be16(p + 14, 65535);
	if (options_len > 0)
		memcpy(p + TCP_HEADER, "\x03\x03\x0e\x00", SYN_OPTIONS); /* window scale 14, end */
	nids_pcap_handler(NULL, &header, slot->engine->frame);
}

static void
send_data(const struct nids_slot *slot, uint32_t seq, size_t len)
{
	send_frame(slot, true, BIT_ACK, seq, SERVER_ISN + 1, len);
}

struct nids_slot *
nids_engine_open(struct nids_engine *e, uint32_t seq, nids_sink *sink, void *user)
{
	struct nids_slot *slot = e->free_slots;

	if (!slot)
		return NULL;
	slot->stream = NULL;
	slot->sink = sink;
	slot->user = user;
	slot->next = seq;
	slot->is_skipping = false;
	e->opening = slot;
	send_frame(slot, true, BIT_SYN, seq - 1, 0, 0);
	send_frame(slot, false, BIT_SYN | BIT_ACK, SERVER_ISN, seq, 0);
	send_frame(slot, true, BIT_ACK, seq, SERVER_ISN + 1, 0);
	e->opening = NULL;
	if (!slot->stream)
		return NULL;
	e->free_slots = slot->next_free;
	return slot;
}

void
nids_engine_feed(struct nids_slot *s, uint32_t seq, struct bytes data)
{
	while (data.len > 0) {
		struct bytes part = bytes_head(data, DATA_MAX);

		memcpy(s->engine->frame + HEADERS, part.p, part.len);
		send_data(s, seq, part.len);
		data = bytes_from(data, part.len);
		seq += (uint32_t)part.len;
	}
}

/* The last byte is collected, because only then libnids hands out what waited behind it. */
void
nids_engine_skip(struct nids_slot *s, uint32_t n)
{
	s->stream->server.collect = 0;
	while (n > 1) {
		uint32_t part = n - 1 < SKIP_MAX ? n - 1 : SKIP_MAX;

		send_data(s, s->next, part);
		s->next += part;
		n -= part;
	}
	s->stream->server.collect = 1;
	if (n == 0)
		return;
	s->is_skipping = true;
	send_data(s, s->next, 1);
}

void
nids_engine_close(struct nids_slot *s)
{
	nids_free_tcp_stream(s->stream);
	s->stream = NULL;
	s->next_free = s->engine->free_slots;
	s->engine->free_slots = s;
}
