/* Comparisons, searches and cuts of borrowed bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"

static void
compares_without_case(void **state UNUSED)
{
	assert_true(bytes_is_word(bytes_str("EhLo"), "ehlo"));
	assert_false(bytes_is_word(bytes_str("EHL"), "EHLO"));
	assert_false(bytes_eq(bytes_str("a"), bytes_str("A")));
	assert_true(bytes_starts_nocase(bytes_str("auth PLAIN"), "AUTH "));
	assert_false(bytes_starts_nocase(bytes_str("AUT"), "AUTH"));
	/* Only letters differ in case: '[' and '{' do not. */
	assert_false(bytes_is_word(bytes_str("["), "{"));
}

static void
empty_is_fine_everywhere(void **state UNUSED)
{
	struct bytes none = { NULL, 0 };

	assert_true(bytes_eq(none, bytes_str("")));
	assert_int_equal(bytes_find(none, 'x'), 0);
	assert_int_equal(bytes_find_str(none, "x"), 0);
	assert_int_equal(bytes_trim(none).len, 0);
	assert_int_equal(bytes_from(none, 7).len, 0);
	assert_int_equal(bytes_head(none, 7).len, 0);
	assert_false(bytes_contains_nocase(none, "x"));
	assert_true(bytes_contains_nocase(none, ""));
}

static void
finds(void **state UNUSED)
{
	struct bytes text = bytes_str("250 Ok: Queued AS 4F2");

	assert_int_equal(bytes_find(text, ':'), 6);
	assert_int_equal(bytes_find_str(text, "Queued"), 8);
	assert_int_equal(bytes_find_str(text, "queued"), text.len);
	assert_int_equal(bytes_find_nocase(text, bytes_str("queued as")), 8);
	assert_true(bytes_contains_nocase(text, "4f2"));
	assert_false(bytes_contains_nocase(text, "4f22"));
}

static void
splits_and_trims(void **state UNUSED)
{
	struct bytes rest = bytes_str("a,,b");

	assert_true(bytes_eq_str(bytes_split(&rest, ','), "a"));
	assert_true(bytes_eq_str(bytes_split(&rest, ','), ""));
	assert_true(bytes_eq_str(bytes_split(&rest, ','), "b"));
	assert_int_equal(rest.len, 0);
	assert_true(bytes_eq_str(bytes_trim(bytes_str(" \t x y \t")), "x y"));
	assert_int_equal(bytes_trim(bytes_str(" \t ")).len, 0);
}

static void
numbers_are_digits_within_the_maximum(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool ok;
	} rows[] = {
		{ "0", 0, true },
		{ "250", 999, true },
		{ "1000", 999, false },
		{ "", 9, false },
		{ "-1", 9, false },
		{ "1 ", 9, false },
		{ "5", 4, false },
		{ "007", 7, true },
		{ "18446744073709551615", UINT64_MAX, true },
		{ "18446744073709551616", UINT64_MAX, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t value = 77;

		assert_int_equal(bytes_to_u64(bytes_str(rows[i].text), rows[i].max, &value), rows[i].ok);
		if (!rows[i].ok)
			assert_int_equal(value, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_without_case),
		cmocka_unit_test(empty_is_fine_everywhere),
		cmocka_unit_test(finds),
		cmocka_unit_test(splits_and_trims),
		cmocka_unit_test(numbers_are_digits_within_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
