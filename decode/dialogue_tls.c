/* In: the bytes that are TLS. Out: what they show; with keys, a second SMTP machine reads what is inside (RFC 3207 4.2:
 * the dialogue begins anew). When the keys are not written yet, the bytes wait for them. */
#include "decode/dialogue_tls.h"

#include "base/attr.h"
#include "base/limits.h"
#include "decode/redact.h"
#include "decode/tls.h"
#include "decode/tls_hold.h"
#include "decode/tls_keys.h"

#define LOOK_EVERY_NS (50 * NS_PER_S / 1000) /* of packet time, for new keys */

struct smtp *
dialogue_smtp(const struct dialogue *d)
{
	return d->inside.is_open ? d->inside.smtp : d->smtp;
}

static void
on_plain(void *user, enum side from, struct bytes data, struct when when)
{
	struct dialogue *d = user;

	if (!d->inside.is_open) {
		struct smtp_start how = { .event = d->context->pseudonyms ? dialogue_event_redacted : dialogue_event,
					  .user = d,
					  .trace = d->context->trace,
					  .is_midstream = d->pub.tcp->is_midstream && d->pub.starttls != STARTTLS_DONE,
					  .is_greeted = d->pub.starttls == STARTTLS_DONE };

		if (!d->inside.smtp)
			d->inside.smtp = smtp_new();
		smtp_start(d->inside.smtp, &how);
		d->inside.is_open = true;
	}
	smtp_feed(d->inside.smtp, from, data, when);
}

static struct tls *
begin(struct dialogue *d, bool is_last_try)
{
	struct tls_start start = { .arena = &d->pub.arena,
				   .trust = d->context->trust,
				   .keys = d->context->keys,
				   .is_last_try = is_last_try,
				   .plain = on_plain,
				   .user = d };

	return tls_new(&start);
}

static void
let_go(struct dialogue *d)
{
	tls_hold_free(d->inside.hold);
	d->inside.hold = NULL;
}

static void
again(struct dialogue *d, bool is_last_try)
{
	struct tls *before = d->inside.tls;

	d->inside.tls = begin(d, is_last_try);
	tls_hold_replay(d->inside.hold, d->inside.tls);
	tls_free(before);
	if (!tls_wants_keys(d->inside.tls))
		let_go(d);
}

static bool
has_secret(const struct dialogue *d, enum tls_secret which)
{
	struct bytes random = tls_client_random(d->inside.tls), secret;

	return random.len > 0 && tls_keys_find(d->context->keys, which, random.p, &secret);
}

static bool
has_key(const struct dialogue *d)
{
	return has_secret(d, TLS_SECRET_MASTER) || has_secret(d, TLS_SECRET_SERVER_TRAFFIC);
}

static void
look_for_keys(struct dialogue *d, struct when now)
{
	struct dialogue_context *c = d->context;

	if (now.time_ns - c->keys_looked_ns < LOOK_EVERY_NS && now.time_ns >= c->keys_looked_ns)
		return;
	c->keys_looked_ns = now.time_ns;
	tls_keys_refresh(c->keys);
	if (d->inside.keys_version == tls_keys_version(c->keys))
		return;
	d->inside.keys_version = tls_keys_version(c->keys);
	if (has_key(d))
		again(d, false);
}

void
dialogue_tls(void *dialogue, enum side from, struct bytes data, uint64_t missing, struct when when)
{
	struct dialogue *d = dialogue;

	if (!d->inside.tls) {
		d->inside.tls = begin(d, false);
		if (d->context->keys && tls_keys_are_expected(d->context->keys))
			d->inside.hold = tls_hold_new(&d->context->tls_held);
	}
	if (d->inside.hold && !tls_hold_add(d->inside.hold, from, data, missing, when))
		let_go(d);
	if (missing > 0)
		tls_missing(d->inside.tls, from, missing, when);
	else
		tls_feed(d->inside.tls, from, data, when);
	if (d->inside.hold && tls_wants_keys(d->inside.tls))
		look_for_keys(d, when);
	else if (d->inside.hold && d->inside.is_open)
		let_go(d);
}

bool
dialogue_tls_waits(const struct dialogue *d)
{
	return d->inside.hold && tls_wants_keys(d->inside.tls);
}

void
dialogue_tls_finish(struct dialogue *d)
{
	if (!d->inside.tls)
		return;
	if (dialogue_tls_waits(d)) {
		tls_keys_refresh(d->context->keys);
		if (has_key(d) || has_secret(d, TLS_SECRET_SERVER_HANDSHAKE)) /* more there is not, where it failed */
			again(d, true);
	}
	let_go(d);
	d->pub.tls = tls_info(d->inside.tls);
	d->pub.is_decrypted = d->inside.is_open;
	if (d->inside.is_open)
		smtp_finish(d->inside.smtp);
}

void
dialogue_tls_clear(struct dialogue *d)
{
	tls_free(d->inside.tls);
	d->inside.tls = NULL;
	let_go(d);
	d->inside.is_open = false;
}
