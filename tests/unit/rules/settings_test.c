/* Settings files: what is read, what is refused and where, and what the values fit. */
#include "rules/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "rules/compare.h"
#include "rules/learn.h"
#include "rules/profile.h"

/* From a heap copy of the exact size. */
static struct settings *
read_text(const char *text, struct err *e)
{
	size_t len = strlen(text);
	char *copy = malloc(len + 1);
	struct settings *s;

	assert_non_null(copy);
	memcpy(copy, text, len);
	s = settings_read_text("f", bytes_of(copy, len), e);
	free(copy);
	return s;
}

static struct settings *
must_read(const char *text)
{
	struct err e = { "" };
	struct settings *s = read_text(text, &e);

	assert_string_equal(e.text, "");
	assert_non_null(s);
	return s;
}

static void
mistakes_name_their_place(void **state)
{
	static const struct {
		const char *yaml, *error;
	} cases[] = {
		{ "", "f:1:1: no settings in this file" },
		{ "- server: a", "f:1:1: keys and values (server: mail.example.com) is expected here" },
		{ "server: a\nprot: 25", "f:2:1: unknown key prot; did you mean port?" },
		{ "server: a\nserver: b", "f:2:1: the key server stands twice" },
		{ "server: mail.example.com:587",
		  "f:1:9: a host name or address is expected here; the port has a key of its own" },
		{ "server: 192.0.2.0/33", "f:1:9: a host name is expected here: mail.example.com, or *.example.com" },
		{ "server: []", "f:1:9: the list is empty" },
		{ "server: [a, {b: c}]", "f:1:13: a value is expected here" },
		{ "port: 0", "f:1:7: a port from 1 to 65535 is expected here" },
		{ "port: [25, 65536]", "f:1:12: a port from 1 to 65535 is expected here" },
		{ "tls: startls", "f:1:6: unknown word startls; did you mean starttls?" },
		{ "tls_min: 1.4", "f:1:10: unknown word 1.4; did you mean 1.0?" },
		{ "tls_min: [1.2, 1.3]", "f:1:10: a value is expected here" },
		{ "helo:", "f:1:6: the value is empty" },
		{ "helo: \"a\\x07\"", "f:1:7: a control character stands in this value" },
		{ "auth: two words",
		  "f:1:7: a mechanism is expected here: PLAIN, LOGIN, XOAUTH2, ...; or any, or none" },
		{ "sender: alice@", "f:1:9: an address or domain is expected here: alice@example.com, example.com" },
		{ "allowlist: example.com",
		  "f:1:12: an address or network is expected here: 192.0.2.1, 192.0.2.0/24, 2001:db8::/32" },
		{ "user: a\npassword: b",
		  "f:2:1: password: secrets are neither compared nor kept; remove it from this file" },
		{ "Token: b", "f:1:1: token: secrets are neither compared nor kept; remove it from this file" },
		{ "server: a\n---\nport: x", "f:3:7: a port from 1 to 65535 is expected here" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { "" };

		assert_null(read_text(cases[i].yaml, &e));
		assert_string_equal(e.text, cases[i].error);
	}
}

static void
values_are_kept_with_their_place(void **state)
{
	struct settings *s = must_read("server: [a.example, 192.0.2.0/24]\n---\nport: 25\ntls_min: 1.2\n");
	const struct setting *server = &s->profiles[0].of[SETTING_SERVER], *port = &s->profiles[1].of[SETTING_PORT];
	(void)state;

	assert_int_equal(s->n, 2);
	assert_int_equal(server->n, 2);
	assert_int_equal(server->values[0].net.family, 0);
	assert_int_equal(server->values[1].n_bits, 24);
	assert_true(bytes_eq_str(server->text, "a.example or 192.0.2.0/24"));
	assert_true(bytes_eq_str(port->place, "f:3"));
	assert_int_equal(port->values[0].number, 25);
	assert_int_equal(s->profiles[1].of[SETTING_TLS_MIN].values[0].number, 0x303);
	assert_int_equal(s->profiles[1].of[SETTING_HELO].n, 0);
	settings_free(s);
}

static bool
is_name(const char *name, const char *pattern)
{
	return name_is(bytes_str(name), bytes_str(pattern));
}

static void
names_fit_as_in_dns(void **state)
{
	(void)state;
	assert_true(is_name("MX.example.com.", "mx.Example.com"));
	assert_true(is_name("a.b.example.com", "*.example.com"));
	assert_false(is_name("example.com", "*.example.com"));
	assert_false(is_name("badexample.com", "*.example.com"));
	assert_false(is_name("", ""));
	assert_false(is_name("mx", "mx.example.com"));
}

static bool
is_for(const char *names, const char *host)
{
	return certificate_is_for(bytes_str(names), bytes_str(host));
}

static void
a_star_in_a_certificate_is_one_label(void **state)
{
	(void)state;
	assert_true(is_for("a.example, *.example.com", "MX.example.com"));
	assert_true(is_for("a.example, b.example", "b.example"));
	assert_true(is_for("mx.example.com", "*.example.com"));
	assert_false(is_for("*.example.com", "a.b.example.com"));
	assert_false(is_for("*.example.com", "example.com"));
	assert_false(is_for("*.com", "com"));
	assert_false(is_for("", "example.com"));
}

static void
own_domains_have_what_is_below_them(void **state)
{
	struct settings *s = must_read("own_domains: ['@example.com', example.org]\n---\nown_domains: example.net\n");
	struct settings *none = must_read("server: a.example");
	(void)state;

	assert_true(settings_has_own_domains(s));
	assert_false(settings_has_own_domains(none));
	assert_true(settings_owns_domain(s, bytes_str("EXAMPLE.com")));
	assert_true(settings_owns_domain(s, bytes_str("a.example.net")));
	assert_false(settings_owns_domain(s, bytes_str("notexample.org")));
	assert_false(settings_owns_domain(s, bytes_str("")));
	assert_false(settings_owns_domain(none, bytes_str("example.com")));
	settings_free(s);
	settings_free(none);
}

static void
nothing_seen_is_nothing_learnt(void **state)
{
	struct learn *l = learn_new();
	struct buf yaml;
	struct err e = { "" };
	(void)state;

	buf_init(&yaml, 1024);
	assert_false(learn_write(l, &yaml, &e));
	assert_non_null(strstr(e.text, "nothing to learn"));
	assert_int_equal(yaml.len, 0);
	buf_fini(&yaml);
	learn_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_name_their_place),
		cmocka_unit_test(values_are_kept_with_their_place),
		cmocka_unit_test(names_fit_as_in_dns),
		cmocka_unit_test(a_star_in_a_certificate_is_one_label),
		cmocka_unit_test(own_domains_have_what_is_below_them),
		cmocka_unit_test(nothing_seen_is_nothing_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
