/* In: datagrams of the DNS. Out: the name for an address; and a session for each look-up of a mail host that failed and
 * was followed by nothing. */
#include "decode/dns.h"

#include "base/alloc.h"
#include "decode/decode.h"
#include "decode/dialogue_context.h"
#include "decode/facts_store.h"
#include "decode/host_names.h"
#include "decode/lookups.h"

struct dns {
	struct host_names *names;
	struct lookups *lookups;
};

struct dns *
dns_new(void)
{
	struct dns *d = mem_new(sizeof(*d));

	d->names = host_names_new();
	d->lookups = lookups_new();
	return d;
}

void
dns_free(struct dns *d)
{
	if (!d)
		return;
	host_names_free(d->names);
	lookups_free(d->lookups);
	mem_free(d);
}

void
dns_datagram(struct dns *d, const struct datagram *datagram)
{
	struct dns_message m;

	if (!dns_message_parse(datagram->data, &m))
		return;
	for (size_t i = 0; m.is_response && i < m.n_addresses; i++)
		host_names_note(d->names, &m.addresses[i], m.name);
	lookups_message(d->lookups, &m, &datagram->from.address, &datagram->to.address, datagram->when);
}

void
dns_connected(struct dns *d, const struct address *client, struct when when)
{
	lookups_connected(d->lookups, client, when);
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
	};
	struct when when = u->answered.packet != 0 ? u->answered : u->first;

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

uint64_t
dns_tell(struct dns *d, int64_t now_ns, struct dialogue_context *context, uint64_t *n_ids)
{
	enum lookup_error error;
	struct lookup u;
	uint64_t n = 0;

	while (lookups_next(d->lookups, now_ns, &u, &error)) {
		struct session s = { .id = ++*n_ids,
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
