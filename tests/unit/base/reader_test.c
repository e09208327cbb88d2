/* Wire fields, and that a reader never leaves its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/attr.h"
#include "base/reader.h"

static const uint8_t wire[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };

static void
reads_big_endian(void **state UNUSED)
{
	struct reader r = rd_over(bytes_of(wire, sizeof(wire)));

	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be24(&r), 0x040506);
	assert_int_equal(rd_be32(&r), 0x0708090a);
	assert_true(rd_be64(&r) == 0x0b0c0d0e0f101112ULL);
	assert_true(rd_ok(&r));
	assert_int_equal(rd_left(&r), 0);
}

static void
stays_bad_past_the_end(void **state UNUSED)
{
	struct reader r = rd_over(bytes_of(wire, 3));

	assert_int_equal(rd_be32(&r), 0);
	assert_false(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 0); /* though three bytes were left */
	assert_int_equal(rd_bytes(&r, 1).len, 0);
	assert_int_equal(rd_rest(&r).len, 0);
	assert_false(rd_ok(&r));
}

static void
a_lying_length_makes_both_readers_bad(void **state UNUSED)
{
	struct reader r = rd_over(bytes_of(wire, 4));
	struct reader sub = rd_sub(&r, 5);

	assert_false(rd_ok(&r));
	assert_false(rd_ok(&sub));
	assert_int_equal(rd_u8(&sub), 0);
}

static void
a_sub_reader_ends_at_its_length(void **state UNUSED)
{
	struct reader r = rd_over(bytes_of(wire, sizeof(wire)));
	struct reader sub = rd_sub(&r, 2);

	assert_int_equal(rd_be16(&sub), 0x0102);
	assert_int_equal(rd_u8(&sub), 0);
	assert_false(rd_ok(&sub));
	assert_true(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 3);
}

/* Exact heap copies at every length: one byte too far is caught by the sanitizer. */
static void
every_cut_is_safe(void **state UNUSED)
{
	for (size_t n = 0; n <= sizeof(wire); n++) {
		uint8_t *copy = malloc(n + (n == 0));
		struct reader r;

		memcpy(copy, wire, n);
		r = rd_over(bytes_of(copy, n));
		rd_skip(&r, 2);
		(void)rd_be64(&r);
		(void)rd_be64(&r);
		assert_int_equal(rd_ok(&r), n == sizeof(wire));
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_big_endian),
		cmocka_unit_test(stays_bad_past_the_end),
		cmocka_unit_test(a_lying_length_makes_both_readers_bad),
		cmocka_unit_test(a_sub_reader_ends_at_its_length),
		cmocka_unit_test(every_cut_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
