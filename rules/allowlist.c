/* In: a session and the profile that concerns it. Out: whether its client is outside the allowlist, and what the
 * server's refusal means. Silent where the address that the server sees is not the one that the capture shows. */
#include "rules/allowlist.h"

#include "base/attr.h"
#include "rules/compare.h"
#include "rules/matcher.h"

/* A private address is written over on the way out, and behind a proxy the server sees another one. */
bool
allowlist_is_private(const struct address *a)
{
	static const struct {
		const char *net;
		unsigned n_bits;
	} nets[] = { { "10.0.0.0", 8 },     { "172.16.0.0", 12 }, { "192.168.0.0", 16 }, { "100.64.0.0", 10 },
		     { "169.254.0.0", 16 }, { "127.0.0.0", 8 },   { "fc00::", 7 },       { "fe80::", 10 } };

	for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
		struct address net;

		if (address_parse(nets[i].net, &net) && address_in(a, &net, nets[i].n_bits))
			return true;
	}
	return false;
}

static bool
has_only_private(const struct setting *allowlist)
{
	for (size_t i = 0; i < allowlist->n; i++)
		if (!allowlist_is_private(&allowlist->values[i].net))
			return false;
	return true;
}

/* As the tables of replies call it. */
static struct bytes
phase_of(struct bytes asked)
{
	static const struct {
		const char *asked, *phase;
	} phases[] = {
#define COMMAND(id, verb, argument, phase, asked, replied) { verb, phase },
#include "decode/smtp_commands.def"
#undef COMMAND
	};

	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (bytes_eq_str(asked, phases[i].asked))
			return bytes_str(phases[i].phase);
	return bytes_str("any");
}

static void
set_refusal(struct matcher *m, const struct session *s)
{
	const struct fact *greeting = facts_get(s->facts, FACT_ID_SMTP_GREETING_TEXT);

	for (size_t i = s->n_replies; i-- > 0;) {
		const struct reply *r = &s->replies[i];
		struct reply_asked asked = { .code = r->code,
					     .enhanced = r->enhanced,
					     .text = r->text,
					     .phase = phase_of(r->to),
					     .greeting = greeting ? greeting->text : s->greeting,
					     .server_name = s->server_name };

		if (r->code < 400)
			continue;
		facts_set_text(s->facts, FACT_ID_SMTP_REFUSAL_CAUSE, matcher_find(m, &asked)->cause, r->when);
		return;
	}
}

void
allowlist_set_facts(const struct profile *p, const struct seen *seen, const struct session *s, struct matcher *m)
{
	const struct setting *allowlist = &p->of[SETTING_ALLOWLIST];
	const struct address *client = seen_client(s);

	if (allowlist->n == 0 || client->family == 0 || setting_has_address(allowlist, client))
		return;
	if (compare_server(p, seen) == MATCH_NO || facts_get(s->facts, FACT_ID_PROXY_KIND))
		return;
	if (allowlist_is_private(client) && !has_only_private(allowlist))
		return;
	facts_set_bool(s->facts, FACT_ID_CLIENT_NOT_ALLOWLISTED, true, s->started);
	set_refusal(m, s);
}
