/* In: sessions at their end. Out: counts per value, and a record of each failure. What went well is only counted. */
#include "rules/census.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/hash.h"

#define ENDPOINT_LEN 24 /* whole words, which are hashed fastest */
#define ROOM_FIRST 64

struct census *
census_new(void)
{
	struct census *c = mem_new(sizeof(*c));

	for (int i = 0; i < CENSUS_COUNT; i++)
		census_table_init(&c->of[i], i <= CENSUS_TLS);
	return c;
}

void
census_free(struct census *c)
{
	if (!c)
		return;
	for (int i = 0; i < CENSUS_COUNT; i++)
		census_table_fini(&c->of[i]);
	mem_free(c->failures);
	mem_free(c->good_ns);
	mem_free(c);
}

size_t
census_n_failures(const struct census *c)
{
	return c->n_failures < CENSUS_FAILURES_MAX ? (size_t)c->n_failures : CENSUS_FAILURES_MAX;
}

size_t
census_n_good(const struct census *c)
{
	return c->n_good < CENSUS_TIMES_MAX ? (size_t)c->n_good : CENSUS_TIMES_MAX;
}

uint32_t
census_key_of(uint64_t packet, unsigned code, struct bytes recipient)
{
	uint64_t h = recipient.len > 0 ? hash_bytes(bytes_head(recipient, CENSUS_KEY_MAX)) : 0;
	uint32_t key = (uint32_t)(packet * UINT64_C(0x9e3779b1) + code + (h ^ h >> 32));

	return key != 0 ? key : 1;
}

/* octets, family, port: comparing these is much cheaper than printing every address of a long capture. */
static struct bytes
endpoint_key(const struct address *a, uint16_t port, uint8_t key[ENDPOINT_LEN])
{
	memset(key, 0, ENDPOINT_LEN);
	memcpy(key, a->octets, sizeof(a->octets));
	key[16] = a->family;
	key[17] = (uint8_t)(port >> 8);
	key[18] = (uint8_t)port;
	return bytes_of(key, a->family != 0 ? ENDPOINT_LEN : 0);
}

struct endpoint
census_endpoint(struct bytes key)
{
	struct endpoint e = { .address.family = key.p[16] };

	memcpy(e.address.octets, key.p, sizeof(e.address.octets));
	e.port = (uint16_t)(key.p[17] << 8 | key.p[18]);
	return e;
}

static void
count(struct census *c, enum census_of of, size_t value, enum luck luck)
{
	if (value > 0)
		c->of[of].rows[value - 1].luck[luck]++;
}

static enum luck
luck_of_attempt(enum outcome o)
{
	if (o == OUTCOME_DELIVERED)
		return LUCK_GOOD;
	return o == OUTCOME_UNKNOWN || o == OUTCOME_NO_MAIL ? LUCK_OTHER : LUCK_BAD;
}

/* A recipient had luck when it was accepted and the message as well. */
static enum luck
luck_of_recipient(const struct transaction *t, const struct recipient *r)
{
	if (r->reply.code >= 400 || t->reply.code >= 400)
		return LUCK_BAD;
	return t->is_accepted && r->reply.code >= 200 && r->reply.code < 300 ? LUCK_GOOD : LUCK_OTHER;
}

static const char *
tls_mode(const struct session *s)
{
	if (s->is_implicit_tls)
		return "implicit";
	if (s->starttls == STARTTLS_DONE || s->starttls == STARTTLS_REFUSED)
		return "starttls";
	return s->phase > PHASE_EHLO ? "none" : "";
}

static RARE void
keep_more(struct census *c)
{
	c->failures_room = c->failures_room > 0 ? 2 * c->failures_room : ROOM_FIRST;
	c->failures = mem_resize(c->failures, c->failures_room * sizeof(c->failures[0]));
}

static void
keep_failure(struct census *c, const struct census_failure *f)
{
	if (c->n_failures == c->failures_room && c->failures_room < CENSUS_FAILURES_MAX)
		keep_more(c);
	c->failures[c->n_failures++ % CENSUS_FAILURES_MAX] = *f;
}

static void
keep_good(struct census *c, int64_t started_ns)
{
	if (c->n_good == c->good_room && c->good_room < CENSUS_TIMES_MAX) {
		c->good_room = c->good_room > 0 ? 2 * c->good_room : ROOM_FIRST;
		c->good_ns = mem_resize(c->good_ns, c->good_room * sizeof(c->good_ns[0]));
	}
	c->good_ns[c->n_good++ % CENSUS_TIMES_MAX] = started_ns;
}

/* What was refused: the sender, this recipient, or the message. */
static uint32_t
key_of_refusal(const struct transaction *t, const struct recipient *r)
{
	if (t->mail_reply.code >= 400)
		return census_key_of(t->mail_reply.when.packet, t->mail_reply.code, bytes_of(NULL, 0));
	if (r && r->reply.code >= 400)
		return census_key_of(r->reply.when.packet, r->reply.code, r->address);
	return census_key_of(t->reply.when.packet, t->reply.code, bytes_of(NULL, 0));
}

/* Most often it is the domain of the recipient before. */
static size_t
look_domain(struct census *c, struct bytes domain)
{
	uint8_t lower[CENSUS_KEY_MAX];
	size_t n = domain.len < sizeof(lower) ? domain.len : sizeof(lower);

	if (c->last_domain > 0 && bytes_eq(bytes_of(c->last_domain_text, c->last_domain_len), bytes_head(domain, n)))
		return c->last_domain;
	for (size_t i = 0; i < n; i++)
		lower[i] = domain.p[i] >= 'A' && domain.p[i] <= 'Z' ? (uint8_t)(domain.p[i] | 0x20) : domain.p[i];
	c->last_domain = census_table_look(&c->of[CENSUS_DOMAIN], bytes_of(lower, n));
	c->last_domain_len = n;
	if (n > 0)
		memcpy(c->last_domain_text, domain.p, n);
	return c->last_domain;
}

static void
count_taken(struct census *c, const uint16_t *value, bool is_good)
{
	for (int of = 0; of < CENSUS_COUNT; of++) {
		struct census_row *row = value[of] > 0 ? &c->of[of].rows[value[of] - 1] : NULL;

		if (!row)
			continue;
		row->taken++;
		row->got += is_good;
	}
}

static void
add_recipient(struct census *c, struct census_failure *record, const struct transaction *t, const struct recipient *r)
{
	enum luck luck = luck_of_recipient(t, r);
	uint16_t *value = record->value;

	value[CENSUS_RECIPIENT] = (uint16_t)census_table_look(&c->of[CENSUS_RECIPIENT], r->address);
	value[CENSUS_DOMAIN] = (uint16_t)look_domain(c, bytes_after_last(r->address, '@'));
	count(c, CENSUS_RECIPIENT, value[CENSUS_RECIPIENT], luck);
	count(c, CENSUS_DOMAIN, value[CENSUS_DOMAIN], luck);
	c->n_recipients++;
	if (r->reply.code >= 200 && r->reply.code < 300)
		count_taken(c, value, luck == LUCK_GOOD);
	if (luck != LUCK_BAD)
		return;
	record->key = key_of_refusal(t, r);
	keep_failure(c, record);
}

static void
add_transaction(struct census *c, struct census_failure *record, const struct transaction *t)
{
	bool is_refused = t->mail_reply.code >= 400 || t->reply.code >= 400;

	record->is_recipient = true;
	record->value[CENSUS_SENDER] = (uint16_t)census_table_look(&c->of[CENSUS_SENDER], t->mail_from);
	count(c, CENSUS_SENDER, record->value[CENSUS_SENDER],
	      t->is_accepted ? LUCK_GOOD
	      : is_refused   ? LUCK_BAD
			     : LUCK_OTHER);
	for (size_t i = 0; i < t->n_recipients; i++)
		add_recipient(c, record, t, &t->recipients[i]);
	if (t->n_recipients > 0 || !is_refused)
		return;
	record->value[CENSUS_RECIPIENT] = record->value[CENSUS_DOMAIN] = 0;
	record->key = key_of_refusal(t, NULL);
	keep_failure(c, record);
}

/* An attempt whose end TLS hides got at least as far as to what is said under it. */
static uint8_t
phase_reached(const struct session *s, enum luck luck)
{
	bool is_hidden = luck == LUCK_OTHER && s->is_encrypted && !s->is_decrypted;

	return (uint8_t)(is_hidden && s->phase < PHASE_AUTH ? PHASE_AUTH : s->phase);
}

static void
look_at_ends(struct census *c, const struct session *s, uint16_t *value)
{
	const struct address *client = s->tcp ? &s->tcp->end[SIDE_CLIENT].address : &s->client;
	uint8_t key[ENDPOINT_LEN];

	value[CENSUS_CLIENT] = (uint16_t)census_table_look(&c->of[CENSUS_CLIENT], endpoint_key(client, 0, key));
	if (s->tcp) {
		const struct endpoint *server = &s->tcp->end[SIDE_SERVER];

		value[CENSUS_SERVER] = (uint16_t)census_table_look(&c->of[CENSUS_SERVER],
								   endpoint_key(&server->address, server->port, key));
	}
	value[CENSUS_TLS] = (uint16_t)census_table_look(&c->of[CENSUS_TLS], bytes_str(tls_mode(s)));
}

static void
count_attempt(struct census *c, const struct census_failure *seen, enum luck luck)
{
	for (int of = 0; of <= CENSUS_TLS; of++) {
		size_t value = seen->value[of];

		count(c, (enum census_of)of, value, luck);
		if (value > 0 && luck != LUCK_GOOD)
			c->of[of].stopped[value - 1][seen->phase]++;
	}
}

void
census_add(struct census *c, const struct session *s)
{
	struct census_failure seen = { .session = s->id, .started_ns = s->started.time_ns };
	enum luck luck = luck_of_attempt(s->outcome);

	seen.phase = phase_reached(s, luck);
	look_at_ends(c, s, seen.value);
	c->n_attempts++;
	count_attempt(c, &seen, luck);
	if (luck == LUCK_GOOD)
		keep_good(c, s->started.time_ns);
	if (luck == LUCK_BAD)
		keep_failure(c, &seen);
	for (size_t i = 0; i < s->n_transactions; i++)
		add_transaction(c, &seen, &s->transactions[i]);
}
