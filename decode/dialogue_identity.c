/* In: a session that ends, and what earlier ones showed of its addresses and names. Out: facts that compare them.
 * Says nothing of which machine is the right one. */
#include "decode/dialogue_identity.h"

#include "decode/dialogue_tcp.h"
#include "decode/domain.h"
#include "decode/facts_store.h"
#include "decode/families.h"
#include "decode/identities.h"

#define NS_PER_US 1000
#define APART_US 5000   /* below this, round trips differ for many reasons */
#define HOPS_TOGETHER 1 /* TTLs of one machine may differ by this (see SIGNATURES B-10) */

static double
seconds(uint32_t us)
{
	return (double)us / 1e6;
}

static int
difference(int a, int b)
{
	return a > b ? a - b : b - a;
}

/* Initial values are 64, 128 and 255: another system behind the same address is no other distance. */
static int
hops_apart(uint8_t a, uint8_t b)
{
	int hops_a = (a <= 64 ? 64 : a <= 128 ? 128 : 255) - a, hops_b = (b <= 64 ? 64 : b <= 128 ? 128 : 255) - b;
	int plain = difference(a, b), by_hops = difference(hops_a, hops_b);

	return plain < by_hops ? plain : by_hops;
}

/* One takes less than half as long as the other. */
static bool
is_rtt_apart(uint32_t a, uint32_t b)
{
	uint32_t low = a < b ? a : b, high = a < b ? b : a;

	return high - low > APART_US && high / 2 > low;
}

static bool
has_other_domain(const struct answer *a, const struct answer *b)
{
	return a->name.len > 0 && b->name.len > 0 && !domain_is_related(called_text(&a->name), called_text(&b->name));
}

/* How much speaks for two machines; 0: nothing. On one port, only names tell them from those of a load balancer. */
static int
score(const struct answer *a, const struct answer *b)
{
	bool is_other = has_other_domain(a, b);
	int n_signs = (hops_apart(a->ttl, b->ttl) > HOPS_TOGETHER) + is_rtt_apart(a->rtt_us, b->rtt_us);

	if (a->port == b->port && !is_other)
		return 0;
	return is_other ? 3 + n_signs : n_signs;
}

static void
set_other(struct facts *f, const struct identity *server, const struct answer *mine)
{
	const struct answer *other = NULL;
	int best = 0;

	for (size_t i = 0; server && i < server->n_answers; i++) {
		int s = score(mine, &server->answers[i]);

		if (s > best) {
			best = s;
			other = &server->answers[i];
		}
	}
	if (!other)
		return;
	facts_set_int(f, FACT_ID_SERVER_OTHER_PORT, other->port, other->when);
	facts_set_int(f, FACT_ID_SERVER_OTHER_TTL, other->ttl, other->when);
	facts_set_int(f, FACT_ID_SERVER_OTHER_TTL_DISTANCE, hops_apart(mine->ttl, other->ttl), other->when);
	facts_set_seconds(f, FACT_ID_SERVER_OTHER_RTT, seconds(other->rtt_us), other->when);
	if (is_rtt_apart(mine->rtt_us, other->rtt_us))
		facts_set_bool(f, FACT_ID_SERVER_OTHER_RTT_APART, true, other->when);
	if (has_other_domain(mine, other))
		facts_set_text(f, FACT_ID_SERVER_OTHER_NAME, called_text(&other->name), other->when);
}

/* One machine for all: as many hops, and as long a way, give or take a quarter. */
static void
set_shared(struct facts *f, const struct identities *known, const struct answer *mine)
{
	const struct shared_name *name = mine->name.len > 0
					     ? identities_name(known, called_text(&mine->name), mine->port)
					     : NULL;

	if (name && name->n_networks > 1 && name->ttl_min == name->ttl_max &&
	    name->rtt_max_us - name->rtt_min_us <= name->rtt_min_us / 4)
		facts_set_int(f, FACT_ID_SMTP_GREETING_NETWORKS, name->n_networks, mine->when);
}

static uint32_t
to_us(int64_t ns)
{
	return ns / NS_PER_US < UINT32_MAX ? (uint32_t)(ns / NS_PER_US) : UINT32_MAX;
}

/* A proxy answers for many hosts. A client that spoke first talked to one. */
static bool
is_comparable(const struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;
	struct when asked = t->side[SIDE_CLIENT].first_payload, greeting = d->said.greeting;

	return !d->proxy.is_through && t->rtt_ns > 0 && t->side[SIDE_SERVER].ttl_first != 0 &&
	       t->side[SIDE_SERVER].payload_bytes > 0 &&
	       (d->pub.is_implicit_tls ||
		(greeting.packet != 0 && (asked.packet == 0 || greeting.packet < asked.packet)));
}

static void
compare(struct dialogue *d)
{
	struct identities *known = d->context->identities;
	const struct tcp_facts *t = d->pub.tcp;
	const struct address *server = &t->end[SIDE_SERVER].address;
	struct bytes name = domain_in_greeting(d->pub.greeting);
	struct answer mine = { .port = t->end[SIDE_SERVER].port,
			       .ttl = t->side[SIDE_SERVER].ttl_first,
			       .rtt_us = to_us(t->rtt_ns),
			       .when = d->said.greeting.packet != 0 ? d->said.greeting : t->handshake };

	if (name.len > 0) {
		facts_lend_text(d->pub.facts, FACT_ID_SMTP_GREETING_NAME, name, d->said.greeting);
		mine.name = called_of(name);
	}
	if (!is_comparable(d))
		return;
	set_other(d->pub.facts, identities_server(known, server), &mine);
	identities_note_answer(known, server, &mine);
	set_shared(d->pub.facts, known, &mine);
}

/* The first name that the greetings of both addresses share. */
static struct bytes
greeting_of_both(const struct identities *known, const struct address *a, const struct address *b)
{
	const struct identity *one = identities_server(known, a), *other = identities_server(known, b);

	for (size_t i = 0; one && i < one->n_answers; i++)
		for (size_t k = 0; other && k < other->n_answers; k++) {
			struct bytes name = called_text(&one->answers[i].name);

			if (name.len > 0 && bytes_eq_nocase(name, called_text(&other->answers[k].name)))
				return name;
		}
	return bytes_of(NULL, 0);
}

/* The name that DNS gave both addresses for, else that of their greetings. */
static struct bytes
name_of_both(const struct dialogue *d, const struct over_ipv4 *o)
{
	if (o->dns_name.len > 0 && bytes_eq_nocase(o->dns_name, d->pub.server_name))
		return o->dns_name;
	return greeting_of_both(d->context->identities, &d->pub.tcp->end[SIDE_SERVER].address, &o->server);
}

static void
set_instead(struct dialogue *d)
{
	const struct over_ipv4 *o = d->context->instead;
	struct facts *f = d->pub.facts;
	struct bytes name;

	if (!o || o->syn.packet == 0)
		return;
	name = name_of_both(d, o);
	if (name.len > 0)
		facts_set_text(f, FACT_ID_CONNECT_IPV4_SAME_NAME, name, o->syn);
	if (o->is_ambiguous && name.len == 0)
		return;
	facts_set_address(f, FACT_ID_CONNECT_IPV4_SERVER, &o->server, o->syn);
	facts_set_address(f, FACT_ID_CONNECT_IPV4_CLIENT, &o->client, o->syn);
	facts_set_seconds(f, FACT_ID_CONNECT_IPV4_AFTER, (double)o->after_ns / NS_PER_S, o->syn);
	if (o->is_only)
		facts_set_bool(f, FACT_ID_CONNECT_IPV4_ONLY, true, o->syn);
}

static void
set_client(struct dialogue *d)
{
	const struct client_name *client = identities_client(d->context->identities,
							     &d->pub.tcp->end[SIDE_CLIENT].address);

	if (client)
		facts_set_text(d->pub.facts, FACT_ID_CLIENT_NAME, called_text(&client->name), client->when);
}

void
dialogue_identity_end(struct dialogue *d)
{
	const struct tcp_facts *t = d->pub.tcp;

	if (!tcp_is_established(t)) {
		set_instead(d);
		set_client(d);
		return;
	}
	compare(d);
	if (d->said.hello_name.len > 0)
		identities_note_client(d->context->identities, &t->end[SIDE_CLIENT].address, d->said.hello_name,
				       d->said.hello);
}
