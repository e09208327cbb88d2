/* In: messages of the DNS, over UDP and TCP. Out: the name for an address; a session for each look-up of a mail host
 * that failed and was followed by nothing; and what servers asked about their clients. */
#include "decode/dns.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/asked.h"
#include "decode/decode.h"
#include "decode/dialogue_context.h"
#include "decode/dialogue_tcp.h"
#include "decode/dns_stream.h"
#include "decode/facts_store.h"
#include "decode/host_names.h"
#include "decode/lookups.h"
#include "decode/pseudonym.h"

#define TCP_WAIT_NS (3 * NS_PER_S) /* an answer that does not come in this time does not come */

struct dns {
	struct host_names *names;
	struct lookups *lookups;
	struct questions *questions;
	struct asked *asked;
	struct policies *policies;
	size_t n_streams;
};

struct parties {
	struct dns *dns;
	const struct tcp_facts *tcp;
};

struct dns *
dns_new(void)
{
	struct dns *d = mem_new(sizeof(*d));

	d->names = host_names_new();
	d->lookups = lookups_new();
	d->questions = questions_new();
	d->asked = asked_new();
	d->policies = policies_new();
	return d;
}

void
dns_free(struct dns *d)
{
	if (!d)
		return;
	host_names_free(d->names);
	lookups_free(d->lookups);
	questions_free(d->questions);
	asked_free(d->asked);
	policies_free(d->policies);
	mem_free(d);
}

static void
take_message(struct dns *d, struct bytes message, const struct address *from, const struct address *to,
	     struct when when)
{
	struct dns_message m;

	if (!dns_message_parse(message, &m))
		return;
	if (!m.is_response)
		asked_note(d->asked, &m, from, to);
	else if (m.name[0] == '\0' && !asked_complete(d->asked, &m, to, from))
		return;
	for (size_t i = 0; m.is_response && i < m.n_addresses; i++)
		host_names_note(d->names, &m.addresses[i], m.name);
	questions_message(d->questions, &m, from, to, when);
	policies_message(d->policies, &m, when);
	if (!questions_is_reverse_name(d->questions, m.is_response ? to : from, m.name))
		lookups_message(d->lookups, &m, from, to, when);
}

void
dns_datagram(struct dns *d, const struct datagram *datagram)
{
	take_message(d, datagram->data, &datagram->from.address, &datagram->to.address, datagram->when);
}

struct dns_stream *
dns_opened(struct dns *d, const struct tcp_facts *t)
{
	if (t->is_midstream || d->n_streams == DNS_STREAMS_MAX)
		return NULL;
	d->n_streams++;
	lookups_tcp_opened(d->lookups, &t->end[SIDE_CLIENT].address, t->side[SIDE_CLIENT].first);
	return dns_stream_new();
}

static void
take_from_stream(void *user, enum side from, struct bytes message, struct when when)
{
	const struct parties *p = user;
	enum side to = from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;

	take_message(p->dns, message, &p->tcp->end[from].address, &p->tcp->end[to].address, when);
}

void
dns_chunk(struct dns *d, struct dns_stream *s, const struct tcp_facts *t, const struct chunk *c)
{
	struct parties parties = { d, t };

	dns_stream_feed(s, c, take_from_stream, &parties);
}

/* Sets when to what shows it. */
static enum lookup_tcp
became_of(const struct tcp_facts *t, struct when *when)
{
	const struct tcp_reset *refusal = tcp_refusal(t);
	const struct icmp_error *unreachable = tcp_unreachable(t);
	const struct tcp_side *client = &t->side[SIDE_CLIENT], *server = &t->side[SIDE_SERVER];

	*when = client->last;
	if (server->payload_bytes > 0)
		return LOOKUP_TCP_ANSWERED;
	if (tcp_is_one_sided(t))
		return LOOKUP_TCP_UNKNOWN;
	if (!tcp_is_established(t) && refusal) {
		*when = refusal->when;
		return LOOKUP_TCP_REFUSED;
	}
	if (!tcp_is_established(t) && unreachable) {
		*when = unreachable->when;
		return LOOKUP_TCP_UNREACHABLE;
	}
	if (tcp_closed(t).packet != 0) {
		*when = tcp_closed(t);
		return LOOKUP_TCP_CUT;
	}
	*when = t->syn.packet != 0 ? t->syn : client->first;
	return t->now.time_ns - client->first.time_ns >= TCP_WAIT_NS ? LOOKUP_TCP_NO_ANSWER : LOOKUP_TCP_UNKNOWN;
}

void
dns_closed(struct dns *d, struct dns_stream *s, const struct tcp_facts *t)
{
	struct when when;
	enum lookup_tcp what = became_of(t, &when);

	lookups_tcp_closed(d->lookups, &t->end[SIDE_CLIENT].address, what, when);
	dns_stream_free(s);
	d->n_streams--;
}

void
dns_connected(struct dns *d, const struct tcp_facts *t)
{
	if (lookups_are_any(d->lookups))
		lookups_connected(d->lookups, &t->end[SIDE_CLIENT].address,
				  host_names_find(d->names, &t->end[SIDE_SERVER].address), t->side[SIDE_CLIENT].first);
}

void
dns_told(struct dns *d, const struct address *server, struct bytes name)
{
	lookups_told(d->lookups, server, name);
}

bool
dns_is_busy(const struct dns *d)
{
	return lookups_are_any(d->lookups);
}

const struct questions *
dns_questions(const struct dns *d)
{
	return d->questions;
}

const struct policies *
dns_policies(const struct dns *d)
{
	return d->policies;
}

struct bytes
dns_name_of(const struct dns *d, const struct address *server)
{
	return host_names_find(d->names, server);
}

static void
add_facts(const struct lookup *u, enum lookup_error error, struct facts *f)
{
	static const char *const words[] = {
		[LOOKUP_FINE] = NULL,
		[LOOKUP_NO_NAME] = "no such name",
		[LOOKUP_NO_ADDRESS] = "no address",
		[LOOKUP_NULL_MX] = "null mx",
		[LOOKUP_REFUSED] = "refused",
		[LOOKUP_FAILURE] = "failure",
		[LOOKUP_NO_ANSWER] = "no answer",
		[LOOKUP_TRUNCATED] = "truncated",
	};
	static const char *const over_tcp[] = {
		[LOOKUP_TCP_UNKNOWN] = "unknown",         [LOOKUP_TCP_ANSWERED] = "answered",
		[LOOKUP_TCP_NO_ANSWER] = "no answer",     [LOOKUP_TCP_REFUSED] = "refused",
		[LOOKUP_TCP_UNREACHABLE] = "unreachable", [LOOKUP_TCP_CUT] = "closed without an answer",
	};
	struct when when = u->answered.packet != 0 ? u->answered : u->first;

	if (error == LOOKUP_TRUNCATED) {
		when = u->truncated;
		facts_lend_text(f, FACT_ID_DNS_TCP, bytes_str(over_tcp[u->tcp]), u->tcp_end);
	}

	facts_set_address(f, FACT_ID_CLIENT_ADDRESS, &u->client, u->first);
	facts_set_address(f, FACT_ID_DNS_RESOLVER, &u->resolver, u->first);
	facts_lend_text(f, FACT_ID_DNS_NAME, bytes_str(u->name), u->first);
	facts_lend_text(f, FACT_ID_DNS_ERROR, bytes_str(words[error]), when);
	facts_set_int(f, FACT_ID_DNS_QUERIES, (int64_t)u->n_queries, u->last);
	if (u->answered.packet != 0)
		facts_set_int(f, FACT_ID_DNS_RCODE, u->rcode, when);
	if (u->domain[0] != '\0')
		facts_lend_text(f, FACT_ID_DNS_MX_OF, bytes_str(u->domain), u->first);
	facts_lend_text(f, FACT_ID_SMTP_PHASE, bytes_str(phase_name(PHASE_CONNECT)), u->first);
	facts_lend_text(f, FACT_ID_SMTP_OUTCOME, bytes_str(outcome_name(OUTCOME_FAILED)), when);
}

/* Domains that mail is addressed to; names of hosts stay. */
static void
redact(struct dialogue_context *context, char name[DNS_NAME_MAX])
{
	buf_clear(context->redacted);
	pseudonym_domain(context->pseudonyms, bytes_str(name), context->redacted);
	memcpy(name, context->redacted->p, context->redacted->len);
}

static void
redact_lookup(struct dialogue_context *context, struct lookup *u)
{
	if (!context->pseudonyms)
		return;
	if (u->domain[0] != '\0')
		redact(context, u->domain);
	else if (u->asked & ASKED_MX)
		redact(context, u->name);
}

uint64_t
dns_tell(struct dns *d, int64_t now_ns, struct dialogue_context *context, uint64_t *n_ids)
{
	enum lookup_error error;
	struct lookup u;
	uint64_t n = 0;

	while (lookups_next(d->lookups, now_ns, &u, &error)) {
		struct session s;

		redact_lookup(context, &u);
		s = (struct session){ .id = ++*n_ids,
				      .facts = context->facts,
				      .phase = PHASE_CONNECT,
				      .outcome = OUTCOME_FAILED,
				      .client = u.client,
				      .server_name = bytes_str(u.name),
				      .started = u.first,
				      .ended = u.last };

		facts_clear(s.facts);
		add_facts(&u, error, s.facts);
		if (context->sink->closed)
			context->sink->closed(context->sink->user, &s);
		n++;
	}
	return n;
}
