/* Addresses: text, order, networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/address.h"
#include "base/attr.h"

static struct address
parsed(const char *text)
{
	struct address a;

	assert_true(address_parse(text, &a));
	return a;
}

static void
text_round_trips(void **state UNUSED)
{
	static const char *const texts[] = { "192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1" };
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct address a = parsed(texts[i]);

		assert_string_equal(address_text(&a, text), texts[i]);
	}
}

static void
nonsense_is_refused(void **state UNUSED)
{
	struct address a;
	char text[ADDRESS_TEXT_MAX];

	assert_false(address_parse("192.0.2", &a));
	assert_false(address_parse("mx.example.com", &a));
	assert_int_equal(a.family, 0);
	assert_string_equal(address_text(&a, text), "");
	assert_int_equal(address_from(bytes_str("12345")).family, 0);
}

static void
networks_contain_by_bits(void **state UNUSED)
{
	struct address host = parsed("198.51.100.25"), net = parsed("198.51.100.16"), v6 = parsed("2001:db8::1");
	struct address v6_net = parsed("2001:db8::");

	assert_true(address_in(&host, &net, 28));
	assert_false(address_in(&host, &net, 29));
	assert_true(address_in(&host, &net, 0));
	assert_false(address_in(&host, &net, 33));
	assert_true(address_in(&v6, &v6_net, 127 - 1));
	assert_false(address_in(&v6, &v6_net, 128));
	assert_false(address_in(&host, &v6_net, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_round_trips),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(networks_contain_by_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
