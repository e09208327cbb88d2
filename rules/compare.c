/* In: what a session shows, and a profile of the settings. Out: each key that differs. A value that is not seen is no
 * difference. One row per key: which function compares it, and whether it says anything about another server. */
#include "rules/compare.h"

#include <string.h>

#include "base/attr.h"

#define NAME_MAX_LEN 255 /* RFC 1035 2.3.4 */

struct comparison {
	const struct profile *profile;
	const struct setting *expected; /* of the key that is compared */
	const struct seen *seen;
	const struct session *session;
	struct differences *to;
	enum setting_id id;
};

static void
differ(struct comparison *c, struct bytes seen, struct when when)
{
	struct differences *d = c->to;

	for (size_t i = 0; i < d->n; i++)
		if (d->one[i].setting == c->id && bytes_eq(d->one[i].seen, seen))
			return;
	if (d->n < EXPECT_DIFFERENCES_MAX)
		d->one[d->n++] = (struct difference){ c->id, seen, when };
}

static bool
has_words(const struct setting *s, struct bytes word)
{
	for (size_t i = 0; i < s->n; i++)
		if (bytes_eq_nocase(s->values[i].text, word))
			return true;
	return false;
}

static bool
has_number(const struct setting *s, int64_t number)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->values[i].number == number)
			return true;
	return false;
}

static bool
has_names(const struct setting *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->values[i].net.family == 0)
			return true;
	return false;
}

static bool
star_covers(struct bytes pattern, struct bytes host)
{
	size_t dot = bytes_find(host, '.');

	return bytes_starts_nocase(pattern, "*.") && dot > 0 && dot < host.len &&
	       bytes_eq_nocase(bytes_from(pattern, 1), bytes_from(host, dot));
}

bool
certificate_is_for(struct bytes names, struct bytes host)
{
	while (names.len > 0) {
		struct bytes one = bytes_trim(bytes_split(&names, ','));

		if (name_is(one, host) || star_covers(one, host) || bytes_eq_nocase(one, host))
			return true;
	}
	return false;
}

static bool
certificate_is_for_any(struct bytes names, const struct setting *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (certificate_is_for(names, s->values[i].text))
			return true;
	return false;
}

enum match
compare_server(const struct profile *p, const struct seen *seen)
{
	const struct setting *expected = &p->of[SETTING_SERVER];

	if (expected->n == 0)
		return MATCH_UNKNOWN;
	if (seen->server.family != 0 && setting_has_address(expected, &seen->server))
		return MATCH_YES;
	for (size_t i = 0; i < SEEN_NAMES; i++)
		if (setting_has_name(expected, seen->names[i].text))
			return MATCH_YES;
	if (setting_has_name(expected, seen->greeting_name))
		return MATCH_YES;
	if (!has_names(expected))
		return seen->server.family != 0 ? MATCH_NO : MATCH_UNKNOWN;
	if (seen->names[0].when.packet != 0 || seen->names[1].when.packet != 0)
		return MATCH_NO;
	/* One address may have been looked up by several names: what the server proves to be counts more. */
	if (certificate_is_for_any(seen->certificate.text, expected))
		return MATCH_YES;
	return seen_name(seen).when.packet != 0 ? MATCH_NO : MATCH_UNKNOWN;
}

static void
differ_server(struct comparison *c)
{
	struct shown name = seen_name(c->seen);

	if (has_names(c->expected) && name.when.packet != 0)
		differ(c, name.text, name.when);
	else
		differ(c, bytes_str(c->seen->address), c->seen->started);
}

static void
compare_port(struct comparison *c)
{
	const struct shown *port = &c->seen->port;

	if (port->when.packet != 0 && !has_number(c->expected, port->number))
		differ(c, bytes_str(c->seen->port_text), port->when);
}

static bool
mode_fits(int64_t expected, int64_t seen)
{
	if (seen == TLS_MODE_CLEAR_FIRST)
		return expected != TLS_MODE_IMPLICIT;
	if (expected == TLS_MODE_REQUIRED)
		return seen == TLS_MODE_STARTTLS || seen == TLS_MODE_IMPLICIT;
	return expected == seen;
}

static void
compare_tls(struct comparison *c)
{
	const struct shown *tls = &c->seen->tls;

	if (tls->when.packet == 0)
		return;
	for (size_t i = 0; i < c->expected->n; i++)
		if (mode_fits(c->expected->values[i].number, tls->number))
			return;
	differ(c, tls->text, tls->when);
}

static void
compare_tls_min(struct comparison *c)
{
	const struct shown *version = &c->seen->version;

	if (version->when.packet != 0 && version->number < c->expected->values[0].number)
		differ(c, version->text, version->when);
}

/* A list of names that was cut may have held the one that is missed. */
static void
compare_certificate(struct comparison *c)
{
	const struct shown *names = &c->seen->certificate;

	if (names->when.packet == 0 || names->text.len + NAME_MAX_LEN > TLS_NAMES_MAX)
		return;
	if (!certificate_is_for_any(names->text, c->expected))
		differ(c, names->text, names->when);
}

static void
compare_helo(struct comparison *c)
{
	const struct shown *helo = &c->seen->helo;

	if (helo->when.packet != 0 && !setting_has_name(c->expected, helo->text))
		differ(c, helo->text, helo->when);
}

static void
compare_auth(struct comparison *c)
{
	const struct shown *auth = &c->seen->auth;
	bool is_login = !bytes_eq_str(auth->text, "none");

	if (auth->when.packet == 0 || has_words(c->expected, auth->text))
		return;
	if (is_login && has_words(c->expected, bytes_str("any")))
		return;
	differ(c, is_login ? auth->text : bytes_str("none: mail without a login"), auth->when);
}

static void
compare_user(struct comparison *c)
{
	const struct shown *user = &c->seen->user, *auth = &c->seen->auth;

	if (user->when.packet != 0 && !has_words(c->expected, user->text))
		differ(c, user->text, user->when);
	else if (c->profile->of[SETTING_AUTH].n == 0 && auth->when.packet != 0 && bytes_eq_str(auth->text, "none"))
		differ(c, bytes_str("no login"), auth->when);
}

static bool
is_sender(const struct setting_value *v, struct bytes address)
{
	if (bytes_find(v->text, '@') < v->text.len)
		return bytes_eq_nocase(address, v->text);
	return name_is(bytes_after_last(address, '@'), v->text);
}

static bool
has_sender(const struct setting *s, struct bytes address)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_sender(&s->values[i], address))
			return true;
	return false;
}

/* The null sender is that of bounces, which belong to nobody. */
static void
compare_sender(struct comparison *c)
{
	const struct session *s = c->session;

	for (size_t i = 0; i < s->n_transactions; i++) {
		const struct transaction *t = &s->transactions[i];

		if (t->mail_from.len > 0 && !has_sender(c->expected, t->mail_from))
			differ(c, t->mail_from, t->when);
	}
}

static const struct {
	enum setting_id id;
	void (*compare)(struct comparison *c);
	bool is_of_server; /* it says nothing where another server answers than the one that is expected */
} comparisons[] = {
	{ SETTING_PORT, compare_port, false },      { SETTING_TLS, compare_tls, false },
	{ SETTING_TLS_MIN, compare_tls_min, true }, { SETTING_CERTIFICATE, compare_certificate, true },
	{ SETTING_HELO, compare_helo, false },      { SETTING_AUTH, compare_auth, false },
	{ SETTING_USER, compare_user, false },      { SETTING_SENDER, compare_sender, false },
};

void
compare_all(const struct profile *p, const struct seen *seen, const struct session *s, struct differences *d)
{
	struct comparison c = { .profile = p, .seen = seen, .session = s, .to = d, .id = SETTING_SERVER };
	bool is_other = compare_server(p, seen) == MATCH_NO;

	c.expected = &p->of[SETTING_SERVER];
	if (is_other)
		differ_server(&c);
	for (size_t i = 0; i < ARRAY_LEN(comparisons); i++) {
		c.id = comparisons[i].id;
		c.expected = &p->of[c.id];
		if (c.expected->n > 0 && !(is_other && comparisons[i].is_of_server))
			comparisons[i].compare(&c);
	}
}
