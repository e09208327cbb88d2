/* In: acknowledgements, and the sequence numbers of the sender. Out: "n bytes are missing", once that is sure enough.
 *
 * A receiver acknowledges only what it has. When the capture does not have it, either the capture lost it, or (several
 * receive queues, -i any, two taps) the acknowledgement was captured before the data. So an acknowledgement that runs
 * ahead is believed
 *   - at once when it comes with payload: the other side has already answered, and its answer must not reach the
 *     decoder before the hole it answers;
 *   - when the sender itself goes on at or behind that number: packets of one direction keep their order;
 *   - when ACK_AHEAD_NS have passed;
 *   - when the connection ends; then also the sender's FIN shows what was before it.
 * One that lies outside the window the receiver offered (forged, or the capture lost very much) needs the sender's
 * own sequence number, or a third packet that says so after that time. Above GAP_MAX nothing is believed.
 * One byte alone may be a FIN that was not captured: only payload behind it shows that it was a byte. */
#include "flow/missing.h"

#include "base/limits.h"
#include "flow/held.h"
#include "flow/sides.h"

#define WINDOW_UNKNOWN (4U << 20) /* scale not seen: what common stacks offer at most */
#define CONFIRMATIONS 3

static bool
is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static uint32_t
window_of(const struct tcp_side *receiver)
{
	uint32_t window = receiver->window_last > 0 ? receiver->window_last : UINT16_MAX;

	if (!receiver->has_syn)
		return WINDOW_UNKNOWN;
	window = receiver->window_scale > 0 ? window << receiver->window_scale : window;
	return window > UINT16_MAX ? window : UINT16_MAX;
}

static bool
is_plausible(const struct flow *f, enum side from, uint32_t ack)
{
	uint32_t ahead = ack - f->direction[from].highest;

	return (int32_t)ahead <= 0 || ahead <= window_of(&f->facts.side[other_side(from)]);
}

/* The FIN takes a sequence number, but no byte of the stream. */
static uint32_t
end_of_data(const struct direction *d, uint32_t ack)
{
	return d->has_fin && ack == d->fin_seq + 1 ? d->fin_seq : ack;
}

static bool
may_be_fin(const struct direction *d, uint32_t ack)
{
	return !d->order && !d->has_fin && ack - d->next == 1;
}

void
missing_settle(struct direction *d, int64_t now_ns)
{
	if (d->n_ack_ahead == 0 || is_after(d->ack_ahead, d->next))
		return;
	d->n_ack_ahead = 0;
	if (!is_after(d->ack_latest, d->next))
		return;
	d->ack_ahead = d->ack_latest;
	d->ack_ahead_ns = now_ns;
	d->n_ack_ahead = 1;
}

static void
believe(struct flow_table *t, struct flow *f, enum side from, uint32_t until, const struct when *when)
{
	struct direction *d = &f->direction[from];

	held_give_up(t, f, from, until, when);
	missing_settle(d, when->time_ns);
}

void
missing_sender_at(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, const struct when *when)
{
	struct direction *d = &f->direction[from];
	uint32_t until = is_after(d->ack_latest, seq) ? seq : d->ack_latest;

	if (d->n_ack_ahead == 0 || is_after(d->ack_ahead, seq) || seq - d->next > GAP_MAX)
		return;
	believe(t, f, from, until, when);
}

bool
missing_far_ahead(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, uint32_t len,
		  const struct when *when)
{
	struct direction *d = &f->direction[from];
	bool is_second = d->has_far && seq - d->far <= ORDER_SPAN_MAX;

	if (seq - d->next > GAP_MAX)
		return false;
	d->has_far = !is_second;
	d->far = seq + len;
	if (is_second)
		believe(t, f, from, seq, when);
	return is_second;
}

static void
remember(struct direction *d, uint32_t ack, int64_t now_ns)
{
	if (d->n_ack_ahead == 0) {
		d->ack_ahead = d->ack_latest = ack;
		d->ack_ahead_ns = now_ns;
	}
	if (is_after(ack, d->ack_latest))
		d->ack_latest = ack;
	if (d->n_ack_ahead < UINT8_MAX)
		d->n_ack_ahead++;
}

/* Has what was acknowledged some time ago been waited for long enough? */
static void
wait_over(struct flow_table *t, struct flow *f, enum side from, const struct when *when)
{
	struct direction *d = &f->direction[from];

	if (d->n_ack_ahead == 0 || when->time_ns - d->ack_ahead_ns < ACK_AHEAD_NS || may_be_fin(d, d->ack_ahead))
		return;
	if (is_plausible(f, from, d->ack_ahead) || d->n_ack_ahead >= CONFIRMATIONS)
		believe(t, f, from, d->ack_ahead, when);
}

static RARE void
acknowledged_ahead(struct flow_table *t, struct flow *f, enum side from, const struct segment *s,
		   const struct when *when)
{
	struct direction *d = &f->direction[from];
	uint32_t ack = end_of_data(d, s->ack);

	if (d->n_ack_ahead > 0 && is_after(d->ack_ahead, ack) && !is_plausible(f, from, d->ack_ahead))
		d->n_ack_ahead = 0; /* the side that said so goes on below it */
	if (is_after(ack, d->next) && ack - d->next <= GAP_MAX) {
		remember(d, ack, when->time_ns);
		if (s->len > 0 && is_plausible(f, from, ack) && !may_be_fin(d, ack))
			believe(t, f, from, ack, when);
	}
	wait_over(t, f, from, when);
}

/* The oldest unanswered packet was answered. Of those that came after it only the last is known; it was sent within
 * one window of the oldest that is left. */
static void
refresh_unacked(struct flow *f, enum side from, struct direction *d, uint32_t ack)
{
	struct tcp_side *side = side_facts(f, from);

	d->has_unacked = is_after(end_of_data(d, d->highest), ack) && side->n_payload > 0;
	d->unacked_end = d->highest;
	side->unacked = d->has_unacked ? side->last_payload : (struct when){ 0 };
}

/* Part of a large segment counts as well: with offload it was sent in pieces of the MSS. */
static void
note_large_acked(struct flow *f, enum side from, struct direction *d, uint32_t ack, const struct when *when)
{
	struct tcp_side *side = side_facts(f, from);

	for (size_t i = 0; i < 2; i++) {
		uint32_t start = d->large[i].end - d->large[i].len, len = d->large[i].len;

		if (len == 0 || !is_after(ack, start))
			continue;
		if (is_after(d->large[i].end, ack))
			len = ack - start < side->mss ? ack - start : side->mss;
		else
			d->large[i].len = 0;
		if (len <= side->acked_largest)
			continue;
		side->acked_largest = len;
		f->facts.acked_largest[from] = *when;
	}
}

void
order_acknowledge(struct flow_table *t, struct flow *f, enum side from, const struct segment *s,
		  const struct when *when)
{
	struct direction *d = side_direction(f, from);
	uint32_t ack = s->ack;

	if (UNLIKELY(!d->is_started)) { /* nothing of this direction was captured yet */
		d->next = d->highest = d->acked = ack;
		d->is_started = d->is_guessed = true;
		return;
	}
	if (is_after(ack, d->acked) && is_plausible(f, from, ack)) {
		d->acked = ack;
		if (UNLIKELY((d->large[0].len | d->large[1].len) > 0))
			note_large_acked(f, from, d, ack, when);
		if (d->has_unacked && !is_after(d->unacked_end, ack))
			refresh_unacked(f, from, d, ack);
	}
	if (UNLIKELY(is_after(ack, d->next) || d->n_ack_ahead > 0))
		acknowledged_ahead(t, f, from, s, when);
}

static void
finish_side(struct flow_table *t, struct flow *f, enum side from, const struct when *when)
{
	struct direction *d = &f->direction[from];

	held_finish(t, f, from, NULL);
	missing_settle(d, when->time_ns);
	if (d->n_ack_ahead > 0 && is_plausible(f, from, d->ack_latest) && !may_be_fin(d, d->ack_latest))
		believe(t, f, from, d->ack_latest, when);
	if (d->is_started && d->has_fin && is_after(d->fin_seq, d->next) && d->fin_seq - d->next <= ORDER_SPAN_MAX)
		believe(t, f, from, d->fin_seq, &f->facts.side[from].fin);
}

static void
settle_facts(struct flow *f, enum side from)
{
	struct tcp_side *side = &f->facts.side[from];
	const struct direction *d = &f->direction[from];

	side->end_seq = d->highest;
	if (side->has_syn && is_after(d->acked, side->isn + 1))
		side->acked_bytes = d->acked - side->isn - 1;
	if (side->stall.n > 0 && side->stall.seq != d->acked)
		side->stall = (struct tcp_stall){ .n = 0 }; /* it went on */
	if (side->zero_since_ns != 0 && side->last.time_ns - side->zero_since_ns > side->zero_longest_ns)
		side->zero_longest_ns = side->last.time_ns - side->zero_since_ns;
}

void
order_finish(struct flow_table *t, struct flow *f, const struct when *when)
{
	finish_side(t, f, SIDE_CLIENT, when);
	finish_side(t, f, SIDE_SERVER, when);
	settle_facts(f, SIDE_CLIENT);
	settle_facts(f, SIDE_SERVER);
}

void
order_expire(struct flow_table *t, const struct when *when)
{
	if (UNLIKELY(t->ordering.oldest))
		held_expire(t, when->time_ns);
}
