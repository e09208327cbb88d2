/* In: what a proxy was asked and what it answered. Out: facts. Passwords never get here. */
#include "decode/dialogue_proxy.h"

#include "base/attr.h"
#include "decode/dialogue.h"

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

void
dialogue_proxy(struct dialogue *d, const struct event *e)
{
	struct facts *f = dialogue_facts_kept(d);

	d->proxy.is_through = true;
	if (e->from == SIDE_CLIENT) {
		if (e->text.len > 0)
			facts_set_text(f, FACT_ID_PROXY_TARGET, e->text, e->when);
		return; /* only the answer shows that it is a proxy */
	}
	facts_set_text(f, FACT_ID_PROXY_KIND, e->verb, e->when);
	answered(d, f, e);
}
