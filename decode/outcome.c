/* In: a session that is over, its facts but for the outcome. Out: that. What was not captured is never a failure. */
#include "decode/outcome.h"

#include "base/limits.h"
#include "decode/dialogue_tcp.h"
#include "decode/dialogue_tls.h"

#define SYN_PATIENCE_NS (3 * NS_PER_S)      /* with less, silence after a SYN proves nothing */
#define GREETING_PATIENCE_NS (5 * NS_PER_S) /* a client that leaves sooner did not wait for a greeting */
#define SILENCE_NS (30 * NS_PER_S)          /* an open connection of which nothing more was seen for so long */

struct failures {
	bool is_any, is_permanent;
};

static void
count(struct failures *f, const struct reply *r)
{
	f->is_any = f->is_any || r->code >= 400;
	f->is_permanent = f->is_permanent || r->code >= 500;
}

/* The same recipient again, in the same transaction, and this time it was accepted. */
static bool
was_taken_later(const struct transaction *t, size_t at)
{
	if (t->recipients[at].reply.code < 400)
		return false;
	for (size_t i = at + 1; i < t->n_recipients; i++)
		if (t->recipients[i].reply.code / 100 == 2 &&
		    bytes_eq(t->recipients[i].address, t->recipients[at].address))
			return true;
	return false;
}

static struct failures
failures_of(const struct transaction *t)
{
	struct failures f = { false, false };

	count(&f, &t->mail_reply);
	count(&f, &t->reply);
	for (size_t i = 0; i < t->n_recipients; i++)
		if (!was_taken_later(t, i))
			count(&f, &t->recipients[i].reply);
	return f;
}

/* A MAIL that was refused and then taken, after AUTH or with other parameters, did no harm. */
static bool
was_repeated(const struct session *s, size_t at)
{
	const struct transaction *t = &s->transactions[at];

	if (t->mail_reply.code < 400 || t->n_recipients > 0)
		return false;
	for (size_t i = at + 1; i < s->n_transactions; i++)
		if (s->transactions[i].mail_reply.code / 100 == 2 &&
		    bytes_eq(s->transactions[i].mail_from, t->mail_from))
			return true;
	return false;
}

static struct failures
all_failures(const struct session *s)
{
	struct failures all = { false, false };

	for (size_t i = 0; i < s->n_transactions; i++) {
		struct failures f = failures_of(&s->transactions[i]);

		if (was_repeated(s, i))
			continue;
		all.is_any = all.is_any || f.is_any;
		all.is_permanent = all.is_permanent || f.is_permanent;
	}
	return all;
}

/* class: first digit of the answer; 0: there was none. */
static bool
has_recipient(const struct transaction *t, unsigned class)
{
	for (size_t i = 0; i < t->n_recipients; i++)
		if (t->recipients[i].reply.code / 100 == class)
			return true;
	return false;
}

/* Was the last transaction given up by nobody, and decided by nobody? */
static bool
is_undecided(const struct dialogue *d)
{
	const struct session *s = &d->pub;
	const struct transaction *t;

	if (!d->is_in_transaction || d->quit.packet != 0)
		return false;
	if (!d->is_kept || s->n_transactions == 0)
		return true;
	t = &s->transactions[s->n_transactions - 1];
	return t->reply.code == 0 && (has_recipient(t, 2) || has_recipient(t, 0) || !failures_of(t).is_any);
}

/* Bytes that may have held the server's last words. */
static bool
may_have_been_missed(const struct tcp_facts *t)
{
	return t->side[SIDE_SERVER].missing_bytes > 0 || t->side[SIDE_SERVER].n_cut > 0 || tcp_is_one_sided(t) ||
	       (t->side[SIDE_SERVER].n_packets == 0 && t->is_midstream);
}

/* The connection is over, or as good as. */
static bool
is_over(const struct tcp_facts *t, struct when ended)
{
	return tcp_closed(t).packet != 0 || tcp_is_stalled(t) || t->now.time_ns - ended.time_ns >= SILENCE_NS;
}

static enum outcome
outcome_undecided(const struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;

	if (may_have_been_missed(t) || !is_over(t, d->pub.ended))
		return OUTCOME_UNKNOWN;
	return OUTCOME_CUT;
}

static bool
has_unlisted_failure(const struct dialogue *d)
{
	return d->n_recipients == SESSION_RECIPIENTS_MAX && d->n_recipients_refused > 0;
}

static enum outcome
outcome_with_mail(const struct dialogue *d, struct failures f)
{
	if (d->n_accepted > 0)
		return f.is_any || has_unlisted_failure(d) || is_undecided(d) ? OUTCOME_PARTLY_DELIVERED
									      : OUTCOME_DELIVERED;
	if (is_undecided(d))
		return outcome_undecided(d);
	return f.is_permanent ? OUTCOME_REFUSED : OUTCOME_DEFERRED;
}

/* No SYN-ACK was used. */
static enum outcome
outcome_unconnected(const struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	bool was_watched = t->n_syn > 0 && t->now.time_ns - t->syn_last.time_ns >= SYN_PATIENCE_NS;

	if (tcp_refusal(t) || tcp_unreachable(t))
		return OUTCOME_FAILED;
	if (d->is_blind)
		return OUTCOME_UNKNOWN;
	if (t->side[SIDE_SERVER].n_packets == 0)
		return was_watched ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
	return tcp_closed(t).packet != 0 ? OUTCOME_NO_MAIL : OUTCOME_UNKNOWN; /* answered, and not wanted any more */
}

/* Connected, and not a byte from the server. */
static enum outcome
outcome_silent(const struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	struct when closed = tcp_closed(t);
	int64_t since = t->handshake.packet != 0 ? t->handshake.time_ns : d->pub.started.time_ns;

	if (may_have_been_missed(t) || t->is_midstream)
		return OUTCOME_UNKNOWN;
	if (closed.packet == 0)
		return t->now.time_ns - since >= SILENCE_NS || tcp_is_stalled(t) ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
	if (d->pub.closed_by == CLOSED_BY_CLIENT && closed.time_ns - since < GREETING_PATIENCE_NS &&
	    t->side[SIDE_CLIENT].payload_bytes == 0)
		return OUTCOME_NO_MAIL;
	return OUTCOME_FAILED;
}

/* The server spoke, but MAIL was never answered. */
static enum outcome
outcome_without_mail(const struct dialogue *d)
{
	const struct session *s = &d->pub;
	const struct tcp_facts *t = s->tcp;
	bool wants_tls = d->tls_hello[SIDE_CLIENT].packet != 0;

	if (d->proxy.refused.packet != 0 || d->proxy.is_header_refused)
		return OUTCOME_FAILED;
	if (s->is_encrypted && !s->is_decrypted)
		return OUTCOME_UNKNOWN;
	if (d->blocking.code != 0)
		return d->blocking.code >= 500 ? OUTCOME_REFUSED : OUTCOME_DEFERRED;
	if (d->other_protocol[SIDE_SERVER].packet != 0)
		return OUTCOME_FAILED;
	if (may_have_been_missed(t))
		return OUTCOME_UNKNOWN;
	if (d->quit.packet != 0 || d->other_protocol[SIDE_CLIENT].packet != 0)
		return wants_tls ? OUTCOME_FAILED : OUTCOME_NO_MAIL;
	if (!is_over(t, s->ended))
		return OUTCOME_UNKNOWN;
	if (wants_tls || s->phase >= PHASE_MAIL)
		return s->phase >= PHASE_MAIL ? OUTCOME_CUT : OUTCOME_FAILED;
	if (s->closed_by == CLOSED_BY_CLIENT && smtp_unanswered(dialogue_smtp(d)).verb == NULL)
		return OUTCOME_NO_MAIL;
	return t->is_midstream ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
}

enum outcome
outcome_of(const struct dialogue *d)
{
	const struct session *s = &d->pub;
	struct failures f = all_failures(s);

	if (d->n_accepted > 0 || f.is_any || (s->n_transactions > 0 && is_undecided(d)))
		return outcome_with_mail(d, f);
	if (!tcp_is_established(s->tcp))
		return outcome_unconnected(d);
	if (s->tcp->side[SIDE_SERVER].payload_bytes == 0)
		return outcome_silent(d);
	return outcome_without_mail(d);
}
