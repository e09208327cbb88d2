/* In: names of algorithms. Out: OpenSSL's objects for them. Knows nothing about TLS. */
#include "decode/tls_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "base/alloc.h"
#include "base/limits.h"

#define CIPHERS_MAX 32 /* names in the table of tls_suite.c */

struct tls_crypto {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *base, *legacy; /* NULL: not loaded */
	bool was_legacy_tried;
	EVP_MAC *hmac;
	EVP_KDF_CTX *hkdf, *prf; /* NULL: not in this OpenSSL */
	size_t n_ciphers;
	struct {
		const char *name;
		EVP_CIPHER *cipher; /* NULL: not in this OpenSSL */
	} ciphers[CIPHERS_MAX];
	uint8_t room[TLS_RECORD_MAX];
};

static EVP_KDF_CTX *
kdf_new(OSSL_LIB_CTX *library, const char *name)
{
	EVP_KDF *kdf = EVP_KDF_fetch(library, name, NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;

	EVP_KDF_free(kdf); /* the context holds its own reference */
	return context;
}

struct tls_crypto *
tls_crypto_new(void)
{
	struct tls_crypto *c = mem_new(sizeof(*c));

	c->library = OSSL_LIB_CTX_new();
	c->base = OSSL_PROVIDER_load(c->library, "default");
	c->hmac = EVP_MAC_fetch(c->library, "HMAC", NULL);
	c->hkdf = kdf_new(c->library, "HKDF");
	c->prf = kdf_new(c->library, "TLS1-PRF");
	return c;
}

void
tls_crypto_free(struct tls_crypto *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_ciphers; i++)
		EVP_CIPHER_free(c->ciphers[i].cipher);
	EVP_KDF_CTX_free(c->hkdf);
	EVP_KDF_CTX_free(c->prf);
	EVP_MAC_free(c->hmac);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	if (c->base)
		OSSL_PROVIDER_unload(c->base);
	OSSL_LIB_CTX_free(c->library);
	OPENSSL_cleanse(c->room, sizeof(c->room));
	mem_free(c);
}

static EVP_CIPHER *
fetch_cipher(struct tls_crypto *c, const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(c->library, name, NULL);

	if (cipher || c->was_legacy_tried)
		return cipher;
	c->was_legacy_tried = true;
	c->legacy = OSSL_PROVIDER_load(c->library, "legacy");
	return c->legacy ? EVP_CIPHER_fetch(c->library, name, NULL) : NULL;
}

EVP_CIPHER *
tls_crypto_cipher(struct tls_crypto *c, const char *name)
{
	EVP_CIPHER *cipher;

	for (size_t i = 0; i < c->n_ciphers; i++)
		if (c->ciphers[i].name == name)
			return c->ciphers[i].cipher;
	if (c->n_ciphers == CIPHERS_MAX)
		return NULL;
	cipher = fetch_cipher(c, name);
	c->ciphers[c->n_ciphers].name = name;
	c->ciphers[c->n_ciphers].cipher = cipher;
	c->n_ciphers++;
	return cipher;
}

EVP_MAC_CTX *
tls_crypto_hmac(struct tls_crypto *c, const char *digest, struct bytes key)
{
	EVP_MAC_CTX *context = c->hmac ? EVP_MAC_CTX_new(c->hmac) : NULL;
	char name[16] = "";
	OSSL_PARAM params[2];

	OPENSSL_strlcpy(name, digest, sizeof(name));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (context && EVP_MAC_init(context, key.p, key.len, params) == 1)
		return context;
	EVP_MAC_CTX_free(context);
	return NULL;
}

static bool
derive(EVP_KDF_CTX *kdf, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
	if (!kdf)
		return false;
	EVP_KDF_CTX_reset(kdf); /* wipes the secret of the call before */
	return EVP_KDF_derive(kdf, out, len, params) == 1;
}

bool
tls_crypto_hkdf(struct tls_crypto *c, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
	return derive(c->hkdf, params, out, len);
}

bool
tls_crypto_prf(struct tls_crypto *c, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
	return derive(c->prf, params, out, len);
}

uint8_t *
tls_crypto_room(struct tls_crypto *c)
{
	return c->room;
}
