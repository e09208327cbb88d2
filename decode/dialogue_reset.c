/* In: the resets of a connection. Out: what was measured of the one that tells most, and of how they relate. Says
 * nothing of who sent it. */
#include "decode/dialogue_reset.h"

#include "base/limits.h"
#include "decode/facts_store.h"

#define TOGETHER_NS (100 * 1000000LL) /* resets to both ends that one device sends come this close */
#define NEARBY_NS 1000000LL           /* there and back from somewhere on the way to a host */
#define SERIES_NS (2 * NS_PER_S)      /* Weaver, Sommer, Paxson look at two seconds */
#define OVERTAKES_NS NS_PER_S         /* a reset does not overtake what was sent before it by more */
#define IP_IDS_MIN 4                  /* packets that show a habit */
#define IP_ID_NEAR 16                 /* a host that counts is not further on between two packets of a dialogue */
#define TTL_ODD 3                     /* hops; paths that take turns differ by fewer */

static const struct tcp_reset *
end_of_resets(const struct tcp_facts *t)
{
	return t->reset + (t->n_resets < RESETS_KEPT ? t->n_resets : RESETS_KEPT);
}

/* One that answers a SYN, or comes before the handshake is over, is about an earlier connection with these ports. */
static bool
is_of_this_connection(const struct tcp_facts *t, const struct tcp_reset *r)
{
	return !r->answers_syn && r->when.packet > t->handshake.packet;
}

static int
ttl_distance(const struct tcp_side *side, uint8_t ttl)
{
	if (side->ttl_max == 0)
		return 0;
	return ttl < side->ttl_min ? side->ttl_min - ttl : ttl > side->ttl_max ? ttl - side->ttl_max : 0;
}

/* A host that closed with bytes unread answers what comes then with bare resets, and on the way these can overtake its
 * last words and its FIN. */
static bool
has_overtaken_end(const struct tcp_facts *t, const struct tcp_reset *r)
{
	struct when fin = t->side[r->from].fin;

	if (r->has_ack)
		return false;
	if (fin.packet > r->when.packet && fin.time_ns - r->when.time_ns < OVERTAKES_NS)
		return true;
	for (const struct tcp_reset *other = t->reset; other < end_of_resets(t); other++)
		if (other->from == r->from && other->has_ack && other->when.packet > r->when.packet &&
		    other->when.time_ns - r->when.time_ns < OVERTAKES_NS)
			return true;
	return false;
}

/* The packet that shows that the named side still had its connection; packet 0: none. */
static struct when
alive_after(const struct tcp_facts *t, const struct tcp_reset *r)
{
	if (r->acked_after.packet != 0)
		return r->acked_after;
	return has_overtaken_end(t, r) ? (struct when){ 0 } : r->said_after;
}

/* The first one that its named sender contradicts, else the first with another TTL, else the first. */
static const struct tcp_reset *
telling_reset(const struct tcp_facts *t)
{
	const struct tcp_reset *first = NULL, *odd = NULL;

	for (const struct tcp_reset *r = t->reset; r < end_of_resets(t); r++) {
		if (!is_of_this_connection(t, r))
			continue;
		if (!reset_is_after_own_fin(t, r) && alive_after(t, r).packet != 0)
			return r;
		if (!odd && ttl_distance(&t->side[r->from], r->ttl) >= TTL_ODD)
			odd = r;
		if (!first)
			first = r;
	}
	return odd ? odd : first;
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
	const struct tcp_pause *pause = &t->pause[r->from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];
	struct when alive = alive_after(t, r);

	facts_set_int(f, FACT_ID_TCP_RESET_SEQ_AHEAD, (int32_t)r->seq_ahead, r->when);
	facts_set_int(f, FACT_ID_TCP_RESET_SEQ_PAST_ACK, (int32_t)r->seq_past_ack, r->when);
	if (r->since_other_ns >= 0)
		facts_set_seconds(f, FACT_ID_TCP_RESET_DELAY, (double)r->since_other_ns / NS_PER_S, r->when);
	if (reset_is_after_own_fin(t, r))
		facts_set_bool(f, FACT_ID_TCP_RESET_AFTER_FIN, true, r->when);
	if (other->fin.packet != 0 && other->fin.packet < r->when.packet)
		facts_set_bool(f, FACT_ID_TCP_RESET_AFTER_PEER_FIN, true, r->when);
	if (alive.packet != 0)
		facts_set_bool(f, FACT_ID_TCP_RESET_PEER_SPOKE_AFTER, true, alive);
	if (r->went_on.packet != 0 && r->answered_after.packet != 0)
		facts_set_bool(f, FACT_ID_TCP_RESET_SURVIVED, true, r->answered_after);
	if (pause->end.packet != 0 && pause->end.packet < r->when.packet &&
	    other->last_payload.packet < r->when.packet && side->last.packet <= r->when.packet &&
	    side->last_payload.packet < pause->end.packet)
		facts_set_seconds(f, FACT_ID_TCP_RESET_AFTER_PAUSE, (double)pause->ns / NS_PER_S, pause->end);
}

static bool
is_fresh(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* Was the capture taken on that side's host, or next to it? */
static bool
is_beside(const struct tcp_facts *t, enum side side)
{
	enum side away = side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;

	return t->rtt_ns > 0 && is_fresh(t->side[side].ttl_first) && !is_fresh(t->side[away].ttl_first);
}

/* Beside the other end the whole round trip lies between its packet and the answer of the side that the reset names. */
static void
set_times(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *r)
{
	bool is_far = is_beside(t, r->from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT);

	if (r->since_payload_ns < 0)
		return;
	if (is_far && r->since_payload_ns < t->rtt_ns / 10 * 9)
		facts_set_bool(f, FACT_ID_TCP_RESET_CROSSED, true, r->when);
	else
		facts_set_bool(f, FACT_ID_TCP_RESET_FOLLOWS_OTHER, true, r->when);
	if (is_far && r->from == SIDE_SERVER && r->since_payload_ns < t->rtt_ns / 2 && r->since_own_ns > t->rtt_ns)
		facts_set_bool(f, FACT_ID_TCP_RESET_TOO_SOON, true, r->when);
}

/* Options count when both SYNs had them. */
static bool
uses_timestamps(const struct tcp_facts *t)
{
	return t->side[SIDE_CLIENT].has_timestamps && t->side[SIDE_SERVER].has_timestamps;
}

static uint16_t
ip_id_step(const struct tcp_reset *r)
{
	uint16_t step = (uint16_t)(r->ip_id - r->ip_id_before), back = (uint16_t)(r->ip_id_before - r->ip_id);

	return step < back ? step : back;
}

/* Linux takes the IP-ID of such a reset, unlike that of an answer without a socket, from the connection. */
static bool
is_like_open_socket(const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct tcp_side *side = &t->side[r->from];
	uint16_t usual = side->ip_id_step_max > IP_ID_NEAR ? side->ip_id_step_max : IP_ID_NEAR;

	if (!r->has_ack || r->seq_ahead != 0 || r->has_timestamp != uses_timestamps(t))
		return false;
	return r->ip_id_before == 0 || (r->ip_id != 0 && ip_id_step(r) <= usual);
}

static void
set_header(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct tcp_side *side = &t->side[r->from];

	facts_set_int(f, FACT_ID_TCP_RESET_TTL, r->ttl, r->when);
	if (side->ttl_max != 0)
		facts_set_int(f, FACT_ID_TCP_RESET_TTL_DISTANCE, ttl_distance(side, r->ttl), r->when);
	if (r->ip_id != 0 && r->ip_id_before != 0)
		facts_set_int(f, FACT_ID_TCP_RESET_IP_ID_STEP, ip_id_step(r), r->when);
	if (r->ip_id != 0 && r->ip_id_before != 0 && side->n_packets >= IP_IDS_MIN)
		facts_set_int(f, FACT_ID_TCP_RESET_IP_ID_USUAL, side->ip_id_step_max, side->last);
	if (r->has_ack)
		facts_set_bool(f, FACT_ID_TCP_RESET_ACK, true, r->when);
	if (r->has_ack && uses_timestamps(t) && !r->has_timestamp)
		facts_set_bool(f, FACT_ID_TCP_RESET_TIMESTAMP_MISSING, true, r->when);
	if (!r->has_ack && !r->has_timestamp && r->window == 0 && r->seq_past_ack == 0)
		facts_set_bool(f, FACT_ID_TCP_RESET_LIKE_CLOSED, true, r->when);
	if (is_like_open_socket(t, r))
		facts_set_bool(f, FACT_ID_TCP_RESET_LIKE_OPEN, true, r->when);
}

static bool
is_ahead(const struct tcp_reset *first, const struct tcp_reset *later)
{
	return later->from == first->from && later->when.time_ns - first->when.time_ns <= SERIES_NS &&
	       (int32_t)(later->seq - first->seq) > 2 && (int32_t)later->seq_ahead > 2 &&
	       (int32_t)later->seq_past_ack > 2;
}

/* Late, reordered or repeated segments of one that has reset make the other, who took the reset, answer with a bare
 * one. Beside that other host such a segment is seen; from elsewhere only that there was time for it. */
static bool
may_answer(const struct tcp_facts *t, const struct tcp_reset *first, const struct tcp_reset *second)
{
	enum side side = second->from, away = side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
	int64_t after_ns = second->when.time_ns - first->when.time_ns;

	if (second->has_ack || second->has_timestamp || second->window != 0 ||
	    ttl_distance(&t->side[side], second->ttl) >= TTL_ODD)
		return false;
	if (first->heard_after.packet != 0 && first->heard_after.packet < second->when.packet)
		return true;
	if (is_beside(t, side))
		return false;
	return after_ns >= (is_beside(t, away) ? t->rtt_ns / 10 * 9 : NEARBY_NS);
}

/* Did the other end get one too, and not as an answer? */
static bool
is_other_half(const struct tcp_facts *t, const struct tcp_reset *a, const struct tcp_reset *b)
{
	const struct tcp_reset *first = a < b ? a : b, *second = a < b ? b : a;

	return first->from != second->from && second->when.time_ns - first->when.time_ns <= TOGETHER_NS &&
	       !may_answer(t, first, second);
}

static bool
is_after_any_fin(const struct tcp_facts *t, const struct tcp_reset *r)
{
	const struct when *client = &t->side[SIDE_CLIENT].fin, *server = &t->side[SIDE_SERVER].fin;

	return (client->packet != 0 && client->packet <= r->when.packet) ||
	       (server->packet != 0 && server->packet <= r->when.packet);
}

static void
set_others(struct facts *f, const struct tcp_facts *t, const struct tcp_reset *told)
{
	const char *to = told->from == SIDE_CLIENT ? "server" : "client";

	for (const struct tcp_reset *r = t->reset; r < end_of_resets(t); r++) {
		if (r == told || is_after_any_fin(t, r) || is_after_any_fin(t, told) || !is_of_this_connection(t, r))
			continue;
		if (is_other_half(t, told, r)) {
			facts_set_bool(f, FACT_ID_TCP_RESET_BOTH, true, r->when);
			to = "both";
		}
		if (r > told && is_ahead(told, r))
			facts_set_bool(f, FACT_ID_TCP_RESET_SERIES, true, r->when);
	}
	facts_lend_text(f, FACT_ID_TCP_RESET_TO, bytes_str(to), told->when);
}

void
dialogue_reset_facts(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	const struct tcp_reset *r;
	struct facts *f = d->pub.facts;

	if (t->n_resets == 0)
		return;
	if (t->n_syn_ack > 0 && t->reset[0].answers_syn && t->reset[0].from == SIDE_SERVER)
		facts_set_bool(f, FACT_ID_TCP_SYN_CONTRADICTED, true, t->reset[0].when);
	r = telling_reset(t);
	if (!r)
		return;
	facts_set_bool(f, FACT_ID_TCP_RESET_SEEN, true, r->when);
	facts_lend_text(f, FACT_ID_TCP_RESET_SOURCE, bytes_str(r->from == SIDE_CLIENT ? "client" : "server"), r->when);
	set_place(f, t, r);
	set_header(f, t, r);
	set_times(f, t, r);
	set_others(f, t, r);
}
