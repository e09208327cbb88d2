/* In: the final facts of a connection. Out: facts of the session, each with the packet that shows it. */
#include "decode/dialogue_tcp.h"

#include "base/buf.h"
#include "base/limits.h"
#include "decode/facts_store.h"
#include "decode/dialogue_reset.h"
#include "decode/hosts.h"

#define STALLED_RETRANSMISSIONS 3
#define LOSS_SEGMENTS_MIN 20 /* with fewer a percentage says nothing */

static double
seconds(int64_t ns)
{
	return (double)ns / NS_PER_S;
}

static struct when
earlier(struct when a, struct when b)
{
	return b.packet == 0 || (a.packet != 0 && a.packet <= b.packet) ? a : b;
}

bool
tcp_is_established(const struct tcp_facts *t)
{
	return t->handshake.packet != 0 || t->is_midstream || t->side[SIDE_CLIENT].first_payload.packet != 0 ||
	       t->side[SIDE_SERVER].first_payload.packet != 0;
}

/* The client acknowledges, or says, what only a server that answers can cause; or there is no client at all. */
bool
tcp_is_one_sided(const struct tcp_facts *t)
{
	const struct tcp_side *client = &t->side[SIDE_CLIENT], *server = &t->side[SIDE_SERVER];

	if (client->n_packets == 0)
		return server->n_packets > 0;
	return server->n_packets == 0 &&
	       (t->is_midstream ? client->n_packets > 1 : client->n_packets > t->n_syn + t->n_resets);
}

const struct tcp_reset *
tcp_refusal(const struct tcp_facts *t)
{
	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++)
		if (t->reset[i].answers_syn && t->reset[i].from == SIDE_SERVER && t->n_syn_ack == 0 &&
		    !tcp_is_established(t))
			return &t->reset[i];
	return NULL;
}

const struct icmp_error *
tcp_unreachable(const struct tcp_facts *t)
{
	for (uint32_t i = 0; i < t->n_icmp && i < ICMP_KEPT; i++)
		if (t->icmp[i].quotes_syn && t->icmp[i].quoted_from == SIDE_CLIENT)
			return &t->icmp[i];
	return NULL;
}

/* Bytes of its named sender that can only have been sent after it: behind it in the stream, or behind what was there
 * already and too late to have been overtaken by it. */
static bool
was_followed(const struct tcp_side *side, const struct tcp_reset *r)
{
	if (side->last_payload.packet <= r->when.packet)
		return false;
	return (int32_t)(side->end_seq - r->seq) > 0 || ((int32_t)(side->end_seq - (r->seq - r->seq_ahead)) > 0 &&
							 side->last_payload.time_ns - r->when.time_ns > ACK_AHEAD_NS);
}

/* It ended nothing: its named sender went on, and the other side spoke on or closed in order. */
static bool
was_ignored(const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct tcp_side *other = &t->side[r->from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];

	return was_followed(&t->side[r->from], r) &&
	       (other->last_payload.packet > r->when.packet || other->fin.packet > r->when.packet);
}

static struct when
end_of(const struct tcp_facts *t, enum side side)
{
	struct when end = t->side[side].fin;

	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++)
		if (t->reset[i].from == side && !was_ignored(t, &t->reset[i]))
			return earlier(end, t->reset[i].when);
	return end;
}

struct when
tcp_closed(const struct tcp_facts *t)
{
	return earlier(end_of(t, SIDE_CLIENT), end_of(t, SIDE_SERVER));
}

bool
tcp_is_stalled(const struct tcp_facts *t)
{
	return tcp_closed(t).packet == 0 && t->side[SIDE_CLIENT].unacked.packet != 0 &&
	       t->side[SIDE_CLIENT].stall.n >= STALLED_RETRANSMISSIONS;
}

static enum closer
closed_by(const struct tcp_facts *t)
{
	struct when client = end_of(t, SIDE_CLIENT), server = end_of(t, SIDE_SERVER);

	if (client.packet == 0 && server.packet == 0)
		return CLOSED_BY_NONE;
	if (t->has_crossed_fins && client.packet == t->side[SIDE_CLIENT].fin.packet &&
	    server.packet == t->side[SIDE_SERVER].fin.packet)
		return CLOSED_BY_BOTH;
	return earlier(client, server).packet == client.packet ? CLOSED_BY_CLIENT : CLOSED_BY_SERVER;
}

static enum closer
reset_by(const struct tcp_facts *t)
{
	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++)
		if (!reset_is_after_own_fin(t, &t->reset[i]) && !was_ignored(t, &t->reset[i]))
			return t->reset[i].from == SIDE_CLIENT ? CLOSED_BY_CLIENT : CLOSED_BY_SERVER;
	return CLOSED_BY_NONE;
}

/* Hops from the sender: initial values are 64, 128 and 255, so 247 and 56 are equally far. */
static int
hops(uint8_t ttl)
{
	return (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
}

static int
distance(int a, int b)
{
	return a > b ? a - b : b - a;
}

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

/* 0 where the TTL is between those of the host, or a different initial value explains it. */
static int
hop_distance(uint8_t ttl, const struct host *h)
{
	if (ttl >= h->ttl_min && ttl <= h->ttl_max)
		return 0;
	return smaller(smaller(distance(ttl, h->ttl_min), distance(ttl, h->ttl_max)),
		       smaller(distance(hops(ttl), hops(h->ttl_min)), distance(hops(ttl), hops(h->ttl_max))));
}

static void
set_unreachable(struct facts *f, const struct icmp_error *e)
{
	bool is_v6 = e->sender.family == 6;

	facts_set_int(f, FACT_ID_CONNECT_ICMP_TYPE, e->type, e->when);
	facts_set_int(f, FACT_ID_CONNECT_ICMP_CODE, e->code, e->when);
	facts_set_address(f, FACT_ID_CONNECT_ICMP_SENDER, &e->sender, e->when);
	if (is_v6 ? e->type == 1 && e->code == 1 : e->type == 3 && (e->code == 9 || e->code == 10 || e->code == 13))
		facts_set_bool(f, FACT_ID_CONNECT_ICMP_PROHIBITED, true, e->when);
}

static void
set_refusal(struct facts *f, const struct tcp_reset *r, const struct host *server)
{
	facts_set_bool(f, FACT_ID_CONNECT_REFUSED, true, r->when);
	facts_set_int(f, FACT_ID_CONNECT_REFUSED_TTL, r->ttl, r->when);
	if (server)
		facts_set_int(f, FACT_ID_CONNECT_REFUSED_TTL_DISTANCE, hop_distance(r->ttl, server), r->when);
}

/* What worked for the same client, host and port: the controls for one that did not. */
static void
set_controls(struct dialogue *d, const struct hosts *hosts, const struct host *server)
{
	const struct endpoint *end = &d->pub.tcp->end[SIDE_SERVER];
	const struct host *client = hosts_find(hosts, &d->pub.tcp->end[SIDE_CLIENT].address);
	const struct when *opened = host_opened(server, end->port), *other = NULL;
	struct facts *f = d->pub.facts;
	struct buf ports;

	buf_init(&ports, FACT_TEXT_MAX);
	for (size_t i = 0; server && i < server->n_ports; i++) {
		if (server->ports[i] == end->port)
			continue;
		buf_addf(&ports, ports.len > 0 ? ", %u" : "%u", server->ports[i]);
		other = other ? other : &server->opened[i];
	}
	if (other)
		facts_set_text(f, FACT_ID_CONNECT_OTHER_PORTS, buf_bytes(&ports), *other);
	buf_fini(&ports);
	if (opened)
		facts_set_bool(f, FACT_ID_CONNECT_PORT_ANSWERS, true, *opened);
	if (hosts_port_elsewhere(hosts, end->port, &end->address))
		facts_set_bool(f, FACT_ID_CONNECT_PORT_ELSEWHERE, true, d->pub.started);
	if (client && client->connects)
		facts_set_bool(f, FACT_ID_CLIENT_CONNECTS, true, client->when);
}

/* Ports that the client did reach, at whatever host. */
static void
set_connected(struct dialogue *d, const struct hosts *hosts)
{
	const struct host *client = hosts_find(hosts, &d->pub.tcp->end[SIDE_CLIENT].address);
	struct buf ports;

	buf_init(&ports, FACT_TEXT_MAX);
	for (size_t i = 0; client && i < HOST_CONNECTED_MAX && client->connected[i] != 0; i++)
		buf_addf(&ports, ports.len > 0 ? ", %u" : "%u", client->connected[i]);
	if (ports.len > 0)
		facts_set_text(d->pub.facts, FACT_ID_CLIENT_CONNECTED_PORTS, buf_bytes(&ports), client->when);
	buf_fini(&ports);
}

static bool
is_fresh(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* Of a server that said nothing in this connection, other ones tell the TTL. */
static void
set_vantage(struct dialogue *d, const struct host *server)
{
	uint8_t client_ttl = d->pub.tcp->side[SIDE_CLIENT].ttl_first;
	uint8_t server_ttl = d->pub.tcp->side[SIDE_SERVER].ttl_first;
	const char *where = "between";

	if (server_ttl == 0 && server && server->ttl_min == server->ttl_max)
		server_ttl = server->ttl_max;
	if (client_ttl == 0 || server_ttl == 0 || (is_fresh(client_ttl) && is_fresh(server_ttl)))
		return;
	if (is_fresh(client_ttl))
		where = "client";
	else if (is_fresh(server_ttl))
		where = "server";
	facts_lend_text(d->pub.facts, FACT_ID_TCP_VANTAGE, bytes_str(where), d->pub.started);
}

static void
set_connect(struct dialogue *d, const struct hosts *hosts)
{
	const struct tcp_facts *t = d->pub.tcp;
	const struct host *server = hosts_find(hosts, &t->end[SIDE_SERVER].address);
	const struct tcp_reset *refusal = tcp_refusal(t);
	const struct icmp_error *unreachable = tcp_unreachable(t);
	struct facts *f = d->pub.facts;

	if (server && server->ttl_max == 0)
		server = NULL; /* seen as a client only */
	if (t->n_syn > 0) {
		facts_set_int(f, FACT_ID_CONNECT_SYNS, t->n_syn, t->syn_last);
		facts_set_seconds(f, FACT_ID_CONNECT_WATCHED, seconds(t->now.time_ns - t->syn_last.time_ns),
				  t->syn_last);
	}
	if (t->n_syn_ack_unheard > 0)
		facts_set_int(f, FACT_ID_CONNECT_UNHEARD, t->n_syn_ack_unheard, t->syn_ack_unheard);
	if (t->rtt_ns > 0)
		facts_set_seconds(f, FACT_ID_CONNECT_RTT, seconds(t->rtt_ns), t->handshake);
	set_controls(d, hosts, server);
	set_vantage(d, server);
	if (tcp_is_established(t)) {
		facts_set_bool(f, FACT_ID_CONNECT_ESTABLISHED, true,
			       t->handshake.packet != 0 ? t->handshake : d->pub.started);
		return;
	}
	set_connected(d, hosts);
	if (refusal)
		set_refusal(f, refusal, server);
	if (unreachable)
		set_unreachable(f, unreachable);
	d->is_blind = tcp_is_one_sided(t) || (d->context->n_hidden > 0 && !server);
	if (t->n_syn > 0 && !refusal && !unreachable && t->n_icmp == 0 && t->side[SIDE_SERVER].n_packets == 0 &&
	    !d->is_blind)
		facts_set_bool(f, FACT_ID_CONNECT_UNANSWERED, true, t->syn);
}

static void
set_sides(struct dialogue *d)
{
	static const enum fact_id ttl[] = { FACT_ID_TCP_CLIENT_TTL, FACT_ID_TCP_SERVER_TTL };
	static const enum fact_id again[] = { FACT_ID_TCP_CLIENT_RETRANSMISSIONS, FACT_ID_TCP_SERVER_RETRANSMISSIONS };
	static const enum fact_id n_bytes[] = { FACT_ID_SMTP_CLIENT_BYTES, FACT_ID_SMTP_SERVER_BYTES };
	const struct tcp_facts *t = d->pub.tcp;
	struct facts *f = d->pub.facts;

	for (size_t i = 0; i < 2; i++) {
		const struct tcp_side *side = &t->side[i];

		if (side->ttl_first != 0)
			facts_set_int(f, ttl[i], side->ttl_first, side->first);
		if (side->n_retransmissions > 0)
			facts_set_int(f, again[i], side->n_retransmissions, side->last);
		facts_set_int(f, n_bytes[i], (int64_t)side->payload_bytes,
			      side->last_payload.packet != 0 ? side->last_payload : d->pub.ended);
	}
}

static void
set_losses(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	const struct tcp_side *client = &t->side[SIDE_CLIENT], *server = &t->side[SIDE_SERVER];
	uint64_t n_missing = client->missing_bytes + server->missing_bytes;
	struct facts *f = d->pub.facts;

	if (n_missing > 0)
		facts_set_int(f, FACT_ID_TCP_MISSING_BYTES, (int64_t)n_missing, earlier(client->gap, server->gap));
	if (client->n_cut + server->n_cut > 0)
		facts_set_int(f, FACT_ID_TCP_CUT_PACKETS, (int64_t)client->n_cut + server->n_cut,
			      earlier(client->first_payload, server->first_payload));
	if (t->is_midstream)
		facts_set_bool(f, FACT_ID_TCP_MIDSTREAM, true, d->pub.started);
	if (tcp_is_one_sided(t))
		facts_set_bool(f, FACT_ID_TCP_ONE_SIDED, true, d->pub.ended);
	if (t->is_interrupted)
		facts_set_bool(f, FACT_ID_TCP_INTERRUPTED, true, d->pub.ended);
}

/* Bytes that were sent again and again, windows that stayed closed, packets that were lost. */
static void
set_trouble(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	const struct tcp_side *client = &t->side[SIDE_CLIENT], *server = &t->side[SIDE_SERVER];
	const struct tcp_pause *pause = &t->pause[SIDE_CLIENT];
	uint32_t n_again = client->n_retransmissions + server->n_retransmissions;
	uint32_t n_payload = client->n_payload + server->n_payload;
	struct facts *f = d->pub.facts;

	if (client->acked_bytes > 0 || client->has_syn)
		facts_set_int(f, FACT_ID_TCP_CLIENT_ACKED_BYTES, client->acked_bytes, d->pub.ended);
	if (client->acked_largest > 0)
		facts_set_int(f, FACT_ID_TCP_CLIENT_ACKED_LARGEST, client->acked_largest,
			      t->acked_largest[SIDE_CLIENT]);
	if (server->acked_largest > 0)
		facts_set_int(f, FACT_ID_TCP_SERVER_ACKED_LARGEST, server->acked_largest,
			      t->acked_largest[SIDE_SERVER]);
	if (client->stall.n > 0) {
		facts_set_int(f, FACT_ID_TCP_CLIENT_STALL_REPEATS, client->stall.n, client->stall.last);
		facts_set_int(f, FACT_ID_TCP_CLIENT_STALL_SIZE, client->stall.len_min, client->stall.first);
		if (pause->end.packet != 0 && pause->seq == client->stall.seq)
			facts_set_seconds(f, FACT_ID_TCP_CLIENT_STALL_AFTER_PAUSE, seconds(pause->ns), pause->end);
	}
	if (server->stall.n > 0) {
		facts_set_int(f, FACT_ID_TCP_SERVER_STALL_REPEATS, server->stall.n, server->stall.last);
		facts_set_int(f, FACT_ID_TCP_SERVER_STALL_SIZE, server->stall.len_min, server->stall.first);
	}
	if (server->zero_longest_ns > 0)
		facts_set_seconds(f, FACT_ID_TCP_SERVER_ZERO_WINDOW, seconds(server->zero_longest_ns), server->last);
	if (n_payload >= LOSS_SEGMENTS_MIN)
		facts_set_int(f, FACT_ID_TCP_RETRANSMITTED_PERCENT, n_again * 100 / n_payload, d->pub.ended);
	for (uint32_t i = 0; i < t->n_icmp && i < ICMP_KEPT; i++)
		if (t->icmp[i].mtu > 0)
			facts_set_bool(f, FACT_ID_TCP_ICMP_TOO_BIG, true, t->icmp[i].when);
	if (client->n_contradicting + server->n_contradicting > 0)
		facts_set_int(f, FACT_ID_TCP_CONTRADICTING, (int64_t)client->n_contradicting + server->n_contradicting,
			      d->pub.ended);
}

static void
set_end(struct dialogue *d)
{
	static const char *const words[] = {
		[CLOSED_BY_NONE] = "none",
		[CLOSED_BY_CLIENT] = "client",
		[CLOSED_BY_SERVER] = "server",
		[CLOSED_BY_BOTH] = "both",
	};
	const struct tcp_facts *t = d->pub.tcp;
	struct facts *f = d->pub.facts;
	struct when closed = tcp_closed(t);
	int64_t end_ns = closed.packet != 0 ? closed.time_ns : t->now.time_ns;
	struct when since = t->handshake.packet != 0 ? t->handshake : t->syn_ack;

	facts_lend_text(f, FACT_ID_TCP_CLOSED_BY, bytes_str(words[d->pub.closed_by]),
			closed.packet != 0 ? closed : d->pub.ended);
	if (closed.packet == 0)
		facts_set_seconds(f, FACT_ID_TCP_SILENT, seconds(t->now.time_ns - d->pub.ended.time_ns), d->pub.ended);
	if (tcp_is_established(t) && t->side[SIDE_CLIENT].unacked.packet != 0)
		facts_set_bool(f, FACT_ID_TCP_CLIENT_UNACKED, true, t->side[SIDE_CLIENT].unacked);
	if (tcp_is_established(t) && since.packet != 0 && t->side[SIDE_SERVER].payload_bytes == 0 &&
	    !tcp_is_one_sided(t))
		facts_set_seconds(f, FACT_ID_SMTP_GREETING_WAIT, seconds(end_ns - since.time_ns), since);
}

void
dialogue_tcp_end(struct dialogue *d, const struct hosts *hosts)
{
	d->pub.closed_by = closed_by(d->pub.tcp);
	d->pub.reset_by = reset_by(d->pub.tcp);
	set_connect(d, hosts);
	set_sides(d);
	set_losses(d);
	dialogue_reset_facts(d);
	set_trouble(d);
	set_end(d);
}
