/* In: what is known of TLS. Out: facts. What an alert means is said by rules; here stands only who sent it and when. */
#include "decode/tls_facts.h"

#include <string.h>
#include <time.h>

#include <openssl/ssl.h>

#include "base/attr.h"
#include "base/buf.h"
#include "decode/dialogue_tcp.h"
#include "decode/domain.h"
#include "decode/facts_store.h"
#include "decode/tls_hello.h"
#include "decode/tls_suite.h"

static const char *const side_words[] = { [SIDE_CLIENT] = "client", [SIDE_SERVER] = "server" };

static void
set_truth(struct facts *f, enum fact_id id, bool truth, struct when when)
{
	if (truth)
		facts_set_bool(f, id, true, when);
}

static void
set_word(struct facts *f, enum fact_id id, const char *word, struct when when)
{
	if (word)
		facts_lend_text(f, id, bytes_str(word), when);
}

static void
lend(struct facts *f, enum fact_id id, struct bytes text, struct when when)
{
	if (text.len > 0)
		facts_lend_text(f, id, text, when);
}

static void
add_offer(const struct tls_info *t, struct facts *f)
{
	struct when when = t->client_hello;

	if (when.packet == 0)
		return;
	facts_set_bool(f, FACT_ID_TLS_CLIENT_HELLO, true, when);
	facts_set_int(f, FACT_ID_TLS_CLIENT_VERSION_NUMBER, t->version_max, when);
	set_word(f, FACT_ID_TLS_CLIENT_VERSION, tls_version_name(t->version_max), when);
	lend(f, FACT_ID_TLS_CLIENT_VERSIONS, t->versions, when);
	lend(f, FACT_ID_TLS_CLIENT_CIPHERS, t->suites, when);
	lend(f, FACT_ID_TLS_CLIENT_GROUPS, t->groups, when);
	lend(f, FACT_ID_TLS_CLIENT_SIGNATURES, t->signatures, when);
	lend(f, FACT_ID_TLS_SNI, t->sni, when);
	lend(f, FACT_ID_TLS_ALPN, t->alpn, when);
}

static void
add_choice(const struct tls_info *t, struct facts *f)
{
	struct when when = t->server_hello;

	if (when.packet == 0)
		return;
	facts_set_bool(f, FACT_ID_TLS_SERVER_HELLO, true, when);
	facts_set_int(f, FACT_ID_TLS_VERSION_NUMBER, t->version, when);
	set_word(f, FACT_ID_TLS_VERSION, tls_version_name(t->version), when);
	set_word(f, FACT_ID_TLS_CIPHER, tls_suite_name(t->suite), when);
	set_truth(f, FACT_ID_TLS_ANONYMOUS, tls_suite_is_anonymous(t->suite), when);
	set_truth(f, FACT_ID_TLS_RESUMED, t->is_resumed, when);
	set_truth(f, FACT_ID_TLS_RETRIED, t->is_retried, when);
	set_truth(f, FACT_ID_TLS_STAPLED, t->is_stapled, t->certificate);
	if (t->has_client_certificate || t->wants_client_certificate)
		set_word(f, FACT_ID_TLS_CLIENT_CERTIFICATE, t->has_client_certificate ? "given" : "asked", when);
	if (t->dh_bits > 0)
		facts_set_int(f, FACT_ID_TLS_DH_BITS, t->dh_bits, when);
}

/* The last packet of what the server has to send before the client can judge it; packet 0: it did not come. */
static struct when
server_flight(const struct tls_info *t)
{
	return t->version == TLS_1_3 ? t->finished[SIDE_SERVER] : t->server_done;
}

static void
add_alert(const struct tls_info *t, struct facts *f)
{
	const struct tls_alert *a = &t->alert;

	if (a->when.packet == 0)
		return;
	set_word(f, FACT_ID_TLS_ALERT_FROM, side_words[a->from], a->when);
	set_word(f, FACT_ID_TLS_ALERT_AFTER, a->after, a->when);
	set_truth(f, FACT_ID_TLS_ALERT_HIDDEN, a->is_hidden, a->when);
	if (a->is_hidden)
		return;
	facts_set_int(f, FACT_ID_TLS_ALERT, a->number, a->when);
	set_word(f, FACT_ID_TLS_ALERT_NAME, SSL_alert_desc_string_long(a->number), a->when);
}

/* RFC 8446 6.2: those that can only be about the certificate of the other side. */
static bool
is_about_certificate(uint8_t alert)
{
	return (alert >= 41 && alert <= 46) || alert == 48 || alert == 113;
}

static bool
client_closed(const struct dialogue *d)
{
	return d->pub.closed_by == CLOSED_BY_CLIENT && !tcp_is_one_sided(d->pub.tcp);
}

static bool
has_reached_client(const struct dialogue *d, struct when when)
{
	struct when unacked = d->pub.tcp->side[SIDE_SERVER].unacked;

	return unacked.packet == 0 || unacked.packet > when.packet;
}

/* Where the client would have had to send its Finished, it left. */
static const char *
rejection(const struct dialogue *d, const struct tls_info *t, struct when *when)
{
	const struct tls_alert *a = &t->alert;
	bool is_close = !a->is_hidden && a->number == 0;

	*when = a->when;
	if (a->when.packet != 0 && a->from == SIDE_CLIENT && !is_close) {
		if (a->is_hidden)
			return server_flight(t).packet != 0 ? "hidden alert" : NULL;
		return is_about_certificate(a->number) ? "alert" : NULL;
	}
	if (a->when.packet != 0 && a->from == SIDE_SERVER)
		return NULL;
	*when = tcp_closed(d->pub.tcp);
	if (t->is_lossy || server_flight(t).packet == 0 || t->is_resumed || !client_closed(d) ||
	    !has_reached_client(d, server_flight(t)))
		return NULL;
	if (t->finished[SIDE_CLIENT].packet == 0)
		return "close";
	if (t->talked[SIDE_CLIENT].packet != 0 || t->is_decrypted)
		return NULL;
	if (t->left.packet != 0)
		*when = t->left;
	return "left";
}

bool
tls_has_failed(const struct tls_info *t, bool is_over)
{
	const struct tls_alert *a = &t->alert;
	bool is_answer = a->is_hidden && a->from == SIDE_SERVER; /* TLS 1.3: to a client that has gone on already */

	if (t->client_hello.packet == 0 || t->is_decrypted || (t->talked[SIDE_CLIENT].packet != 0 && !is_answer))
		return false;
	if (a->when.packet != 0 && (a->is_fatal || !tls_is_established(t)))
		return true;
	return is_over && !t->is_lossy;
}

static struct bytes
day_text(char *room, size_t size, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return bytes_of(NULL, 0);
	return bytes_of(room, strftime(room, size, "%Y-%m-%d", &tm));
}

static void
add_validity(const struct tls_certificate *c, struct facts *f, struct when when)
{
	int64_t now_s = when.time_ns / NS_PER_S;
	char room[32];

	facts_set_text(f, FACT_ID_TLS_CERTIFICATE_NOT_BEFORE, day_text(room, sizeof(room), c->not_before_s), when);
	facts_set_text(f, FACT_ID_TLS_CERTIFICATE_NOT_AFTER, day_text(room, sizeof(room), c->not_after_s), when);
	if (now_s > c->not_after_s)
		facts_set_seconds(f, FACT_ID_TLS_CERTIFICATE_EXPIRED, (double)(now_s - c->not_after_s), when);
	if (now_s < c->not_before_s)
		facts_set_seconds(f, FACT_ID_TLS_CERTIFICATE_NOT_YET, (double)(c->not_before_s - now_s), when);
}

static void
add_weakness(const struct tls_certificate *list, size_t n, struct facts *f, struct when when)
{
	bool is_weak_key = false, is_weak_signature = false;

	for (size_t i = 0; i < n; i++) {
		is_weak_key = is_weak_key || list[i].is_weak_key;
		is_weak_signature = is_weak_signature || list[i].is_weak_signature;
	}
	if (is_weak_key || is_weak_signature)
		set_word(f, FACT_ID_TLS_CERTIFICATE_WEAK,
			 is_weak_key && is_weak_signature ? "key, signature"
			 : is_weak_key                    ? "key"
							  : "signature",
			 when);
}

static void
add_certificate(const struct tls_info *t, struct facts *f)
{
	static const char *const trusted[] = { [TLS_TRUST_UNKNOWN] = NULL,
					       [TLS_TRUST_YES] = "yes",
					       [TLS_TRUST_NO] = "no",
					       [TLS_TRUST_INCOMPLETE] = "incomplete" };
	struct when when = t->certificate;
	const struct tls_certificate *c;
	int matches;
	size_t n;

	c = tls_chain_list(t->chain, &n);
	if (n == 0)
		return;
	facts_set_int(f, FACT_ID_TLS_CERTIFICATE_COUNT, (int64_t)n, when);
	lend(f, FACT_ID_TLS_CERTIFICATE_SUBJECT, c->subject, when);
	lend(f, FACT_ID_TLS_CERTIFICATE_ISSUER, c->issuer, when);
	lend(f, FACT_ID_TLS_CERTIFICATE_NAMES, c->names, when);
	lend(f, FACT_ID_TLS_CERTIFICATE_DOMAIN, domain_registered(bytes_head(c->names, bytes_find(c->names, ','))),
	     when);
	lend(f, FACT_ID_TLS_CERTIFICATE_KEY, c->key, when);
	lend(f, FACT_ID_TLS_CERTIFICATE_SIGNATURE, c->signature, when);
	add_validity(c, f, when);
	add_weakness(c, n, f, when);
	set_truth(f, FACT_ID_TLS_CERTIFICATE_SELF_SIGNED, c->is_self_signed, when);
	set_truth(f, FACT_ID_TLS_CERTIFICATE_ISSUER_URL, c->names_issuer_url, when);
	set_word(f, FACT_ID_TLS_CERTIFICATE_TRUSTED, trusted[tls_chain_trusted(t->chain)], when);
	matches = tls_chain_matches(t->chain, t->sni);
	if (matches >= 0)
		facts_set_bool(f, FACT_ID_TLS_CERTIFICATE_MATCHES, matches == 1, when);
}

static struct when
last_step(const struct tls_info *t)
{
	struct when steps[] = { t->client_hello, t->server_hello, t->certificate,
				t->server_done,  t->finished[0],  t->finished[1] };
	struct when last = { 0, 0 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i].packet > last.packet)
			last = steps[i];
	return last;
}

/* From the last step of the handshake until now, or until the client gave up waiting. */
static void
add_silence(const struct dialogue *d, const struct tls_info *t, struct when last, struct facts *f)
{
	struct when until = tcp_closed(d->pub.tcp);

	if (tls_is_established(t) || t->alert.when.packet != 0 || last.packet == 0)
		return;
	if (until.packet != 0 && (!client_closed(d) || (server_flight(t).packet != 0 && has_reached_client(d, last))))
		return;
	if (until.packet == 0)
		until = d->pub.tcp->now;
	facts_set_seconds(f, FACT_ID_TLS_SILENCE, (double)(until.time_ns - last.time_ns) / NS_PER_S, last);
}

static void
add_course(const struct dialogue *d, const struct tls_info *t, struct facts *f)
{
	struct when when, last = last_step(t);
	const char *rejected = rejection(d, t, &when);
	bool is_over = tcp_closed(d->pub.tcp).packet != 0;

	if (rejected)
		set_word(f, FACT_ID_TLS_REJECTED, rejected, when);
	set_truth(f, FACT_ID_TLS_FAILED, tls_has_failed(t, is_over), t->alert.when.packet != 0 ? t->alert.when : last);
	if (server_flight(t).packet != 0)
		facts_set_bool(f, FACT_ID_TLS_SERVER_FLIGHT, true, server_flight(t));
	if (tls_is_established(t))
		facts_set_bool(f, FACT_ID_TLS_ESTABLISHED, true, t->finished[SIDE_CLIENT]);
	if (t->talked[SIDE_CLIENT].packet != 0)
		facts_set_bool(f, FACT_ID_TLS_TALKED, true, t->talked[SIDE_CLIENT]);
	add_silence(d, t, last, f);
	for (int i = 0; i < 2; i++)
		if (t->broken[i].packet != 0)
			set_word(f, FACT_ID_TLS_BROKEN, side_words[i], t->broken[i]);
}

void
tls_facts_add(const struct dialogue *d, const struct tls_info *t)
{
	struct facts *f = d->pub.facts;

	add_offer(t, f);
	add_choice(t, f);
	add_certificate(t, f);
	add_alert(t, f);
	add_course(d, t, f);
	if (d->inside.is_open)
		facts_set_bool(f, FACT_ID_TLS_DECRYPTED, true, t->talked[SIDE_CLIENT]);
	else if (d->pub.is_encrypted)
		facts_set_bool(f, FACT_ID_SMTP_ENCRYPTED, true, d->tls_hello[SIDE_SERVER]);
}
