#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "decode/tls_suite.h"

static const struct {
	uint16_t number;
	const char *name;
	bool is_anonymous;
	const char *parts; /* NULL: cannot be opened */
} rows[] = {
	{ 0x1301, "TLS_AES_128_GCM_SHA256", false, "13 AES-128-GCM key 16 tag 16 hash SHA2-256" },
	{ 0x1302, "TLS_AES_256_GCM_SHA384", false, "13 AES-256-GCM key 32 tag 16 hash SHA2-384" },
	{ 0x1305, "TLS_AES_128_CCM_8_SHA256", false, "13 AES-128-CCM key 16 tag 8 hash SHA2-256" },
	{ 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", false, "AES-128-GCM key 16 tag 16 hash SHA2-256" },
	{ 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", false,
	  "ChaCha20-Poly1305 key 32 tag 16 hash SHA2-256" },
	{ 0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", false, "AES-256-CCM key 32 tag 8 hash SHA2-256" },
	{ 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", false, "AES-128-CBC key 16 block 16 mac SHA1 20 hash SHA2-256" },
	{ 0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", false,
	  "AES-256-CBC key 32 block 16 mac SHA2-384 48 hash SHA2-384" },
	{ 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", false, "DES-EDE3-CBC key 24 block 8 mac SHA1 20 hash SHA2-256" },
	{ 0x0018, "TLS_DH_anon_WITH_RC4_128_MD5", true, "RC4 key 16 mac MD5 16 hash SHA2-256" },
	{ 0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", true, "AES-256-CBC key 32 block 16 mac SHA1 20 hash SHA2-256" },
	{ 0x003b, "TLS_RSA_WITH_NULL_SHA256", false, "NULL key 0 mac SHA2-256 32 hash SHA2-256" },
	{ 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", false, NULL },
	{ 0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", true, NULL },
	{ 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", false, NULL },
	{ 0xc102, "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT", false, NULL },
	{ 0x0a0a, NULL, false, NULL },
	{ 0xffff, NULL, false, NULL },
};

static void
render(const struct tls_suite_parts *p, char *text, size_t size)
{
	int n = snprintf(text, size, "%s%s key %u", p->is_tls13 ? "13 " : "", p->cipher ? p->cipher : "NULL",
			 p->key_len);

	if (p->block_len > 0)
		n += snprintf(text + n, size - (size_t)n, " block %u", p->block_len);
	if (p->tag_len > 0)
		n += snprintf(text + n, size - (size_t)n, " tag %u", p->tag_len);
	if (p->mac)
		n += snprintf(text + n, size - (size_t)n, " mac %s %u", p->mac, p->mac_len);
	snprintf(text + n, size - (size_t)n, " hash %s", p->hash);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = tls_suite_name(rows[i].number);
		struct tls_suite_parts parts;
		char text[160];

		if (!rows[i].name)
			assert_null(name);
		else
			assert_string_equal(name, rows[i].name);
		assert_int_equal(tls_suite_is_anonymous(rows[i].number), rows[i].is_anonymous);
		assert_int_equal(tls_suite_parts(rows[i].number, &parts), rows[i].parts != NULL);
		if (!rows[i].parts)
			continue;
		render(&parts, text, sizeof(text));
		assert_string_equal(text, rows[i].parts);
	}
}

/* They are looked for by halves. */
static void
test_order(void **state)
{
	static const uint16_t numbers[] = {
#define SUITE(number, name) number,
#include "decode/tls_suites.def"
#undef SUITE
	};

	(void)state;
	assert_true(ARRAY_LEN(numbers) > 380);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_true(i == 0 || numbers[i - 1] < numbers[i]);
		assert_non_null(tls_suite_name(numbers[i]));
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_rows),
	cmocka_unit_test(test_order),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
