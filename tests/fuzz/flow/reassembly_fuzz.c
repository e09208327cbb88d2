/* Bytes become packets of up to eight connections, in any order, with holes, overlaps and lies. Every byte of payload
 * is a function of its connection, side and sequence number, so that a byte in the wrong place is seen.
 *
 * One packet is: what, flags, how to choose seq and ack, length; then whatever these ask for. */
#undef NDEBUG
#include <assert.h>

#include "base/limits.h"
#include "base/reader.h"
#include "flow/table.h"
#include "tests/unit/flow/packets.h"

#define PACKETS_MAX 2000
#define PORTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sender { /* one side of one pair of ports, as it is played here */
	uint32_t next;
	bool has_begun;
};

struct game {
	struct world world; /* builds packets; its sink is not used */
	struct flow_table *table;
	size_t n_opened, n_closed;
	struct sender senders[PORTS][2];
	struct reader input;
	uint8_t payload[65536];
};

struct watched { /* hangs on a flow */
	uint32_t next[2];
	uint64_t n_bytes[2];
	bool has_begun[2], ignores;
};

static uint8_t
byte_at(uint16_t port, enum side from, uint32_t seq)
{
	uint32_t x = (seq ^ port * 0x9e3779b9U ^ (from ? 0x5bd1e995U : 0)) * 0x85ebca6bU;

	return (uint8_t)(x >> 24);
}

static void
on_opened(void *user, struct flow *f)
{
	struct game *g = user;
	struct watched *w = mem_new(sizeof(*w));

	g->n_opened++;
	assert(!flow_user(f));
	flow_set_user(f, w);
	w->ignores = flow_facts(f)->end[SIDE_CLIENT].port % PORTS == 7;
	if (w->ignores)
		flow_ignore_payload(f);
}

static void
check_bytes(const struct flow *f, const struct chunk *c, uint32_t seq)
{
	uint16_t port = flow_facts(f)->end[SIDE_CLIENT].port;
	bool is_swapped = port == SERVER_PORT; /* the other side was taken for the client */
	enum side sender = is_swapped ? !c->from : c->from;

	port = is_swapped ? flow_facts(f)->end[SIDE_SERVER].port : port;
	for (size_t i = 0; i < c->data.len; i++)
		assert(c->data.p[i] == byte_at(port, sender, seq + (uint32_t)i));
}

static void
on_chunk(void *user, struct flow *f, const struct chunk *c)
{
	struct watched *w = flow_user(f);
	uint32_t len = (uint32_t)(c->data.len + c->n_missing);
	uint32_t seq = f->direction[c->from].next - len;

	(void)user;
	assert(w && !w->ignores);
	assert((c->data.len > 0) != (c->n_missing > 0));
	assert(c->n_missing <= GAP_MAX);
	assert(!w->has_begun[c->from] || seq == w->next[c->from]);
	check_bytes(f, c, seq);
	w->has_begun[c->from] = true;
	w->next[c->from] = seq + len;
	w->n_bytes[c->from] += len;
}

static void
on_closed(void *user, struct flow *f)
{
	struct game *g = user;
	struct watched *w = flow_user(f);
	const struct tcp_facts *facts = flow_facts(f);

	assert(w);
	g->n_closed++;
	for (int i = 0; i < 2; i++) {
		assert(w->ignores || facts->side[i].payload_bytes == w->n_bytes[i]);
		assert(facts->side[i].missing_bytes <= facts->side[i].payload_bytes);
		assert(facts->side[i].n_payload <= facts->side[i].n_packets);
		assert((facts->side[i].missing_bytes > 0) == (facts->side[i].gap.packet > 0));
		assert(!f->direction[i].order);
	}
	assert(facts->rtt_ns >= 0 && facts->rtt_ns < PACKETS_MAX * 4096 * NS_PER_S);
	assert(facts->now.packet >= facts->side[0].last.packet && facts->now.packet >= facts->side[1].last.packet);
	mem_free(w);
	flow_set_user(f, NULL);
}

/* 0: next, 1: before it, 2: after it, 3: anything */
static uint32_t
number(struct reader *r, uint32_t next, unsigned how)
{
	switch (how & 3) {
	case 0:
		return next;
	case 1:
		return next - rd_be16(r);
	case 2:
		return next + rd_be16(r);
	default:
		return rd_be32(r);
	}
}

static size_t
length(struct reader *r)
{
	uint8_t code = rd_u8(r);

	return code < 0xc0 ? code : code < 0xf0 ? code * 7U : rd_be16(r) % 65000U;
}

static void
pass_time(struct game *g)
{
	uint16_t code = rd_be16(&g->input);
	int64_t ns = (int64_t)(code & 0x0fff) * (code & 0x8000 ? NS_PER_S : MS);

	g->world.when.time_ns += code & 0x4000 ? -ns : ns;
	if (code & 0x2000)
		flow_table_tick(g->table, g->world.when.time_ns);
}

static void
send_packet(struct game *g, uint8_t what)
{
	static const uint8_t syn_options[] = { 2, 4, 5, 0xb4, 1, 3, 3, 14 };
	struct reader *r = &g->input;
	struct tcp_spec s = { .from = what & 1 ? SIDE_SERVER : SIDE_CLIENT, .is_v6 = what & 2 };
	uint16_t port = (uint16_t)(CLIENT_PORT + (what >> 2) % PORTS);
	struct sender *me = &g->senders[(what >> 2) % PORTS][s.from];
	const struct sender *other = &g->senders[(what >> 2) % PORTS][!s.from];
	uint8_t how;
	size_t len;

	s.port = port;
	s.flags = rd_u8(r) & (FIN | SYN | RST | ACK);
	how = rd_u8(r);
	s.seq = number(r, me->next, how);
	s.ack = number(r, other->next, how >> 2);
	s.window = how & 0x40 ? rd_be16(r) : 0;
	len = length(r);
	for (size_t i = 0; i < len; i++)
		g->payload[i] = byte_at(port, s.from, s.seq + (s.flags & SYN ? 1 : 0) + (uint32_t)i);
	s.payload = bytes_of(g->payload, len);
	s.options = bytes_of(syn_options, s.flags & SYN ? sizeof(syn_options) : 0);
	s.n_cut = how & 0x80 ? rd_be16(r) % (len + 1) : 0;
	if (!(how & 0x10) || s.flags & SYN)
		me->next = s.seq + (uint32_t)len + (s.flags & SYN ? 1 : 0) + (s.flags & FIN ? 1 : 0);
	world_tcp(&g->world, s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct game *g = mem_new(sizeof(*g));
	struct flow_config config = { world_ports, 1 };
	struct flow_sink sink = { .user = g, .opened = on_opened, .chunk = on_chunk, .closed = on_closed };

	g->input = rd_over(bytes_of(data, size));
	g->table = g->world.table = flow_table_new(&config, &sink);
	g->world.when.time_ns = 1700000000 * NS_PER_S;
	for (int i = 0; i < PACKETS_MAX && rd_left(&g->input) > 0; i++) {
		uint8_t what = rd_u8(&g->input);

		if (what & 0x80)
			pass_time(g);
		else
			send_packet(g, what);
	}
	flow_table_finish(g->table);
	assert(g->n_opened == g->n_closed && g->n_opened == flow_table_stats(g->table).n_connections);
	assert(g->table->ordering.held_total == 0 && g->table->ordering.n_orders == 0);
	flow_table_free(g->table);
	mem_free(g);
	return 0;
}
