/* In: a session. Out: the few things about it that fit on a line. Picks among what is there, concludes nothing. */
#include "report/attempt.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

const char *
attempt_handshake_name(enum handshake h)
{
	static const char *const names[] = {
		[HANDSHAKE_COMPLETE] = "complete",
		[HANDSHAKE_UNANSWERED] = "unanswered",
		[HANDSHAKE_REFUSED] = "refused",
		[HANDSHAKE_MIDSTREAM] = "midstream",
	};

	return names[h];
}

const char *
attempt_closer_name(enum closer c)
{
	static const char *const names[] = {
		[CLOSED_BY_NONE] = "none",
		[CLOSED_BY_CLIENT] = "client",
		[CLOSED_BY_SERVER] = "server",
		[CLOSED_BY_BOTH] = "both",
	};

	return names[c];
}

static bool
reset_answers_syn(const struct tcp_facts *t)
{
	for (uint32_t i = 0; i < t->n_resets && i < RESETS_KEPT; i++)
		if (t->reset[i].answers_syn)
			return true;
	return false;
}

/* Payload means that the handshake was completed, even when its ACK is not in the capture. */
enum handshake
attempt_handshake(const struct tcp_facts *t)
{
	if (t->is_midstream)
		return HANDSHAKE_MIDSTREAM;
	if (t->handshake.packet > 0 || t->side[SIDE_CLIENT].first_payload.packet > 0 ||
	    t->side[SIDE_SERVER].first_payload.packet > 0)
		return HANDSHAKE_COMPLETE;
	return reset_answers_syn(t) ? HANDSHAKE_REFUSED : HANDSHAKE_UNANSWERED;
}

bool
attempt_is_failure(enum outcome o)
{
	return o != OUTCOME_DELIVERED && o != OUTCOME_UNKNOWN && o != OUTCOME_NO_MAIL;
}

static void
say(struct attempt *a, struct bytes text)
{
	size_t room = sizeof(a->said) - a->said_len;
	size_t n = text.len < room ? text.len : room;

	if (n == 0)
		return;
	memcpy(a->said + a->said_len, text.p, n);
	a->said_len = (uint8_t)(a->said_len + n);
}

static void
say_reply(struct attempt *a, const struct reply *r)
{
	a->said_code = r->code;
	say(a, r->enhanced);
	if (r->enhanced.len > 0 && r->text.len > 0)
		say(a, bytes_str(" "));
	say(a, r->text);
}

/* The last refusal: what comes after it (RSET, QUIT) is only tidying up. That DATA was refused right after the last
 * recipient was is no news. */
static const struct reply *
last_refusal(const struct session *s)
{
	for (size_t i = s->n_replies; i > 0; i--) {
		const struct reply *r = &s->replies[i - 1], *before = i > 1 ? &s->replies[i - 2] : NULL;

		if (r->code < 400)
			continue;
		if (before && before->code >= 400 && bytes_eq_str(r->to, "DATA") && bytes_eq_str(before->to, "RCPT"))
			return before;
		return r;
	}
	return NULL;
}

static const struct reply *
last_acceptance(const struct session *s)
{
	for (size_t i = s->n_transactions; i > 0; i--)
		if (s->transactions[i - 1].is_accepted)
			return &s->transactions[i - 1].reply;
	return NULL;
}

/* Without any reply that matters: how far TCP got, and how it ended. */
static void
say_tcp(struct attempt *a, const struct session *s)
{
	const struct tcp_facts *t = s->tcp;
	enum handshake h = t ? attempt_handshake(t) : HANDSHAKE_UNANSWERED;

	if (!t || t->end[SIDE_SERVER].address.family == 0) {
		say(a, bytes_str("no connection was tried"));
		say(a, bytes_str(s->server_name.len > 0 ? ": no address for " : ""));
		say(a, s->server_name);
	} else if (h == HANDSHAKE_UNANSWERED && t->n_icmp > 0)
		say(a, bytes_str("the SYN was answered by an ICMP error"));
	else if (h == HANDSHAKE_UNANSWERED && t->syn_ack.packet == 0)
		say(a, bytes_str("no answer to the SYN"));
	else if (h == HANDSHAKE_UNANSWERED)
		say(a, bytes_str("the handshake was not completed"));
	else if (h == HANDSHAKE_REFUSED)
		say(a, bytes_str("the SYN was answered by a reset"));
	else if (s->is_encrypted && !s->is_decrypted)
		say(a, bytes_str("encrypted, cannot be read"));
	else if (t->side[SIDE_SERVER].first_payload.packet == 0 && !t->is_midstream)
		say(a, bytes_str("connected, the server said nothing"));
	else if (s->reset_by != CLOSED_BY_NONE && s->outcome == OUTCOME_CUT)
		say(a, bytes_str("cut off by a reset"));
}

static void
say_most_important(struct attempt *a, const struct session *s)
{
	const struct reply *refusal = a->is_failure ? last_refusal(s) : NULL;
	const struct reply *acceptance = last_acceptance(s);

	if (refusal)
		say_reply(a, refusal);
	else if (acceptance && acceptance->code != 0 && !a->is_failure)
		say_reply(a, acceptance);
	else
		say_tcp(a, s);
}

static void
set_name(struct attempt *a, struct bytes name)
{
	name = bytes_head(name, sizeof(a->name));
	if (name.len == 0)
		return;
	memcpy(a->name, name.p, name.len);
	a->name_len = (uint8_t)name.len;
}

void
attempt_of(const struct session *s, struct attempt *a)
{
	memset(a, 0, sizeof(*a));
	a->id = s->id;
	a->started = s->started;
	a->took_ns = s->started.packet > 0 && s->ended.packet > 0 ? s->ended.time_ns - s->started.time_ns : -1;
	a->phase = s->phase;
	a->outcome = s->outcome;
	a->is_failure = attempt_is_failure(s->outcome);
	a->is_encrypted = s->is_encrypted && !s->is_decrypted;
	if (s->tcp) {
		a->client = s->tcp->end[SIDE_CLIENT];
		a->server = s->tcp->end[SIDE_SERVER];
		set_name(a, s->server_name);
	} else {
		a->client.address = s->client;
	}
	say_most_important(a, s);
}
