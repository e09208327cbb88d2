/* In: the content of handshake records. Out: what their messages say, in struct tls_info. */
#include "decode/tls_handshake.h"

#include <string.h>

#include "base/attr.h"
#include "decode/tls_opener.h"
#include "decode/tls_suite.h"

#define MESSAGE_HEADER_LEN 4

static void
keep_random(struct tls *t, enum side from, struct bytes random)
{
	t->has_random[from] = random.len == TLS_RANDOM_LEN;
	if (t->has_random[from])
		memcpy(t->random[from], random.p, TLS_RANDOM_LEN);
}

static struct bytes
keep_text(struct tls *t, struct bytes text)
{
	return arena_copy(t->start.arena, bytes_head(text, TLS_NAMES_MAX));
}

/* Numbers of two bytes as words that people know, or as they are. */
static struct bytes
list_text(struct tls *t, struct bytes list, const char *(*name)(unsigned number))
{
	struct reader r = rd_over(list);
	struct bytes text;
	struct buf buf;

	buf_init(&buf, TLS_OFFER_MAX);
	while (rd_left(&r) >= 2) {
		uint16_t number = rd_be16(&r);
		const char *word = name(number);

		if (tls_is_grease(number))
			continue;
		if (buf.len > 0)
			buf_add_str(&buf, " ");
		if (word)
			buf_add_str(&buf, word);
		else
			buf_addf(&buf, "0x%04x", number);
	}
	text = arena_copy(t->start.arena, buf_bytes(&buf));
	buf_fini(&buf);
	return text;
}

static const char *
suite_name(unsigned number)
{
	return tls_suite_name((uint16_t)number);
}

static const char *
group_name(unsigned number)
{
	static const struct {
		uint16_t number;
		const char *name;
	} groups[] = { /* IANA, TLS Supported Groups */
		       { 23, "secp256r1" },
		       { 24, "secp384r1" },
		       { 25, "secp521r1" },
		       { 29, "x25519" },
		       { 30, "x448" },
		       { 256, "ffdhe2048" },
		       { 257, "ffdhe3072" },
		       { 258, "ffdhe4096" },
		       { 0x11ec, "X25519MLKEM768" },
		       { 0x6399, "X25519Kyber768Draft00" }
	};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (groups[i].number == number)
			return groups[i].name;
	return NULL;
}

static const char *
no_name(unsigned number)
{
	(void)number;
	return NULL;
}

static void
note_client_hello(struct tls *t, const struct tls_client_hello *h, struct when when)
{
	struct tls_info *i = &t->info;

	keep_random(t, SIDE_CLIENT, h->random);
	buf_clear(&t->session_id);
	buf_add(&t->session_id, h->session_id);
	if (i->client_hello.packet != 0)
		return; /* after HelloRetryRequest, or a renegotiation: the offer is the same */
	i->client_hello = when;
	i->version_max = h->version;
	i->sni = keep_text(t, h->sni);
	i->alpn = keep_text(t, h->alpn);
	i->suites = list_text(t, h->suites, suite_name);
	i->versions = list_text(t, h->versions, tls_version_name);
	i->groups = list_text(t, h->groups, group_name);
	i->signatures = list_text(t, h->signatures, no_name);
	t->has_early_data = h->offers_early_data;
}

void
tls_handshake_v2(struct tls *t, struct bytes record, struct when when)
{
	struct tls_client_hello h;

	if (!tls_v2_hello_parse(record, &h))
		return;
	h.suites = h.session_id = bytes_of(NULL, 0); /* three bytes each, and numbers of another kind */
	note_client_hello(t, &h, when);
}

static void
take_client_hello(struct tls *t, enum side from, struct bytes message, struct when when)
{
	struct tls_client_hello h;

	if (from == SIDE_CLIENT && tls_client_hello_parse(message, &h))
		note_client_hello(t, &h, when);
}

static bool
resumes(const struct tls *t, const struct tls_server_hello *h)
{
	if (h->version == TLS_1_3)
		return h->has_psk;
	return h->session_id.len > 0 && bytes_eq(h->session_id, buf_bytes(&t->session_id));
}

static void
take_server_hello(struct tls *t, enum side from, struct bytes message, struct when when)
{
	struct tls_info *i = &t->info;
	struct tls_server_hello h;

	if (from != SIDE_SERVER || !tls_server_hello_parse(message, &h))
		return;
	i->version = h.version;
	i->suite = h.suite;
	if (h.is_retry) {
		i->is_retried = true;
		return;
	}
	keep_random(t, SIDE_SERVER, h.random);
	t->encrypt_then_mac = h.has_encrypt_then_mac;
	if (i->server_hello.packet == 0) {
		i->server_hello = when;
		i->is_resumed = resumes(t, &h);
	}
	if (h.version == TLS_1_3) {
		tls_open_with_keys(t, SIDE_CLIENT);
		tls_open_with_keys(t, SIDE_SERVER);
	}
}

static void
take_server_certificate(struct tls *t, struct bytes message, struct when when)
{
	struct tls_info *i = &t->info;
	bool is_13 = i->version == TLS_1_3;
	struct reader list = tls_certificate_list(message, is_13);
	struct bytes der;

	if (i->chain) /* a renegotiation */
		return;
	i->certificate = when;
	i->is_resumed = false;
	i->chain = tls_chain_new();
	while (tls_certificate_next(&list, is_13, &der, &i->is_stapled))
		if (!tls_chain_add(i->chain, der, t->start.arena))
			break;
	tls_chain_judge(i->chain, t->start.trust);
}

static void
take_certificate(struct tls *t, enum side from, struct bytes message, struct when when)
{
	if (from == SIDE_SERVER)
		take_server_certificate(t, message, when);
	else
		t->info.has_client_certificate = message.len > MESSAGE_HEADER_LEN;
}

static void
take_server_key_exchange(struct tls *t, enum side from, struct bytes message, struct when when)
{
	const char *name = tls_suite_name(t->info.suite);

	(void)when;
	if (from == SIDE_SERVER && name &&
	    (strncmp(name, "TLS_DHE_", 8) == 0 || strncmp(name, "TLS_DH_anon_", 12) == 0))
		t->info.dh_bits = tls_dh_bits(message);
}

static void
take_certificate_request(struct tls *t, enum side from, struct bytes message, struct when when)
{
	(void)message, (void)when;
	t->info.wants_client_certificate = t->info.wants_client_certificate || from == SIDE_SERVER;
}

static void
take_server_done(struct tls *t, enum side from, struct bytes message, struct when when)
{
	(void)message;
	if (from == SIDE_SERVER && t->info.server_done.packet == 0)
		t->info.server_done = when;
}

static void
take_status(struct tls *t, enum side from, struct bytes message, struct when when)
{
	(void)when;
	t->info.is_stapled = t->info.is_stapled || (from == SIDE_SERVER && message.len > 0);
}

static void
take_finished(struct tls *t, enum side from, struct bytes message, struct when when)
{
	(void)message;
	if (t->info.finished[from].packet == 0)
		t->info.finished[from] = when;
	if (t->info.version == TLS_1_3 && t->side[from].opener)
		tls_opener_finished(t->side[from].opener);
}

static void
take_key_update(struct tls *t, enum side from, struct bytes message, struct when when)
{
	(void)message, (void)when;
	if (t->side[from].opener)
		tls_opener_key_update(t->side[from].opener);
}

static void
take_message(struct tls *t, enum side from, uint8_t type, struct bytes message, struct when when)
{
	static void (*const take[])(struct tls *, enum side, struct bytes, struct when) = {
		[TLS_CLIENT_HELLO] = take_client_hello,
		[TLS_SERVER_HELLO] = take_server_hello,
		[TLS_CERTIFICATE] = take_certificate,
		[TLS_SERVER_KEY_EXCHANGE] = take_server_key_exchange,
		[TLS_CERTIFICATE_REQUEST] = take_certificate_request,
		[TLS_SERVER_HELLO_DONE] = take_server_done,
		[TLS_FINISHED] = take_finished,
		[TLS_CERTIFICATE_STATUS] = take_status,
		[TLS_KEY_UPDATE] = take_key_update,
	};

	if (type < ARRAY_LEN(take) && take[type])
		take[type](t, from, message, when);
}

static size_t
message_len(struct bytes b)
{
	return (size_t)b.p[1] << 16 | (size_t)b.p[2] << 8 | b.p[3];
}

/* Takes from the front of data; what is not whole waits in side->message. */
static struct bytes
next_piece(struct tls *t, enum side from, struct bytes data, struct when when)
{
	struct tls_side *side = &t->side[from];
	struct bytes all, mine;
	size_t wanted = MESSAGE_HEADER_LEN;

	if (side->skip > 0) {
		mine = bytes_head(data, side->skip);
		side->skip -= (uint32_t)mine.len;
		return bytes_from(data, mine.len);
	}
	if (side->message.len >= MESSAGE_HEADER_LEN)
		wanted += message_len(buf_bytes(&side->message));
	mine = bytes_head(data, wanted - side->message.len);
	buf_add(&side->message, mine);
	all = buf_bytes(&side->message);
	if (all.len < MESSAGE_HEADER_LEN)
		return bytes_from(data, mine.len);
	if (MESSAGE_HEADER_LEN + message_len(all) > TLS_MESSAGE_MAX) {
		side->skip = (uint32_t)message_len(all);
		buf_clear(&side->message);
	} else if (all.len == MESSAGE_HEADER_LEN + message_len(all)) {
		take_message(t, from, all.p[0], bytes_from(all, MESSAGE_HEADER_LEN), when);
		buf_clear(&side->message);
	}
	return bytes_from(data, mine.len);
}

void
tls_handshake_feed(struct tls *t, enum side from, struct bytes data, struct when when)
{
	while (data.len > 0)
		data = next_piece(t, from, data, when);
}

void
tls_handshake_protect(struct tls *t, enum side from)
{
	t->side[from].is_protected = true;
	buf_clear(&t->side[from].message);
	tls_open_with_keys(t, from);
}
