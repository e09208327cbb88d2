/* In: a session, and the questions that the capture holds. Out: facts about those that concern its client. Looks only
 * where something was slow or refused, and at the end. */
#include "decode/dialogue_dns.h"

#include "decode/dns.h"
#include "decode/facts_store.h"

struct wait_facts {
	enum fact_id wait, percent, name, resolver, unanswered;
};

static const struct wait_facts greeting_facts = {
	FACT_ID_DNS_GREETING_WAIT,     FACT_ID_DNS_GREETING_PERCENT,    FACT_ID_DNS_GREETING_NAME,
	FACT_ID_DNS_GREETING_RESOLVER, FACT_ID_DNS_GREETING_UNANSWERED,
};
static const struct wait_facts slowest_facts = {
	FACT_ID_DNS_SLOWEST_WAIT,     FACT_ID_DNS_SLOWEST_PERCENT,    FACT_ID_DNS_SLOWEST_NAME,
	FACT_ID_DNS_SLOWEST_RESOLVER, FACT_ID_DNS_SLOWEST_UNANSWERED,
};

static void
set_wait(struct dialogue *d, const struct wait_facts *ids, int64_t from_ns, int64_t to_ns)
{
	const struct address *client = &d->pub.tcp->end[SIDE_CLIENT].address;
	struct question_wait w = questions_wait(dns_questions(d->context->dns), client, from_ns, to_ns);
	struct facts *f;

	if (w.ns == 0)
		return;
	f = dialogue_facts_kept(d);
	facts_set_seconds(f, ids->wait, (double)w.ns / NS_PER_S, w.asked);
	facts_set_int(f, ids->percent, w.ns * 100 / (to_ns - from_ns), w.asked);
	facts_set_text(f, ids->name, bytes_str(w.name), w.asked);
	facts_set_address(f, ids->resolver, &w.resolver, w.asked);
	facts_set_int(f, ids->unanswered, w.n_unanswered, w.asked);
}

void
dialogue_dns_greeting(struct dialogue *d, int64_t from_ns, int64_t to_ns)
{
	if (to_ns - from_ns > NS_PER_S)
		set_wait(d, &greeting_facts, from_ns, to_ns);
}

void
dialogue_dns_slowest(struct dialogue *d, int64_t from_ns, int64_t to_ns)
{
	set_wait(d, &slowest_facts, from_ns, to_ns);
}

static void
set_listing(struct dialogue *d, struct bytes text)
{
	const struct address *client = &d->pub.tcp->end[SIDE_CLIENT].address;
	struct question_listing l = questions_listing(dns_questions(d->context->dns), client, text,
						      d->pub.started.time_ns);
	struct facts *f;

	if (l.when.packet == 0)
		return;
	f = dialogue_facts_kept(d);
	facts_set_text(f, FACT_ID_BLOCKLIST_ZONE, bytes_str(l.zone), l.when);
	facts_set_address(f, FACT_ID_BLOCKLIST_ANSWER, &l.answer, l.when);
	facts_set_address(f, FACT_ID_BLOCKLIST_ASKER, &l.asker, l.when);
	facts_set_address(f, FACT_ID_BLOCKLIST_RESOLVER, &l.resolver, l.when);
	facts_set_text(f, FACT_ID_BLOCKLIST_REFUSAL, bytes_str(l.refusal ? l.refusal : ""), l.when);
	d->has_listing = true;
}

/* The names that a client tells are asked for to check it. */
static void
tell_names(struct dialogue *d, size_t from_transaction)
{
	const struct address *server = &d->pub.tcp->end[SIDE_SERVER].address;

	if (!dns_is_busy(d->context->dns))
		return;
	dns_told(d->context->dns, server, d->said.hello_name);
	for (size_t i = from_transaction; i < d->pub.n_transactions; i++)
		dns_told(d->context->dns, server, bytes_after_last(d->pub.transactions[i].mail_from, '@'));
}

static void
set_policy(struct dialogue *d, enum fact_id id, struct bytes domain, struct policy policy)
{
	struct facts *f;

	if (policy.when.packet == 0)
		return;
	f = dialogue_facts_kept(d);
	facts_set_text(f, FACT_ID_DNS_POLICY_OF, domain, policy.when);
	facts_set_text(f, id, bytes_str(policy.text[0] != '\0' ? policy.text : "none"), policy.when);
}

/* Of the latest sender: what whoever asked was told about its domain. */
static void
set_policies(struct dialogue *d)
{
	const struct policies *p = dns_policies(d->context->dns);
	struct bytes domain;

	if (d->pub.n_transactions == 0)
		return;
	domain = bytes_after_last(d->pub.transactions[d->pub.n_transactions - 1].mail_from, '@');
	set_policy(d, FACT_ID_DNS_SPF, domain, policies_spf(p, domain));
	set_policy(d, FACT_ID_DNS_DMARC, domain, policies_dmarc(p, domain));
}

void
dialogue_dns_refused(struct dialogue *d, struct bytes text)
{
	set_listing(d, text);
	set_policies(d);
	tell_names(d, d->pub.n_transactions > 0 ? d->pub.n_transactions - 1 : 0);
}

void
dialogue_dns_end(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;

	tell_names(d, 0);
	set_policies(d);
	if (!d->has_listing)
		set_listing(d, bytes_of(NULL, 0));
	if (d->said.greeting.packet == 0 && t->handshake.packet != 0)
		dialogue_dns_greeting(d, t->handshake.time_ns, d->pub.ended.time_ns);
}
