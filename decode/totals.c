/* In: sessions that are over. Out: sums. */
#include "decode/totals.h"

#include "decode/dialogue_tcp.h"
#include "decode/facts_store.h"

/* A TTL as hosts send it: no router has lowered it. */
static bool
is_fresh(const struct tcp_side *side)
{
	return side->ttl_first == 64 || side->ttl_first == 128 || side->ttl_first == 255;
}

static void
add_vantage(struct totals *t, const struct tcp_facts *tcp)
{
	bool is_client_fresh = is_fresh(&tcp->side[SIDE_CLIENT]), is_server_fresh = is_fresh(&tcp->side[SIDE_SERVER]);

	if (tcp->side[SIDE_CLIENT].ttl_first == 0 || tcp->side[SIDE_SERVER].ttl_first == 0)
		return;
	if (is_client_fresh && is_server_fresh)
		t->n_both_fresh++;
	else if (!is_client_fresh && !is_server_fresh)
		t->n_none_fresh++;
	else
		t->n_fresh[is_client_fresh ? SIDE_CLIENT : SIDE_SERVER]++;
}

static void
note(uint64_t *n, struct when *first, struct when when)
{
	if ((*n)++ == 0)
		*first = when;
}

void
totals_add(struct totals *t, const struct session *s)
{
	const struct tcp_side *side = s->tcp->side;
	uint64_t n_missing = side[SIDE_CLIENT].missing_bytes + side[SIDE_SERVER].missing_bytes;

	t->n_sessions++;
	t->n_unanswered += side[SIDE_SERVER].n_packets == 0 && s->tcp->n_syn > 0;
	t->missing_bytes += n_missing;
	if (n_missing > 0)
		note(&t->n_lossy, &t->lossy,
		     side[SIDE_CLIENT].gap.packet != 0 ? side[SIDE_CLIENT].gap : side[SIDE_SERVER].gap);
	if (tcp_is_one_sided(s->tcp))
		note(&t->n_one_sided, &t->one_sided, s->started);
	if (s->tcp->is_midstream)
		note(&t->n_midstream, &t->midstream, s->started);
	add_vantage(t, s->tcp);
}

/* Most of the sessions must agree: machines beside the client or the server are possible, and so are both. */
enum vantage
totals_vantage(const struct totals *t)
{
	uint64_t client = t->n_fresh[SIDE_CLIENT], server = t->n_fresh[SIDE_SERVER];
	uint64_t n = client + server + t->n_both_fresh + t->n_none_fresh;

	if (client * 2 > n)
		return VANTAGE_CLIENT;
	if (server * 2 > n)
		return VANTAGE_SERVER;
	return t->n_none_fresh * 2 > n ? VANTAGE_BETWEEN : VANTAGE_UNKNOWN;
}

static void
set_count(struct facts *f, enum fact_id id, uint64_t n, struct when when)
{
	facts_set_int(f, id, (int64_t)n, when);
}

void
totals_facts(const struct totals *t, const struct capture_summary *c, struct facts *f)
{
	static const char *const vantages[] = { NULL, "client", "server", "between" };
	enum vantage v = totals_vantage(t);

	set_count(f, FACT_ID_CAPTURE_PACKETS, c->n_packets, c->last);
	set_count(f, FACT_ID_CAPTURE_SESSIONS, t->n_sessions, c->last);
	set_count(f, FACT_ID_CAPTURE_TCP_CONNECTIONS, c->flow.n_connections, c->last);
	set_count(f, FACT_ID_CAPTURE_CUT_PACKETS, c->n_cut, c->last);
	set_count(f, FACT_ID_CAPTURE_DROPPED, c->n_dropped, c->last);
	set_count(f, FACT_ID_CAPTURE_MISSING_BYTES, t->missing_bytes, t->n_lossy > 0 ? t->lossy : c->last);
	set_count(f, FACT_ID_CAPTURE_LOSSY_SESSIONS, t->n_lossy, t->n_lossy > 0 ? t->lossy : c->last);
	set_count(f, FACT_ID_CAPTURE_ONE_SIDED_SESSIONS, t->n_one_sided, t->n_one_sided > 0 ? t->one_sided : c->last);
	set_count(f, FACT_ID_CAPTURE_MIDSTREAM_SESSIONS, t->n_midstream, t->n_midstream > 0 ? t->midstream : c->last);
	set_count(f, FACT_ID_CAPTURE_UNANSWERED_SESSIONS, t->n_unanswered, c->last);
	set_count(f, FACT_ID_CAPTURE_ICMP, c->flow.n_icmp, c->last);
	if (c->damage)
		facts_lend_text(f, FACT_ID_CAPTURE_DAMAGE, bytes_str(c->damage), c->last);
	facts_set_seconds(f, FACT_ID_CAPTURE_SECONDS, (double)(c->last.time_ns - c->first.time_ns) / NS_PER_S, c->last);
	if (vantages[v])
		facts_lend_text(f, FACT_ID_CAPTURE_VANTAGE, bytes_str(vantages[v]), c->last);
}
