/* In: events of smtp.c. Out: what they change in the session. Judges nothing. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "decode/dialogue.h"
#include "decode/dialogue_mail.h"
#include "decode/dialogue_moments.h"
#include "decode/dialogue_reply.h"
#include "decode/dialogue_dns.h"
#include "decode/domain.h"
#include "decode/facts_store.h"
#include "decode/redact.h"
#include "decode/smtp_auth.h"
#include "decode/smtp_command.h"

#define PATIENCE_NS (10 * NS_PER_S)

/* The only writer of d->current and of the session's phase, which never goes back. */
void
dialogue_enter(struct dialogue *d, enum phase phase, struct when when)
{
	if (when.time_ns > d->entered_ns) {
		d->phase_ns[d->current] += when.time_ns - d->entered_ns;
		d->entered_ns = when.time_ns;
	}
	d->was_in[d->current] = true;
	d->current = phase;
	d->was_in[phase] = true;
	if (phase < d->pub.phase)
		return;
	d->pub.phase = phase;
	d->said.phase = when;
}

static void
set_starttls(struct dialogue *d, enum starttls state, struct when when)
{
	d->pub.starttls = state;
	d->said.starttls = when;
}

static void
asked_hello(struct dialogue *d, const struct event *e)
{
	d->pub.ehlo = arena_copy(&d->pub.arena, bytes_trim(e->text));
	d->is_lmtp = e->row == VERB_LHLO;
	if (d->pub.ehlo.len > 0) { /* else the line was cut */
		d->said.hello_name = d->pub.ehlo;
		d->said.hello_form = domain_form(d->pub.ehlo);
		d->said.hello = e->when;
	}
	d->pub.n_capabilities = 0;
	d->masks = (struct masks_seen){ 0 };
	if (!d->is_lmtp || d->pub.phase > PHASE_EHLO)
		mail_abandon(d);
}

static void
asked_auth(struct dialogue *d, const struct event *e)
{
	struct facts *f = dialogue_facts_kept(d);

	d->pub.auth_mechanism = arena_copy(&d->pub.arena, e->text);
	d->pub.auth_user = bytes_of(NULL, 0);
	d->pub.auth_code = 0;
	facts_lend_text(f, FACT_ID_AUTH_MECHANISM, d->pub.auth_mechanism, e->when);
	facts_unset(f, FACT_ID_AUTH_USER);
	facts_unset(f, FACT_ID_AUTH_CODE);
}

static void
asked_quit(struct dialogue *d, const struct event *e)
{
	d->quit = e->when;
}

static void
asked_mail(struct dialogue *d, const struct event *e)
{
	message_notes_clear(&d->notes);
	mail_asked(d, e);
}

static void
replied_hello(struct dialogue *d, const struct event *e, const struct reply *r)
{
	bool is_refused = r->code >= 400, is_helo = e->row == VERB_HELO;

	if (is_refused)
		d->blocking = *r;
	else
		d->blocking.code = 0;
	if (d->masks.n_masked > 0)
		masks_facts(&d->masks, dialogue_facts_kept(d));
	if (!is_refused && !is_helo && d->pub.starttls == STARTTLS_UNKNOWN && !d->inside.is_open)
		set_starttls(d, STARTTLS_NONE, e->when);
}

static void
replied_starttls(struct dialogue *d, const struct event *e, const struct reply *r)
{
	set_starttls(d, r->code == 220 ? STARTTLS_DONE : STARTTLS_REFUSED, e->when);
	if (r->code >= 400)
		d->blocking = *r;
}

static void
replied_auth(struct dialogue *d, const struct event *e, const struct reply *r)
{
	if (r->code == 334)
		return;
	d->pub.auth_code = r->code;
	facts_set_int(dialogue_facts_kept(d), FACT_ID_AUTH_CODE, r->code, e->when);
	if (r->code >= 400)
		d->blocking = *r;
	else
		d->blocking.code = 0;
}

static void
replied_mail(struct dialogue *d, const struct event *e, const struct reply *r)
{
	if (r->code < 300)
		d->blocking.code = 0;
	mail_replied(d, e, r);
}

static void
replied_rcpt(struct dialogue *d, const struct event *e, const struct reply *r)
{
	rcpt_replied(d, e, r);
}

static void
replied_data(struct dialogue *d, const struct event *e, const struct reply *r)
{
	(void)e;
	if (r->code < 400) /* a chunk that was taken is only a part */
		return;
	message_replied(d, r);
	dialogue_facts_keep_message(d);
}

static void
replied_message(struct dialogue *d, const struct event *e, const struct reply *r)
{
	(void)e;
	message_replied(d, r);
}

static void
replied_rset(struct dialogue *d, const struct event *e, const struct reply *r)
{
	(void)e;
	if (r->code < 300)
		mail_abandon(d);
}

/* What a verb means for the session; NULL and zero: nothing. */
static const struct step {
	enum phase phase; /* PHASE_CONNECT: it leads to no phase of its own */
	void (*asked)(struct dialogue *d, const struct event *e);
	void (*replied)(struct dialogue *d, const struct event *e, const struct reply *r);
	enum fact_scope completes; /* besides SCOPE_REPLY */
} steps[VERB_COUNT] = {
	[VERB_EHLO] = { PHASE_EHLO, asked_hello, replied_hello, SCOPE_REPLY },
	[VERB_HELO] = { PHASE_EHLO, asked_hello, replied_hello, SCOPE_REPLY },
	[VERB_LHLO] = { PHASE_EHLO, asked_hello, replied_hello, SCOPE_REPLY },
	[VERB_MAIL] = { PHASE_MAIL, asked_mail, replied_mail, SCOPE_REPLY },
	[VERB_RCPT] = { PHASE_RCPT, rcpt_asked, replied_rcpt, SCOPE_RECIPIENT },
	[VERB_DATA] = { PHASE_DATA, NULL, replied_data, SCOPE_REPLY },
	[VERB_BDAT] = { PHASE_DATA, NULL, replied_data, SCOPE_REPLY },
	[VERB_MESSAGE] = { PHASE_MESSAGE, NULL, replied_message, SCOPE_MESSAGE },
	[VERB_RSET] = { PHASE_CONNECT, NULL, replied_rset, SCOPE_REPLY },
	[VERB_STARTTLS] = { PHASE_STARTTLS, NULL, replied_starttls, SCOPE_REPLY },
	[VERB_AUTH] = { PHASE_AUTH, asked_auth, replied_auth, SCOPE_REPLY },
	[VERB_XCLIENT] = { PHASE_CONNECT, proxy_client_asked, proxy_client_replied, SCOPE_REPLY },
	[VERB_XFORWARD] = { PHASE_CONNECT, proxy_client_asked, proxy_client_replied, SCOPE_REPLY },
	[VERB_PROXY] = { PHASE_CONNECT, NULL, proxy_header_replied, SCOPE_REPLY },
	[VERB_QUIT] = { PHASE_QUIT, asked_quit, NULL, SCOPE_REPLY },
};

static uint32_t
retransmissions(const struct dialogue *d)
{
	return d->pub.tcp->side[SIDE_CLIENT].n_retransmissions + d->pub.tcp->side[SIDE_SERVER].n_retransmissions;
}

static void
note_verb(struct said *s, const struct event *e)
{
	s->last_command = e->when;
	s->verb = (enum smtp_verb)e->row;
	s->word_len = e->row == VERB_OTHER ? (uint8_t)e->verb.len : 0; /* at most SMTP_VERB_MAX */
	if (s->word_len > 0)
		memcpy(s->word, e->verb.p, s->word_len);
}

static void
on_command(struct dialogue *d, const struct event *e)
{
	const struct step *step = &steps[e->row];

	note_verb(&d->said, e);
	if (d->last_asked > d->last_replied && !d->offers_pipelining && d->has_replies &&
	    e->when.time_ns - d->asked_ns < PATIENCE_NS) /* who waited in vain may go on */
		facts_set_bool(dialogue_facts_kept(d), FACT_ID_SMTP_PIPELINED, true, e->when);
	d->last_asked = e->serial;
	d->n_again = retransmissions(d);
	d->asked_ns = e->when.time_ns;
	d->line_len = e->verb.len + (e->text.len > 0 ? 1 + e->text.len : 0);
	if (step->phase != PHASE_CONNECT)
		dialogue_enter(d, step->phase, e->when);
	if (step->asked)
		step->asked(d, e);
}

static void
note_goodbye(struct dialogue *d, const struct reply *r)
{
	if (r->code != 221 && r->code != 421)
		return;
	d->goodbye = *r;
	if (r->code == 421) {
		d->blocking = *r;
		mail_goodbye(d, r);
	}
}

/* EHLO refused as unknown, and HELO taken: the server is old, nothing more (RFC 5321 3.2). So the refusal is told only
 * when it is clear that no HELO mends it. True: it was held back. */
static bool
hold_hello(struct dialogue *d, const struct event *e, const struct reply *r)
{
	if (e->row == VERB_EHLO && e->code / 100 == 5) {
		d->hello = *e;
		d->hello.verb = r->to;
		d->hello.text = r->text;
		d->hello.enhanced = r->enhanced;
		return true;
	}
	if (e->row == VERB_HELO && e->code < 300)
		d->hello.code = 0;
	return false;
}

void
dialogue_settle(struct dialogue *d)
{
	struct event e;

	if (d->hello.code == 0)
		return;
	e = d->hello;
	d->hello.code = 0;
	facts_clear_scope(d->pub.facts, SCOPE_RECIPIENT);
	reply_tell(d, &e, 0);
}

static void
note_slowness(struct dialogue *d, const struct event *e)
{
	int64_t took_ns = e->asked.packet != 0 ? e->when.time_ns - e->asked.time_ns : 0;

	if (took_ns <= NS_PER_S || took_ns <= d->slowest_ns || retransmissions(d) != d->n_again)
		return; /* or the question, or the answer, was lost on the way */
	d->slowest_ns = took_ns;
	facts_set_seconds(dialogue_facts_kept(d), FACT_ID_SMTP_SLOWEST_DELAY, (double)took_ns / NS_PER_S, e->when);
	facts_set_text(dialogue_facts_kept(d), FACT_ID_SMTP_SLOWEST_TO, e->verb, e->when);
	dialogue_dns_slowest(d, e->asked.time_ns, e->when.time_ns);
}

/* RFC 5321 4.2.4: the server does not know the command. Does it say which one it got? */
static void
note_rewriting(struct dialogue *d, const struct event *e)
{
	struct bytes quoted;

	if (e->code < 500 || e->code > 504 || e->verb.len == 0)
		return;
	quoted = masks_quoted(e->verb, d->line_len, e->text);
	if (quoted.len == 0)
		return;
	facts_set_text(dialogue_facts_kept(d), FACT_ID_SMTP_REWRITTEN, quoted, e->when);
	facts_set_text(dialogue_facts_kept(d), FACT_ID_SMTP_REWRITTEN_COMMAND, e->verb, e->when);
}

/* "No valid recipients", to a DATA that was sent along with the RCPTs: those were refused, and that was told (RFC 2920
 * 3.1). It says nothing of its own, and its code nothing about whether a retry helps. */
static bool
is_consequence(struct dialogue *d, const struct event *e)
{
	return e->code >= 400 && (e->row == VERB_DATA || e->row == VERB_BDAT) && mail_has_nobody(d);
}

static void
on_reply(struct dialogue *d, const struct event *e)
{
	const struct step *step = &steps[e->row];
	struct reply r = reply_keep(d, e);

	d->has_replies = true;
	note_slowness(d, e);
	note_rewriting(d, e);
	if (e->serial > d->last_replied)
		d->last_replied = e->serial;
	dialogue_facts_begin(d);
	if (is_consequence(d, e)) {
		mail_abandon(d);
		return;
	}
	if (step->replied)
		step->replied(d, e, &r);
	note_goodbye(d, &r);
	if (hold_hello(d, e, &r))
		return;
	if (step->phase != PHASE_EHLO)
		dialogue_settle(d);
	reply_tell(d, e, 1U << step->completes);
	if (step->completes == SCOPE_MESSAGE)
		dialogue_facts_forget_message(d);
}

static void
on_greeting(struct dialogue *d, const struct event *e)
{
	const struct tcp_facts *t = d->pub.tcp;
	struct when since = d->proxy.opened.packet != 0 ? d->proxy.opened
			    : t->handshake.packet != 0  ? t->handshake
							: t->syn_ack;
	struct reply r = reply_keep(d, e);
	struct said *s = &d->said;

	d->has_replies = true;
	if (d->pub.phase < PHASE_GREETING)
		dialogue_enter(d, PHASE_GREETING, e->when);
	d->pub.greeting = arena_copy(&d->pub.arena, e->text);
	s->greeting_code = e->code;
	s->greeting = e->when;
	s->greeting_delay_ns = since.packet != 0 ? e->when.time_ns - since.time_ns : -1;
	if (s->greeting_delay_ns > NS_PER_S)
		dialogue_dns_greeting(d, since.time_ns, e->when.time_ns);
	if (e->code >= 400)
		d->blocking = r;
	note_goodbye(d, &r);
	dialogue_facts_begin(d);
	reply_tell(d, e, 0);
}

/* RFC 1870 section 3: a number, or nothing. */
static void
offered_size(struct dialogue *d, const struct event *e)
{
	struct bytes number = bytes_trim(bytes_from(e->text, sizeof("SIZE") - 1));
	uint64_t size = 0;

	if (number.len > 0 && !bytes_to_u64(number, INT64_MAX, &size))
		return;
	d->said.size = size;
	d->said.size_offered = e->when;
}

static void
note_other_keyword(struct dialogue *d, struct bytes keyword, struct when when)
{
	struct facts *f = dialogue_facts_kept(d);
	const struct fact *others = facts_get(f, FACT_ID_SMTP_EHLO_OTHER);
	struct buf list;

	if (others && bytes_find_nocase(others->text, keyword) < others->text.len)
		return;
	buf_init(&list, FACT_TEXT_MAX);
	if (others) {
		buf_add(&list, others->text);
		buf_add_u8(&list, ' ');
	}
	buf_add(&list, keyword);
	facts_set_text(f, FACT_ID_SMTP_EHLO_OTHER, buf_bytes(&list), others ? others->when : when);
	buf_fini(&list);
}

static void
on_capability(struct dialogue *d, const struct event *e)
{
	struct session *s = &d->pub;
	enum ehlo_keyword keyword = masks_note_keyword(&d->masks, e->text, e->when);

	if (UNLIKELY(keyword == KEYWORD_OTHER))
		note_other_keyword(d, bytes_head(e->text, bytes_find(e->text, ' ')), e->when);
	d->offers_pipelining = d->offers_pipelining || keyword == KEYWORD_PIPELINING;
	if (keyword == KEYWORD_STARTTLS && s->starttls < STARTTLS_OFFERED)
		set_starttls(d, STARTTLS_OFFERED, e->when);
	if (keyword == KEYWORD_SIZE)
		offered_size(d, e);
	if (!d->context->sink->wants_details || s->n_capabilities == SESSION_CAPABILITIES_MAX)
		return;
	if (!s->capabilities) {
		d->rooms.capabilities = SESSION_CAPABILITIES_MAX;
		s->capabilities = mem_new_array(d->rooms.capabilities, sizeof(*s->capabilities));
	}
	s->capabilities[s->n_capabilities++] = arena_copy(&s->arena, e->text);
}

static void
on_message_end(struct dialogue *d, const struct event *e)
{
	dialogue_enter(d, PHASE_MESSAGE, e->when);
	mail_message_end(d, e->number);
}

static void
on_auth_response(struct dialogue *d, const struct event *e)
{
	struct session *s = &d->pub;

	if (e->text.len > 0) {
		s->auth_user = arena_copy(&s->arena, e->text);
		facts_lend_text(dialogue_facts_kept(d), FACT_ID_AUTH_USER, s->auth_user, e->when);
	}
	if (!d->inside.is_open && auth_reveals_password(s->auth_mechanism, e->number))
		facts_lend_text(dialogue_facts_kept(d), FACT_ID_AUTH_IN_CLEAR, s->auth_mechanism, e->when);
}

static void
on_tls_start(struct dialogue *d, const struct event *e)
{
	struct session *s = &d->pub;

	d->tls_hello[e->from] = e->when;
	if (e->from == SIDE_CLIENT && s->starttls != STARTTLS_DONE && s->phase <= PHASE_GREETING &&
	    !s->tcp->is_midstream) {
		s->is_implicit_tls = true;
		facts_set_bool(dialogue_facts_kept(d), FACT_ID_SMTP_IMPLICIT_TLS, true, e->when);
	}
	dialogue_enter(d, PHASE_TLS, e->when);
}

static void
on_not_smtp(struct dialogue *d, const struct event *e)
{
	d->other_protocol[e->from] = e->when;
	if (e->text.len > 0)
		facts_set_text(dialogue_facts_kept(d),
			       e->from == SIDE_SERVER ? FACT_ID_SMTP_SERVER_SPEAKS : FACT_ID_SMTP_CLIENT_SPEAKS,
			       e->text, e->when);
}

static void
on_header(struct dialogue *d, const struct event *e)
{
	message_note_header(&d->notes, &d->pub.arena, e);
}

static void
on_missing(struct dialogue *d, const struct event *e)
{
	if (e->from == SIDE_CLIENT)
		d->notes.is_lossy = true;
	else
		d->offers_pipelining = true; /* that is: not known any more */
}

static void
on_odd(struct dialogue *d, const struct event *e)
{
	message_note_odd(&d->notes, e);
	if (bytes_eq_str(e->text, "tls-alert"))
		facts_set_bool(dialogue_facts_kept(d), FACT_ID_TLS_ALERT_ONLY, true, e->when);
	if (bytes_eq_str(e->text, "clear-before-tls"))
		facts_set_text(dialogue_facts_kept(d), FACT_ID_TLS_INJECTED,
			       bytes_str(e->from == SIDE_CLIENT ? "client" : "server"), e->when);
}

static void
on_nothing(struct dialogue *d, const struct event *e)
{
	(void)d, (void)e;
}

void
dialogue_event(void *dialogue, const struct event *e)
{
	static void (*const take[])(struct dialogue *, const struct event *) = {
		[EVENT_GREETING] = on_greeting,
		[EVENT_COMMAND] = on_command,
		[EVENT_REPLY] = on_reply,
		[EVENT_CAPABILITY] = on_capability,
		[EVENT_HEADER] = on_header,
		[EVENT_MESSAGE_END] = on_message_end,
		[EVENT_TLS_START] = on_tls_start,
		[EVENT_MISSING] = on_missing,
		[EVENT_RESYNC] = on_nothing,
		[EVENT_NOT_SMTP] = on_not_smtp,
		[EVENT_ODD] = on_odd,
		[EVENT_AUTH_RESPONSE] = on_auth_response,
		[EVENT_PROXY] = dialogue_proxy,
	};
	struct dialogue *d = dialogue;

	take[e->type](d, e);
	if (UNLIKELY(d->context->is_listening))
		moments_tell(d, e);
}

void
dialogue_event_redacted(void *dialogue, const struct event *e)
{
	struct dialogue_context *c = ((struct dialogue *)dialogue)->context;
	struct event other = redact_event(c->pseudonyms, e, c->redacted);

	dialogue_event(dialogue, &other);
}
