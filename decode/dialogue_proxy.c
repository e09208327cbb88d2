/* In: what a proxy was asked and what it answered. Out: facts. Passwords never get here. */
#include "decode/dialogue_proxy.h"

#include <stdio.h>

#include "base/attr.h"
#include "decode/dialogue.h"
#include "decode/proxy_header.h"
#include "decode/smtp_command.h"

struct code {
	const char *kind, *asked;
	unsigned code;
	const char *meaning, *reason;
};

static const struct code codes[] = {
#define PROXY_CODE(kind, asked, code, meaning, reason) { kind, asked, code, meaning, reason },
#include "decode/proxy_codes.def"
#undef PROXY_CODE
};

static bool
is_through(const struct event *e)
{
	if (bytes_eq_str(e->verb, "http-connect"))
		return e->code / 100 == 2;
	return e->code == (bytes_eq_str(e->verb, "socks4") ? 90 : 0);
}

static struct code
meaning_of(const struct event *e)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == e->code && bytes_eq_str(e->verb, codes[i].kind) &&
		    bytes_eq_str(e->text, codes[i].asked))
			return codes[i];
	if (bytes_eq_str(e->text, "login"))
		return (struct code){ .meaning = "user name or password not accepted", .reason = "login" };
	return (struct code){ .meaning = "a code that no RFC knows", .reason = "other" };
}

static void
answered(struct dialogue *d, struct facts *f, const struct event *e)
{
	struct code c;

	facts_set_int(f, FACT_ID_PROXY_CODE, e->code, e->when);
	if (is_through(e)) {
		d->proxy.opened = e->when;
		d->proxy.refused = (struct when){ 0, 0 };
		facts_unset(f, FACT_ID_PROXY_REFUSED);
		facts_unset(f, FACT_ID_PROXY_REASON);
		return;
	}
	c = meaning_of(e);
	d->proxy.refused = e->when;
	facts_set_text(f, FACT_ID_PROXY_REFUSED, bytes_str(c.meaning), e->when);
	facts_set_text(f, FACT_ID_PROXY_REASON, bytes_str(c.reason), e->when);
}

static void
set_client(struct facts *f, const struct endpoint *client, struct when when)
{
	facts_set_address(f, FACT_ID_PROXY_CLIENT, &client->address, when);
	facts_set_int(f, FACT_ID_PROXY_CLIENT_PORT, client->port, when);
}

static void
set_kind(struct dialogue *d, struct bytes kind, struct when when)
{
	d->pub.is_proxied = true;
	facts_set_text(dialogue_facts_kept(d), FACT_ID_PROXY_KIND, kind, when);
}

/* A header of the PROXY protocol; its ends are empty for a connection of the proxy itself. */
static void
announced(struct facts *f, const struct event *e)
{
	struct endpoint client, server;
	char address[ADDRESS_TEXT_MAX], target[ADDRESS_TEXT_MAX + 8];

	if (!proxy_header_endpoints(e->text, &client, &server))
		return;
	set_client(f, &client, e->when);
	snprintf(target, sizeof(target), server.address.family == 6 ? "[%s]:%u" : "%s:%u",
		 address_text(&server.address, address), server.port);
	facts_set_text(f, FACT_ID_PROXY_TARGET, bytes_str(target), e->when);
}

void
proxy_header_replied(struct dialogue *d, const struct event *e, const struct reply *r)
{
	(void)e;
	if (r->code < 400)
		return;
	d->proxy.is_header_refused = true;
	facts_set_int(dialogue_facts_kept(d), FACT_ID_PROXY_HEADER_REFUSED, r->code, r->when);
}

/* ADDR=192.0.2.1, ADDR=IPV6:2001:db8::1, NAME=host.example; what is not known is in brackets. Anything else is not
 * kept: LOGIN and its like are nobody's business. */
static void
set_attribute(struct facts *f, struct bytes attribute, struct when when)
{
	struct bytes name = bytes_split(&attribute, '=');
	struct address address;
	uint64_t port;

	if (attribute.len == 0 || attribute.p[0] == '[')
		return;
	if (bytes_is_word(name, "NAME"))
		facts_set_text(f, FACT_ID_PROXY_CLIENT_NAME, attribute, when);
	if (bytes_is_word(name, "PORT") && bytes_to_u64(attribute, UINT16_MAX, &port))
		facts_set_int(f, FACT_ID_PROXY_CLIENT_PORT, (int64_t)port, when);
	if (!bytes_is_word(name, "ADDR"))
		return;
	if (bytes_starts_nocase(attribute, "IPV6:"))
		bytes_split(&attribute, ':');
	if (proxy_header_address(attribute, &address))
		facts_set_address(f, FACT_ID_PROXY_CLIENT, &address, when);
}

void
proxy_client_asked(struct dialogue *d, const struct event *e)
{
	struct bytes rest = e->text;

	while (rest.len > 0)
		set_attribute(dialogue_facts_kept(d), bytes_split(&rest, ' '), e->when);
}

/* A server that takes XCLIENT greets anew: what it said before does not count any more. */
void
proxy_client_replied(struct dialogue *d, const struct event *e, const struct reply *r)
{
	static const enum fact_id ids[] = { FACT_ID_PROXY_CLIENT, FACT_ID_PROXY_CLIENT_PORT,
					    FACT_ID_PROXY_CLIENT_NAME };
	struct facts *f = dialogue_facts_kept(d);

	if (r->code < 400) {
		d->blocking.code = 0;
		set_kind(d, bytes_str(e->row == VERB_XCLIENT ? "xclient" : "xforward"), r->when);
		return;
	}
	if (e->row == VERB_XCLIENT)
		d->blocking = *r;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		facts_unset(f, ids[i]);
}

void
dialogue_proxy(struct dialogue *d, const struct event *e)
{
	struct facts *f = dialogue_facts_kept(d);

	if (bytes_eq_str(e->verb, "proxy-protocol")) {
		set_kind(d, e->verb, e->when);
		announced(f, e);
		return;
	}
	d->proxy.is_through = true;
	if (e->from == SIDE_CLIENT) {
		if (e->text.len > 0)
			facts_set_text(f, FACT_ID_PROXY_TARGET, e->text, e->when);
		return; /* only the answer shows that it is a proxy */
	}
	set_kind(d, e->verb, e->when);
	answered(d, f, e);
}
