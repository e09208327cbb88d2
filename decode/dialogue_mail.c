/* In: MAIL, RCPT, messages, and replies to them. Out: the transactions of the session, and the facts of the recipient
 * or message that a reply speaks of. A MAIL that is answered 503 inside an open transaction opens none. */
#include "decode/dialogue_mail.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/deferred.h"
#include "decode/facts_store.h"
#include "decode/queue_id.h"
#include "decode/smtp_command.h"

struct unanswered { /* MAIL or RCPT that waits for its reply */
	uint64_t serial;
	size_t transaction, recipient; /* places in the lists of the session */
	bool is_recipient;
	bool is_kept; /* false: there was no room for it */
};

static void
set_message_text(struct dialogue *d, enum fact_id id, struct bytes text, struct when when)
{
	facts_lend_text(d->pub.facts, id, text, when);
}

static bool
is_failure(const struct reply *r)
{
	return r->code >= 400;
}

static bool
is_success(const struct reply *r)
{
	return r->code >= 200 && r->code < 300;
}

static bool
is_temporary(const struct reply *r)
{
	return r->code >= 400 && r->code < 500;
}

static void
put_off(struct dialogue *d, const struct transaction *t, const struct recipient *recipient, const struct reply *r)
{
	deferred_add(d->context->deferred, t->mail_from, recipient->address, d->pub.id, r->when.time_ns);
}

/* Arrays of the session double; what they hold stays bounded by limits.h. */
static void *
grow(void *list, size_t *room, size_t size)
{
	*room = *room > 0 ? *room * 2 : 4;
	return mem_resize(list, *room * size);
}

struct transaction *
mail_open(struct dialogue *d)
{
	if (!d->is_in_transaction || !d->is_kept)
		return NULL;
	return &d->pub.transactions[d->pub.n_transactions - 1];
}

static void
wait_for_reply(struct dialogue *d, const struct event *e, bool is_recipient, bool is_kept)
{
	struct unanswered *u;

	if (d->first_unanswered == d->n_unanswered)
		d->first_unanswered = d->n_unanswered = 0;
	if (d->n_unanswered == SMTP_PENDING_MAX)
		return; /* their replies are counted, but nobody knows whose they are */
	if (d->n_unanswered == d->rooms.unanswered)
		d->unanswered = grow(d->unanswered, &d->rooms.unanswered, sizeof(*d->unanswered));
	u = &d->unanswered[d->n_unanswered++];
	*u = (struct unanswered){ .serial = e->serial, .is_recipient = is_recipient, .is_kept = is_kept };
	if (d->pub.n_transactions > 0)
		u->transaction = d->pub.n_transactions - 1;
	if (is_kept && is_recipient)
		u->recipient = d->pub.transactions[u->transaction].n_recipients - 1;
}

/* The command that was answered; older ones never will be. */
static bool
take_answered(struct dialogue *d, uint64_t serial, struct unanswered *u)
{
	while (d->first_unanswered < d->n_unanswered && d->unanswered[d->first_unanswered].serial < serial)
		d->first_unanswered++;
	if (d->first_unanswered == d->n_unanswered || d->unanswered[d->first_unanswered].serial != serial)
		return false;
	*u = d->unanswered[d->first_unanswered++];
	return u->is_kept;
}

static struct transaction *
open_transaction(struct dialogue *d, struct when when)
{
	struct session *s = &d->pub;
	struct transaction *t;

	d->is_in_transaction = true;
	d->lmtp_next = 0;
	d->is_kept = s->n_transactions < SESSION_TRANSACTIONS_MAX;
	if (!d->is_kept)
		return NULL;
	if (s->n_transactions == d->rooms.transactions)
		s->transactions = grow(s->transactions, &d->rooms.transactions, sizeof(*s->transactions));
	t = &s->transactions[s->n_transactions++];
	*t = (struct transaction){ .when = when };
	if (d->recipients)
		t->recipients = d->recipients + d->n_recipients;
	return t;
}

static void
take_parameters(struct transaction *t, struct bytes parameters)
{
	struct bytes size, body;

	t->has_eight_bit_body = (smtp_parameter(parameters, "BODY", &body) && !bytes_is_word(body, "7BIT")) ||
				smtp_parameter(parameters, "SMTPUTF8", &body);
	if (!smtp_parameter(parameters, "SIZE", &size) || !bytes_to_u64(size, UINT64_MAX / 2, &t->size_declared))
		t->size_declared = 0;
}

void
mail_asked(struct dialogue *d, const struct event *e)
{
	struct smtp_path path = smtp_path_parse(e->text);
	struct transaction *t = open_transaction(d, e->when);

	if (t) {
		t->mail_from = arena_copy(&d->pub.arena, path.address);
		t->has_null_sender = path.has_brackets && path.address.len == 0;
		if (path.parameters.len > 0)
			take_parameters(t, path.parameters);
	}
	wait_for_reply(d, e, false, d->is_kept);
}

/* The list moved: so did the part of it that each transaction has. */
static void
add_recipient_room(struct dialogue *d)
{
	size_t first = 0;

	d->recipients = grow(d->recipients, &d->rooms.recipients, sizeof(*d->recipients));
	for (size_t i = 0; i < d->pub.n_transactions; i++) {
		d->pub.transactions[i].recipients = d->recipients + first;
		first += d->pub.transactions[i].n_recipients;
	}
}

void
rcpt_asked(struct dialogue *d, const struct event *e)
{
	struct smtp_path path = smtp_path_parse(e->text);
	struct transaction *t = mail_open(d);
	bool is_kept;

	if (!t && d->pub.tcp->is_midstream && d->n_transactions == 0)
		t = open_transaction(d, e->when); /* its MAIL was before the capture */
	is_kept = t && d->n_recipients < SESSION_RECIPIENTS_MAX;

	if (is_kept) {
		if (d->n_recipients == d->rooms.recipients)
			add_recipient_room(d);
		d->recipients[d->n_recipients++] = (struct recipient){
			.address = arena_copy(&d->pub.arena, path.address),
			.when = e->when,
		};
		t->n_recipients++;
	}
	wait_for_reply(d, e, true, is_kept);
}

void
mail_message_end(struct dialogue *d, uint64_t n_bytes)
{
	struct transaction *t = mail_open(d);

	if (t)
		t->n_bytes = n_bytes;
}

void
mail_abandon(struct dialogue *d)
{
	d->is_in_transaction = false;
}

static void
set_domain(struct dialogue *d, struct bytes address, struct when when)
{
	uint8_t lower[FACT_TEXT_MAX];
	struct bytes domain = bytes_head(bytes_after_last(address, '@'), sizeof(lower));
	size_t n;

	if (bytes_find(address, '@') == address.len)
		return;
	for (n = 0; n < domain.len; n++)
		lower[n] = domain.p[n] >= 'A' && domain.p[n] <= 'Z' ? (uint8_t)(domain.p[n] | 0x20) : domain.p[n];
	facts_set_text(d->pub.facts, FACT_ID_RECIPIENT_DOMAIN, bytes_of(lower, n), when);
}

static void
set_recipient(struct dialogue *d, const struct recipient *r, bool is_accepted, struct when when)
{
	struct facts *f = d->pub.facts;

	facts_lend_text(f, FACT_ID_RECIPIENT_ADDRESS, r->address, r->when);
	set_domain(d, r->address, r->when);
	facts_set_bool(f, FACT_ID_RECIPIENT_ACCEPTED, is_accepted, when);
}

static void
set_message(struct dialogue *d, const struct transaction *t)
{
	struct facts *f = d->pub.facts;

	dialogue_facts_forget_message(d);
	set_message_text(d, FACT_ID_MESSAGE_SENDER, t->mail_from, t->when);
	if (t->size_declared > 0)
		facts_set_int(f, FACT_ID_MESSAGE_SIZE_DECLARED, (int64_t)t->size_declared, t->when);
}

/* Nothing was opened: the transaction before it goes on, and has its recipients. */
static void
withdraw(struct dialogue *d)
{
	struct session *s = &d->pub;
	struct transaction *t = &s->transactions[s->n_transactions - 1];

	for (size_t i = d->first_unanswered; i < d->n_unanswered; i++) {
		struct unanswered *u = &d->unanswered[i];

		if (u->is_kept && u->transaction == s->n_transactions - 1) {
			u->recipient += t[-1].n_recipients;
			u->transaction--;
		}
	}
	t[-1].n_recipients += t->n_recipients;
	s->n_transactions--;
}

/* Was the transaction before this one still open when it began? */
static bool
is_nested(const struct dialogue *d, size_t at)
{
	const struct transaction *before;

	if (at == 0 || at != d->pub.n_transactions - 1)
		return false;
	before = &d->pub.transactions[at - 1];
	return is_success(&before->mail_reply) && before->reply.code == 0;
}

void
mail_replied(struct dialogue *d, const struct event *e, const struct reply *r)
{
	struct unanswered u;

	if (!take_answered(d, e->serial, &u)) {
		d->n_transactions++;
		return;
	}
	if (r->code == 503 && is_nested(d, u.transaction)) {
		withdraw(d);
		return;
	}
	d->n_transactions++;
	d->pub.transactions[u.transaction].mail_reply = *r;
	dialogue_facts_forget_message(d);
	d->said.mail = u.transaction + 1;
	if (is_temporary(r)) /* whoever it was for */
		deferred_add(d->context->deferred, d->pub.transactions[u.transaction].mail_from, bytes_of(NULL, 0),
			     d->pub.id, r->when.time_ns);
	if (is_failure(r) && u.transaction == d->pub.n_transactions - 1 &&
	    d->pub.transactions[u.transaction].n_recipients == 0)
		d->is_in_transaction = false;
}

void
rcpt_replied(struct dialogue *d, const struct event *e, const struct reply *r)
{
	struct recipient *recipient;
	struct unanswered u;

	d->n_recipients_accepted += is_success(r);
	d->n_recipients_refused += is_failure(r);
	if (!take_answered(d, e->serial, &u))
		return;
	recipient = &d->pub.transactions[u.transaction].recipients[u.recipient];
	recipient->reply = *r;
	if (is_temporary(r))
		put_off(d, &d->pub.transactions[u.transaction], recipient, r);
	if (is_failure(r) || d->context->sink->wants_all_replies)
		set_recipient(d, recipient, is_success(r), r->when);
}

static void
count_recipients(const struct transaction *t, int64_t *n_accepted, int64_t *n_refused)
{
	*n_accepted = *n_refused = 0;
	for (size_t i = 0; i < t->n_recipients; i++) {
		*n_accepted += is_success(&t->recipients[i].reply);
		*n_refused += is_failure(&t->recipients[i].reply);
	}
}

/* Was any of the recipients put off in an earlier session? */
static void
set_retry(struct dialogue *d, const struct transaction *t)
{
	struct deferral one, longest = { 0 };

	if (deferred_take(d->context->deferred, t->mail_from, bytes_of(NULL, 0), d->pub.id, &one))
		longest = one;
	for (size_t i = 0; i < t->n_recipients; i++) {
		if (!is_success(&t->recipients[i].reply) ||
		    !deferred_take(d->context->deferred, t->mail_from, t->recipients[i].address, d->pub.id, &one))
			continue;
		if (longest.key == 0 || one.first_ns < longest.first_ns)
			longest = one;
	}
	if (longest.key == 0)
		return;
	facts_set_seconds(d->pub.facts, FACT_ID_MESSAGE_RETRY_AFTER,
			  (double)(t->reply.when.time_ns - longest.first_ns) / NS_PER_S, t->reply.when);
	facts_set_int(d->pub.facts, FACT_ID_MESSAGE_RETRY_ATTEMPTS, longest.n, t->reply.when);
}

static void
put_off_all(struct dialogue *d, const struct transaction *t)
{
	for (size_t i = 0; i < t->n_recipients; i++)
		if (is_success(&t->recipients[i].reply))
			put_off(d, t, &t->recipients[i], &t->reply);
}

static void
set_message_result(struct dialogue *d, const struct transaction *t)
{
	struct facts *f = d->pub.facts;
	int64_t n_accepted, n_refused;

	set_message(d, t);
	count_recipients(t, &n_accepted, &n_refused);
	facts_set_bool(f, FACT_ID_MESSAGE_ACCEPTED, t->is_accepted, t->reply.when);
	facts_set_int(f, FACT_ID_MESSAGE_RECIPIENTS_ACCEPTED, n_accepted, t->when);
	facts_set_int(f, FACT_ID_MESSAGE_RECIPIENTS_REFUSED, n_refused, t->when);
	if (t->n_bytes > 0)
		facts_set_int(f, FACT_ID_MESSAGE_BYTES, (int64_t)t->n_bytes, t->reply.when);
	if (t->queue_id.len > 0)
		set_message_text(d, FACT_ID_MESSAGE_QUEUE_ID, t->queue_id, t->reply.when);
	message_notes_facts(&d->notes, t, f);
	if (t->is_accepted)
		set_retry(d, t);
	else if (is_temporary(&t->reply))
		put_off_all(d, t);
}

/* LMTP (RFC 2033 4.2): one reply after the dot for each recipient that was accepted; the first accepting one stands
 * for the message. Returns the recipient this reply is for. */
static struct recipient *
lmtp_recipient(struct dialogue *d, struct transaction *t)
{
	while (d->lmtp_next < t->n_recipients && !is_success(&t->recipients[d->lmtp_next].reply))
		d->lmtp_next++;
	return d->lmtp_next < t->n_recipients ? &t->recipients[d->lmtp_next++] : NULL;
}

static bool
is_lmtp_follow_up(const struct dialogue *d)
{
	const struct session *s = &d->pub;

	return d->lmtp_next > 0 && !d->is_in_transaction && s->n_transactions > 0;
}

static void
lmtp_replied(struct dialogue *d, struct transaction *t, const struct reply *r)
{
	struct recipient *recipient = lmtp_recipient(d, t);

	if (!recipient)
		return;
	if (is_failure(r)) {
		d->n_recipients_accepted -= d->n_recipients_accepted > 0;
		d->n_recipients_refused++;
	}
	recipient->reply = *r;
	set_recipient(d, recipient, is_success(r), r->when);
}

void
message_replied(struct dialogue *d, const struct reply *r)
{
	struct transaction *t = mail_open(d);

	if (!t && is_lmtp_follow_up(d))
		t = &d->pub.transactions[d->pub.n_transactions - 1];
	if (!t && !d->is_in_transaction && is_success(r))
		t = open_transaction(d, r->when); /* what came before is not in the capture */
	if (!t) {
		d->n_accepted += is_success(r);
		d->is_in_transaction = false;
		return;
	}
	if (d->is_lmtp && bytes_eq_str(r->to, "message"))
		lmtp_replied(d, t, r);
	d->is_in_transaction = false;
	if (t->is_accepted) /* LMTP: a later recipient */
		return;
	t->reply = *r;
	t->is_accepted = is_success(r);
	if (t->is_accepted) {
		t->queue_id = arena_copy(&d->pub.arena, queue_id_of(r->text));
		d->n_accepted++;
	}
	set_message_result(d, t);
}

bool
mail_has_nobody(struct dialogue *d)
{
	const struct transaction *t = mail_open(d);

	for (size_t i = 0; t && i < t->n_recipients; i++)
		if (!is_failure(&t->recipients[i].reply))
			return false;
	return t && t->n_recipients > 0;
}

void
mail_goodbye(struct dialogue *d, const struct reply *r)
{
	struct transaction *t = mail_open(d);

	if (t && r->code == 421)
		t->reply = *r;
	d->is_in_transaction = false;
}

static bool
has_answer(const struct transaction *t)
{
	int64_t n_accepted, n_refused;

	count_recipients(t, &n_accepted, &n_refused);
	return t->mail_reply.code != 0 || t->reply.code != 0 || n_accepted + n_refused > 0;
}

void
mail_finish(struct dialogue *d, uint64_t n_bytes)
{
	struct session *s = &d->pub;
	size_t last = s->n_transactions;

	if (last == 0)
		return;
	if (n_bytes > 0 && d->is_in_transaction && d->is_kept)
		s->transactions[last - 1].n_bytes = n_bytes;
	if (!has_answer(&s->transactions[last - 1])) /* neither accepted nor refused */
		s->n_transactions--;
}
