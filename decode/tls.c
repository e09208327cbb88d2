/* In: bytes of both sides, in wire order. Out: struct tls_info; and plain bytes, when the keys are known. Without keys
 * the rest of a handshake is told from places and lengths: a record of 19 bytes from the client where its Finished
 * belongs is an alert (RFC 8446 5.2: two bytes, the inner type, the tag). */
#include "decode/tls.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "decode/tls_handshake.h"
#include "decode/tls_keys.h"
#include "decode/tls_machine.h"
#include "decode/tls_opener.h"

#define AFTER_LOSS_TRIES 16 /* records that may be missing where bytes are */
#define FINISHED_13_MAX 69  /* a protected Finished: 4 bytes, SHA-384, the inner type, the tag */

struct tls *
tls_new(const struct tls_start *start)
{
	struct tls *t = mem_new(sizeof(*t));

	t->start = *start;
	for (int i = 0; i < 2; i++) {
		tls_records_init(&t->side[i].records);
		buf_init(&t->side[i].message, TLS_MESSAGE_MAX);
	}
	buf_init(&t->session_id, TLS_RANDOM_LEN);
	return t;
}

void
tls_free(struct tls *t)
{
	if (!t)
		return;
	for (int i = 0; i < 2; i++) {
		tls_records_fini(&t->side[i].records);
		buf_fini(&t->side[i].message);
		tls_opener_free(t->side[i].opener);
	}
	buf_fini(&t->session_id);
	tls_chain_free(t->info.chain);
	mem_free(t);
}

const struct tls_info *
tls_info(const struct tls *t)
{
	return &t->info;
}

bool
tls_wants_keys(const struct tls *t)
{
	return t->wants_keys;
}

struct bytes
tls_client_random(const struct tls *t)
{
	return bytes_of(t->random[SIDE_CLIENT], t->has_random[SIDE_CLIENT] ? TLS_RANDOM_LEN : 0);
}

/* Key logs are written while the handshake goes on: half of the secrets would open half of the dialogue. */
static bool
has_all_keys(const struct tls *t)
{
	static const enum tls_secret wanted[] = { TLS_SECRET_CLIENT_HANDSHAKE, TLS_SECRET_SERVER_HANDSHAKE,
						  TLS_SECRET_CLIENT_TRAFFIC, TLS_SECRET_SERVER_TRAFFIC };
	struct bytes secret;

	if (t->info.version != TLS_1_3)
		return tls_keys_find(t->start.keys, TLS_SECRET_MASTER, t->random[SIDE_CLIENT], &secret);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!tls_keys_find(t->start.keys, wanted[i], t->random[SIDE_CLIENT], &secret))
			return false;
	return true;
}

void
tls_open_with_keys(struct tls *t, enum side from)
{
	struct tls_opener_start s = {
		.version = t->info.version,
		.suite = t->info.suite,
		.client_random = t->random[SIDE_CLIENT],
		.server_random = t->random[SIDE_SERVER],
		.encrypt_then_mac = t->encrypt_then_mac,
		.side = from,
		.keys = t->start.keys,
	};
	struct tls_side *side = &t->side[from];

	tls_opener_free(side->opener);
	side->opener = NULL;
	if (!t->start.keys || !t->has_random[SIDE_CLIENT] || t->info.suite == 0)
		return;
	if (t->start.is_last_try || has_all_keys(t))
		side->opener = tls_opener_new(&s);
	t->wants_keys = t->wants_keys || !side->opener;
}

static const char *
last_step(const struct tls_info *i)
{
	if (tls_is_established(i))
		return "the handshake was complete";
	if (i->finished[SIDE_CLIENT].packet != 0)
		return "Finished of the client";
	if (i->certificate.packet != 0)
		return "Certificate";
	if (i->server_hello.packet != 0)
		return "ServerHello";
	return i->client_hello.packet != 0 ? "ClientHello" : "nothing";
}

/* close_notify at the end of a session is how TLS ends, and a warning that was not heeded is none. */
static void
note_alert(struct tls *t, struct tls_alert a)
{
	struct tls_info *i = &t->info;
	bool is_ending = a.number == TLS_ALERT_CLOSE_NOTIFY || a.number == TLS_ALERT_USER_CANCELED;

	if (!a.is_hidden && (a.number == TLS_ALERT_NO_RENEGOTIATION || (is_ending && tls_is_established(i))))
		return;
	a.after = last_step(i);
	if (i->alert.when.packet == 0 || (!i->alert.is_fatal && a.is_fatal))
		i->alert = a;
}

static void
note_hidden_alert(struct tls *t, enum side from, struct when when)
{
	note_alert(t, (struct tls_alert){ .when = when, .from = from, .is_hidden = true, .is_fatal = true });
}

static void
take_alert(struct tls *t, enum side from, struct bytes body, struct when when)
{
	bool is_13 = t->info.version == TLS_1_3;

	if (body.len != 2)
		return;
	note_alert(t,
		   (struct tls_alert){ .when = when,
				       .from = from,
				       .number = body.p[1],
				       .is_fatal = body.p[0] == 2 || (is_13 && body.p[1] > TLS_ALERT_CLOSE_NOTIFY) });
}

static void
take_plain(struct tls *t, enum side from, struct bytes plain, struct when when)
{
	struct tls_info *i = &t->info;

	if (i->talked[from].packet == 0)
		i->talked[from] = when;
	i->is_decrypted = true;
	if (t->start.plain && plain.len > 0)
		t->start.plain(t->start.user, from, plain, when);
}

static void
dispatch(struct tls *t, enum side from, uint8_t type, struct bytes body, struct when when)
{
	if (type == TLS_HANDSHAKE)
		tls_handshake_feed(t, from, body, when);
	else if (type == TLS_ALERT)
		take_alert(t, from, body, when);
	else if (type == TLS_APPLICATION_DATA)
		take_plain(t, from, body, when);
}

/* What an alert takes as a protected record of TLS 1.3. */
static bool
has_length_of_alert(const struct tls *t, size_t len)
{
	return len == (t->info.suite == 0x1305 ? 11 : 19); /* the tag of AES_128_CCM_8 has 8 bytes */
}

static void
guess_13_server(struct tls *t, bool is_short, struct when when)
{
	struct tls_info *i = &t->info;

	if (i->finished[SIDE_SERVER].packet == 0)
		i->finished[SIDE_SERVER] = when; /* its flight; where it ends is seen from the client */
	if (i->finished[SIDE_CLIENT].packet == 0)
		return;
	if (is_short && !t->has_server_answered) /* no ticket, no data */
		note_hidden_alert(t, SIDE_SERVER, when);
	t->has_server_answered = true;
}

static void
guess_13_client(struct tls *t, bool is_short, size_t len, struct when when)
{
	struct tls_info *i = &t->info;

	if (i->finished[SIDE_SERVER].packet == 0) {
		t->has_early_data = true;
	} else if (i->finished[SIDE_CLIENT].packet == 0) {
		if (is_short && !t->has_early_data)
			note_hidden_alert(t, SIDE_CLIENT, when);
		else if (!t->has_early_data || len <= FINISHED_13_MAX)
			i->finished[SIDE_CLIENT] = when;
	} else if (i->talked[SIDE_CLIENT].packet == 0) {
		if (is_short)
			i->left = i->left.packet == 0 ? when : i->left;
		else
			i->talked[SIDE_CLIENT] = when;
	}
}

/* Without keys. */
static void
take_hidden(struct tls *t, enum side from, const struct tls_record *r, struct when when)
{
	struct tls_info *i = &t->info;

	t->wants_keys = t->start.keys != NULL;
	if (i->version == TLS_1_3) {
		bool is_short = has_length_of_alert(t, r->len);

		if (i->is_lossy)
			return;
		if (from == SIDE_SERVER)
			guess_13_server(t, is_short, when);
		else
			guess_13_client(t, is_short, r->len, when);
	} else if (r->type == TLS_HANDSHAKE && i->finished[from].packet == 0) {
		i->finished[from] = when;
	} else if (r->type == TLS_ALERT && !tls_is_established(i)) {
		note_hidden_alert(t, from, when);
	} else if (r->type == TLS_ALERT && from == SIDE_CLIENT && i->talked[from].packet == 0) {
		i->left = i->left.packet == 0 ? when : i->left;
	} else if (r->type == TLS_APPLICATION_DATA && i->talked[from].packet == 0) {
		i->talked[from] = when;
	}
}

static void
take_protected(struct tls *t, enum side from, const struct tls_record *r, struct when when)
{
	struct tls_side *side = &t->side[from];
	uint8_t type = r->type;
	struct bytes plain;

	if (r->is_lossy)
		t->info.is_lossy = true;
	if (side->opener && r->is_lossy)
		tls_opener_skip(side->opener, AFTER_LOSS_TRIES);
	if (side->opener && r->body.len == r->len &&
	    tls_opener_open(side->opener, &type, r->version, r->body, &plain)) {
		dispatch(t, from, type, plain, when);
		return;
	}
	take_hidden(t, from, r, when);
}

static void
take_record(struct tls *t, enum side from, const struct tls_record *r, struct when when)
{
	struct tls_side *side = &t->side[from];

	if (r->type == TLS_V2_HELLO) {
		tls_handshake_v2(t, r->body, when);
	} else if (r->type == TLS_CHANGE_CIPHER_SPEC) {
		if (t->info.version != TLS_1_3)
			tls_handshake_protect(t, from);
	} else if (side->is_protected || r->type == TLS_APPLICATION_DATA) {
		take_protected(t, from, r, when);
	} else {
		if (r->is_lossy)
			buf_clear(&side->message);
		dispatch(t, from, r->type, r->body, when);
	}
}

static bool
wants_data(const struct tls_side *side)
{
	return side->opener != NULL;
}

void
tls_feed(struct tls *t, enum side from, struct bytes data, struct when when)
{
	struct tls_side *side = &t->side[from];
	struct tls_record record;

	while (tls_records_next(&side->records, &data, wants_data(side), &record))
		take_record(t, from, &record, when);
	if (side->records.state == RECORDS_BROKEN && t->info.broken[from].packet == 0)
		t->info.broken[from] = when;
}

void
tls_missing(struct tls *t, enum side from, uint64_t n, struct when when)
{
	(void)when;
	t->info.is_lossy = true;
	tls_records_missing(&t->side[from].records, n);
}
