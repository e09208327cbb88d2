/* Seals records of TLS 1.3 with AES-128-GCM and opens them for a second, as often as fits.
 * usage: bench_tls_open [BYTES]    of data in a record; prints MB/s */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/tls_crypto.h"
#include "decode/tls_derive.h"
#include "decode/tls_opener.h"

#define N_RECORDS 4096
#define SUITE 0x1301
#define OVERHEAD 17 /* type and tag */

static const char log_line[] = "CLIENT_TRAFFIC_SECRET_0 "
			       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
			       "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n";

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
seal(EVP_CIPHER_CTX *c, const uint8_t iv[12], uint64_t number, uint8_t *record, size_t len)
{
	uint8_t nonce[12], header[5] = { 23, 3, 3, (uint8_t)((len + OVERHEAD) >> 8), (uint8_t)(len + OVERHEAD) };
	int n;

	memcpy(nonce, iv, sizeof(nonce));
	for (size_t i = 0; i < 8; i++)
		nonce[11 - i] ^= (uint8_t)(number >> (8 * i));
	memset(record, 'a', len);
	record[len] = 23;
	EVP_EncryptInit_ex2(c, NULL, NULL, nonce, NULL);
	EVP_EncryptUpdate(c, NULL, &n, header, sizeof(header));
	EVP_EncryptUpdate(c, record, &n, record, (int)len + 1);
	EVP_EncryptFinal_ex(c, record + len + 1, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, record + len + 1);
}

static uint8_t *
seal_all(struct tls_keys *keys, const uint8_t random[32], size_t len)
{
	uint8_t key[16], iv[12], *records = mem_new_array(N_RECORDS, len + OVERHEAD);
	struct tls_crypto *crypto = tls_keys_crypto(keys);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	struct bytes secret;

	if (!tls_keys_find(keys, TLS_SECRET_CLIENT_TRAFFIC, random, &secret) ||
	    !tls_derive_expand(crypto, "SHA2-256", secret, "key", key, sizeof(key)) ||
	    !tls_derive_expand(crypto, "SHA2-256", secret, "iv", iv, sizeof(iv)))
		abort();
	EVP_EncryptInit_ex2(c, tls_crypto_cipher(crypto, "AES-128-GCM"), key, iv, NULL);
	for (size_t i = 0; i < N_RECORDS; i++)
		seal(c, iv, i, records + i * (len + OVERHEAD), len);
	EVP_CIPHER_CTX_free(c);
	return records;
}

static void
open_all(const struct tls_keys *keys, const uint8_t random[32], const uint8_t *records, size_t len)
{
	struct tls_opener_start start = { .version = 0x0304,
					  .suite = SUITE,
					  .client_random = random,
					  .server_random = random,
					  .side = SIDE_CLIENT,
					  .keys = keys };
	struct tls_opener *o = tls_opener_new(&start);
	struct bytes plain;

	for (size_t i = 0; i < N_RECORDS; i++) {
		uint8_t type = 23;

		if (!tls_opener_open(o, &type, 0x0303, bytes_of(records + i * (len + OVERHEAD), len + OVERHEAD),
				     &plain) ||
		    plain.len != len)
			abort();
	}
	tls_opener_free(o);
}

int
main(int argc, char **argv)
{
	size_t len = argc > 1 ? strtoul(argv[1], NULL, 10) : 16384, n = 0;
	struct tls_keys *keys = tls_keys_new();
	uint8_t random[32], *records;
	double start;

	if (len == 0 || len > 16384)
		return 2;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)i;
	tls_keys_add_text(keys, bytes_str(log_line));
	records = seal_all(keys, random, len);
	open_all(keys, random, records, len);
	for (start = now(); now() - start < 1; n++)
		open_all(keys, random, records, len);
	printf("%.1f\n", (double)(n * N_RECORDS * len) / (now() - start) / 1e6);
	mem_free(records);
	tls_keys_free(keys);
	return 0;
}
