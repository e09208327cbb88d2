/* Buffers and arenas keep what fits and count what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

static void
a_buffer_stops_at_its_limit(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 5);
	buf_add_str(&b, "abc");
	buf_add_str(&b, "defg");
	assert_true(bytes_eq_str(buf_bytes(&b), "abcde"));
	assert_int_equal(b.n_cut, 2);
	buf_drop(&b, 2);
	assert_true(bytes_eq_str(buf_bytes(&b), "cde"));
	assert_string_equal(buf_str(&b), "cde");
	buf_drop(&b, 99);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
	buf_add_str(&b, "again");
	assert_int_equal(b.len, 5);
	buf_fini(&b);
}

static void
a_buffer_formats_long_text(void **state UNUSED)
{
	char word[600];
	struct buf b;

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	buf_init(&b, 10000);
	buf_addf(&b, "<%s|%d>", word, 7);
	assert_int_equal(b.len, 599 + 4);
	assert_memory_equal(b.p + 600, "|7>", 3);
	buf_fini(&b);
}

static void
an_arena_refuses_what_is_too_much(void **state UNUSED)
{
	struct arena a;
	struct bytes first;

	arena_init(&a, 3000);
	first = arena_copy(&a, bytes_str("first"));
	for (int i = 0; i < 1000; i++) {
		struct bytes copy = arena_copy(&a, bytes_str("0123456789"));

		assert_true(copy.len == 10 || copy.len == 0);
	}
	assert_true(a.used <= 3000);
	assert_int_equal(a.n_refused, 1000 - (3000 - 5) / 10);
	assert_true(bytes_eq_str(first, "first"));
	arena_fini(&a);
	assert_int_equal(a.used, 0);
}

static void
an_error_is_one_line(void **state UNUSED)
{
	struct err e;

	err_set(&e, "bad\nname \x1b[31m %s", "x");
	assert_string_equal(e.text, "bad?name ?[31m x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_stops_at_its_limit),
		cmocka_unit_test(a_buffer_formats_long_text),
		cmocka_unit_test(an_arena_refuses_what_is_too_much),
		cmocka_unit_test(an_error_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
