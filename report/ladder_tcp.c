/* In: what TCP and ICMP showed of a session. Out: rungs for the packets that open, end or refuse it. */
#include "report/attempt.h"
#include "report/ladder.h"

struct icmp_name {
	uint8_t family, type, code;
	const char *name;
};

static const char *
icmp_name(const struct icmp_error *e)
{
	static const struct icmp_name names[] = {
		/* RFC 792, RFC 1122, RFC 1812 */
		{ 4, 3, 0, "network unreachable" },
		{ 4, 3, 1, "host unreachable" },
		{ 4, 3, 2, "protocol unreachable" },
		{ 4, 3, 3, "port unreachable" },
		{ 4, 3, 4, "fragmentation needed" },
		{ 4, 3, 9, "network prohibited" },
		{ 4, 3, 10, "host prohibited" },
		{ 4, 3, 13, "administratively prohibited" },
		{ 4, 11, 0, "time to live exceeded" },
		/* RFC 4443 */
		{ 6, 1, 0, "no route" },
		{ 6, 1, 1, "administratively prohibited" },
		{ 6, 1, 3, "address unreachable" },
		{ 6, 1, 4, "port unreachable" },
		{ 6, 1, 5, "source address refused" },
		{ 6, 1, 6, "route rejected" },
		{ 6, 2, 0, "packet too big" },
		{ 6, 3, 0, "hop limit exceeded" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].family == e->sender.family && names[i].type == e->type && names[i].code == e->code)
			return names[i].name;
	return "error";
}

static void
add_opening(struct ladder *l, const struct tcp_facts *t)
{
	if (t->syn.packet != 0) {
		ladder_add(l, t->syn, RUNG_TCP, SIDE_CLIENT);
		buf_add_str(&l->texts, "SYN");
	}
	if (t->n_syn > 1 && t->syn_last.packet > t->syn.packet) {
		ladder_add(l, t->syn_last, RUNG_TCP, SIDE_CLIENT);
		buf_addf(&l->texts, "SYN again, %u in all", t->n_syn);
	}
	if (t->syn_ack.packet != 0) {
		ladder_add(l, t->syn_ack, RUNG_TCP, SIDE_SERVER);
		buf_add_str(&l->texts, "SYN, ACK");
		if (t->n_syn_ack > 1)
			buf_addf(&l->texts, ", %u in all", t->n_syn_ack);
	}
	if (t->handshake.packet != 0) {
		ladder_add(l, t->handshake, RUNG_TCP, SIDE_CLIENT);
		buf_add_str(&l->texts, "ACK: connected");
	}
}

static void
add_refusals(struct ladder *l, const struct tcp_facts *t)
{
	char address[ADDRESS_TEXT_MAX];

	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++) {
		const struct tcp_reset *r = &t->reset[i];

		ladder_add(l, r->when, RUNG_RESET, (enum side)r->from);
		buf_addf(&l->texts, "RST, TTL %u", r->ttl);
		if (i + 1 == RESETS_KEPT && t->n_resets > RESETS_KEPT)
			buf_addf(&l->texts, ", %u in all", t->n_resets);
	}
	for (uint32_t i = 0; i < t->n_icmp && i < ICMP_KEPT; i++) {
		const struct icmp_error *e = &t->icmp[i];

		ladder_add(l, e->when, RUNG_ICMP, e->quoted_from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT);
		buf_addf(&l->texts, "ICMP from %s: %s (%u/%u)", address_text(&e->sender, address), icmp_name(e),
			 e->type, e->code);
	}
}

static void
add_side(struct ladder *l, const struct tcp_side *side, enum side from)
{
	const struct tcp_stall *stall = &side->stall;

	if (stall->n >= 2) {
		ladder_add(l, stall->last, RUNG_DATA, from);
		buf_addf(&l->texts, "sent again, %u times, no acknowledgement", stall->n);
	}
	if (side->fin.packet != 0) {
		ladder_add(l, side->fin, RUNG_TCP, from);
		buf_add_str(&l->texts, "FIN");
	}
}

static void
add_note(struct ladder *l, struct when when, const char *text)
{
	ladder_add(l, when, RUNG_NOTE, SIDE_CLIENT);
	buf_add_str(&l->texts, text);
}

void
ladder_add_tcp(struct ladder *l, const struct session *s)
{
	static const struct when at_the_end = { 0 };
	const struct tcp_facts *t = s->tcp;

	add_opening(l, t);
	add_refusals(l, t);
	add_side(l, &t->side[SIDE_CLIENT], SIDE_CLIENT);
	add_side(l, &t->side[SIDE_SERVER], SIDE_SERVER);
	if (t->n_syn > 0 && t->syn_ack.packet == 0 && t->n_resets == 0 && t->n_icmp == 0)
		add_note(l, at_the_end, "no answer to the SYN in this capture");
	if (t->is_midstream)
		add_note(l, at_the_end, "the connection began before the capture");
	if (t->is_interrupted && t->syn_ack.packet != 0)
		add_note(l, at_the_end, "the capture ends, the connection was still open");
	if (t->was_evicted)
		add_note(l, at_the_end, "followed no further: too many connections at a time");
}
