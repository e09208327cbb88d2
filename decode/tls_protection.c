/* In: a key, and records protected with it. Out: what is in them. Suites with AEAD are opened here. */
#include "decode/tls_protection.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/limits.h"
#include "decode/tls_crypto.h"

#define NONCE_LEN 12
#define SALT_LEN 4     /* of the nonce in GCM and CCM before TLS 1.3; the rest is in the record (RFC 5288 3) */
#define EXPLICIT_LEN 8 /* that rest */
#define HEADER_LEN 5
#define AAD_MAX (8 + HEADER_LEN)

static bool
is_aead(const struct tls_protection *p)
{
	return p->parts.tag_len > 0;
}

static bool
has_explicit_nonce(const struct tls_protection *p)
{
	return p->version < TLS_1_3 && p->parts.bulk != TLS_BULK_CHACHA;
}

size_t
tls_protection_iv_len(const struct tls_protection *p)
{
	if (is_aead(p))
		return has_explicit_nonce(p) ? SALT_LEN : NONCE_LEN;
	return p->version == TLS_1_0 ? p->parts.block_len : 0;
}

bool
tls_protection_init(struct tls_protection *p, struct tls_crypto *crypto, const struct tls_suite_parts *parts,
		    uint16_t version, bool encrypt_then_mac)
{
	*p = (struct tls_protection){ .parts = *parts, .version = version, .crypto = crypto };
	p->encrypt_then_mac = encrypt_then_mac && parts->bulk == TLS_BULK_CBC;
	if (version < TLS_1_0 || version > TLS_1_3 || parts->is_tls13 != (version == TLS_1_3))
		return false;
	if (!parts->cipher)
		return true;
	p->algorithm = tls_crypto_cipher(crypto, parts->cipher);
	if (!p->algorithm)
		return false;
	p->cipher = EVP_CIPHER_CTX_new();
	return p->cipher != NULL;
}

void
tls_protection_fini(struct tls_protection *p)
{
	EVP_CIPHER_CTX_free(p->cipher);
	EVP_MAC_CTX_free(p->mac);
	OPENSSL_cleanse(p, sizeof(*p));
}

/* CCM wants its lengths before the key. */
static bool
set_aead_key(struct tls_protection *p, const uint8_t *key)
{
	EVP_CIPHER_CTX *c = p->cipher;

	if (EVP_DecryptInit_ex2(c, p->algorithm, NULL, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, NONCE_LEN, NULL) != 1)
		return false;
	if (p->parts.bulk == TLS_BULK_CCM && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, p->parts.tag_len, NULL) != 1)
		return false;
	return EVP_DecryptInit_ex2(c, NULL, key, NULL, NULL) == 1;
}

bool
tls_protection_set_key(struct tls_protection *p, const uint8_t *mac_key, const uint8_t *key, const uint8_t *iv)
{
	memcpy(p->iv, iv, tls_protection_iv_len(p));
	if (is_aead(p))
		return set_aead_key(p, key);
	EVP_MAC_CTX_free(p->mac);
	p->mac = tls_crypto_hmac(p->crypto, p->parts.mac, bytes_of(mac_key, p->parts.mac_len));
	if (!p->mac)
		return false;
	if (!p->cipher)
		return true;
	return EVP_DecryptInit_ex2(p->cipher, p->algorithm, key, NULL, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(p->cipher, 0) == 1;
}

static void
write_be(uint8_t *p, uint64_t value, size_t len)
{
	for (size_t i = len; i > 0; i--, value >>= 8)
		p[i - 1] = (uint8_t)value;
}

/* RFC 8446 5.3 and RFC 7905 2; RFC 5288 3 */
static void
write_nonce(const struct tls_protection *p, const struct tls_protected *record, uint8_t nonce[NONCE_LEN])
{
	uint8_t number[8];

	memcpy(nonce, p->iv, NONCE_LEN);
	if (has_explicit_nonce(p)) {
		memcpy(nonce + SALT_LEN, record->body.p, EXPLICIT_LEN);
		return;
	}
	write_be(number, record->sequence, sizeof(number));
	for (size_t i = 0; i < sizeof(number); i++)
		nonce[NONCE_LEN - sizeof(number) + i] ^= number[i];
}

/* RFC 8446 5.2: the header as it is. RFC 5246 6.2.3.3: the number, and the header of the plain record. */
static size_t
write_aad(const struct tls_protection *p, const struct tls_protected *record, size_t plain_len, uint8_t aad[AAD_MAX])
{
	size_t n = 0;

	if (p->version < TLS_1_3) {
		write_be(aad, record->sequence, 8);
		n = 8;
	}
	aad[n++] = record->type;
	write_be(aad + n, record->version, 2);
	write_be(aad + n + 2, p->version < TLS_1_3 ? plain_len : record->body.len, 2);
	return n + 4;
}

static bool
decrypt(struct tls_protection *p, const uint8_t *nonce, struct bytes aad, struct bytes sealed, uint8_t *out)
{
	EVP_CIPHER_CTX *c = p->cipher;
	uint8_t tag[16];
	int n, len = (int)sealed.len - p->parts.tag_len;

	memcpy(tag, sealed.p + len, p->parts.tag_len);
	if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, p->parts.tag_len, tag) != 1 ||
	    EVP_DecryptInit_ex2(c, NULL, NULL, nonce, NULL) != 1)
		return false;
	if (p->parts.bulk == TLS_BULK_CCM && EVP_DecryptUpdate(c, NULL, &n, NULL, len) != 1)
		return false;
	if (EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.len) != 1 ||
	    EVP_DecryptUpdate(c, out, &n, sealed.p, len) != 1)
		return false;
	return p->parts.bulk == TLS_BULK_CCM || EVP_DecryptFinal_ex(c, out + len, &n) == 1;
}

static bool
open_aead(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain)
{
	size_t front = has_explicit_nonce(p) ? EXPLICIT_LEN : 0;
	uint8_t nonce[NONCE_LEN], aad[AAD_MAX], *room = tls_crypto_room(p->crypto);
	size_t len, aad_len;

	if (record->body.len < front + p->parts.tag_len)
		return false;
	len = record->body.len - front - p->parts.tag_len;
	write_nonce(p, record, nonce);
	aad_len = write_aad(p, record, len, aad);
	if (!decrypt(p, nonce, bytes_of(aad, aad_len), bytes_from(record->body, front), room))
		return false;
	*plain = bytes_of(room, len);
	return true;
}

bool
tls_protection_open(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain)
{
	if (record->body.len > TLS_RECORD_MAX)
		return false;
	return is_aead(p) ? open_aead(p, record, plain) : tls_protection_open_mac(p, record, plain);
}
