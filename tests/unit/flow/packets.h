/* Hand-built packets for the tests of flow/, and a sink that remembers what came out. Packets are given to the table
 * as exact-size heap copies, so that a read one byte too far is caught. */
#ifndef TESTS_UNIT_FLOW_PACKETS_H
#define TESTS_UNIT_FLOW_PACKETS_H

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "capture/capture.h"
#include "flow/flow.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
#define MS 1000000LL
#define CLIENT_PORT 40000
#define SERVER_PORT 25
#define CLIENT_ISN 1000U
#define SERVER_ISN 5000U

struct tcp_spec { /* of one packet; zeros are sensible */
	enum side from;
	uint8_t flags, ttl;
	uint32_t seq, ack;
	uint16_t window, id, port; /* 0: 65535, a new one, CLIENT_PORT */
	struct bytes payload, options;
	size_t n_cut;                                        /* of the payload, by snaplen */
	bool is_v6, has_no_window, has_no_id, has_no_length; /* the last: as network cards leave it */
};

struct seen { /* one connection as the sink saw it */
	struct flow *flow;
	struct tcp_facts facts; /* at the end; pointers are to copies below */
	struct tcp_reset resets[8];
	struct icmp_error icmp[8];
	struct buf data[2]; /* missing bytes are '?' */
	uint64_t n_missing[2];
	size_t n_chunks[2];
	bool is_closed;
};

struct world {
	struct flow_table *table;
	struct flow_sink sink;
	struct flow_config config;
	struct when when;
	uint16_t next_id;
	struct seen seen[64];
	size_t n_seen, n_opened, n_closed;
	bool ignores;
};

static const uint16_t world_ports[] = { 25, 465, 587 };

static inline void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static inline struct seen *
world_find(struct world *w, const struct flow *f)
{
	for (size_t i = 0; i < ARRAY_LEN(w->seen); i++) {
		if (w->seen[i].flow == f && !w->seen[i].is_closed)
			return &w->seen[i];
	}
	return NULL;
}

static inline void
world_opened(void *user, struct flow *f)
{
	struct world *w = user;

	w->n_opened++;
	if (w->n_seen < ARRAY_LEN(w->seen))
		w->seen[w->n_seen++].flow = f;
	if (w->ignores)
		flow_ignore_payload(f);
}

static inline void
world_chunk(void *user, struct flow *f, const struct chunk *c)
{
	struct seen *s = world_find(user, f);

	if (!s)
		return;
	if ((c->data.len > 0) == (c->n_missing > 0))
		abort();
	s->n_chunks[c->from]++;
	s->n_missing[c->from] += c->n_missing;
	buf_add(&s->data[c->from], c->data);
	for (uint64_t i = 0; i < c->n_missing && i < 4096; i++)
		buf_add_u8(&s->data[c->from], '?');
}

static inline void
world_closed(void *user, struct flow *f)
{
	struct world *w = user;
	struct seen *s = world_find(w, f);

	w->n_closed++;
	if (!s)
		return;
	s->facts = *flow_facts(f);
	for (size_t i = 0; i < s->facts.n_resets && i < 4; i++)
		s->resets[i] = s->facts.reset[i];
	for (size_t i = 0; i < s->facts.n_icmp && i < 2; i++)
		s->icmp[i] = s->facts.icmp[i];
	s->is_closed = true;
}

static inline struct world *
world_new(void)
{
	struct world *w = mem_new(sizeof(*w));

	for (size_t i = 0; i < ARRAY_LEN(w->seen); i++) {
		buf_init(&w->seen[i].data[0], 64 << 20);
		buf_init(&w->seen[i].data[1], 64 << 20);
	}
	w->config = (struct flow_config){ world_ports, ARRAY_LEN(world_ports) };
	w->sink = (struct flow_sink){ .user = w, .opened = world_opened, .chunk = world_chunk, .closed = world_closed };
	w->table = flow_table_new(&w->config, &w->sink);
	w->when = (struct when){ 0, 1700000000 * NS_PER_S };
	return w;
}

static inline void
world_free(struct world *w)
{
	flow_table_free(w->table);
	for (size_t i = 0; i < ARRAY_LEN(w->seen); i++) {
		buf_fini(&w->seen[i].data[0]);
		buf_fini(&w->seen[i].data[1]);
	}
	mem_free(w);
}

static inline void
world_wait(struct world *w, int64_t ns)
{
	w->when.time_ns += ns;
}

/* One frame. The packet number goes up by one. */
static inline void
world_feed(struct world *w, int link_type, struct bytes frame, size_t n_cut)
{
	uint8_t *copy = malloc(frame.len > 0 ? frame.len : 1);
	struct packet p = { .link_type = link_type };

	if (!copy)
		abort();
	if (frame.len > 0)
		memcpy(copy, frame.p, frame.len);
	w->when.packet++;
	p.data = bytes_of(copy, frame.len);
	p.wire_len = (uint32_t)(frame.len + n_cut);
	p.when = w->when;
	flow_table_feed(w->table, &p);
	free(copy);
}

static inline size_t
build_ip(uint8_t *p, const struct tcp_spec *s, uint16_t id, size_t payload_len)
{
	uint8_t near = s->from == SIDE_CLIENT ? 10 : 25;
	uint8_t far = s->from == SIDE_CLIENT ? 25 : 10;
	uint8_t ttl = s->ttl ? s->ttl : 64;

	if (s->is_v6) {
		memset(p, 0, 40);
		p[0] = 0x60;
		put16(p + 4, payload_len);
		p[6] = 6;
		p[7] = ttl;
		memcpy(p + 8, "\x20\x01\x0d\xb8", 4);
		memcpy(p + 24, "\x20\x01\x0d\xb8", 4);
		p[23] = near;
		p[39] = far;
		return 40;
	}
	memset(p, 0, 20);
	p[0] = 0x45;
	put16(p + 2, 20 + payload_len);
	put16(p + 4, id);
	p[8] = ttl;
	p[9] = 6;
	memcpy(p + 12, "\xc0\x00\x02", 3);
	memcpy(p + 16, "\xc0\x00\x02", 3);
	p[15] = near;
	p[19] = far;
	return 20;
}

/* IP and TCP headers and payload into out (at least 70000 bytes); the length. */
static inline size_t
build_packet(struct world *w, uint8_t *out, const struct tcp_spec *s)
{
	size_t header_len = 20 + s->options.len;
	uint16_t id = s->id || s->has_no_id ? s->id : ++w->next_id;
	size_t n = build_ip(out, s, id, header_len + s->payload.len);
	uint8_t *p = out + n;
	uint16_t port = s->port ? s->port : CLIENT_PORT;

	memset(p, 0, 20);
	put16(p, s->from == SIDE_CLIENT ? port : SERVER_PORT);
	put16(p + 2, s->from == SIDE_CLIENT ? SERVER_PORT : port);
	if (s->has_no_length)
		put16(out + (s->is_v6 ? 4 : 2), 0);
	put32(p + 4, s->seq);
	put32(p + 8, s->ack);
	p[12] = (uint8_t)(header_len / 4 << 4);
	p[13] = s->flags;
	put16(p + 14, s->window || s->has_no_window ? s->window : 65535);
	if (s->options.len > 0)
		memcpy(p + 20, s->options.p, s->options.len);
	if (s->payload.len > 0)
		memcpy(p + header_len, s->payload.p, s->payload.len);
	return n + header_len + s->payload.len;
}

static inline void
world_tcp(struct world *w, struct tcp_spec s)
{
	uint8_t *frame = malloc(70000);

	if (!frame)
		abort();
	world_feed(w, DLT_RAW, bytes_of(frame, build_packet(w, frame, &s) - s.n_cut), s.n_cut);
	free(frame);
}

/* Payload of one side; offset counts from the first byte of its stream. ack: how many bytes of the other's stream. */
static inline void
world_say(struct world *w, enum side from, uint32_t offset, const char *text, uint32_t ack)
{
	uint32_t isn = from == SIDE_CLIENT ? CLIENT_ISN : SERVER_ISN;
	uint32_t other_isn = from == SIDE_CLIENT ? SERVER_ISN : CLIENT_ISN;

	world_tcp(w, (struct tcp_spec){ .from = from,
					.flags = ACK,
					.seq = isn + 1 + offset,
					.ack = other_isn + 1 + ack,
					.payload = bytes_str(text) });
}

/* No payload; seq and ack as in world_say. */
static inline void
world_flags(struct world *w, enum side from, uint8_t flags, uint32_t offset, uint32_t ack)
{
	uint32_t isn = from == SIDE_CLIENT ? CLIENT_ISN : SERVER_ISN;
	uint32_t other_isn = from == SIDE_CLIENT ? SERVER_ISN : CLIENT_ISN;

	world_tcp(
	    w, (struct tcp_spec){ .from = from, .flags = flags, .seq = isn + 1 + offset, .ack = other_isn + 1 + ack });
}

/* A packet that belongs to no connection: an echo request. Time passes. */
static inline void
world_echo(struct world *w)
{
	static const uint8_t echo[] = { 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 8 };
	uint8_t frame[28] = { 0 };

	memcpy(frame, echo, sizeof(echo));
	world_feed(w, DLT_RAW, bytes_of(frame, sizeof(frame)), 0);
}

/* SYN, SYN-ACK, ACK, one millisecond apart. */
static inline void
world_handshake(struct world *w)
{
	world_tcp(w, (struct tcp_spec){ .from = SIDE_CLIENT, .flags = SYN, .seq = CLIENT_ISN });
	world_wait(w, MS);
	world_tcp(
	    w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1 });
	world_wait(w, MS);
	world_say(w, SIDE_CLIENT, 0, "", 0);
}

static inline const char *
seen_text(struct seen *s, enum side from)
{
	return buf_str(&s->data[from]);
}

#endif
