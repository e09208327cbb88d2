/* In: records of suites with a MAC of their own: CBC, RC4, or not encrypted at all (RFC 5246 6.2.3.1, 6.2.3.2, RFC
 * 7366). Out: what is in them, when the MAC fits. We listen: nobody learns anything from how long that takes. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "decode/tls_crypto.h"
#include "decode/tls_protection.h"

#define MAC_HEADER_LEN 13

/* HMAC(seq_num + type + version + length + content) */
static bool
fits_mac(struct tls_protection *p, const struct tls_protected *record, struct bytes content, const uint8_t *mac)
{
	uint8_t header[MAC_HEADER_LEN], computed[EVP_MAX_MD_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < 8; i++)
		header[i] = (uint8_t)(record->sequence >> (56 - 8 * i));
	header[8] = record->type;
	header[9] = (uint8_t)(record->version >> 8);
	header[10] = (uint8_t)record->version;
	header[11] = (uint8_t)(content.len >> 8);
	header[12] = (uint8_t)content.len;
	return EVP_MAC_init(p->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(p->mac, header, sizeof(header)) == 1 &&
	       EVP_MAC_update(p->mac, content.p, content.len) == 1 &&
	       EVP_MAC_final(p->mac, computed, &len, sizeof(computed)) == 1 && len == p->parts.mac_len &&
	       CRYPTO_memcmp(computed, mac, len) == 0;
}

/* Cuts the MAC off the end of content. */
static bool
check_mac(struct tls_protection *p, const struct tls_protected *record, struct bytes content, struct bytes *inside)
{
	if (content.len < p->parts.mac_len)
		return false;
	*inside = bytes_head(content, content.len - p->parts.mac_len);
	return fits_mac(p, record, *inside, content.p + inside->len);
}

static bool
decrypt(struct tls_protection *p, const uint8_t *iv, struct bytes body, struct bytes *plain)
{
	uint8_t *room = tls_crypto_room(p->crypto);
	int n = 0;

	if (iv && EVP_DecryptInit_ex2(p->cipher, NULL, NULL, iv, NULL) != 1)
		return false;
	if (body.len > 0 && EVP_DecryptUpdate(p->cipher, room, &n, body.p, (int)body.len) != 1)
		return false;
	*plain = bytes_of(room, (size_t)n);
	return plain->len == body.len;
}

/* All bytes of the padding say how many there are before the last one. */
static bool
cut_padding(struct bytes *b)
{
	uint8_t n;

	if (b->len == 0)
		return false;
	n = b->p[b->len - 1];
	if (b->len < n + 1u)
		return false;
	for (size_t i = b->len - 1 - n; i < b->len; i++)
		if (b->p[i] != n)
			return false;
	b->len -= n + 1u;
	return true;
}

static bool
has_implicit_iv(const struct tls_protection *p)
{
	return p->version == TLS_1_0 && p->parts.bulk == TLS_BULK_CBC;
}

static size_t
outer_mac_len(const struct tls_protection *p)
{
	return p->encrypt_then_mac ? p->parts.mac_len : 0;
}

/* Cuts it off the front. False: no whole blocks, or too few. */
static bool
take_iv(const struct tls_protection *p, struct bytes *body, uint8_t iv[TLS_IV_MAX])
{
	size_t block = p->parts.block_len;

	if (has_implicit_iv(p)) {
		memcpy(iv, p->iv, block);
	} else if (body->len >= block) {
		memcpy(iv, body->p, block);
		*body = bytes_from(*body, block);
	} else {
		return false;
	}
	return body->len >= block + outer_mac_len(p) && (body->len - outer_mac_len(p)) % block == 0;
}

void
tls_protection_pass(struct tls_protection *p, struct bytes body)
{
	size_t block = p->parts.block_len;

	if (has_implicit_iv(p) && body.len >= block + outer_mac_len(p))
		memcpy(p->iv, body.p + body.len - outer_mac_len(p) - block, block);
}

static bool
open_cbc(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain)
{
	struct bytes body = record->body, sealed = record->body;
	uint8_t iv[TLS_IV_MAX];

	if (!take_iv(p, &body, iv))
		return false;
	if (p->encrypt_then_mac) {
		if (!check_mac(p, record, sealed, &sealed))
			return false;
		body.len -= p->parts.mac_len;
		return decrypt(p, iv, body, plain) && cut_padding(plain);
	}
	return decrypt(p, iv, body, plain) && cut_padding(plain) && check_mac(p, record, *plain, plain);
}

bool
tls_protection_open_mac(struct tls_protection *p, const struct tls_protected *record, struct bytes *plain)
{
	switch (p->parts.bulk) {
	case TLS_BULK_CBC:
		return open_cbc(p, record, plain);
	case TLS_BULK_STREAM:
		return decrypt(p, NULL, record->body, plain) && check_mac(p, record, *plain, plain);
	default:
		return check_mac(p, record, record->body, plain);
	}
}
