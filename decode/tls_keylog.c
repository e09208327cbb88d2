/* In: a line of a key log. Out: the secret in it. */
#include "decode/tls_keylog.h"

#include "base/attr.h"

#define MASTER_LEN 48

/* label <SP> client random in hex <SP> secret in hex */
static const struct {
	const char *label;
	enum tls_secret which;
} labels[] = {
	{ "CLIENT_RANDOM", TLS_SECRET_MASTER },
	{ "CLIENT_EARLY_TRAFFIC_SECRET", TLS_SECRET_CLIENT_EARLY },
	{ "CLIENT_HANDSHAKE_TRAFFIC_SECRET", TLS_SECRET_CLIENT_HANDSHAKE },
	{ "SERVER_HANDSHAKE_TRAFFIC_SECRET", TLS_SECRET_SERVER_HANDSHAKE },
	{ "CLIENT_TRAFFIC_SECRET_0", TLS_SECRET_CLIENT_TRAFFIC },
	{ "SERVER_TRAFFIC_SECRET_0", TLS_SECRET_SERVER_TRAFFIC },
};

static int
nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_hex(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (nibble(b.p[i]) < 0)
			return false;
	return b.len > 0 && b.len % 2 == 0;
}

/* 2 * len digits */
static bool
decode_hex(struct bytes digits, uint8_t *out, size_t len)
{
	int wrong = 0;

	for (size_t i = 0; i < len; i++) {
		int high = nibble(digits.p[2 * i]), low = nibble(digits.p[2 * i + 1]);

		wrong |= high | low;
		out[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong >= 0;
}

static bool
is_label(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!(b.p[i] >= 'A' && b.p[i] <= 'Z') && !(b.p[i] >= '0' && b.p[i] <= '9') && b.p[i] != '_')
			return false;
	return b.len > 0;
}

static bool
is_fitting(enum tls_secret which, size_t len)
{
	return len == MASTER_LEN || (which != TLS_SECRET_MASTER && len == 32);
}

static enum tls_keylog_line
parse_secret(enum tls_secret which, struct bytes random, struct bytes secret, struct tls_keylog_secret *s)
{
	if (random.len != 2 * TLS_CLIENT_RANDOM_LEN || secret.len % 2 != 0 || !is_fitting(which, secret.len / 2))
		return TLS_KEYLOG_BAD;
	s->which = which;
	s->len = secret.len / 2;
	return decode_hex(random, s->client_random, TLS_CLIENT_RANDOM_LEN) && decode_hex(secret, s->secret, s->len)
		   ? TLS_KEYLOG_SECRET
		   : TLS_KEYLOG_BAD;
}

enum tls_keylog_line
tls_keylog_parse(struct bytes line, struct tls_keylog_secret *s)
{
	struct bytes label, random, secret;

	while (line.len > 0 && (line.p[line.len - 1] == '\r' || bytes_is_blank(line.p[line.len - 1])))
		line.len--;
	if (line.len == 0 || line.p[0] == '#')
		return TLS_KEYLOG_EMPTY;
	label = bytes_split(&line, ' ');
	random = bytes_split(&line, ' ');
	secret = line;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (bytes_eq_str(label, labels[i].label))
			return parse_secret(labels[i].which, random, secret, s);
	return is_label(label) && is_hex(random) && is_hex(secret) ? TLS_KEYLOG_OTHER : TLS_KEYLOG_BAD;
}

bool
tls_keylog_may_begin(struct bytes head)
{
	return head.len == 0 || head.p[0] == '#' || is_label(bytes_split(&head, ' '));
}
