/* In: a session that is over. Out: facts about the product whose words were seen, and about what the client's network
 * does to the port. Remembers greetings and replies by their hash, so that servers that say the same cost one search.
 */
#include "rules/devices.h"

#include "base/alloc.h"
#include "base/attr.h"
#include "base/hash.h"
#include "base/limits.h"
#include "rules/regex.h"

struct remembered {
	uint64_t hash;                 /* 0: free */
	const struct fingerprint *row; /* NULL: none fits */
};

struct devices {
	const struct knowledge *k;
	struct lazy_regex *products, *networks;
	struct remembered memory[DEVICES_MEMORY_MAX];
};

struct devices *
devices_new(const struct knowledge *k)
{
	struct devices *d = mem_new(sizeof(*d));

	d->k = k;
	d->products = mem_new_array(k->n_fingerprints, sizeof(d->products[0]));
	d->networks = mem_new_array(k->n_policies, sizeof(d->networks[0]));
	return d;
}

void
devices_free(struct devices *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->k->n_fingerprints; i++)
		regex_free(d->products[i].regex);
	for (size_t i = 0; i < d->k->n_policies; i++)
		regex_free(d->networks[i].regex);
	mem_free(d->products);
	mem_free(d->networks);
	mem_free(d);
}

static struct bytes
text_of(const struct facts *f, enum fact_id id)
{
	const struct fact *value = facts_get(f, id);

	return value ? value->text : bytes_of(NULL, 0);
}

static const struct fingerprint *
search(struct devices *d, const char *match_on, struct bytes text)
{
	for (size_t i = 0; i < d->k->n_fingerprints; i++) {
		const struct fingerprint *row = &d->k->fingerprints[i];

		if (bytes_eq_str(row->match_on, match_on) && regex_lazy_matches(&d->products[i], row->regex, text))
			return row;
	}
	return NULL;
}

static const struct fingerprint *
recognise(struct devices *d, const char *match_on, struct bytes text)
{
	uint64_t hash = hash_bytes(text) + (uint8_t)match_on[0];
	struct remembered *r = &d->memory[hash % DEVICES_MEMORY_MAX];

	if (r->hash != hash || hash == 0) {
		r->row = search(d, match_on, text);
		r->hash = hash;
	}
	return r->row;
}

/* "mx.example.com" is in "example.com|example.net" */
static bool
is_of_vendor(struct bytes name, struct bytes domains)
{
	while (domains.len > 0) {
		struct bytes domain = bytes_split(&domains, '|');
		size_t more = name.len - domain.len;

		if (name.len >= domain.len && bytes_eq_nocase(bytes_from(name, more), domain) &&
		    (more == 0 || name.p[more - 1] == '.'))
			return true;
	}
	return false;
}

static void
set_product(struct facts *f, const struct fingerprint *row, const char *seen_in, const struct fact *text)
{
	struct when none = {
		.time_ns = text->when.time_ns
	}; /* our reading of a packet is no evidence, the packet is */

	facts_set_text(f, FACT_ID_PRODUCT_TEXT, text->text, text->when);
	facts_set_text(f, FACT_ID_PRODUCT_NAME, row->product, none);
	facts_set_text(f, FACT_ID_PRODUCT_SEEN_IN, bytes_str(seen_in), none);
	facts_set_text(f, FACT_ID_PRODUCT_PLACE, row->place, none);
	facts_set_text(f, FACT_ID_PRODUCT_CONFIDENCE, row->confidence, none);
	facts_set_text(f, FACT_ID_PRODUCT_MEANING, row->meaning, none);
	if (is_of_vendor(text_of(f, FACT_ID_SMTP_GREETING_NAME), row->vendor))
		facts_set_bool(f, FACT_ID_PRODUCT_OF_VENDOR, true, none);
}

static const struct fingerprint *
product_by_keyword(struct devices *d, struct bytes keywords)
{
	const struct fingerprint *row = NULL;

	while (keywords.len > 0 && !row)
		row = recognise(d, "ehlo-keyword", bytes_split(&keywords, ' '));
	return row;
}

static void
set_product_facts(struct devices *d, const struct session *s)
{
	struct facts *f = s->facts;
	const struct fact *greeting = facts_get(f, FACT_ID_SMTP_GREETING_TEXT);
	const struct fact *keywords = facts_get(f, FACT_ID_SMTP_EHLO_OTHER);
	const struct fingerprint *row = greeting ? recognise(d, "greeting-text", greeting->text) : NULL;

	if (row) {
		set_product(f, row, "greeting", greeting);
		return;
	}
	row = keywords ? product_by_keyword(d, keywords->text) : NULL;
	if (row) {
		set_product(f, row, "answer to EHLO", keywords);
		return;
	}
	for (size_t i = 0; i < s->n_replies; i++) {
		const struct reply *r = &s->replies[i];
		struct fact text = { .when = r->when, .text = r->text };

		row = r->code >= 400 ? recognise(d, "reply-text", r->text) : NULL;
		if (!row)
			continue;
		set_product(f, row, "reply", &text);
		return;
	}
}

static struct bytes
policy_for(const struct policy_row *row, int64_t port)
{
	static const int64_t ports[POLICY_PORTS] = { 25, 465, 587, 2525 };

	for (size_t i = 0; i < POLICY_PORTS; i++)
		if (ports[i] == port && !bytes_starts_nocase(row->ports[i], "open"))
			return row->ports[i];
	return bytes_of(NULL, 0);
}

static void
set_policy_facts(struct devices *d, struct facts *f)
{
	const struct fact *name = facts_get(f, FACT_ID_CLIENT_NAME), *port = facts_get(f, FACT_ID_SERVER_PORT);

	for (size_t i = 0; name && port && i < d->k->n_policies; i++) {
		const struct policy_row *row = &d->k->policies[i];
		struct bytes policy = policy_for(row, port->number);
		bool is_read = bytes_eq_str(row->verified, "seen");

		if (policy.len == 0 || !regex_lazy_matches(&d->networks[i], row->regex, name->text))
			continue;
		facts_set_text(f, FACT_ID_CLIENT_PROVIDER, row->provider, name->when);
		facts_set_text(f, FACT_ID_CLIENT_PORT_POLICY, policy, name->when);
		facts_set_text(f, FACT_ID_CLIENT_PORT_POLICY_BASIS, bytes_str(is_read ? "known" : "said"), name->when);
		facts_set_text(f, FACT_ID_CLIENT_PORT_POLICY_ADVICE, row->advice, name->when);
		facts_set_text(f, FACT_ID_CLIENT_PORT_POLICY_SOURCE, row->source, name->when);
		return;
	}
}

void
devices_set_facts(struct devices *d, const struct session *s)
{
	set_product_facts(d, s);
	set_policy_facts(d, s->facts);
}
