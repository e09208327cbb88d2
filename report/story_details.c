/* In: a session. Out: labels and texts, in the order in which a reader asks. What is not known has no line. */
#include "decode/tls_hello.h"
#include "decode/tls_info.h"
#include "decode/tls_suite.h"
#include "report/clock.h"
#include "report/story.h"

static void
add(struct story *y, const char *label, struct bytes text)
{
	if (text.len == 0)
		return;
	story_begin_detail(y, label);
	buf_add(&y->details_text, bytes_head(text, STORY_DETAIL_MAX));
}

static void
add_side(struct story *y, const char *label, const struct tcp_side *side)
{
	if (side->n_packets == 0)
		return;
	story_begin_detail(y, label);
	buf_addf(&y->details_text, "%u packets, %llu bytes", side->n_packets, (unsigned long long)side->payload_bytes);
	if (side->n_retransmissions > 0)
		buf_addf(&y->details_text, ", %u sent again", side->n_retransmissions);
	if (side->missing_bytes > 0)
		buf_addf(&y->details_text, ", %llu bytes not in the capture", (unsigned long long)side->missing_bytes);
}

static void
add_tcp(struct story *y, const struct session *s)
{
	const struct tcp_facts *t = s->tcp;
	char clock[CLOCK_TEXT_MAX];

	if (!t || t->end[SIDE_SERVER].address.family == 0)
		return;
	story_begin_detail(y, "Connection");
	buf_addf(&y->details_text, "handshake %s", attempt_handshake_name(attempt_handshake(t)));
	if (s->closed_by != CLOSED_BY_NONE)
		buf_addf(&y->details_text, ", closed first by %s", attempt_closer_name(s->closed_by));
	if (s->reset_by != CLOSED_BY_NONE)
		buf_addf(&y->details_text, ", reset in the name of the %s", attempt_closer_name(s->reset_by));
	if (t->rtt_ns > 0)
		buf_addf(&y->details_text, ", round trip %s", clock_duration(t->rtt_ns, clock));
	add_side(y, "Client sent", &t->side[SIDE_CLIENT]);
	add_side(y, "Server sent", &t->side[SIDE_SERVER]);
}

static void
add_tls(struct story *y, const struct session *s)
{
	const struct tls_info *t = s->tls;
	size_t n = 0;
	const struct tls_certificate *chain = t && t->chain ? tls_chain_list(t->chain, &n) : NULL;

	if (!t || t->client_hello.packet == 0)
		return;
	story_begin_detail(y, "TLS");
	if (tls_version_name(t->version) && t->server_hello.packet != 0)
		buf_addf(&y->details_text, "%s, %s", tls_version_name(t->version),
			 tls_suite_name(t->suite) ? tls_suite_name(t->suite) : "cipher unknown");
	else
		buf_add_str(&y->details_text, "no agreement seen");
	buf_add_str(&y->details_text, s->is_decrypted ? ", decrypted" : "");
	add(y, "TLS name asked for", t->sni);
	if (n == 0)
		return;
	add(y, "Certificate", chain[0].subject);
	add(y, "Certificate for", chain[0].names);
	add(y, "Issued by", chain[0].issuer);
}

static void
add_login(struct story *y, const struct session *s)
{
	if (s->auth_mechanism.len == 0)
		return;
	add(y, "Login", s->auth_mechanism);
	if (s->auth_user.len > 0) {
		buf_add_str(&y->details_text, ", user ");
		buf_add(&y->details_text, s->auth_user);
	}
	if (s->auth_code != 0)
		buf_addf(&y->details_text, ", answer %u", s->auth_code);
}

static void
add_reply(struct story *y, const struct reply *r)
{
	if (r->code == 0)
		return;
	buf_addf(&y->details_text, " - %u ", r->code);
	buf_add(&y->details_text, r->enhanced);
	buf_add_str(&y->details_text, r->enhanced.len > 0 ? " " : "");
	buf_add(&y->details_text, bytes_head(r->text, STORY_DETAIL_MAX));
}

static void
add_transaction(struct story *y, const struct transaction *t)
{
	if (y->head.n_details + 3 > STORY_DETAILS_MAX) {
		y->head.n_recipients_left_out += t->n_recipients;
		return;
	}
	add(y, "From", t->has_null_sender ? bytes_str("<>") : t->mail_from);
	if (t->mail_reply.code >= 400)
		add_reply(y, &t->mail_reply);
	for (size_t i = 0; i < t->n_recipients; i++) {
		if (y->head.n_details + 2 > STORY_DETAILS_MAX) { /* the message needs one */
			y->head.n_recipients_left_out++;
			continue;
		}
		add(y, "To", t->recipients[i].address);
		add_reply(y, &t->recipients[i].reply);
	}
	if (t->n_bytes == 0 && t->reply.code == 0)
		return;
	story_begin_detail(y, "Message");
	buf_addf(&y->details_text, "%llu bytes", (unsigned long long)t->n_bytes);
	add_reply(y, &t->reply);
}

void
story_add_details(struct story *y, const struct session *s)
{
	add(y, "Server name", s->server_name);
	add(y, "Greeting", s->greeting);
	add(y, "Client calls itself", s->ehlo);
	if (s->n_capabilities > 0) {
		story_begin_detail(y, "Server offers");
		for (size_t i = 0; i < s->n_capabilities; i++) {
			buf_add_str(&y->details_text, i > 0 ? ", " : "");
			buf_add(&y->details_text, bytes_head(s->capabilities[i], STORY_DETAIL_MAX));
		}
	}
	add_tls(y, s);
	add_login(y, s);
	for (size_t i = 0; i < s->n_transactions; i++)
		add_transaction(y, &s->transactions[i]);
	add_tcp(y, s);
}
