/* In: segments of a direction. Out: chunks, and the facts about payload. Nearly every segment is the next one and
 * passes straight from the capture buffer; the others are trimmed to what is new and go to held.c. */
#include "flow/order.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/held.h"
#include "flow/missing.h"
#include "flow/pieces.h"
#include "flow/sides.h"

#define REORDER_NS (3 * 1000000LL) /* round trip unknown: later than this it was sent again */

static bool
is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* Keep-alives (RFC 9293 3.8.4) and window probes repeat the last byte, or none; they are no retransmissions. */
static bool
is_probe(const struct flow *f, enum side from, uint32_t seq, const struct segment *s)
{
	const struct direction *d = &f->direction[from];
	const struct tcp_side *receiver = &f->facts.side[other_side(from)];

	if (s->len > 1 || !d->is_started || seq != d->highest - 1)
		return false;
	return d->acked == d->highest || receiver->n_packets == 0 || receiver->window_last == 0;
}

static RARE void
begin_payload(struct flow *f, struct tcp_side *side, const struct when *when)
{
	side->first_payload = *when;
	if (!f->recent)
		f->recent = recent_new(); /* SYNs do without */
}

static void
note_payload(struct flow *f, struct tcp_side *side, struct direction *d, uint32_t seq, const struct segment *s,
	     const struct when *when)
{
	if (UNLIKELY(side->n_payload++ == 0))
		begin_payload(f, side, when);
	side->last_payload = *when;
	if (UNLIKELY(s->payload.len < s->len))
		side->n_cut++;
	if (!d->has_unacked && is_after(seq + s->len, d->acked)) {
		side->unacked = *when;
		d->unacked_end = seq + s->len;
		d->has_unacked = true;
	}
}

/* The direction begins here, unless it is known to begin elsewhere. What the other side acknowledged tells where it
 * begins only if the connection was seen from its SYN on. */
static RARE void
anchor(struct flow *f, struct direction *d, uint32_t seq)
{
	if (!d->is_started || f->facts.syn.packet == 0 || is_after(d->next, seq)) {
		d->next = d->highest = seq;
		d->n_ack_ahead = 0;
	}
	if (!d->is_started)
		d->acked = seq;
	d->is_started = true;
	d->is_guessed = false;
}

static void
raise_highest(struct direction *d, uint32_t end)
{
	if (is_after(end, d->highest) && end - d->highest <= ORDER_SPAN_MAX)
		d->highest = end;
}

/* Will it be acknowledged? Two are remembered, so that one that is not does not hide the one before it. */
static void
note_large(struct direction *d, uint32_t len)
{
	d->largest = len;
	if (d->large[1].len > 0)
		d->large[0] = d->large[1];
	d->large[1].end = d->next + len;
	d->large[1].len = len;
}

/* In order: straight to the sink. */
static inline ALWAYS_INLINE void
accept_next(struct flow_table *t, struct flow *f, enum side from, struct bytes data, uint32_t len,
	    const struct when *when)
{
	struct tcp_side *side = side_facts(f, from);
	struct direction *d = side_direction(f, from);
	uint32_t n_cut = len - (uint32_t)data.len;

	side->payload_bytes += len;
	f->was_reset = false;
	if (UNLIKELY(t->gap_ns >= PAUSE_MIN_NS))
		f->facts.pause[from] = (struct tcp_pause){ *when, t->gap_ns, d->next };
	if (UNLIKELY(len > d->largest))
		note_large(d, len);
	recent_keep_sample(&f->recent[from], side->n_payload, d->next, data);
	if (is_after(d->next + len, d->highest))
		d->highest = d->next + len;
	order_pass(t, f, from, data, when);
	if (UNLIKELY(n_cut > 0))
		order_cut(t, f, from, n_cut, when);
}

/* The next byte that the other side waits for is sent again. */
static void
note_stall(struct flow *f, enum side from, uint32_t seq, uint32_t len, const struct when *when)
{
	struct tcp_stall *stall = &f->facts.side[from].stall;
	uint32_t acked = f->direction[from].acked;

	if (is_after(seq, acked) || !is_after(seq + len, acked))
		return;
	if (stall->n == 0 || stall->seq != acked)
		*stall = (struct tcp_stall){ .first = *when, .seq = acked, .len_min = len };
	stall->n++;
	stall->last = *when;
	if (len < stall->len_min)
		stall->len_min = len;
}

/* Some of it was seen before. */
static void
note_repeat(struct flow *f, enum side from, uint32_t seq, struct bytes data)
{
	struct tcp_side *side = &f->facts.side[from];

	side->n_retransmissions++;
	if (recent_contradicts(&f->recent[from], seq, data))
		side->n_contradicting++;
}

/* New bytes below the highest: they come late because the network or the capture changed the order, or because they
 * were sent again. To be sent again takes a round trip after the packet that came before its turn. */
static void
note_late(struct flow *f, enum side from, uint32_t seq, const struct when *when)
{
	struct tcp_side *side = &f->facts.side[from];
	const struct piece *behind = held_after(&f->direction[from], seq);
	int64_t limit_ns = f->facts.rtt_ns > 0 ? f->facts.rtt_ns : REORDER_NS;

	if (!behind)
		return;
	if (when->time_ns - behind->when.time_ns < limit_ns)
		side->n_reordered++;
	else
		side->n_retransmissions++;
}

/* n_old: how many of its bytes were delivered already. */
static void
note_again(struct flow *f, enum side from, uint32_t seq, const struct segment *s, uint32_t n_old,
	   const struct when *when)
{
	const struct piece *held = held_after(&f->direction[from], seq);

	if (n_old > 0 || (held && is_after(seq + s->len, held->seq))) {
		note_repeat(f, from, seq, s->payload);
		note_stall(f, from, seq, s->len, when);
	} else if (is_after(f->direction[from].highest, seq)) {
		note_late(f, from, seq, when);
	}
}

/* Neither all old nor simply next. seq is at or after d->next. */
static void
hold(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, struct bytes data, uint32_t len,
     const struct when *when)
{
	struct direction *d = &f->direction[from];
	uint32_t n_new;

	recent_keep_sample(&f->recent[from], f->facts.side[from].n_payload, seq, data);
	raise_highest(d, seq + len);
	n_new = held_add(t, f, from, seq, data, len, when);
	f->facts.side[from].payload_bytes += n_new;
	if (n_new > 0)
		f->was_reset = false;
}

/* Trims what was delivered already. */
static void
place(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, const struct segment *s,
      const struct when *when)
{
	struct direction *d = &f->direction[from];
	struct bytes data = s->payload;
	uint32_t len = s->len;
	uint32_t n_old;

	if (d->order || seq != d->next)
		held_make_room(t, f, from, len);
	n_old = is_after(d->next, seq) ? d->next - seq : 0;
	note_again(f, from, seq, s, n_old, when);
	if (n_old >= len)
		return;
	data = bytes_from(data, n_old);
	seq += n_old;
	len -= n_old;
	if (!d->order && seq == d->next)
		accept_next(t, f, from, data, len, when);
	else
		hold(t, f, from, seq, data, len, when);
}

/* It is not simply the next one, or it shows that one before it is missing. */
static RARE void
sort_in(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, const struct segment *s,
	const struct when *when)
{
	struct direction *d = &f->direction[from];

	missing_sender_at(t, f, from, seq, when);
	if (!is_after(d->next, seq) && seq - d->next > ORDER_SPAN_MAX &&
	    !missing_far_ahead(t, f, from, seq, s->len, when))
		return;
	place(t, f, from, seq, s, when);
	missing_settle(d, when->time_ns);
}

static void
order_payload(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, const struct segment *s,
	      const struct when *when)
{
	struct direction *d = side_direction(f, from);

	if (UNLIKELY(!d->is_started || d->is_guessed))
		anchor(f, d, seq);
	note_payload(f, side_facts(f, from), d, seq, s, when);
	if (LIKELY(!d->order && d->n_ack_ahead == 0 && seq == d->next))
		accept_next(t, f, from, s->payload, s->len, when);
	else
		sort_in(t, f, from, seq, s, when);
}

void
order_segment(struct flow_table *t, struct flow *f, enum side from, const struct segment *s, const struct when *when)
{
	struct direction *d = side_direction(f, from);
	uint32_t seq = s->seq + (s->flags & TCP_SYN ? 1 : 0);

	if (s->len > 0 && LIKELY(!is_probe(f, from, seq, s)))
		order_payload(t, f, from, seq, s, when);
	else if (d->n_ack_ahead > 0)
		missing_sender_at(t, f, from, seq, when);
	if (UNLIKELY(s->flags & TCP_FIN) && d->is_started)
		raise_highest(d, seq + s->len + 1);
}
