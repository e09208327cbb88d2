/* In: DNS messages and the openings of mail connections. Out: look-ups that failed and were followed by nothing. A name
 * that is tried with the search list of the resolver (host, host.example.com) is one look-up. */
#include "decode/lookups.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"
#include "decode/domain.h"

#define REPEAT_NS (1 * NS_PER_S)        /* asked again after this: the answer did not come */
#define CONNECT_WAIT_NS (10 * NS_PER_S) /* a connection that comes later is another attempt */

struct lookups {
	struct lookup *list; /* LOOKUPS_MAX, in the order of their first packets; NULL: none yet */
	size_t n;
	int64_t next_due_ns; /* nothing is over before */
};

struct lookups *
lookups_new(void)
{
	return mem_new(sizeof(struct lookups));
}

void
lookups_free(struct lookups *l)
{
	if (!l)
		return;
	mem_free(l->list);
	mem_free(l);
}

/* "smtp", "mail2", "mx-out": what people call mail hosts. */
static bool
is_called_like_mail(const char *name)
{
	static const char *const words[] = {
		"smtp", "smtps", "mail",       "mailhost", "mailgate", "mx",       "relay",
		"mta",  "email", "submission", "out",      "outgoing", "outbound", "post"
	};
	size_t label = strcspn(name, ".");

	if (name[label] == '\0')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (label < len || strncmp(name, words[i], len) != 0)
			continue;
		if (strspn(name + len, "0123456789-") + len == label || name[len] == '-')
			return true;
	}
	return false;
}

/* name, or name.something: the search list at work. */
static bool
is_same_search(const char *base, const char *name)
{
	size_t len = strlen(base);

	return strncmp(base, name, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

static struct lookup *
find(struct lookups *l, const struct address *client, const char *name)
{
	for (size_t i = l->n; i > 0; i--)
		if (address_eq(&l->list[i - 1].client, client) && is_same_search(l->list[i - 1].name, name))
			return &l->list[i - 1];
	return NULL;
}

static void
forget(struct lookups *l, size_t at)
{
	l->n--;
	memmove(&l->list[at], &l->list[at + 1], (l->n - at) * sizeof(l->list[0]));
}

static enum lookup_error
error_of(const struct lookup *u)
{
	unsigned addresses = ASKED_A | ASKED_AAAA;

	if (u->has_address || u->has_exchange)
		return LOOKUP_FINE;
	if (u->is_null_mx)
		return LOOKUP_NULL_MX;
	if (u->truncated_types != 0)
		return u->tcp > LOOKUP_TCP_ANSWERED ? LOOKUP_TRUNCATED : LOOKUP_FINE;
	if (u->answered.packet == 0)
		return u->is_repeated ? LOOKUP_NO_ANSWER : LOOKUP_FINE;
	if (u->rcode == 3)
		return u->asked == ASKED_TLSA ? LOOKUP_FINE : LOOKUP_NO_NAME; /* most hosts have none */
	if (u->rcode == 5)
		return LOOKUP_REFUSED;
	if (u->rcode != 0)
		return LOOKUP_FAILURE;
	if (u->answered_types & ASKED_A || (u->answered_types & addresses) == addresses)
		return LOOKUP_NO_ADDRESS;
	return LOOKUP_FINE;
}

static struct lookup *
add(struct lookups *l, const struct address *client, const char *name, struct when when)
{
	struct lookup *u;

	if (!l->list)
		l->list = mem_new_array(LOOKUPS_MAX, sizeof(l->list[0]));
	if (l->n == LOOKUPS_MAX)
		forget(l, 0);
	u = &l->list[l->n++];
	*u = (struct lookup){ .client = *client, .first = when, .is_mail = is_called_like_mail(name) };
	memcpy(u->name, name, strnlen(name, sizeof(u->name) - 1));
	return u;
}

static unsigned
bit_of(unsigned type)
{
	switch (type) {
	case DNS_A:
		return ASKED_A;
	case DNS_AAAA:
		return ASKED_AAAA;
	case DNS_MX:
		return ASKED_MX;
	case DNS_TLSA:
		return ASKED_TLSA;
	default:
		return 0;
	}
}

/* The names that the domain's mail goes to are mail hosts, whatever they are called. */
static void
expect_exchanges(struct lookups *l, const struct lookup *domain, const struct dns_message *m, struct when when)
{
	struct address client = domain->client;
	char name[DNS_NAME_MAX];

	memcpy(name, domain->name, sizeof(name));
	for (size_t i = 0; i < m->n_exchanges; i++) {
		struct lookup *u = find(l, &client, m->exchanges[i]);

		if (!u)
			u = add(l, &client, m->exchanges[i], when);
		u->is_mail = true;
		u->last = when;
		memcpy(u->domain, name, sizeof(u->domain));
	}
}

static void
take_response(struct lookups *l, struct lookup *u, const struct dns_message *m, struct when when)
{
	bool is_null = m->n_exchanges == 1 && m->exchanges[0][0] == '\0';

	if (m->is_referral)
		return;
	if (m->is_truncated) {
		u->truncated = when; /* what it holds is not used, the client has to ask again over TCP (RFC 2181 9) */
		u->truncated_types |= bit_of(m->type);
		return;
	}
	u->truncated_types &= ~bit_of(m->type);
	u->has_address = u->has_address || m->n_addresses > 0;
	if (strcmp(m->name, u->name) != 0)
		return; /* of the search list */
	u->answered = when;
	u->answered_types |= bit_of(m->type);
	u->is_null_mx = u->is_null_mx || is_null;
	if (m->rcode != 0)
		u->rcode = m->rcode;
	if (m->type == DNS_MX && m->n_exchanges > 0 && !is_null) {
		u->has_exchange = true;
		expect_exchanges(l, u, m, when);
	}
}

/* RFC 7672 2.2.3 */
static bool
is_tlsa_of_mail(const struct dns_message *m)
{
	return m->type == DNS_TLSA && strncmp(m->name, "_25._tcp.", 9) == 0;
}

void
lookups_message(struct lookups *l, const struct dns_message *m, const struct address *from, const struct address *to,
		struct when when)
{
	const struct address *client = m->is_response ? to : from;
	struct lookup *u;

	if (bit_of(m->type) == 0 || m->name[0] == '\0')
		return;
	u = find(l, client, m->name);
	if (!u && m->is_response)
		return; /* the question is older than the capture */
	if (!u)
		u = add(l, client, m->name, when);
	u->last = when;
	u->resolver = m->is_response ? *from : *to;
	u->is_mail = u->is_mail || m->type == DNS_MX || is_tlsa_of_mail(m);
	if (m->is_response) {
		take_response(l, u, m, when);
	} else {
		u->is_repeated = u->is_repeated ||
				 ((u->asked & bit_of(m->type)) && when.time_ns - u->first.time_ns >= REPEAT_NS);
		u->n_queries++;
		u->asked |= bit_of(m->type);
	}
}

/* The domain whose mail exchanger the client found the host to be; empty: none. */
static struct bytes
domain_of(const struct lookups *l, const struct address *client, struct bytes host)
{
	for (size_t i = l->n; i > 0; i--)
		if (bytes_eq_str(host, l->list[i - 1].name) && address_eq(&l->list[i - 1].client, client))
			return bytes_str(l->list[i - 1].domain);
	return bytes_of(NULL, 0);
}

/* Does the mail of this look-up perhaps go to that host? Programs that guess names try several of a domain. */
static bool
leads_to(const struct lookup *u, struct bytes host, struct bytes domain)
{
	struct bytes of = bytes_str(u->domain);

	if (host.len == 0 || domain_is_related(bytes_str(u->name), host) || domain_is_related(of, host))
		return true;
	return domain.len > 0 && (bytes_eq(of, domain) || bytes_eq_str(domain, u->name));
}

void
lookups_connected(struct lookups *l, const struct address *client, struct bytes name, struct when when)
{
	struct bytes domain = domain_of(l, client, name);

	for (size_t i = 0; i < l->n; i++) {
		struct lookup *u = &l->list[i];

		if (address_eq(&u->client, client) && when.time_ns - u->last.time_ns < CONNECT_WAIT_NS &&
		    leads_to(u, name, domain))
			u->is_followed = true;
	}
}

bool
lookups_are_any(const struct lookups *l)
{
	return l->n > 0;
}

void
lookups_told(struct lookups *l, const struct address *server, struct bytes name)
{
	for (size_t i = 0; i < l->n; i++)
		if (address_eq(&l->list[i].client, server) && bytes_eq_nocase(bytes_str(l->list[i].name), name))
			l->list[i].is_check = true;
}

void
lookups_tcp_opened(struct lookups *l, const struct address *client, struct when when)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lookup *u = &l->list[i];

		if (u->truncated_types == 0 || !address_eq(&u->client, client))
			continue;
		u->n_tcp++;
		u->last = when;
	}
}

void
lookups_tcp_closed(struct lookups *l, const struct address *client, enum lookup_tcp what, struct when when)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lookup *u = &l->list[i];

		if (u->n_tcp == 0 || !address_eq(&u->client, client))
			continue;
		u->n_tcp--;
		u->tcp = what;
		u->tcp_end = when;
	}
}

/* A mail is one attempt, however many exchangers its domain has. False: one of them has an address. */
static bool
take_siblings(struct lookups *l, struct lookup *failed)
{
	for (size_t i = 0; i < l->n && failed->domain[0] != '\0';) {
		struct lookup *u = &l->list[i];

		if (strcmp(u->domain, failed->domain) != 0 || !address_eq(&u->client, &failed->client)) {
			i++;
			continue;
		}
		if (u->has_address || u->is_followed)
			return false;
		failed->n_queries += u->n_queries;
		if (u->n_queries > 0)
			failed->last = u->last;
		forget(l, i);
	}
	return true;
}

bool
lookups_next(struct lookups *l, int64_t now_ns, struct lookup *failed, enum lookup_error *error)
{
	if (now_ns < l->next_due_ns)
		return false;
	l->next_due_ns = now_ns;
	for (size_t i = 0; i < l->n;) {
		struct lookup *u = &l->list[i];

		if (now_ns != INT64_MAX && (u->n_tcp > 0 || now_ns - u->last.time_ns < LOOKUP_WAIT_NS)) {
			i++;
			continue;
		}
		*failed = *u;
		forget(l, i);
		*error = error_of(failed);
		if (*error != LOOKUP_FINE && failed->is_mail && !failed->is_followed && !failed->is_check &&
		    failed->n_queries > 0 && take_siblings(l, failed))
			return true;
	}
	for (size_t i = 0; i < l->n; i++)
		if (i == 0 || l->list[i].last.time_ns + LOOKUP_WAIT_NS < l->next_due_ns)
			l->next_due_ns = l->list[i].last.time_ns + LOOKUP_WAIT_NS;
	return false;
}
