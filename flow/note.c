/* In: a segment and its connection. Out: facts. Does not look at payload and judges nothing. */
#include "flow/note.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/sides.h"

#define SYN_ACK_AGAIN_NS (NS_PER_S / 2) /* sooner it is a copy made by the capture */

static bool
is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* side->last is this packet already. */
static RARE void
note_zero_window(struct tcp_side *side, const struct segment *s)
{
	int64_t now_ns = side->last.time_ns;

	if (s->flags & TCP_SYN)
		return;
	if (s->window == 0 && side->n_zero_window < UINT16_MAX)
		side->n_zero_window++;
	if (side->zero_since_ns == 0) {
		side->zero_since_ns = s->window == 0 ? now_ns : 0;
		return;
	}
	if (now_ns - side->zero_since_ns > side->zero_longest_ns)
		side->zero_longest_ns = now_ns - side->zero_since_ns;
	if (s->window != 0)
		side->zero_since_ns = 0;
}

static RARE void
note_first(struct tcp_side *side, const struct ip_packet *ip, const struct segment *s)
{
	side->ttl_first = ip->ttl;
	if (s->flags & TCP_SYN)
		side->has_syn = true;
	if (!side->has_syn) {
		side->has_timestamps = segment_options(s).has_timestamps;
		side->window_scale = -1;
	}
}

/* ttl_max is 0 before the first packet. */
static RARE void
note_ttl(struct tcp_side *side, uint8_t ttl)
{
	if (ttl < side->ttl_min || side->ttl_max == 0)
		side->ttl_min = ttl;
	if (ttl > side->ttl_max)
		side->ttl_max = ttl;
}

static inline void
note_habits(struct tcp_side *side, const struct ip_packet *ip, const struct segment *s)
{
	uint16_t step = (uint16_t)(ip->id - side->ip_id_last);

	if (UNLIKELY(side->ttl_max == 0))
		note_first(side, ip, s);
	if (UNLIKELY(ip->ttl < side->ttl_min || ip->ttl > side->ttl_max))
		note_ttl(side, ip->ttl);
	if (ip->id != 0) { /* 0: no habit, see RFC 6864 */
		if (step > side->ip_id_step_max && side->ip_id_last != 0)
			side->ip_id_step_max = step;
		side->ip_id_last = ip->id;
	}
	side->window_last = s->window;
	if (UNLIKELY(s->window == 0 || side->n_zero_window > 0))
		note_zero_window(side, s);
}

/* The SYN fixes where the stream of its sender begins. */
static void
begin_stream(struct flow *f, enum side from, const struct segment *s)
{
	struct tcp_side *side = &f->facts.side[from];
	struct direction *d = &f->direction[from];
	struct segment_options o = segment_options(s);

	side->isn = s->seq;
	side->mss = o.mss;
	side->window_scale = o.window_scale;
	side->has_sack = o.has_sack;
	side->has_timestamps = o.has_timestamps;
	if (d->is_started && !d->is_guessed)
		return; /* the answer to it, or its payload, was seen before it */
	d->next = d->highest = s->seq + 1;
	if (!d->is_started || !is_after(d->acked, s->seq))
		d->acked = s->seq;
	d->is_started = true;
	d->is_guessed = false;
}

static void
note_unacked_syn(struct flow *f, enum side from, uint32_t seq, const struct when *when)
{
	struct direction *d = &f->direction[from];

	if (d->has_unacked || is_after(d->acked, seq))
		return;
	f->facts.side[from].unacked = *when;
	d->unacked_end = seq + 1;
	d->has_unacked = true;
}

static void
note_syn(struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	if (f->facts.n_syn++ == 0)
		f->facts.syn = *when;
	f->facts.syn_last = *when;
	if (!f->facts.side[from].has_syn) {
		begin_stream(f, from, s);
		note_unacked_syn(f, from, s->seq, when);
	}
}

static void
note_syn_ack(struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	struct tcp_side *side = &f->facts.side[from];
	struct direction *other = &f->direction[other_side(from)];

	if (f->facts.handshake.packet != 0 && when->time_ns - f->syn_ack_last_ns >= SYN_ACK_AGAIN_NS) {
		f->facts.syn_ack_unheard = *when;
		f->facts.n_syn_ack_unheard++;
	}
	f->syn_ack_last_ns = when->time_ns;
	if (f->facts.n_syn_ack++ == 0) {
		f->facts.syn_ack = *when;
		f->syn_answered_ns = f->facts.syn_last.time_ns;
	}
	if (!side->has_syn) {
		begin_stream(f, from, s);
		note_unacked_syn(f, from, s->seq, when);
	} else if (s->seq != side->isn) {
		f->rival_isn = s->seq;
		f->has_rival = true;
	}
	if (!other->is_started) {
		other->next = other->highest = other->acked = s->ack;
		other->is_started = true;
	}
}

/* Two SYN-ACKs that disagree (one of them forged, or two servers behind one address): the client decides. */
static void
settle_rivals(struct flow *f, uint32_t ack)
{
	struct direction *d = &f->direction[SIDE_SERVER];

	if (ack != f->rival_isn + 1 || d->order || f->facts.side[SIDE_SERVER].payload_bytes > 0)
		return;
	f->facts.side[SIDE_SERVER].isn = f->rival_isn;
	d->next = d->highest = d->acked = ack;
}

/* 0 where the order in the capture is not that of events. */
static int64_t
span(int64_t from_ns, int64_t to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

static RARE void
note_handshake(struct flow *f, const struct segment *s, const struct when *when)
{
	const struct tcp_facts *facts = &f->facts;
	const struct tcp_side *server = &facts->side[SIDE_SERVER];

	if (f->has_rival)
		settle_rivals(f, s->ack);
	if (server->has_syn && is_after(server->isn + 1, s->ack))
		return;
	f->facts.handshake = *when;
	f->is_established = true;
	if (facts->syn.packet == 0 || facts->syn_ack.packet == 0)
		return;
	f->facts.rtt_ns = span(f->syn_ack_last_ns, when->time_ns);
	if (facts->syn.packet < facts->syn_ack.packet)
		f->facts.rtt_ns += span(f->syn_answered_ns, facts->syn_ack.time_ns);
}

/* Data in the SYN is acknowledged with it (RFC 7413). */
static bool
answers_syn(const struct flow *f, enum side from, const struct segment *s)
{
	const struct tcp_side *other = &f->facts.side[other_side(from)];

	if (!other->has_syn || !(s->flags & TCP_ACK) || f->is_established)
		return false;
	if (s->ack != other->isn + 1 && s->ack != f->direction[other_side(from)].highest)
		return false;
	return s->seq == 0 || f->facts.side[from].n_packets == 1;
}

/* Can the receiver have taken it? Generously: no window is larger. */
static bool
is_near(const struct direction *d, uint32_t seq)
{
	return !d->is_started || seq - d->highest + ORDER_SPAN_MAX <= 2 * ORDER_SPAN_MAX;
}

/* A reset with ACK says how far its sender had read; of one without, only what was seen before it is known. */
static uint32_t
read_before(const struct tcp_reset *r)
{
	return r->has_ack && r->other_end - r->ack < ORDER_SPAN_MAX ? r->ack : r->other_end;
}

/* After a reset its sender has no connection, so it says and acknowledges nothing new. */
static void
note_after_reset(struct tcp_reset *r, enum side from, const struct segment *s, const struct when *when)
{
	uint32_t end = s->seq + s->len + (s->flags & TCP_FIN ? 1 : 0);
	bool is_new = end != s->seq && r->end != 0 && is_after(end, r->end);

	if (from != r->from) {
		if (r->answered_after.packet == 0 && s->len > 0 && r->other_end != 0 && is_after(end, r->other_end))
			r->answered_after = *when;
		return;
	}
	if (r->heard_after.packet == 0)
		r->heard_after = *when;
	if (r->went_on.packet == 0 && is_new && s->len > 0)
		r->went_on = *when;
	if (r->said_after.packet == 0 && is_new && is_after(end, r->seq))
		r->said_after = *when;
	if (r->acked_after.packet == 0 && s->flags & TCP_ACK && r->other_end != 0 && is_after(s->ack, read_before(r)))
		r->acked_after = *when;
}

static RARE void
note_after_resets(struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	struct tcp_reset *kept = (struct tcp_reset *)(uintptr_t)f->facts.reset; /* ours */

	for (uint32_t i = 0; i < f->facts.n_resets && i < RESETS_KEPT; i++)
		note_after_reset(&kept[i], from, s, when);
}

static void
note_reset(struct flow *f, enum side from, const struct ip_packet *ip, const struct segment *s, const struct when *when,
	   int64_t own_last_ns)
{
	const struct direction *d = &f->direction[from];
	const struct tcp_side *other = &f->facts.side[other_side(from)];
	const struct tcp_side *side = &f->facts.side[from];
	const struct direction *d_other = &f->direction[other_side(from)];
	uint32_t n = f->facts.n_resets++;
	struct tcp_reset *kept;

	f->has_resets = true;
	f->was_reset = f->was_reset || is_near(d, s->seq);
	if (answers_syn(f, from, s)) { /* refused is answered, too */
		f->facts.side[other_side(from)].unacked = (struct when){ 0 };
		f->direction[other_side(from)].has_unacked = false;
	}
	if (n >= RESETS_KEPT)
		return;
	kept = (struct tcp_reset *)(uintptr_t)f->facts.reset; /* ours; const for the readers of the facts */
	if (!kept)
		kept = mem_new_array(RESETS_KEPT, sizeof(*kept));
	f->facts.reset = kept;
	kept[n] = (struct tcp_reset){
		.when = *when,
		.seq = s->seq,
		.ack = s->ack,
		.seq_ahead = d->is_started ? s->seq - d->highest : 0,
		.seq_past_ack = d->is_started ? s->seq - d->acked : 0,
		.since_other_ns = other->n_packets > 0 ? when->time_ns - other->last.time_ns : -1,
		.ip_id_before = side->ip_id_last,
		.window = s->window,
		.ip_id = ip->id,
		.payload_len = (uint16_t)(s->len < UINT16_MAX ? s->len : UINT16_MAX),
		.from = (uint8_t)from,
		.ttl = ip->ttl,
		.has_ack = s->flags & TCP_ACK,
		.has_timestamp = segment_options(s).has_timestamps,
		.answers_syn = answers_syn(f, from, s),
		.since_payload_ns = other->last_payload.packet > side->last_payload.packet
					? when->time_ns - other->last_payload.time_ns
					: -1,
		.since_own_ns = own_last_ns != 0 ? when->time_ns - own_last_ns : -1,
		.end = d->is_started ? d->highest : 0,
		.other_end = d_other->is_started ? d_other->highest : 0,
	};
}

static void
note_fin(struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	if (f->facts.side[from].fin.packet != 0)
		return;
	f->facts.side[from].fin = *when;
	if (f->direction[other_side(from)].has_fin)
		f->facts.has_crossed_fins = is_after(f->direction[other_side(from)].fin_seq + 1, s->ack);
	f->direction[from].fin_seq = s->seq + (s->flags & TCP_SYN ? 1 : 0) + s->len;
	f->direction[from].has_fin = true;
}

static RARE void
note_flags(struct flow *f, enum side from, const struct ip_packet *ip, const struct segment *s, const struct when *when,
	   int64_t own_last_ns)
{
	if (s->flags & TCP_RST) {
		note_reset(f, from, ip, s, when, own_last_ns);
		return;
	}
	if ((s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		note_syn(f, from, s, when);
	else if (s->flags & TCP_SYN)
		note_syn_ack(f, from, s, when);
	if (s->flags & TCP_SYN)
		note_first(&f->facts.side[from], ip, s);
	if (s->flags & TCP_FIN)
		note_fin(f, from, s, when);
}

void
note_segment(struct flow *f, enum side from, const struct ip_packet *ip, const struct segment *s,
	     const struct when *when)
{
	struct tcp_side *side = side_facts(f, from);
	int64_t own_ns = side->last.time_ns;

	if (side->n_packets++ == 0)
		side->first = *when;
	side->last = *when;
	if (UNLIKELY(s->flags & (TCP_RST | TCP_SYN | TCP_FIN))) {
		note_flags(f, from, ip, s, when, own_ns);
		if (s->flags & TCP_RST)
			return;
	}
	if (UNLIKELY(f->has_resets))
		note_after_resets(f, from, s, when);
	note_habits(side, ip, s);
	if (UNLIKELY(!f->is_established) && from == SIDE_CLIENT && side->has_syn &&
	    (s->flags & (TCP_SYN | TCP_ACK)) == TCP_ACK)
		note_handshake(f, s, when);
}

void
note_duplicate(struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	if (!(s->flags & TCP_RST))
		note_after_resets(f, from, s, when);
}

enum flow_class
note_class(const struct flow *f)
{
	const struct tcp_facts *facts = &f->facts;
	bool has_both_fins = facts->side[0].fin.packet != 0 && facts->side[1].fin.packet != 0;

	if (f->was_reset || has_both_fins)
		return CLASS_ENDED;
	if (facts->n_syn > 0 && facts->side[SIDE_SERVER].n_packets == 0 &&
	    facts->side[SIDE_CLIENT].n_packets == facts->n_syn)
		return CLASS_OPENING;
	return CLASS_OPEN;
}
