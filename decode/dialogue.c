/* In: the beginning and the end of a connection. Out: a session whose facts are final. What is said in between is read
 * by smtp.c and taken in by dialogue_events.c. */
#include "decode/dialogue.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/dialogue_dns.h"
#include "decode/dialogue_identity.h"
#include "decode/dialogue_mail.h"
#include "decode/dialogue_tcp.h"
#include "decode/dialogue_tls.h"
#include "decode/facts_store.h"
#include "decode/moment.h"
#include "decode/outcome.h"
#include "decode/redact.h"
#include "decode/tls_facts.h"

struct dialogue *
dialogue_new(void)
{
	struct dialogue *d = mem_new(sizeof(*d));

	arena_init(&d->pub.arena, SESSION_TEXT_MAX);
	d->smtp = smtp_new();
	return d;
}

void
dialogue_free(struct dialogue *d)
{
	if (!d)
		return;
	smtp_free(d->smtp);
	smtp_free(d->inside.smtp);
	dialogue_tls_clear(d);
	facts_free(d->said.kept);
	arena_fini(&d->pub.arena);
	mem_free(d->pub.capabilities);
	mem_free(d->pub.transactions);
	mem_free(d->pub.replies);
	mem_free(d->recipients);
	mem_free(d->pub.moments);
	mem_free(d->unanswered);
	mem_free(d);
}

/* Everything back to zero, but for memory that the next session can use. */
static void
clear(struct dialogue *d)
{
	struct smtp *smtp = d->smtp, *inner = d->inside.smtp;
	struct facts *facts = d->said.kept;
	struct arena arena = d->pub.arena;
	struct bytes *capabilities = d->pub.capabilities;
	struct transaction *transactions = d->pub.transactions;
	struct reply *replies = d->pub.replies;
	struct recipient *recipients = d->recipients;
	struct moment *moments = d->pub.moments;
	struct unanswered *unanswered = d->unanswered;
	struct rooms rooms = d->rooms;

	dialogue_tls_clear(d);
	arena_clear(&arena);
	arena.limit = SESSION_TEXT_MAX;
	if (facts)
		facts_clear(facts);
	memset(d, 0, sizeof(*d));
	d->smtp = smtp;
	d->inside.smtp = inner;
	d->said.kept = facts;
	d->pub.arena = arena;
	d->pub.capabilities = capabilities;
	d->pub.transactions = transactions;
	d->pub.replies = replies;
	d->recipients = recipients;
	d->pub.moments = moments;
	d->unanswered = unanswered;
	d->rooms = rooms;
}

static struct when
first_packet(const struct tcp_facts *t)
{
	struct when a = t->side[SIDE_CLIENT].first, b = t->side[SIDE_SERVER].first;

	return b.packet == 0 || (a.packet != 0 && a.packet < b.packet) ? a : b;
}

static struct when
last_packet(const struct tcp_facts *t)
{
	struct when a = t->side[SIDE_CLIENT].last, b = t->side[SIDE_SERVER].last;

	return a.packet > b.packet ? a : b;
}

void
dialogue_begin(struct dialogue *d, uint64_t id, const struct tcp_facts *tcp, struct dialogue_context *context)
{
	struct smtp_start how = { .event = context->pseudonyms ? dialogue_event_redacted : dialogue_event,
				  .tls = dialogue_tls,
				  .user = d,
				  .trace = context->trace,
				  .is_midstream = tcp->is_midstream };

	clear(d);
	d->context = context;
	d->notes.is_lossy = d->offers_pipelining = tcp->is_midstream; /* that is: not known */
	d->pub.id = id;
	d->pub.tcp = tcp;
	d->pub.facts = context->facts;
	d->pub.started = d->said.phase = first_packet(tcp);
	d->entered_ns = d->pub.started.time_ns;
	if (tcp->handshake.packet != 0 || tcp->is_midstream)
		dialogue_enter(d, PHASE_GREETING, tcp->is_midstream ? d->pub.started : tcp->handshake);
	smtp_start(d->smtp, &how);
}

static void
set_times(struct dialogue *d)
{
	static const enum fact_id ids[] = {
		[PHASE_CONNECT] = FACT_ID_TIME_CONNECT, [PHASE_GREETING] = FACT_ID_TIME_GREETING,
		[PHASE_EHLO] = FACT_ID_TIME_EHLO,       [PHASE_STARTTLS] = FACT_ID_TIME_STARTTLS,
		[PHASE_TLS] = FACT_ID_TIME_TLS,         [PHASE_AUTH] = FACT_ID_TIME_AUTH,
		[PHASE_MAIL] = FACT_ID_TIME_MAIL,       [PHASE_RCPT] = FACT_ID_TIME_RCPT,
		[PHASE_DATA] = FACT_ID_TIME_DATA,       [PHASE_MESSAGE] = FACT_ID_TIME_MESSAGE,
		[PHASE_QUIT] = FACT_ID_TIME_QUIT,
	};

	dialogue_enter(d, d->current, d->pub.ended);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (d->was_in[i])
			facts_set_seconds(d->pub.facts, ids[i], (double)d->phase_ns[i] / NS_PER_S, d->pub.ended);
}

static void
set_dialogue_facts(struct dialogue *d)
{
	struct smtp_unanswered u = smtp_unanswered(dialogue_smtp(d));
	struct facts *f = d->pub.facts;
	struct when end = d->pub.ended;

	if (u.verb)
		facts_lend_text(f, FACT_ID_SMTP_UNANSWERED_COMMAND, bytes_str(u.verb), u.when);
	if (d->n_transactions > 0)
		facts_set_int(f, FACT_ID_SMTP_TRANSACTIONS, (int64_t)d->n_transactions, end);
	facts_set_int(f, FACT_ID_SMTP_MESSAGES_ACCEPTED, (int64_t)d->n_accepted, end);
	facts_set_int(f, FACT_ID_SMTP_RECIPIENTS_ACCEPTED, (int64_t)d->n_recipients_accepted, end);
	facts_set_int(f, FACT_ID_SMTP_RECIPIENTS_REFUSED, (int64_t)d->n_recipients_refused, end);
	facts_lend_text(f, FACT_ID_SMTP_OUTCOME, bytes_str(outcome_name(d->pub.outcome)), end);
}

void
dialogue_end(struct dialogue *d, const struct hosts *hosts)
{
	struct session *s = &d->pub;

	smtp_finish(d->smtp);
	dialogue_tls_finish(d);
	dialogue_facts_begin(d);
	dialogue_settle(d);
	mail_finish(d, smtp_message_so_far(dialogue_smtp(d)));
	s->ended = last_packet(s->tcp);
	if (s->phase == PHASE_CONNECT && (s->tcp->handshake.packet != 0 || s->tcp->is_midstream))
		dialogue_enter(d, PHASE_GREETING, s->tcp->handshake.packet != 0 ? s->tcp->handshake : s->started);
	s->is_encrypted = d->tls_hello[SIDE_CLIENT].packet != 0 && d->tls_hello[SIDE_SERVER].packet != 0 &&
			  !(s->tls && tls_has_failed(s->tls, tcp_closed(s->tcp).packet != 0));
	dialogue_dns_end(d);
	dialogue_facts_begin(d);
	dialogue_tcp_end(d, hosts);
	if (s->tls)
		tls_facts_add(d, s->tls);
	dialogue_identity_end(d);
	s->outcome = outcome_of(d);
	set_times(d);
	dialogue_facts_add(d);
	set_dialogue_facts(d);
	if (d->context->sink->closed)
		d->context->sink->closed(d->context->sink->user, s);
	d->context->text_total -= d->n_counted;
	s->tcp = NULL;
	s->tls = NULL;
}

size_t
dialogue_size(const struct dialogue *d)
{
	return sizeof(*d) + d->pub.arena.used + (d->said.kept ? facts_size(d->said.kept) : 0) +
	       d->rooms.replies * sizeof(struct reply) + d->rooms.transactions * sizeof(struct transaction) +
	       d->rooms.recipients * sizeof(struct recipient) + d->rooms.moments * sizeof(struct moment);
}
