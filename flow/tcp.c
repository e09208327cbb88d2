/* In: an IP packet with TCP inside. Out: calls, in this order: opened, chunks of the other side (what this packet's
 * acknowledgement shows as missing), chunks of its own side. Decides who is client, and where one connection ends and
 * the next with the same ports begins. */
#include "flow/tcp.h"

#include "base/limits.h"
#include "flow/note.h"
#include "flow/sides.h"
#include "flow/wire.h"

static bool
is_mail_port(const struct flow_config *config, uint16_t port)
{
	for (size_t i = 0; i < config->n_mail_ports; i++) {
		if (config->mail_ports[i] == port)
			return true;
	}
	return false;
}

/* Who sent the first packet that was seen of a connection? */
static enum side
guess_side(const struct flow_config *config, const struct segment *s)
{
	uint16_t source_port = wire_be16(s->header, 0), destination_port = wire_be16(s->header, 2);
	bool source_is_mail = is_mail_port(config, source_port);

	if (s->flags & TCP_SYN && !(s->flags & TCP_RST))
		return s->flags & TCP_ACK ? SIDE_SERVER : SIDE_CLIENT;
	if (source_is_mail != is_mail_port(config, destination_port))
		return source_is_mail ? SIDE_SERVER : SIDE_CLIENT;
	return source_port < destination_port ? SIDE_SERVER : SIDE_CLIENT;
}

static bool
syn_begins_anew(const struct flow *f, enum side from, const struct segment *s)
{
	const struct direction *d = &f->direction[from];

	if (f->facts.side[from].has_syn)
		return s->seq != f->facts.side[from].isn;
	if (d->is_started && s->seq + 1 == d->next)
		return false;             /* the answer to it was captured first */
	return f->class != CLASS_OPENING; /* else both sides open at the same time */
}

static bool
syn_ack_begins_anew(const struct flow *f, enum side from, const struct segment *s)
{
	const struct tcp_side *side = &f->facts.side[from];
	const struct tcp_side *other = &f->facts.side[other_side(from)];
	const struct direction *d = &f->direction[from];

	if (side->has_syn && s->seq == side->isn)
		return false;
	if (side->has_syn) /* else two answers to one SYN */
		return f->class == CLASS_ENDED || d->has_fin || (!other->has_syn && side->payload_bytes > 0);
	if (other->has_syn)
		return s->ack != other->isn + 1 && f->class == CLASS_ENDED;
	return !(d->is_started && s->seq + 1 == d->next);
}

static bool
is_elsewhere(const struct direction *d, uint32_t seq)
{
	return d->is_started && seq - d->highest + ORDER_SPAN_MAX > 2 * ORDER_SPAN_MAX;
}

/* f has ended. Data whose numbers have nothing to do with it: the handshake of another one was not captured. */
static bool
data_begins_anew(const struct flow *f, enum side from, const struct segment *s)
{
	return s->len > 0 && (s->flags & TCP_ACK) && is_elsewhere(&f->direction[from], s->seq) &&
	       is_elsewhere(&f->direction[other_side(from)], s->ack);
}

/* The ports are used again: a SYN with another initial sequence number, or an answer to one that was not captured. */
static RARE bool
begins_anew(const struct flow *f, enum side from, const struct segment *s)
{
	if (s->flags & TCP_RST)
		return false;
	if (!(s->flags & TCP_SYN))
		return data_begins_anew(f, from, s);
	return s->flags & TCP_ACK ? syn_ack_begins_anew(f, from, s) : syn_begins_anew(f, from, s);
}

static RARE struct flow *
open_flow(struct flow_table *t, const struct ip_packet *ip, const struct segment *s, enum side *from,
	  const struct when *when)
{
	struct flow *f;

	while (t->n_flows >= FLOW_MAX) {
		f = table_idlest(t);
		f->facts.was_evicted = true;
		t->stats.n_evicted++;
		flow_close(t, f);
	}
	*from = guess_side(t->config, s);
	f = table_add(t, ip, *from, when->time_ns);
	f->facts.stream = t->stats.n_connections++;
	f->facts.is_midstream = !(s->flags & TCP_SYN);
	f->is_established = f->facts.is_midstream; /* no handshake to wait for */
	f->facts.side[0].window_scale = f->facts.side[1].window_scale = -1;
	return f;
}

static bool
is_fin_acknowledged(const struct direction *d)
{
	return d->has_fin && (int32_t)(d->acked - d->fin_seq) > 0;
}

static RARE void
tell_end(struct flow_table *t, struct flow *f)
{
	if (f->is_told || !t->sink->ended || !is_fin_acknowledged(&f->direction[SIDE_CLIENT]) ||
	    !is_fin_acknowledged(&f->direction[SIDE_SERVER]))
		return;
	f->is_told = true;
	order_finish(t, f, &t->now);
	f->facts.now = t->now;
	t->sink->ended(t->sink->user, f);
}

void
tcp_feed(struct flow_table *t, const struct ip_packet *ip, const struct when *when)
{
	struct segment s;
	enum side from;
	struct flow *f;
	bool is_new;

	if (UNLIKELY(!segment_parse(ip, &s))) {
		t->stats.n_damaged += ip->payload.len == ip->payload_len; /* else only cut */
		return;
	}
	f = t->ahead.flow;
	from = t->ahead.from;
	if (UNLIKELY(!f))
		f = table_find(t, ip, &from);
	if (UNLIKELY(f && ((s.flags & TCP_SYN) || f->class == CLASS_ENDED)) && begins_anew(f, from, &s)) {
		flow_close(t, f);
		f = NULL;
	}
	is_new = !f;
	if (UNLIKELY(is_new))
		f = open_flow(t, ip, &s, &from, when);
	if (UNLIKELY(recent_is_duplicate(side_packets(f, from), ip, &s, when->time_ns, f->has_duplicates))) {
		f->has_duplicates = true;
		note_duplicate(f, from, &s, when);
		t->stats.n_duplicates++;
		return;
	}
	table_touch(t, f, when->time_ns);
	t->gap_ns = f->last_ns != 0 ? when->time_ns - f->last_ns : 0;
	f->last_ns = when->time_ns;
	note_segment(f, from, ip, &s, when);
	if (UNLIKELY(is_new && t->sink->opened))
		t->sink->opened(t->sink->user, f);
	if (!(s.flags & TCP_RST)) {
		if (s.flags & TCP_ACK)
			order_acknowledge(t, f, other_side(from), &s, when);
		order_segment(t, f, from, &s, when);
	}
	if (UNLIKELY(f->class != CLASS_OPEN || (s.flags & (TCP_SYN | TCP_FIN | TCP_RST))))
		table_set_class(t, f, note_class(f));
	if (UNLIKELY(f->class == CLASS_ENDED))
		tell_end(t, f);
}
