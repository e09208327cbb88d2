/* In: what is known of the TLS of a session. Out: rungs for the steps of the handshake, the alert, the first data. */
#include "decode/tls_hello.h"
#include "decode/tls_info.h"
#include "decode/tls_suite.h"
#include "report/ladder.h"

static bool
begin(struct ladder *l, struct when when, enum side from, const char *text)
{
	if (when.packet == 0)
		return false;
	ladder_add(l, when, RUNG_TLS, from);
	buf_add_str(&l->texts, text);
	return true;
}

static void
add_hellos(struct ladder *l, const struct tls_info *t)
{
	const char *version = tls_version_name(t->version);

	if (begin(l, t->client_hello, SIDE_CLIENT, "TLS ClientHello") && t->sni.len > 0) {
		buf_add_str(&l->texts, ", for");
		ladder_add_text(l, t->sni);
	}
	if (!begin(l, t->server_hello, SIDE_SERVER, "TLS ServerHello"))
		return;
	if (version)
		buf_addf(&l->texts, ", %s", version);
	buf_addf(&l->texts, ", %s", tls_suite_name(t->suite) ? tls_suite_name(t->suite) : "cipher unknown");
}

static void
add_certificate(struct ladder *l, const struct tls_info *t)
{
	size_t n = 0;
	const struct tls_certificate *chain = t->chain ? tls_chain_list(t->chain, &n) : NULL;

	if (begin(l, t->certificate, SIDE_SERVER, "TLS Certificate") && n > 0)
		ladder_add_text(l, chain[0].subject);
}

static void
add_alert(struct ladder *l, const struct tls_alert *a)
{
	if (!begin(l, a->when, a->from, "TLS alert"))
		return;
	if (a->is_hidden)
		buf_add_str(&l->texts, ", encrypted");
	else
		buf_addf(&l->texts, " %u%s", a->number, a->is_fatal ? ", fatal" : "");
}

void
ladder_add_tls(struct ladder *l, const struct tls_info *t)
{
	add_hellos(l, t);
	add_certificate(l, t);
	for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
		begin(l, t->finished[side], (enum side)side, "TLS Finished");
		if (!t->is_decrypted)
			begin(l, t->talked[side], (enum side)side, "first encrypted data");
		begin(l, t->broken[side], (enum side)side, "bytes that are no TLS");
	}
	add_alert(l, &t->alert);
}
