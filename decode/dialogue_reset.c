/* In: the resets of a connection. Out: what was measured of the first one, and of how they relate. Says nothing of who
 * sent it. */
#include "decode/dialogue_reset.h"

#include "base/limits.h"
#include "decode/facts_store.h"

#define TOGETHER_NS (100 * 1000000LL) /* resets to both ends that one device sends come this close */
#define SERIES_NS (2 * NS_PER_S)      /* Weaver, Sommer, Paxson look at two seconds */

static const struct tcp_reset *
first_reset(const struct tcp_facts *t)
{
	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++)
		if (!t->reset[i].answers_syn)
			return &t->reset[i];
	return NULL;
}

bool
reset_is_after_own_fin(const struct tcp_facts *t, const struct tcp_reset *r)
{
	struct when fin = t->side[r->from].fin;

	return fin.packet != 0 && fin.packet <= r->when.packet;
}

static void
set_place(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct tcp_side *side = &t->side[r->from];
	const struct tcp_side *other = &t->side[r->from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];

	facts_set_int(f, FACT_ID_TCP_RESET_SEQ_AHEAD, (int32_t)r->seq_ahead, r->when);
	facts_set_int(f, FACT_ID_TCP_RESET_SEQ_PAST_ACK, (int32_t)r->seq_past_ack, r->when);
	if (r->since_other_ns >= 0)
		facts_set_seconds(f, FACT_ID_TCP_RESET_DELAY, (double)r->since_other_ns / NS_PER_S, r->when);
	if (reset_is_after_own_fin(t, r))
		facts_set_bool(f, FACT_ID_TCP_RESET_AFTER_FIN, true, r->when);
	if (other->fin.packet != 0 && other->fin.packet < r->when.packet)
		facts_set_bool(f, FACT_ID_TCP_RESET_AFTER_PEER_FIN, true, r->when);
	if (side->last_payload.packet > r->when.packet && (int32_t)(side->end_seq - r->seq) > 0)
		facts_set_bool(f, FACT_ID_TCP_RESET_PEER_SPOKE_AFTER, true, side->last_payload);
	if (other->pause.end.packet != 0 && other->pause.end.packet < r->when.packet &&
	    other->last_payload.packet < r->when.packet && side->last.packet <= r->when.packet &&
	    side->last_payload.packet < other->pause.end.packet)
		facts_set_seconds(f, FACT_ID_TCP_RESET_AFTER_PAUSE, (double)other->pause.ns / NS_PER_S,
				  other->pause.end);
}

static bool
is_fresh(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* Beside the client the whole round trip lies between its packet and the answer of the server. */
static void
set_soon(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *r)
{
	if (r->from != SIDE_SERVER || t->rtt_ns <= 0 || r->since_other_ns < 0 ||
	    !is_fresh(t->side[SIDE_CLIENT].ttl_first) || is_fresh(t->side[SIDE_SERVER].ttl_first))
		return;
	if (r->since_other_ns < t->rtt_ns / 2 && t->side[SIDE_CLIENT].last_payload.packet != 0 &&
	    r->when.time_ns - t->side[SIDE_SERVER].last.time_ns > t->rtt_ns)
		facts_set_bool(f, FACT_ID_TCP_RESET_TOO_SOON, true, r->when);
}

static void
set_header(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct tcp_side *side = &t->side[r->from];
	uint16_t step = (uint16_t)(r->ip_id - r->ip_id_before);
	uint16_t back = (uint16_t)(r->ip_id_before - r->ip_id);

	facts_set_int(f, FACT_ID_TCP_RESET_TTL, r->ttl, r->when);
	if (side->ttl_max != 0)
		facts_set_int(f, FACT_ID_TCP_RESET_TTL_DISTANCE,
			      r->ttl < side->ttl_min   ? side->ttl_min - r->ttl
			      : r->ttl > side->ttl_max ? r->ttl - side->ttl_max
						       : 0,
			      r->when);
	if (r->ip_id != 0 && r->ip_id_before != 0) {
		facts_set_int(f, FACT_ID_TCP_RESET_IP_ID_STEP, step < back ? step : back, r->when);
		facts_set_int(f, FACT_ID_TCP_RESET_IP_ID_USUAL, side->ip_id_step_max, side->last);
	}
	if (r->has_ack)
		facts_set_bool(f, FACT_ID_TCP_RESET_ACK, true, r->when);
	if (r->has_ack && side->has_timestamps && !r->has_timestamp)
		facts_set_bool(f, FACT_ID_TCP_RESET_TIMESTAMP_MISSING, true, r->when);
	if (!r->has_ack && !r->has_timestamp && r->window == 0 && r->seq_past_ack == 0)
		facts_set_bool(f, FACT_ID_TCP_RESET_LIKE_CLOSED, true, r->when);
}

static bool
is_ahead(const struct tcp_reset *first, const struct tcp_reset *later)
{
	return later->from == first->from && later->when.time_ns - first->when.time_ns <= SERIES_NS &&
	       (int32_t)(later->seq - first->seq) > 2 && (int32_t)later->seq_ahead > 2 &&
	       (int32_t)later->seq_past_ack > 2;
}

static void
set_others(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *first)
{
	bool has_fin = t->side[SIDE_CLIENT].fin.packet != 0 || t->side[SIDE_SERVER].fin.packet != 0;

	for (const struct tcp_reset *r = first + 1; r < t->reset + t->n_resets && r < t->reset + RESETS_KEPT; r++) {
		if (r->from != first->from && !has_fin && r->when.time_ns - first->when.time_ns <= TOGETHER_NS)
			facts_set_bool(f, FACT_ID_TCP_RESET_BOTH, true, r->when);
		if (is_ahead(first, r) && !has_fin)
			facts_set_bool(f, FACT_ID_TCP_RESET_SERIES, true, r->when);
	}
}

void
dialogue_reset_facts(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	const struct tcp_reset *r = first_reset(t);
	struct facts *f = d->pub.facts;

	if (t->n_resets > 0 && t->n_syn_ack > 0 && t->reset[0].answers_syn && t->reset[0].from == SIDE_SERVER)
		facts_set_bool(f, FACT_ID_TCP_SYN_CONTRADICTED, true, t->reset[0].when);
	if (!r)
		return;
	facts_set_bool(f, FACT_ID_TCP_RESET_SEEN, true, r->when);
	facts_lend_text(f, FACT_ID_TCP_RESET_SOURCE, bytes_str(r->from == SIDE_CLIENT ? "client" : "server"), r->when);
	set_place(f, t, r);
	set_header(f, t, r);
	set_soon(f, t, r);
	set_others(f, t, r);
}
