/* In: the number of a cipher suite. Out: its name, and the parts that the name is made of. The names are regular:
 * TLS_<key exchange>_WITH_<cipher>_<hash>, since TLS 1.3 TLS_<cipher>_<hash>; so there is no second table to keep. */
#include "decode/tls_suite.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"

struct suite {
	uint16_t number;
	const char *name;
};

static const struct suite suites[] = {
#define SUITE(number, name) { number, name },
#include "decode/tls_suites.def"
#undef SUITE
};

struct cipher {
	const char *word; /* in the names of suites */
	enum tls_bulk bulk;
	const char *name; /* as OpenSSL calls it */
	uint8_t key_len, block_len, tag_len;
};

/* A word that another one begins with comes after that one. */
static const struct cipher ciphers[] = {
	{ "AES_128_GCM", TLS_BULK_GCM, "AES-128-GCM", 16, 0, 16 },
	{ "AES_256_GCM", TLS_BULK_GCM, "AES-256-GCM", 32, 0, 16 },
	{ "ARIA_128_GCM", TLS_BULK_GCM, "ARIA-128-GCM", 16, 0, 16 },
	{ "ARIA_256_GCM", TLS_BULK_GCM, "ARIA-256-GCM", 32, 0, 16 },
	{ "CAMELLIA_128_GCM", TLS_BULK_GCM, "CAMELLIA-128-GCM", 16, 0, 16 },
	{ "CAMELLIA_256_GCM", TLS_BULK_GCM, "CAMELLIA-256-GCM", 32, 0, 16 },
	{ "SM4_GCM", TLS_BULK_GCM, "SM4-GCM", 16, 0, 16 },
	{ "AES_128_CCM_8", TLS_BULK_CCM, "AES-128-CCM", 16, 0, 8 },
	{ "AES_256_CCM_8", TLS_BULK_CCM, "AES-256-CCM", 32, 0, 8 },
	{ "AES_128_CCM", TLS_BULK_CCM, "AES-128-CCM", 16, 0, 16 },
	{ "AES_256_CCM", TLS_BULK_CCM, "AES-256-CCM", 32, 0, 16 },
	{ "SM4_CCM", TLS_BULK_CCM, "SM4-CCM", 16, 0, 16 },
	{ "CHACHA20_POLY1305", TLS_BULK_CHACHA, "ChaCha20-Poly1305", 32, 0, 16 },
	{ "AES_128_CBC", TLS_BULK_CBC, "AES-128-CBC", 16, 16, 0 },
	{ "AES_256_CBC", TLS_BULK_CBC, "AES-256-CBC", 32, 16, 0 },
	{ "CAMELLIA_128_CBC", TLS_BULK_CBC, "CAMELLIA-128-CBC", 16, 16, 0 },
	{ "CAMELLIA_256_CBC", TLS_BULK_CBC, "CAMELLIA-256-CBC", 32, 16, 0 },
	{ "ARIA_128_CBC", TLS_BULK_CBC, "ARIA-128-CBC", 16, 16, 0 },
	{ "ARIA_256_CBC", TLS_BULK_CBC, "ARIA-256-CBC", 32, 16, 0 },
	{ "SEED_CBC", TLS_BULK_CBC, "SEED-CBC", 16, 16, 0 },
	{ "IDEA_CBC", TLS_BULK_CBC, "IDEA-CBC", 16, 8, 0 },
	{ "3DES_EDE_CBC", TLS_BULK_CBC, "DES-EDE3-CBC", 24, 8, 0 },
	{ "DES_CBC", TLS_BULK_CBC, "DES-CBC", 8, 8, 0 },
	{ "RC4_128", TLS_BULK_STREAM, "RC4", 16, 0, 0 },
	{ "NULL", TLS_BULK_NULL, NULL, 0, 0, 0 },
};

static const struct {
	const char *word;
	const char *name;
	uint8_t len;
} hashes[] = {
	{ "_SHA", "SHA1", 20 }, { "_SHA256", "SHA2-256", 32 }, { "_SHA384", "SHA2-384", 48 },
	{ "_MD5", "MD5", 16 },  { "_SM3", "SM3", 32 },
};

const char *
tls_suite_name(uint16_t number)
{
	size_t low = 0, high = ARRAY_LEN(suites);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (suites[middle].number == number)
			return suites[middle].name;
		if (suites[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
tls_suite_is_anonymous(uint16_t number)
{
	const char *name = tls_suite_name(number);

	return name && strstr(name, "_anon_");
}

static const struct cipher *
cut_cipher(struct bytes *rest)
{
	for (size_t i = 0; i < ARRAY_LEN(ciphers); i++) {
		if (!bytes_starts_nocase(*rest, ciphers[i].word))
			continue;
		*rest = bytes_from(*rest, strlen(ciphers[i].word));
		return &ciphers[i];
	}
	return NULL;
}

/* What follows the cipher: the hash of the MAC, or of the key derivation when the cipher needs no MAC. None means
 * SHA-256 (RFC 6655 3). In TLS 1.2 keys are derived with SHA-256 where no stronger hash is named (RFC 5246 5). */
static bool
set_hash(struct tls_suite_parts *p, struct bytes word)
{
	bool is_aead = p->tag_len > 0;

	p->hash = "SHA2-256";
	p->hash_len = 32;
	if (word.len == 0)
		return is_aead;
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		if (!bytes_is_word(word, hashes[i].word))
			continue;
		if (!is_aead) {
			p->mac = hashes[i].name;
			p->mac_len = hashes[i].len;
		}
		if (hashes[i].len >= 32) {
			p->hash = hashes[i].name;
			p->hash_len = hashes[i].len;
		}
		return !is_aead || hashes[i].len >= 32;
	}
	return false;
}

bool
tls_suite_parts(uint16_t number, struct tls_suite_parts *parts)
{
	const char *name = tls_suite_name(number), *with;
	const struct cipher *cipher;
	struct bytes rest;

	*parts = (struct tls_suite_parts){ .bulk = TLS_BULK_NULL };
	if (!name || strncmp(name, "TLS_", 4) != 0 || strstr(name, "EXPORT"))
		return false;
	with = strstr(name, "_WITH_");
	rest = bytes_str(with ? with + strlen("_WITH_") : name + strlen("TLS_"));
	cipher = cut_cipher(&rest);
	if (!cipher)
		return false;
	parts->bulk = cipher->bulk;
	parts->is_tls13 = !with;
	parts->cipher = cipher->name;
	parts->key_len = cipher->key_len;
	parts->block_len = cipher->block_len;
	parts->tag_len = cipher->tag_len;
	return set_hash(parts, rest);
}
