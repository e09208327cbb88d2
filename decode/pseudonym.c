/* In: names and texts. Out: the same with other names. A name is remembered by its hash. */
#include "decode/pseudonym.h"

#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"

#define USER_MIN 3 /* shorter ones are ordinary words too often */

struct pseudonyms {
	uint64_t key;
	uint64_t seen[2 * PSEUDONYMS_MAX]; /* hashes, never more than half full; 0: free */
	size_t n;
};

/* Users are called so, and replies say so for other reasons. */
static const char *const ordinary[] = {
	"abuse",   "access",  "account", "address",   "admin",  "administrator", "alias",     "command",   "contact",
	"domain",  "error",   "exist",   "found",     "from",   "group",         "help",      "host",      "info",
	"invalid", "list",    "local",   "localhost", "mail",   "mailbox",       "mailer",    "message",   "name",
	"nobody",  "noreply", "not",     "policy",    "post",   "quota",         "recipient", "refused",   "rejected",
	"relay",   "reply",   "return",  "root",      "sender", "server",        "service",   "smtp",      "spam",
	"support", "table",   "test",    "the",       "this",   "unknown",       "user",      "webmaster", "postmaster",
};

struct pseudonyms *
pseudonyms_new(void)
{
	struct pseudonyms *p = mem_new(sizeof(*p));

	if (getrandom(&p->key, sizeof(p->key), 0) != (ssize_t)sizeof(p->key))
		p->key = (uint64_t)(uintptr_t)p; /* hides less, but still who it was */
	return p;
}

void
pseudonyms_free(struct pseudonyms *p)
{
	mem_free(p);
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static uint64_t
hash_of(const struct pseudonyms *p, struct bytes name)
{
	uint64_t h = mix(p->key ^ name.len);

	for (size_t i = 0; i < name.len; i++)
		h = mix(h ^ lower(name.p[i]));
	return h | 1; /* 0 is a free place */
}

static size_t
place_of(const struct pseudonyms *p, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) % ARRAY_LEN(p->seen);

	while (p->seen[at] != 0 && p->seen[at] != hash)
		at = (at + 1) % ARRAY_LEN(p->seen);
	return at;
}

static void
remember(struct pseudonyms *p, struct bytes name)
{
	uint64_t hash = hash_of(p, name);
	size_t at = place_of(p, hash);

	if (p->seen[at] != 0 || p->n == PSEUDONYMS_MAX)
		return;
	p->seen[at] = hash;
	p->n++;
}

static bool
is_remembered(const struct pseudonyms *p, struct bytes name)
{
	return p->seen[place_of(p, hash_of(p, name))] != 0;
}

static bool
is_ordinary(struct bytes word)
{
	for (size_t i = 0; i < ARRAY_LEN(ordinary); i++)
		if (bytes_is_word(word, ordinary[i]))
			return true;
	return false;
}

/* Letters, digits and bytes beyond ASCII become others of their kind. */
static uint8_t
other(uint8_t c, uint64_t random)
{
	if (c >= 'a' && c <= 'z')
		return (uint8_t)('a' + random % 26);
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)('A' + random % 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)('0' + random % 10);
	if (c >= 0xf0)
		return 0xf0;
	if (c >= 0xe0)
		return 0xe1;
	if (c >= 0xc0)
		return 0xc3;
	return c >= 0x80 ? 0xa9 : c;
}

static void
add_other(const struct pseudonyms *p, struct bytes name, struct buf *out)
{
	uint64_t h = hash_of(p, name);

	for (size_t i = 0; i < name.len; i++) {
		h = mix(h + i);
		buf_add_u8(out, other(name.p[i], h >> 16));
	}
}

void
pseudonym_user(struct pseudonyms *p, struct bytes user, struct buf *out)
{
	if (user.len >= USER_MIN && !is_ordinary(user))
		remember(p, user);
	add_other(p, user, out);
}

void
pseudonym_domain(struct pseudonyms *p, struct bytes domain, struct buf *out)
{
	struct bytes rest = domain;

	if (domain.len == 0)
		return;
	if (domain.p[0] == '[') { /* an address of a host */
		buf_add(out, domain);
		return;
	}
	if (bytes_find(domain, '.') < domain.len)
		remember(p, domain);
	while (bytes_find(rest, '.') < rest.len) {
		add_other(p, bytes_split(&rest, '.'), out);
		buf_add_u8(out, '.');
	}
	if (rest.len == domain.len)
		add_other(p, rest, out);
	else
		buf_add(out, rest);
}

static size_t
last_at(struct bytes address)
{
	size_t at = address.len;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at;
}

void
pseudonym_address(struct pseudonyms *p, struct bytes address, struct buf *out)
{
	size_t at = last_at(address);

	if (at == 0) {
		pseudonym_user(p, address, out);
		return;
	}
	pseudonym_user(p, bytes_head(address, at - 1), out);
	buf_add_u8(out, '@');
	pseudonym_domain(p, bytes_from(address, at), out);
}

static bool
is_in_domain(uint8_t c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
	       c >= 0x80;
}

/* RFC 5322 3.2.3 */
static bool
is_in_user(uint8_t c)
{
	return is_in_domain(c) || (c != 0 && strchr("!#$%&'*+/=?^`{|}~", c) != NULL);
}

static size_t
run_of(struct bytes text, bool (*is_in)(uint8_t))
{
	size_t n = 0;

	while (n < text.len && is_in(text.p[n]))
		n++;
	return n;
}

/* A full stop behind a name ends the sentence. */
static size_t
without_stops(struct bytes name)
{
	size_t n = name.len;

	while (n > 0 && (name.p[n - 1] == '.' || name.p[n - 1] == '-'))
		n--;
	return n;
}

/* "a b"@example.com; what stands at the beginning of text is a quotation mark. */
static size_t
quoted_user(struct bytes text)
{
	size_t end = bytes_find(bytes_from(text, 1), '"') + 2;

	return end < text.len && text.p[end] == '@' ? end : 0;
}

/* The word that text begins with; returns its length, at least 1. */
static size_t
take_word(struct pseudonyms *p, struct bytes text, bool knows_names, struct buf *out)
{
	size_t n = text.p[0] == '"' ? quoted_user(text) : run_of(text, is_in_user);
	size_t domain = n > 0 && n < text.len && text.p[n] == '@' ? run_of(bytes_from(text, n + 1), is_in_domain) : 0;
	struct bytes word;

	if (domain > 0) {
		word = bytes_head(text, n + 1 + without_stops(bytes_head(bytes_from(text, n + 1), domain)));
		pseudonym_address(p, word, out);
		return word.len;
	}
	n = run_of(text, is_in_domain);
	word = bytes_head(text, without_stops(bytes_head(text, n)));
	if (knows_names && word.len > 0 && is_remembered(p, word)) {
		if (bytes_find(word, '.') < word.len)
			pseudonym_domain(p, word, out);
		else
			add_other(p, word, out);
		return word.len;
	}
	n = n > 0 ? n : 1;
	buf_add(out, bytes_head(text, n));
	return n;
}

void
pseudonym_addresses(struct pseudonyms *p, struct bytes text, struct buf *out)
{
	while (text.len > 0)
		text = bytes_from(text, take_word(p, text, false, out));
}

void
pseudonym_text(struct pseudonyms *p, struct bytes text, struct buf *out)
{
	while (text.len > 0)
		text = bytes_from(text, take_word(p, text, true, out));
}
