/* Sets of numbers, and which look-ups lead to a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/names.h"

#define V6_REVERSED "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

static void
a_set_has_what_was_added(void **state)
{
	struct numbers s = { 0 };

	(void)state;
	assert_false(numbers_has(&s, 0));
	assert_false(numbers_has(&s, 7));
	for (uint64_t i = 0; i < 10000; i++)
		numbers_add(&s, i * 64);
	for (uint64_t i = 0; i < 10000; i++) {
		assert_true(numbers_has(&s, i * 64));
		assert_false(numbers_has(&s, i * 64 + 1));
	}
	numbers_fini(&s);
}

static struct address
address_of(const char *text)
{
	struct address a;

	assert_true(address_parse(text, &a));
	return a;
}

static struct dns_message
answer(const char *name, const char *address, const char *exchange)
{
	struct dns_message m = { .is_response = true, .type = address ? DNS_A : DNS_MX };

	strcpy(m.name, name);
	if (address)
		m.addresses[m.n_addresses++] = address_of(address);
	if (exchange)
		strcpy(m.exchanges[m.n_exchanges++], exchange);
	return m;
}

static void
look_ups_that_lead_to_a_server(void **state)
{
	struct names n = { .list = NULL };
	struct address server = address_of("192.0.2.25"), other = address_of("2001:db8::25");
	struct dns_message m[] = {
		answer("example.net", NULL, "mx.example.net"),
		answer("mx.example.net", "192.0.2.25", NULL),
		answer("www.example.net", "192.0.2.80", NULL),
		answer("example.org", NULL, "gone.example.org"),
		answer("gone.example.org.lan", NULL, NULL),
		answer("gone.example.organic", NULL, NULL),
		answer("25.2.0.192.in-addr.arpa", NULL, NULL),
		answer("26.2.0.192.in-addr.arpa", NULL, NULL),
		answer("25.2.0.192", NULL, NULL),
		answer("25.2.0.192.zen.example", NULL, NULL),
		answer(V6_REVERSED, NULL, NULL),
		answer(&V6_REVERSED[2], NULL, NULL),
	};
	static const bool wanted[] = { true, true, false, true, true, false, true, false, false, true, true, false };

	(void)state;
	names_wanted(&n, bytes_str("gone.example.org"));
	for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++)
		names_message(&n, &m[i]);
	names_host(&n, &server);
	names_host(&n, &other);
	names_choose(&n);
	for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++)
		assert_int_equal(names_has(&n, &m[i]), wanted[i]);
	names_fini(&n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_has_what_was_added),
		cmocka_unit_test(look_ups_that_lead_to_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
