/* In: sessions. Out: answers to what a support desk asks, as far as the capture has them. */
#include "report/questions.h"

#include <string.h>

#include "report/attempt.h"
#include "report/clock.h"

#define ANSWER_AT 29 /* column of the answers */
#define KEYS_SHOWN 6 /* addresses or domains per answer */
#define ENDPOINT_KEY_LEN 19
#define SOON_NS (60 * NS_PER_S) /* a failure this soon after the start may be an old one */

/* family, octets, port: comparing octets is much cheaper than printing every address of a long capture. */
static struct bytes
endpoint_key(const struct address *a, uint16_t port, uint8_t key[ENDPOINT_KEY_LEN])
{
	key[0] = a->family;
	memcpy(key + 1, a->octets, sizeof(a->octets));
	key[17] = (uint8_t)(port >> 8);
	key[18] = (uint8_t)port;
	return bytes_of(key, a->family != 0 ? ENDPOINT_KEY_LEN : 0);
}

static enum tally_kind
kind_of_attempt(enum outcome o)
{
	if (attempt_is_failure(o))
		return TALLY_BAD;
	return o == OUTCOME_DELIVERED ? TALLY_GOOD : TALLY_OTHER;
}

/* A recipient had luck when it was accepted and the message as well. */
static enum tally_kind
kind_of_recipient(const struct transaction *t, const struct recipient *r)
{
	if (r->reply.code >= 400 || t->reply.code >= 400)
		return TALLY_BAD;
	return t->is_accepted && r->reply.code >= 200 && r->reply.code < 300 ? TALLY_GOOD : TALLY_OTHER;
}

static void
add_domain(struct tally *t, struct bytes domain, enum tally_kind kind)
{
	uint8_t lower[TALLY_KEY_MAX];
	size_t n = domain.len < sizeof(lower) ? domain.len : sizeof(lower);

	for (size_t i = 0; i < n; i++)
		lower[i] = domain.p[i] >= 'A' && domain.p[i] <= 'Z' ? (uint8_t)(domain.p[i] | 0x20) : domain.p[i];
	tally_add(t, bytes_of(lower, n), kind);
}

static void
add_transaction(struct questions *q, const struct transaction *t)
{
	bool is_refused = t->mail_reply.code >= 400 || t->reply.code >= 400;
	enum tally_kind sender = t->is_accepted ? TALLY_GOOD : is_refused ? TALLY_BAD : TALLY_OTHER;

	tally_add(&q->senders, t->mail_from, sender);
	for (size_t i = 0; i < t->n_recipients; i++) {
		const struct recipient *r = &t->recipients[i];
		enum tally_kind kind = kind_of_recipient(t, r);

		tally_add(&q->recipients, r->address, kind);
		add_domain(&q->domains, bytes_after_last(r->address, '@'), kind);
	}
}

static void
stretch(struct when *first, struct when *last, struct when when)
{
	if (when.packet == 0)
		return;
	if (first->packet == 0 || when.time_ns < first->time_ns)
		*first = when;
	if (last->packet == 0 || when.time_ns > last->time_ns)
		*last = when;
}

static void
add_times(struct questions *q, const struct session *s, enum tally_kind kind)
{
	stretch(&q->first, &q->last, s->started);
	if (kind == TALLY_BAD)
		stretch(&q->first_bad, &q->last_bad, s->started);
	if (kind == TALLY_GOOD)
		stretch(&q->first_good, &q->last_good, s->started);
}

static bool
names_recipient(const struct session *s)
{
	for (size_t i = 0; i < s->n_transactions; i++)
		if (s->transactions[i].n_recipients > 0)
			return true;
	return false;
}

void
questions_add(struct questions *q, const struct session *s)
{
	enum tally_kind kind = kind_of_attempt(s->outcome);
	uint8_t key[ENDPOINT_KEY_LEN];

	q->n_bad += kind == TALLY_BAD;
	q->n_good += kind == TALLY_GOOD;
	q->n_bad_before_rcpt += kind == TALLY_BAD && !names_recipient(s);
	q->n_proxied += s->is_proxied;
	q->n_encrypted += s->is_encrypted && !s->is_decrypted;
	add_times(q, s, kind);
	for (size_t i = 0; i < s->n_transactions; i++)
		add_transaction(q, &s->transactions[i]);
	if (!s->tcp) {
		tally_add(&q->clients, endpoint_key(&s->client, 0, key), kind);
		return;
	}
	q->n_unanswered += attempt_handshake(s->tcp) == HANDSHAKE_UNANSWERED;
	tally_add(&q->clients, endpoint_key(&s->tcp->end[SIDE_CLIENT].address, 0, key), kind);
	tally_add(&q->servers, endpoint_key(&s->tcp->end[SIDE_SERVER].address, s->tcp->end[SIDE_SERVER].port, key),
		  kind);
}

static void
ask(struct wrap *w, const char *question)
{
	wrap_begin(w, 2, ANSWER_AT);
	wrap_str(w, question);
	wrap_to(w, ANSWER_AT);
}

static void
tell_endpoint(struct wrap *w, struct bytes key)
{
	struct address a = { .family = key.p[0] };
	char text[ADDRESS_TEXT_MAX];
	unsigned port = (unsigned)key.p[17] << 8 | key.p[18];

	memcpy(a.octets, key.p + 1, sizeof(a.octets));
	address_text(&a, text);
	if (port == 0)
		wrap_strf(w, "%s", text);
	else
		wrap_strf(w, a.family == 6 ? "[%s]:%u" : "%s:%u", text, port);
}

static void
tell_row(struct wrap *w, const struct tally_row *row, bool is_endpoint, const char *bad)
{
	uint64_t n = row->n_bad + row->n_good + row->n_other;

	if (is_endpoint)
		tell_endpoint(w, tally_key(row));
	else
		wrap_words(w, tally_key(row));
	if (row->n_bad > 0)
		wrap_strf(w, "(%llu of %llu %s)", (unsigned long long)row->n_bad, (unsigned long long)n, bad);
}

/* "a (2 of 3 failed), b, c and 4 more"; false: there is no row. */
static bool
tell_rows(struct wrap *w, struct tally *t, bool is_endpoint, const char *bad)
{
	size_t n = t->n < KEYS_SHOWN ? t->n : KEYS_SHOWN;

	tally_sort(t);
	for (size_t i = 0; i < n; i++) {
		tell_row(w, &t->rows[i], is_endpoint, bad);
		if (i + 1 < n)
			wrap_glue(w, ",");
	}
	if (t->n_uncounted > 0)
		wrap_strf(w, "and at least %zu more", t->n - n + 1);
	else if (t->n > n)
		wrap_strf(w, "and %zu more", t->n - n);
	return n > 0;
}

static void
answer_since_when(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	char a[CLOCK_TEXT_MAX], b[CLOCK_TEXT_MAX];

	ask(w, "Since when?");
	if (q->n_bad == 0)
		wrap_str(w, q->n_good > 0 ? "No attempt in this capture failed." : "No failed attempt to date it by.");
	else if (q->n_bad == 1)
		wrap_strf(w, "One failure, %s.", clock_full(q->first_bad.time_ns, a));
	else
		wrap_strf(w, "First failure %s, last %s.", clock_full(q->first_bad.time_ns, a),
			  clock_full(q->last_bad.time_ns, b));
	if (q->n_bad > 0 && q->n_good > 0 && q->first_good.time_ns < q->first_bad.time_ns)
		wrap_strf(w, "Before it, mail was delivered at %s.", clock_full(q->first_good.time_ns, a));
	else if (q->n_bad > 0 && q->first_bad.time_ns - end->capture->summary.first.time_ns < SOON_NS)
		wrap_str(w, "The capture starts there: it may have begun earlier.");
	else if (q->n_bad > 0)
		wrap_strf(w, "It may have begun earlier: the capture starts at %s.",
			  clock_full(end->capture->summary.first.time_ns, a));
	if (q->n_bad > 0 && q->n_good > 0 && q->last_good.time_ns > q->last_bad.time_ns)
		wrap_strf(w, "After the last failure, mail was delivered at %s.", clock_full(q->last_good.time_ns, a));
	wrap_end(w);
}

static void
answer_who_and_where(struct questions *q, struct wrap *w)
{
	ask(w, "Which client?");
	if (!tell_rows(w, &q->clients, true, "failed"))
		wrap_str(w, "None was seen.");
	wrap_end(w);
	ask(w, "Which server and port?");
	if (!tell_rows(w, &q->servers, true, "failed"))
		wrap_str(w, "None was seen.");
	wrap_end(w);
	ask(w, "Which sender?");
	if (!tell_rows(w, &q->senders, false, "refused"))
		wrap_str(w, "No sender address is visible.");
	wrap_end(w);
	ask(w, "Which recipient?");
	if (!tell_rows(w, &q->recipients, false, "refused"))
		wrap_str(w, "No recipient address is visible.");
	wrap_end(w);
}

static void
answer_everyone(struct questions *q, struct wrap *w)
{
	ask(w, "Everyone, or one domain?");
	if (q->domains.n == 0 && q->n_bad == 0)
		wrap_str(w, "No recipient address is visible.");
	else if (q->domains.n > 0)
		tell_rows(w, &q->domains, false, "refused");
	if (q->domains.n > 0)
		wrap_glue(w, ".");
	if (q->n_bad_before_rcpt > 0)
		wrap_strf(w,
			  "%llu of %llu failed attempts ended before a recipient was named: the recipient is not the "
			  "cause of "
			  "those.",
			  (unsigned long long)q->n_bad_before_rcpt, (unsigned long long)q->n_bad);
	else if (q->domains.n == 1 && q->n_bad > 0)
		wrap_str(w, "Only one domain was written to; try a recipient elsewhere to compare.");
	wrap_end(w);
}

static void
answer_proxy(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	const struct finding *on_path = NULL;

	for (size_t i = 0; i < end->n_findings && !on_path; i++)
		if (strcmp(end->findings[i].fault, "path") == 0)
			on_path = &end->findings[i];
	ask(w, "Proxy, antivirus between?");
	if (on_path)
		wrap_strf(w, "%s points to a device on the way, see above.", on_path->rule);
	if (q->n_proxied > 0)
		wrap_strf(w, "A proxy took part in %llu of the attempts, see above.", (unsigned long long)q->n_proxied);
	if (!on_path && q->n_proxied == 0)
		wrap_str(w, "Not visible in this capture. One that passes traffic on unchanged would not show; ask.");
	wrap_end(w);
}

static void
answer_junk(const struct questions *q, struct wrap *w)
{
	ask(w, "Junk folder checked?");
	if (q->n_good > 0)
		wrap_str(w, "To be done for what was delivered: packets cannot show which folder it went to.");
	else
		wrap_str(w, "No use for these attempts: no server took the message.");
	wrap_end(w);
}

void
questions_print(struct questions *q, struct wrap *w, const struct report_end *end)
{
	wrap_heading(w, "What a support desk asks");
	answer_since_when(q, w, end);
	answer_who_and_where(q, w);
	answer_everyone(q, w);
	answer_proxy(q, w, end);
	answer_junk(q, w);
}
