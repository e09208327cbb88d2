/* In: AUTH lines. Out: mechanism and user name. Decoded bytes live on the stack and are overwritten before return. */
#include "decode/smtp_auth.h"

#include <string.h>

#include "base/attr.h"

static const struct {
	const char *name; /* or its beginning */
	enum auth_mechanism mechanism;
	uint64_t reveals_from; /* which response holds the secret in clear; 0: none */
	bool is_one_step;
} mechanisms[] = {
	{ "PLAIN", AUTH_PLAIN, 1, true },        /* RFC 4616 */
	{ "LOGIN", AUTH_LOGIN, 2, false },       /* draft-murchison-sasl-login */
	{ "CRAM-MD5", AUTH_CRAM, 0, false },     /* RFC 2195 */
	{ "DIGEST-MD5", AUTH_DIGEST, 0, false }, /* RFC 2831 */
	{ "SCRAM-", AUTH_SCRAM, 0, false },      /* RFC 5802 */
	{ "XOAUTH2", AUTH_OAUTH, 1, true },      /* Google, Microsoft */
	{ "OAUTHBEARER", AUTH_OAUTH, 1, true },  /* RFC 7628 */
	{ "EXTERNAL", AUTH_EXTERNAL, 0, true },  /* RFC 4422 appendix A */
};

static size_t
find_mechanism(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		bool is_family = mechanisms[i].mechanism == AUTH_SCRAM;

		if (is_family ? bytes_starts_nocase(name, mechanisms[i].name) : bytes_is_word(name, mechanisms[i].name))
			return i;
	}
	return ARRAY_LEN(mechanisms);
}

static int
sextet(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 section 4. Stops at the first byte that does not belong, or when to is full. */
static size_t
decode_base64(struct bytes text, uint8_t *to, size_t room)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.len && n < room; i++) {
		int value = sextet(text.p[i]);

		if (value < 0)
			break;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			to[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return n;
}

static struct bytes
after(struct bytes text, const char *mark)
{
	size_t at = bytes_find_str(text, mark);

	return at < text.len ? bytes_from(text, at + strlen(mark)) : bytes_of(NULL, 0);
}

/* authzid NUL authcid NUL password; a client that leaves out a NUL must not make its password a name. */
static struct bytes
user_of_plain(struct bytes message)
{
	struct bytes rest = message;

	bytes_split(&rest, '\0');
	if (bytes_find(rest, '\0') == rest.len)
		return bytes_of(NULL, 0);
	return bytes_split(&rest, '\0');
}

/* user SP 32 hexadecimal digits */
static struct bytes
user_of_cram(struct bytes message)
{
	size_t at = message.len;

	while (at > 0 && message.p[at - 1] != ' ')
		at--;
	return at > 0 && message.len - at == 32 ? bytes_head(message, at - 1) : bytes_of(NULL, 0);
}

static struct bytes
user_of_oauth(struct bytes message)
{
	struct bytes user = after(message, "user=");

	if (bytes_starts_nocase(message, "n,")) { /* RFC 7628: n,a=user,^A */
		user = after(message, "a=");
		return bytes_head(user, bytes_find(user, ','));
	}
	return bytes_head(user, bytes_find(user, '\x01'));
}

static struct bytes
find_user(const struct auth *a, struct bytes message)
{
	struct bytes user = { NULL, 0 };

	switch (a->mechanism) {
	case AUTH_PLAIN:
		return user_of_plain(message);
	case AUTH_LOGIN:
		return a->n_responses == 1 && !a->asks_password ? message : user;
	case AUTH_CRAM:
		return user_of_cram(message);
	case AUTH_DIGEST:
		user = after(message, "username=\"");
		return bytes_head(user, bytes_find(user, '"'));
	case AUTH_SCRAM:
		user = a->n_responses == 1 ? after(message, "n=") : user;
		return bytes_head(user, bytes_find(user, ','));
	case AUTH_OAUTH:
		return user_of_oauth(message);
	case AUTH_EXTERNAL:
		return a->n_responses == 1 ? message : user;
	case AUTH_OTHER:
		break;
	}
	return user;
}

static void
keep_user(struct auth *a, struct bytes user)
{
	for (size_t i = 0; i < user.len; i++)
		if (user.p[i] < ' ' || user.p[i] == 0x7f)
			return;
	if (user.len == 0 || user.len >= sizeof(a->user))
		return;
	memcpy(a->user, user.p, user.len);
	a->user_len = (uint8_t)user.len;
}

static bool
take_response(struct auth *a, struct bytes text)
{
	uint8_t message[AUTH_MESSAGE_MAX];
	size_t n;

	a->user_len = 0;
	if (text.len == 0 || bytes_eq_str(text, "*") || bytes_eq_str(text, "="))
		return false;
	a->n_responses++;
	n = decode_base64(text, message, sizeof(message));
	keep_user(a, find_user(a, bytes_of(message, n)));
	explicit_bzero(message, sizeof(message));
	return true;
}

struct bytes
auth_begin(struct auth *a, struct bytes argument)
{
	struct bytes rest = argument;
	struct bytes name = bytes_head(bytes_split(&rest, ' '), AUTH_MECHANISM_LEN_MAX);
	size_t row = find_mechanism(name);
	bool is_known = row < ARRAY_LEN(mechanisms);

	memset(a, 0, sizeof(*a));
	a->state = AUTH_ASKED;
	a->mechanism = is_known ? mechanisms[row].mechanism : AUTH_OTHER;
	a->has_initial = take_response(a, bytes_trim(rest));
	a->is_said = a->has_initial && is_known && mechanisms[row].is_one_step;
	return name;
}

void
auth_challenge(struct auth *a, struct bytes text)
{
	uint8_t prompt[64];
	size_t n = decode_base64(bytes_trim(text), prompt, sizeof(prompt));

	a->state = AUTH_CHALLENGED;
	a->asks_password = bytes_contains_nocase(bytes_of(prompt, n), "pass");
}

bool
auth_respond(struct auth *a, struct bytes line)
{
	a->state = AUTH_ASKED;
	return take_response(a, bytes_trim(line));
}

struct bytes
auth_user(const struct auth *a)
{
	return bytes_of(a->user, a->user_len);
}

bool
auth_reveals_password(struct bytes mechanism, uint64_t n)
{
	size_t row = find_mechanism(mechanism);

	return row < ARRAY_LEN(mechanisms) && mechanisms[row].reveals_from > 0 && n >= mechanisms[row].reveals_from;
}
