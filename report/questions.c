/* In: sessions, their census, findings. Out: answers to what a support desk asks, as far as the capture has them, and
 * where it has none, that it has none. */
#include "report/questions.h"

#include <string.h>

#include "base/attr.h"
#include "report/attempt.h"
#include "report/clock.h"
#include "report/rows.h"

#define DEVICES_SHOWN 4         /* findings that show a device */
#define SOON_NS (60 * NS_PER_S) /* a failure this soon after the start may be an old one */

static void
stretch(struct when *first, struct when *last, struct when when)
{
	if (when.packet == 0)
		return;
	if (first && (first->packet == 0 || when.time_ns < first->time_ns))
		*first = when;
	if (last->packet == 0 || when.time_ns > last->time_ns)
		*last = when;
}

static bool
names_recipient(const struct session *s)
{
	for (size_t i = 0; i < s->n_transactions; i++)
		if (s->transactions[i].n_recipients > 0)
			return true;
	return false;
}

static size_t
keep(uint8_t *to, struct bytes text)
{
	size_t n = text.len < PROOF_TEXT_MAX ? text.len : PROOF_TEXT_MAX;

	if (n > 0)
		memcpy(to, text.p, n);
	return n;
}

static struct bytes
first_accepted(const struct transaction *t)
{
	for (size_t i = 0; i < t->n_recipients; i++)
		if (t->recipients[i].reply.code >= 200 && t->recipients[i].reply.code < 300)
			return t->recipients[i].address;
	return bytes_of(NULL, 0);
}

static void
keep_proof(struct questions *q, const struct transaction *t)
{
	struct proof *p = &q->proof;

	if (!t->is_accepted)
		return;
	q->n_accepted++;
	if (t->reply.when.packet == 0 || t->reply.when.time_ns < p->when.time_ns)
		return;
	p->when = t->reply.when;
	p->code = t->reply.code;
	p->id_len = keep(p->id, t->queue_id);
	p->enhanced_len = keep(p->enhanced, t->reply.enhanced);
	p->recipient_len = keep(p->recipient, first_accepted(t));
}

void
questions_add(struct questions *q, const struct session *s)
{
	bool is_bad = attempt_is_failure(s->outcome), is_good = s->outcome == OUTCOME_DELIVERED;

	q->n_bad += is_bad;
	q->n_good += is_good;
	q->n_bad_before_rcpt += is_bad && !names_recipient(s);
	q->n_proxied += s->is_proxied;
	q->n_encrypted += s->is_encrypted && !s->is_decrypted;
	q->n_unanswered += s->tcp && attempt_handshake(s->tcp) == HANDSHAKE_UNANSWERED;
	if (is_bad)
		stretch(&q->first_bad, &q->last_bad, s->started);
	if (is_good && s->tcp && s->started.time_ns >= q->last_good.time_ns)
		q->good_server = s->tcp->end[SIDE_SERVER];
	if (is_good)
		stretch(NULL, &q->last_good, s->started);
	if (s->outcome == OUTCOME_UNKNOWN)
		stretch(NULL, &q->last_unknown, s->started);
	for (size_t i = 0; i < s->n_transactions; i++)
		keep_proof(q, &s->transactions[i]);
}

static void
ask(struct wrap *w, const char *question)
{
	wrap_begin(w, 2, QUESTIONS_ANSWER_AT);
	wrap_str(w, question);
	wrap_to(w, QUESTIONS_ANSWER_AT);
}

/* When the last attempt before this time began that delivered; 0: there was none. */
static int64_t
last_good_before(const struct census *c, int64_t time_ns)
{
	int64_t last = 0;

	for (size_t i = 0; c && i < census_n_good(c); i++)
		if (c->good_ns[i] < time_ns && c->good_ns[i] > last)
			last = c->good_ns[i];
	return last;
}

static void
tell_before(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	int64_t start_ns = end->capture->summary.first.time_ns;
	int64_t before_ns = last_good_before(end->capture->census, q->first_bad.time_ns);
	char a[CLOCK_TEXT_MAX];

	if (before_ns > 0)
		wrap_strf(w, "Last success before it: %s.", clock_full(before_ns, a));
	else if (q->first_bad.time_ns - start_ns < SOON_NS)
		wrap_str(w, "No success before it: the capture starts there, so it may have begun earlier.");
	else
		wrap_strf(w, "No success before it: it may have begun earlier, the capture starts at %s.",
			  clock_full(start_ns, a));
}

static void
tell_end(const struct questions *q, struct wrap *w)
{
	char a[CLOCK_TEXT_MAX];

	if (q->last_good.packet > 0 && q->last_good.time_ns > q->last_bad.time_ns) {
		wrap_strf(w, "At the end it worked: the last attempt that delivered began at %s, with",
			  clock_full(q->last_good.time_ns, a));
		rows_print_endpoint(w, &q->good_server);
		wrap_glue(w, ".");
	} else if (q->last_unknown.packet > 0 && q->last_unknown.time_ns > q->last_bad.time_ns) {
		wrap_str(w, "Whether it is still so at the end cannot be told: of a later attempt the capture does not "
			    "show whether it delivered.");
	} else {
		wrap_str(w, "Still so at the end: no attempt after the last failure delivered anything.");
	}
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
	if (q->n_bad > 0) {
		tell_before(q, w, end);
		tell_end(q, w);
	}
	wrap_end(w);
}

static void
answer_rows(struct wrap *w, const struct report_end *end, enum census_of of, const char *bad, const char *none)
{
	const struct census *c = end->capture->census;

	if (!c || !rows_print(w, c, of, bad))
		wrap_str(w, none);
	wrap_end(w);
}

static void
answer_who_and_where(struct wrap *w, const struct report_end *end)
{
	ask(w, "Which client?");
	answer_rows(w, end, CENSUS_CLIENT, "failed", "None was seen.");
	ask(w, "Which server and port?");
	answer_rows(w, end, CENSUS_SERVER, "failed", "None was seen.");
	ask(w, "Which sender?");
	answer_rows(w, end, CENSUS_SENDER, "refused", "No sender address is visible.");
	ask(w, "Which recipient?");
	answer_rows(w, end, CENSUS_RECIPIENT, "refused", "No recipient address is visible.");
}

/* The first finding of which the capture shows what its failures share. NULL: none. */
static const struct finding *
first_scoped(const struct report_end *end)
{
	for (size_t i = 0; i < end->n_findings; i++)
		if (end->findings[i].n_scope > 0 && end->findings[i].caused_by == 0)
			return &end->findings[i];
	return NULL;
}

static void
answer_everyone(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	const struct finding *scoped = first_scoped(end);
	const struct census *c = end->capture->census;
	size_t n_domains = c ? c->of[CENSUS_DOMAIN].n : 0;

	ask(w, "Everyone, or one domain?");
	if (scoped) {
		wrap_words(w, scoped->scope[0].text);
		wrap_strf(w, "[%s].", scoped->rule);
	}
	if (n_domains == 0 && q->n_bad == 0)
		wrap_str(w, "No recipient address is visible.");
	else if (n_domains > 0)
		rows_print(w, c, CENSUS_DOMAIN, "refused");
	if (n_domains > 0)
		wrap_glue(w, ".");
	if (q->n_bad_before_rcpt > 0)
		wrap_strf(w,
			  "%llu of %llu failed attempts ended before a recipient was named: the recipient is not the "
			  "cause of those.",
			  (unsigned long long)q->n_bad_before_rcpt, (unsigned long long)q->n_bad);
	else if (n_domains == 1 && q->n_bad > 0)
		wrap_str(w, "Only one domain was written to; try a recipient elsewhere to compare.");
	wrap_end(w);
}

static void
answer_proxy(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	size_t n_shown = 0;

	ask(w, "Proxy, antivirus between?");
	for (size_t i = 0; i < end->n_findings && n_shown < DEVICES_SHOWN; i++) {
		const struct finding *f = &end->findings[i];

		if (!f->shows_device || f->caused_by != 0)
			continue;
		n_shown++;
		wrap_words(w, f->title);
		wrap_strf(w, "[%s, %s].", f->rule, certainty_name(f->certainty));
	}
	if (q->n_proxied > 0)
		wrap_strf(w, "A proxy took part in %llu of the attempts, see above.", (unsigned long long)q->n_proxied);
	if (n_shown == 0 && q->n_proxied == 0)
		wrap_str(w, "Not visible in this capture. One that passes traffic on unchanged would not show; ask.");
	wrap_end(w);
}

static void
tell_proof(struct wrap *w, const struct proof *p)
{
	char clock[CLOCK_TEXT_MAX];

	wrap_strf(w, "packet %llu, %s: %u", (unsigned long long)p->when.packet, clock_full(p->when.time_ns, clock),
		  p->code);
	wrap_words(w, bytes_of(p->enhanced, p->enhanced_len));
	if (p->id_len > 0) {
		wrap_str(w, "with the queue id");
		wrap_words(w, bytes_of(p->id, p->id_len));
	} else {
		wrap_str(w, "(the server named no queue id)");
	}
	if (p->recipient_len > 0) {
		wrap_str(w, "for");
		wrap_words(w, bytes_of(p->recipient, p->recipient_len));
	}
	wrap_glue(w, ".");
}

static void
answer_junk(const struct questions *q, struct wrap *w)
{
	ask(w, "Junk folder checked?");
	if (q->n_accepted > 0) {
		wrap_strf(w, "To be done: a server took %llu %s, so look into junk folder and quarantine there.",
			  (unsigned long long)q->n_accepted, q->n_accepted == 1 ? "message" : "messages");
		wrap_str(w, q->n_accepted == 1 ? "The proof:" : "The latest proof:");
		tell_proof(w, &q->proof);
		wrap_str(w, "Its message trace says where it went; packets cannot.");
	} else if (q->n_encrypted > 0) {
		wrap_str(w, "TLS hides whether a server took a message: look there, and into the log of the client.");
	} else {
		wrap_str(w, "No use for these attempts: no server took the message.");
	}
	wrap_end(w);
}

static const struct {
	const char *fault, *whom, *what;
} asks[] = {
#define ASK(fault, whom, what) { fault, whom, what },
#include "report/asks.def"
#undef ASK
};

/* "from" and the address of the client, if there is one only. */
static void
tell_only(struct wrap *w, const struct census *c, enum census_of of, const char *what)
{
	if (!c || c->of[of].n != 1)
		return;
	wrap_str(w, what);
	rows_print_first(w, c, of);
}

/* Addresses and times, which every log is searched by. */
static void
tell_handle(struct wrap *w, const struct finding *f, const struct census *c)
{
	char a[CLOCK_TEXT_MAX], b[CLOCK_TEXT_MAX];

	wrap_strf(w, "(%s, %s", f->rule, clock_full(f->first.time_ns, a));
	if (f->last.time_ns / NS_PER_S > f->first.time_ns / NS_PER_S)
		wrap_strf(w, "to %s", clock_full(f->last.time_ns, b));
	tell_only(w, c, CENSUS_CLIENT, "from");
	tell_only(w, c, CENSUS_SERVER, "to");
	wrap_glue(w, ").");
}

static void
tell_whom(struct wrap *w, const struct finding *f, const struct census *c)
{
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		if (strcmp(asks[i].fault, f->fault) != 0)
			continue;
		wrap_strf(w, "Ask %s for", asks[i].whom);
		wrap_str(w, asks[i].what);
		tell_handle(w, f, c);
	}
	if (f->n_scope > 0 && f->scope[0].remedy.len > 0)
		wrap_words(w, f->scope[0].remedy);
}

/* Of the main diagnosis, and of the next one as severe that another side has to act on. */
static void
answer_whom(struct wrap *w, const struct report_end *end)
{
	const struct finding *first = NULL;

	ask(w, "What to ask whom next?");
	for (size_t i = 0; i < end->n_findings; i++) {
		const struct finding *f = &end->findings[i];

		if (f->severity == SEVERITY_INFO || f->is_remark || f->caused_by != 0 || f->first.packet == 0)
			continue;
		if (first && (f->severity < first->severity || strcmp(first->fault, f->fault) == 0))
			continue;
		tell_whom(w, f, end->capture->census);
		if (first)
			break;
		first = f;
	}
	if (!first)
		wrap_str(w, "Nothing that this capture gives a reason for.");
	wrap_end(w);
}

void
questions_print(const struct questions *q, struct wrap *w, const struct report_end *end)
{
	wrap_heading(w, "What a support desk asks");
	answer_since_when(q, w, end);
	answer_who_and_where(w, end);
	answer_everyone(q, w, end);
	answer_proxy(q, w, end);
	answer_whom(w, end);
	answer_junk(q, w);
}
