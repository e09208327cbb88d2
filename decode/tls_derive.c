/* In: a secret and a label. Out: as many bytes of key as asked for. */
#include "decode/tls_derive.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "decode/tls_crypto.h"

#define RANDOM_LEN 32
#define KEY_EXPANSION "key expansion"
#define TLS13_PREFIX "tls13 "
#define NAME_MAX_LEN 16

/* OSSL_PARAM wants memory that it could write to, though it only reads. */
static OSSL_PARAM
param_octets(const char *key, uint8_t *p, size_t len)
{
	return OSSL_PARAM_construct_octet_string(key, p, len);
}

/* struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; } HkdfLabel */
static size_t
write_label(uint8_t info[TLS_LABEL_MAX + 4], const char *label, size_t len)
{
	size_t label_len = strlen(label);
	size_t n = 0;

	info[n++] = (uint8_t)(len >> 8);
	info[n++] = (uint8_t)len;
	info[n++] = (uint8_t)(strlen(TLS13_PREFIX) + label_len);
	memcpy(info + n, TLS13_PREFIX, strlen(TLS13_PREFIX));
	n += strlen(TLS13_PREFIX);
	memcpy(info + n, label, label_len);
	n += label_len;
	info[n++] = 0;
	return n;
}

bool
tls_derive_expand(struct tls_crypto *c, const char *hash, struct bytes secret, const char *label, uint8_t *out,
		  size_t len)
{
	uint8_t info[TLS_LABEL_MAX + 4], key[EVP_MAX_MD_SIZE];
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	char name[NAME_MAX_LEN];
	OSSL_PARAM params[5];
	bool is_fine;

	if (secret.len > sizeof(key) || strlen(TLS13_PREFIX) + strlen(label) > TLS_LABEL_MAX)
		return false;
	memcpy(key, secret.p, secret.len);
	OPENSSL_strlcpy(name, hash, sizeof(name));
	params[0] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
	params[2] = param_octets(OSSL_KDF_PARAM_KEY, key, secret.len);
	params[3] = param_octets(OSSL_KDF_PARAM_INFO, info, write_label(info, label, len));
	params[4] = OSSL_PARAM_construct_end();
	is_fine = tls_crypto_hkdf(c, params, out, len);
	OPENSSL_cleanse(key, sizeof(key));
	return is_fine;
}

bool
tls_derive_key_block(struct tls_crypto *c, const char *hash, struct bytes master, const uint8_t *client_random,
		     const uint8_t *server_random, uint8_t *out, size_t len)
{
	uint8_t seed[sizeof(KEY_EXPANSION) - 1 + 2 * RANDOM_LEN], key[EVP_MAX_MD_SIZE];
	char name[NAME_MAX_LEN];
	OSSL_PARAM params[4];
	bool is_fine;

	if (master.len > sizeof(key))
		return false;
	memcpy(key, master.p, master.len);
	memcpy(seed, KEY_EXPANSION, sizeof(KEY_EXPANSION) - 1);
	memcpy(seed + sizeof(KEY_EXPANSION) - 1, server_random, RANDOM_LEN);
	memcpy(seed + sizeof(KEY_EXPANSION) - 1 + RANDOM_LEN, client_random, RANDOM_LEN);
	OPENSSL_strlcpy(name, hash, sizeof(name));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
	params[1] = param_octets(OSSL_KDF_PARAM_SECRET, key, master.len);
	params[2] = param_octets(OSSL_KDF_PARAM_SEED, seed, sizeof(seed));
	params[3] = OSSL_PARAM_construct_end();
	is_fine = tls_crypto_prf(c, params, out, len);
	OPENSSL_cleanse(key, sizeof(key));
	return is_fine;
}
