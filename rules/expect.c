/* In: sessions that are over, and the settings. Out: facts about the profile that concerns each, one set per
 * difference.
 *
 * A session to a server of the settings concerns them. Any other one does only when it goes out from this side: mail
 * that comes in is nobody's setting here. Of several profiles the one counts whose server and port fit, then the one
 * from which the session differs least. */
#include "rules/expect.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/hash.h"
#include "rules/allowlist.h"
#include "rules/compare.h"

/* The different values of one client and key, by their hashes: a server that sends for a thousand wrong senders shall
 * not have a thousand lines. */
struct told {
	uint64_t key; /* 0: free */
	uint64_t values[EXPECT_VALUES_MAX];
	size_t n;
};

struct expect {
	const struct settings *settings;
	struct matcher *matcher;
	struct seen seen;
	const struct profile *profile; /* that concerns the session; NULL: none */
	struct differences differences;
	size_t next;
	struct bytes servers; /* of all profiles, in words */
	struct arena texts;
	struct told told[EXPECT_CLIENTS_MAX];
};

static bool
is_named_before(const struct settings *s, size_t n, struct bytes servers)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_eq(s->profiles[i].of[SETTING_SERVER].text, servers))
			return true;
	return false;
}

/* "a, b or c" of every profile, for what goes to none of them. */
static struct bytes
all_servers(struct expect *x)
{
	const struct settings *s = x->settings;
	struct buf text;
	struct bytes kept;

	buf_init(&text, FACT_TEXT_MAX);
	for (size_t i = 0; i < s->n; i++) {
		struct bytes one = s->profiles[i].of[SETTING_SERVER].text;

		if (one.len == 0 || is_named_before(s, i, one))
			continue;
		buf_add_str(&text, text.len > 0 ? " or " : "");
		buf_add(&text, one);
	}
	kept = arena_copy(&x->texts, buf_bytes(&text));
	buf_fini(&text);
	return kept;
}

struct expect *
expect_new(const struct settings *s, struct matcher *m)
{
	struct expect *x = mem_new(sizeof(*x));

	x->settings = s;
	x->matcher = m;
	arena_init(&x->texts, FACT_TEXT_MAX);
	x->servers = all_servers(x);
	return x;
}

void
expect_free(struct expect *x)
{
	if (!x)
		return;
	arena_fini(&x->texts);
	mem_free(x);
}

void
expect_wants(uint64_t *words)
{
	seen_wants(words);
}

static bool
has_port(const struct expect *x, const struct profile *p)
{
	const struct setting *ports = &p->of[SETTING_PORT];

	for (size_t i = 0; i < ports->n; i++)
		if (ports->values[i].number == x->seen.port.number)
			return true;
	return false;
}

/* The server of the settings may be the one that others deliver to: it is seen from its own side, or is of an own
 * domain. */
static bool
may_be_incoming(const struct expect *x)
{
	if (x->seen.is_at_server || settings_owns_domain(x->settings, x->seen.greeting_name))
		return true;
	for (size_t i = 0; i < SEEN_NAMES; i++)
		if (settings_owns_domain(x->settings, x->seen.names[i].text))
			return true;
	return false;
}

/* By its address, or by what it calls itself. */
static bool
is_own_client(const struct expect *x, const struct profile *p, const struct session *s)
{
	const struct address *client = seen_client(s);

	return setting_has_address(&p->of[SETTING_ALLOWLIST], client) || allowlist_is_private(client) ||
	       setting_has_name(&p->of[SETTING_HELO], x->seen.helo.text) ||
	       settings_owns_domain(x->settings, x->seen.helo.text);
}

static bool
is_loopback(const struct address *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return (a->family == 4 && a->octets[0] == 127) ||
	       (a->family == 6 && bytes_eq(bytes_of(a->octets, sizeof(a->octets)), bytes_of(v6, sizeof(v6))));
}

/* What goes to another server than those of the settings concerns them when it certainly goes out. Where it only seems
 * so, the server must not be one of this side. */
static bool
is_concerned(const struct expect *x, const struct profile *p, const struct session *s, enum match match)
{
	const struct setting *clients = &p->of[SETTING_CLIENT];

	if (clients->n > 0)
		return setting_has_address(clients, seen_client(s));
	if (match != MATCH_YES && is_loopback(&x->seen.server))
		return false; /* a filter on the same host */
	if (x->seen.is_outgoing)
		return true;
	if (match != MATCH_YES)
		return x->seen.seems_outgoing && !may_be_incoming(x) && !allowlist_is_private(&x->seen.server);
	if (!may_be_incoming(x) || is_own_client(x, p, s))
		return true;
	return x->seen.port.number != PORT_RELAY && has_port(x, p);
}

/* How well the server and the port of a profile fit; negative: the session does not concern it. */
static int
fit(const struct expect *x, const struct profile *p, const struct session *s)
{
	enum match match = compare_server(p, &x->seen);

	return is_concerned(x, p, s, match) ? 2 * (int)match + has_port(x, p) : -1;
}

void
expect_session(struct expect *x, const struct session *s)
{
	int best = -1;

	x->profile = NULL;
	x->next = 0;
	x->differences.n = 0;
	x->seen = seen_in(s);
	for (size_t i = 0; i < x->settings->n; i++) {
		const struct profile *p = &x->settings->profiles[i];
		struct differences d = { .n = 0 };
		int how_well = fit(x, p, s);

		if (how_well < 0 || how_well < best)
			continue;
		compare_all(p, &x->seen, s, &d);
		if (how_well == best && d.n >= x->differences.n)
			continue;
		best = how_well;
		x->profile = p;
		x->differences = d;
	}
	/* Which of several profiles was meant is not known when it goes to the server of none. */
	if (x->profile && x->settings->n > 1 && compare_server(x->profile, &x->seen) == MATCH_NO)
		x->differences.n = 1;
	if (x->profile)
		allowlist_set_facts(x->profile, &x->seen, s, x->matcher);
}

/* What is told already is told again, for it is another session of the same finding; new values have their limit. */
static bool
is_one_of_few(struct expect *x, const struct session *s, const struct difference *d)
{
	const struct address *client = seen_client(s);
	uint64_t key = hash_bytes(bytes_of(client, sizeof(*client))) * SETTING_COUNT + (uint64_t)d->setting + 1;
	uint64_t value = hash_bytes(d->seen);
	struct told *t = &x->told[key % EXPECT_CLIENTS_MAX];

	if (t->key != key)
		*t = (struct told){ .key = key };
	for (size_t i = 0; i < t->n; i++)
		if (t->values[i] == value)
			return true;
	if (t->n == EXPECT_VALUES_MAX)
		return false;
	t->values[t->n++] = value;
	return true;
}

bool
expect_next(struct expect *x, const struct session *s)
{
	const struct difference *d = &x->differences.one[x->next];
	const struct when none = { .time_ns = s->started.time_ns };
	const struct setting *expected;
	struct bytes words;

	facts_clear_scope(s->facts, SCOPE_DIFFERENCE);
	if (!x->profile || x->next == x->differences.n)
		return false;
	x->next++;
	expected = &x->profile->of[d->setting];
	words = d->setting == SETTING_SERVER && x->settings->n > 1 ? x->servers : expected->text;
	facts_set_text(s->facts, FACT_ID_EXPECT_SETTING, bytes_str(setting_names[d->setting]), none);
	facts_set_text(s->facts, FACT_ID_EXPECT_EXPECTED, words, none);
	facts_set_text(s->facts, FACT_ID_EXPECT_PLACE, expected->place, none);
	facts_set_text(s->facts, FACT_ID_EXPECT_SEEN, is_one_of_few(x, s, d) ? d->seen : bytes_str("many other values"),
		       d->when);
	return true;
}
