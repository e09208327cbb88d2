/* Other names: as long, of the same kinds, the same ones again; and found in texts. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "decode/pseudonym.h"

typedef void change(struct pseudonyms *p, struct bytes text, struct buf *out);

static const char *
changed(struct pseudonyms *p, change *how, const char *text, struct buf *out)
{
	buf_clear(out);
	how(p, bytes_str(text), out);
	assert_int_equal(out->len, strlen(text));
	return buf_str(out);
}

static void
names_keep_their_form(void **state)
{
	struct pseudonyms *p = pseudonyms_new();
	const char name[] = "Alice.B-42@Mail.Example.com";
	struct buf out, again;
	const char *other;

	(void)state;
	buf_init(&out, 1000);
	buf_init(&again, 1000);
	other = changed(p, pseudonym_address, name, &out);
	assert_string_not_equal(other, name);
	for (size_t i = 0; name[i] != '\0'; i++) {
		assert_int_equal(!!isupper(name[i]), !!isupper(other[i]));
		assert_int_equal(!!isdigit(name[i]), !!isdigit(other[i]));
		assert_int_equal(!!ispunct(name[i]), !!ispunct(other[i]));
	}
	assert_string_equal(strrchr(other, '.'), ".com");
	assert_string_equal(changed(p, pseudonym_address, name, &again), other);
	assert_string_equal(changed(p, pseudonym_domain, "Example.com", &again), other + 16);
	pseudonyms_free(p);
	buf_fini(&out);
	buf_fini(&again);
}

static void
texts_lose_names_only(void **state)
{
	static const char *const texts[] = {
		"550 <canary@secret.example>: no such user",
		"canary@secret.example.",
		"the user canary is over quota",
		"=?canary@secret.example",
		"\"canary x\"@secret.example unknown",
		"(CANARY@SECRET.EXAMPLE)",
		"no mail for secret.example here",
		"a@b@canary@secret.example",
	};
	struct pseudonyms *p = pseudonyms_new();
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	changed(p, pseudonym_address, "canary@secret.example", &out);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		changed(p, pseudonym_text, texts[i], &out);
		assert_false(bytes_contains_nocase(buf_bytes(&out), "canary"));
		assert_false(bytes_contains_nocase(buf_bytes(&out), "secret"));
	}
	assert_string_equal(changed(p, pseudonym_text, "550 5.1.1 user unknown (#5.1.1) @ mx.example.net", &out),
			    "550 5.1.1 user unknown (#5.1.1) @ mx.example.net");
	assert_string_equal(changed(p, pseudonym_addresses, "220 secret.example ESMTP canary", &out),
			    "220 secret.example ESMTP canary");
	changed(p, pseudonym_address, "user@secret.example", &out); /* a word that replies need */
	assert_string_equal(changed(p, pseudonym_text, "550 user unknown", &out), "550 user unknown");
	pseudonyms_free(p);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_their_form),
		cmocka_unit_test(texts_lose_names_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
