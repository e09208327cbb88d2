/* In: a session that is over. Out: what it shows of server, port, TLS, names and login. What cannot be seen stays
 * empty: an encrypted dialogue has no user, one that began before the capture no missing login. */
#include "rules/seen.h"

#include <stdio.h>

#include "base/attr.h"
#include "rules/constant.h"

static const enum fact_id asked[] = {
	FACT_ID_CLIENT_ADDRESS,
	FACT_ID_SERVER_ADDRESS,
	FACT_ID_SERVER_PORT,
	FACT_ID_SERVER_NAME,
	FACT_ID_TLS_SNI,
	FACT_ID_PROXY_TARGET,
	FACT_ID_PROXY_KIND,
	FACT_ID_DNS_NAME,
	FACT_ID_SMTP_GREETING_NAME,
	FACT_ID_SMTP_STARTTLS,
	FACT_ID_SMTP_IMPLICIT_TLS,
	FACT_ID_TLS_CLIENT_HELLO,
	FACT_ID_TLS_SERVER_HELLO,
	FACT_ID_TLS_VERSION,
	FACT_ID_TLS_VERSION_NUMBER,
	FACT_ID_TLS_CLIENT_VERSION,
	FACT_ID_TLS_CLIENT_VERSION_NUMBER,
	FACT_ID_TLS_CERTIFICATE_NAMES,
	FACT_ID_TLS_ESTABLISHED,
	FACT_ID_TLS_TALKED,
	FACT_ID_SMTP_EHLO_NAME,
	FACT_ID_AUTH_MECHANISM,
	FACT_ID_AUTH_USER,
	FACT_ID_AUTH_CODE,
	FACT_ID_TCP_VANTAGE,
	FACT_ID_TCP_CLIENT_TTL,
	FACT_ID_TCP_SERVER_TTL,
	FACT_ID_TCP_MIDSTREAM,
	FACT_ID_TCP_MISSING_BYTES,
	FACT_ID_CONNECT_ESTABLISHED,
	FACT_ID_CONNECT_REFUSED,
	FACT_ID_SMTP_GREETING_WAIT,
	FACT_ID_SMTP_SERVER_BYTES,
	FACT_ID_SMTP_CLIENT_BYTES,
	FACT_ID_TCP_ONE_SIDED,
};

void
seen_wants(uint64_t *words)
{
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		words[asked[i] / 64] |= UINT64_C(1) << (asked[i] % 64);
}

static struct shown
text_fact(const struct session *s, enum fact_id id)
{
	const struct fact *f = facts_get(s->facts, id);

	return f && f->text.len > 0 ? (struct shown){ .text = f->text, .when = f->when }
				    : (struct shown){ .number = 0 };
}

static struct shown
number_fact(const struct session *s, enum fact_id id)
{
	const struct fact *f = facts_get(s->facts, id);

	return f ? (struct shown){ .number = f->number, .when = f->when } : (struct shown){ .number = 0 };
}

const struct address *
seen_client(const struct session *s)
{
	const struct fact *f = facts_get(s->facts, FACT_ID_CLIENT_ADDRESS);

	return f ? &f->address : &s->client;
}

static bool
is_true(const struct session *s, enum fact_id id)
{
	const struct fact *f = facts_get(s->facts, id);

	return f && f->truth;
}

static bool
is_kind(const struct session *s, enum fact_id id, const char *word)
{
	const struct fact *f = facts_get(s->facts, id);

	return f && bytes_eq_str(f->text, word);
}

/* The client asked a proxy for the server: the other end of the connection is the proxy. */
static bool
is_tunnel(const struct session *s)
{
	return is_kind(s, FACT_ID_PROXY_KIND, "http-connect") || is_kind(s, FACT_ID_PROXY_KIND, "socks4") ||
	       is_kind(s, FACT_ID_PROXY_KIND, "socks5");
}

/* "mail.example.com:587", "[2001:db8::1]:25" */
static void
split_target(struct seen *seen, const struct shown *target)
{
	struct bytes port = bytes_after_last(target->text, ':'), host;
	uint64_t number = 0;
	unsigned n_bits;

	if (!bytes_to_u64(port, UINT16_MAX, &number))
		return;
	host = bytes_head(target->text, target->text.len - port.len - 1);
	if (host.len > 2 && host.p[0] == '[')
		host = bytes_of(host.p + 1, host.len - 2);
	seen->port = (struct shown){ .number = (int64_t)number, .when = target->when };
	if (constant_address(host, &seen->server, &n_bits))
		return;
	seen->server.family = 0;
	seen->names[1] = (struct shown){ .text = host, .when = target->when };
}

static void
see_server(struct seen *seen, const struct session *s)
{
	const struct fact *address = facts_get(s->facts, FACT_ID_SERVER_ADDRESS);
	struct shown dns = text_fact(s, FACT_ID_DNS_NAME), target = text_fact(s, FACT_ID_PROXY_TARGET);

	seen->names[0] = text_fact(s, FACT_ID_TLS_SNI);
	seen->greeting_name = text_fact(s, FACT_ID_SMTP_GREETING_NAME).text;
	if (is_tunnel(s)) {
		split_target(seen, &target);
		return;
	}
	seen->names[2] = dns.when.packet != 0 ? dns : text_fact(s, FACT_ID_SERVER_NAME);
	seen->port = number_fact(s, FACT_ID_SERVER_PORT);
	if (address)
		seen->server = address->address;
}

struct shown
seen_name(const struct seen *seen)
{
	for (size_t i = 0; i < SEEN_NAMES; i++)
		if (seen->names[i].when.packet != 0)
			return seen->names[i];
	return (struct shown){ .number = 0 };
}

static bool
is_whole(const struct session *s)
{
	return !is_true(s, FACT_ID_TCP_MIDSTREAM) && !is_true(s, FACT_ID_TCP_ONE_SIDED) &&
	       !facts_get(s->facts, FACT_ID_TCP_MISSING_BYTES);
}

/* Nobody says a word where TLS comes first: the client waits for a greeting. */
static bool
waits_in_clear(const struct session *s)
{
	const struct fact *wait = facts_get(s->facts, FACT_ID_SMTP_GREETING_WAIT);
	struct shown of_client = number_fact(s, FACT_ID_SMTP_CLIENT_BYTES);

	return is_true(s, FACT_ID_CONNECT_ESTABLISHED) && is_whole(s) && !is_true(s, FACT_ID_TLS_CLIENT_HELLO) &&
	       number_fact(s, FACT_ID_SMTP_SERVER_BYTES).number == 0 &&
	       (of_client.number > 0 || (wait && wait->seconds >= 5));
}

/* The mode shows when TLS begins, or when mail or a login goes in clear. */
static struct shown
tls_of(const struct session *s)
{
	const struct fact *implicit = facts_get(s->facts, FACT_ID_SMTP_IMPLICIT_TLS);
	struct shown starttls = text_fact(s, FACT_ID_SMTP_STARTTLS), auth = text_fact(s, FACT_ID_AUTH_MECHANISM);
	struct shown mode = { .number = TLS_MODE_NONE, .text = bytes_str("none") };

	if (implicit && implicit->truth)
		return (struct shown){ bytes_str("implicit"), TLS_MODE_IMPLICIT, implicit->when };
	if (bytes_eq_str(starttls.text, "done"))
		return (struct shown){ bytes_str("starttls"), TLS_MODE_STARTTLS, starttls.when };
	if (is_true(s, FACT_ID_TLS_CLIENT_HELLO))
		return (struct shown){ .number = 0 };
	if (bytes_eq_str(starttls.text, "offered"))
		mode.text = bytes_str("none, although STARTTLS is offered");
	else if (bytes_eq_str(starttls.text, "none"))
		mode.text = bytes_str("none, and STARTTLS is not offered");
	else if (bytes_eq_str(starttls.text, "refused"))
		mode.text = bytes_str("none, after STARTTLS was refused");
	if (auth.when.packet != 0)
		mode.when = auth.when;
	else if (s->n_transactions > 0)
		mode.when = s->transactions[0].when;
	else if (waits_in_clear(s))
		mode = (struct shown){ bytes_str("none: the client waits for a greeting in clear"),
				       TLS_MODE_CLEAR_FIRST, s->started };
	return mode;
}

/* The version that the server chose; where it never came to that, the highest that the client offers. */
static void
see_version(struct seen *seen, const struct session *s)
{
	static const char *const offers[] = { "no more than TLS 1.0 is offered", "no more than TLS 1.1 is offered",
					      "no more than TLS 1.2 is offered", "no more than TLS 1.3 is offered" };
	struct shown chosen = number_fact(s, FACT_ID_TLS_VERSION_NUMBER);
	struct shown offered = number_fact(s, FACT_ID_TLS_CLIENT_VERSION_NUMBER);

	seen->version = chosen.when.packet != 0 ? chosen : offered;
	if (chosen.when.packet != 0)
		seen->version.text = text_fact(s, FACT_ID_TLS_VERSION).text;
	else if (offered.number >= VERSION_FIRST && offered.number < VERSION_FIRST + (int64_t)ARRAY_LEN(offers))
		seen->version.text = bytes_str(offers[offered.number - VERSION_FIRST]);
	else
		seen->version.text = text_fact(s, FACT_ID_TLS_CLIENT_VERSION).text;
}

/* A login that should be there is missed only where mail is asked for without one, in a dialogue that is whole. */
static void
see_login(struct seen *seen, const struct session *s)
{
	seen->auth = text_fact(s, FACT_ID_AUTH_MECHANISM);
	seen->user = text_fact(s, FACT_ID_AUTH_USER);
	if (seen->auth.when.packet != 0 || s->n_transactions == 0 || !is_whole(s))
		return;
	seen->auth = (struct shown){ .text = bytes_str("none"), .when = s->transactions[0].when };
}

/* No router has touched the packets of the client, and the server sent none: the capture was taken beside the client.
 */
static bool
is_beside_client(const struct session *s)
{
	struct shown ttl = number_fact(s, FACT_ID_TCP_CLIENT_TTL);
	bool is_fresh = ttl.number == 64 || ttl.number == 128 || ttl.number == 255;

	return ttl.when.packet != 0 && is_fresh && !facts_get(s->facts, FACT_ID_TCP_SERVER_TTL);
}

/* Who asks a proxy, or looks a name up in vain, is of this side, too. */
static bool
is_outgoing(const struct seen *seen, const struct session *s)
{
	if (seen->is_at_server)
		return false;
	return is_kind(s, FACT_ID_TCP_VANTAGE, "client") || is_tunnel(s) || is_beside_client(s) ||
	       facts_get(s->facts, FACT_ID_DNS_NAME);
}

static bool
seems_outgoing(const struct seen *seen, const struct session *s)
{
	return seen->names[2].when.packet != 0 || facts_get(s->facts, FACT_ID_AUTH_MECHANISM) ||
	       (seen->port.when.packet != 0 && seen->port.number != PORT_RELAY);
}

struct seen
seen_in(const struct session *s)
{
	struct seen seen = { .started = s->started };

	see_server(&seen, s);
	if (seen.server.family != 0)
		address_text(&seen.server, seen.address);
	if (seen.port.when.packet != 0)
		snprintf(seen.port_text, sizeof(seen.port_text), "%d", (int)seen.port.number % 65536);
	seen.tls = tls_of(s);
	see_version(&seen, s);
	seen.certificate = text_fact(s, FACT_ID_TLS_CERTIFICATE_NAMES);
	seen.helo = text_fact(s, FACT_ID_SMTP_EHLO_NAME);
	see_login(&seen, s);
	seen.is_at_server = is_kind(s, FACT_ID_TCP_VANTAGE, "server");
	seen.is_outgoing = is_outgoing(&seen, s);
	seen.seems_outgoing = seems_outgoing(&seen, s);
	return seen;
}
