/* Packets are the same whichever way they take: plain Ethernet has a shorter one than the rest, and what comes
 * is looked at ahead. A hint that is wrong does no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packets.h"

#define N_PACKETS 3000
#define FRAME_MAX 200
#define ETHERNET_LEN 14
#define COOKED_LEN 16

enum way { WAY_COOKED, WAY_ETHERNET, WAY_AHEAD, WAY_WRONG_AHEAD, N_WAYS };

struct frame {
	uint8_t bytes[COOKED_LEN + FRAME_MAX]; /* a cooked header, whose end is as that of an Ethernet header */
	size_t len, n_cut;
};

struct frames {
	struct frame list[N_PACKETS];
	struct world *world; /* builds packets, is not fed */
	uint32_t seq[4][2];
	uint64_t random;
};

static uint32_t
draw(struct frames *f, uint32_t n)
{
	f->random = f->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(f->random >> 33) % n;
}

static uint8_t
draw_flags(struct frames *f)
{
	static const uint8_t rare[] = { SYN, SYN | ACK, FIN | ACK, RST, RST | ACK, 0 };

	return draw(f, 8) == 0 ? rare[draw(f, ARRAY_LEN(rare))] : ACK;
}

/* Now and then a header that only the longer way understands, or nobody. */
static void
spoil(struct frames *f, struct frame *frame)
{
	uint8_t *ip = frame->bytes + COOKED_LEN;

	switch (draw(f, 40)) {
	case 0:
		put16(ip + 6, draw(f, 3)); /* a fragment */
		break;
	case 1:
		put16(ip + 2, draw(f, 80)); /* another length */
		break;
	case 2:
		frame->n_cut = draw(f, (uint32_t)frame->len);
		frame->len -= frame->n_cut;
		break;
	case 3:
		ip[draw(f, 40)] ^= (uint8_t)(1 << draw(f, 8));
		break;
	default:
		break;
	}
}

static void
build(struct frames *f, struct frame *frame)
{
	uint32_t who = draw(f, 4);
	struct tcp_spec s = { .from = draw(f, 2) ? SIDE_SERVER : SIDE_CLIENT, .flags = draw_flags(f) };
	uint8_t packet[70000];

	s.port = (uint16_t)(CLIENT_PORT + who);
	s.seq = f->seq[who][s.from];
	s.ack = f->seq[who][s.from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];
	s.payload = bytes_of("250 2.1.0 Ok, and then some more", draw(f, 3) * 10);
	if (s.flags & SYN)
		s.seq = draw(f, UINT32_MAX);
	if (draw(f, 10) == 0)
		s.seq -= 10;
	f->seq[who][s.from] = s.seq + (uint32_t)s.payload.len + (s.flags & (SYN | FIN) ? 1 : 0);
	frame->len = build_packet(f->world, packet, &s);
	put16(frame->bytes + COOKED_LEN - 2, 0x0800);
	memcpy(frame->bytes + COOKED_LEN, packet, frame->len);
	spoil(f, frame);
}

static void
note_closed(void *user, struct flow *f)
{
	const struct tcp_facts *t = flow_facts(f);

	buf_addf(user, "%llu %u %u:", (unsigned long long)t->stream, t->end[0].port, t->end[1].port);
	for (int i = 0; i < 2; i++) {
		const struct tcp_side *s = &t->side[i];

		buf_addf(user, " %u packets to %llu, %llu bytes, %llu missing, ttl %u-%u, id step %u, again %u",
			 s->n_packets, (unsigned long long)s->last.packet, (unsigned long long)s->payload_bytes,
			 (unsigned long long)s->missing_bytes, s->ttl_min, s->ttl_max, s->ip_id_step_max,
			 s->n_retransmissions);
	}
	buf_add_str(user, "\n");
}

static void
note_chunk(void *user, struct flow *f, const struct chunk *c)
{
	buf_addf(user, "%u %llu %zu\n", flow_facts(f)->end[0].port, (unsigned long long)c->when.packet, c->data.len);
}

static void
feed(struct flow_table *t, const struct frames *f, size_t i, enum way way)
{
	const struct frame *frame = &f->list[i];
	size_t skip = way == WAY_COOKED ? 0 : COOKED_LEN - ETHERNET_LEN, len = frame->len + COOKED_LEN - skip;
	uint8_t *copy = mem_resize(NULL, len);
	size_t later = i + (way == WAY_AHEAD ? 2 : 5 + i % 3);
	struct packet p = { .data = bytes_of(copy, len), .when = { i + 1, (int64_t)i * MS } };

	memcpy(copy, frame->bytes + skip, len);
	p.wire_len = (uint32_t)(len + frame->n_cut);
	p.link_type = way == WAY_COOKED ? DLT_LINUX_SLL : DLT_EN10MB;
	if (way >= WAY_AHEAD && later < N_PACKETS && f->list[later].len >= PACKET_AHEAD_LEN - ETHERNET_LEN)
		p.ahead = f->list[later].bytes + COOKED_LEN - ETHERNET_LEN;
	flow_table_feed(t, &p);
	mem_free(copy);
}

static void
all_ways_say_the_same(void **state)
{
	struct frames *f = mem_new(sizeof(*f));
	struct flow_config config = { world_ports, ARRAY_LEN(world_ports) };
	struct buf said[N_WAYS];

	(void)state;
	f->world = world_new();
	for (size_t i = 0; i < N_PACKETS; i++)
		build(f, &f->list[i]);
	for (enum way way = 0; way < N_WAYS; way++) {
		struct flow_sink sink = { .user = &said[way], .chunk = note_chunk, .closed = note_closed };
		struct flow_table *t = flow_table_new(&config, &sink);

		buf_init(&said[way], 64 << 20);
		for (size_t i = 0; i < N_PACKETS; i++)
			feed(t, f, i, way);
		flow_table_finish(t);
		assert_true(flow_table_stats(t).n_connections > 50);
		buf_addf(&said[way], "%llu damaged, %llu duplicates\n",
			 (unsigned long long)flow_table_stats(t).n_damaged,
			 (unsigned long long)flow_table_stats(t).n_duplicates);
		flow_table_free(t);
		assert_string_equal(buf_str(&said[way]), buf_str(&said[WAY_COOKED]));
	}
	for (enum way way = 0; way < N_WAYS; way++)
		buf_fini(&said[way]);
	world_free(f->world);
	mem_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
