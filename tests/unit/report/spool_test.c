#include "fixture.h"

#include <malloc.h>

#include "base/limits.h"
#include "report/spool.h"

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t
bytes_in_use(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes(); /* mallinfo does not see its heap */
	return mallinfo2().uordblks;
}

static struct spool *
open_spool(void)
{
	struct err e = { "" };
	struct spool *s = spool_new(&e);

	assert_non_null(s);
	return s;
}

static void
records_come_back_by_number(void **state)
{
	struct spool *s = open_spool();
	struct err e;
	struct buf b;
	uint64_t id;

	(void)state;
	buf_init(&b, 1000);
	spool_add(s, 3, bytes_str("three"));
	spool_add(s, 1, bytes_of(NULL, 0));
	spool_add(s, 2, bytes_of("t\0o", 3));
	spool_rewind(s);
	assert_true(spool_next(s, &id, &b));
	assert_int_equal(id, 1);
	assert_int_equal(b.len, 0);
	assert_true(spool_next(s, &id, &b));
	assert_int_equal(id, 2);
	assert_memory_equal(b.p, "t\0o", 3);
	assert_true(spool_next(s, &id, &b));
	assert_string_equal(buf_str(&b), "three");
	assert_false(spool_next(s, &id, &b));
	spool_rewind(s); /* and once more */
	assert_true(spool_next(s, &id, &b));
	assert_int_equal(id, 1);
	assert_false(spool_failed(s, &e));
	buf_fini(&b);
	spool_free(s);
}

static void
an_empty_spool_has_nothing(void **state)
{
	struct spool *s = open_spool();
	struct buf b;
	uint64_t id;

	(void)state;
	buf_init(&b, 10);
	spool_rewind(s);
	assert_false(spool_next(s, &id, &b));
	buf_fini(&b);
	spool_free(s);
}

/* Beyond SPOOL_SORTED_MAX nothing is remembered per record any more. */
static void
many_records_keep_their_order_of_arrival(void **state)
{
	struct spool *s = open_spool();
	uint64_t n = SPOOL_SORTED_MAX + 1000, id;
	struct err e;
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t value = n - i;

		spool_add(s, value, bytes_of(&value, sizeof(value)));
	}
	spool_rewind(s);
	for (uint64_t i = 0; i < n; i++) {
		assert_true(spool_next(s, &id, &b));
		assert_int_equal(id, n - i);
		assert_memory_equal(b.p, &id, sizeof(id));
	}
	assert_false(spool_next(s, &id, &b));
	assert_false(spool_failed(s, &e));
	buf_fini(&b);
	spool_free(s);
}

static void
a_missing_directory_is_said(void **state)
{
	struct err e = { "" };

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	assert_null(spool_new(&e));
	assert_non_null(strstr(e.text, "TMPDIR"));
	unsetenv("TMPDIR");
}

static void
memory_stays_flat(void **state)
{
	static const char *const formats[] = { "text", "json" };
	struct report_capture c = fixture_capture();
	struct verdict v = { .text = bytes_str("Fine.") };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct report_options o = { .format = formats[i], .out = fopen("/dev/null", "w"), .is_verbose = true };
		struct err e = { "" };
		struct report *r = report_new(&o, &e);
		size_t before = 0;

		assert_non_null(r);
		for (uint64_t id = 1; id <= 40000; id++) {
			fixture_delivered(&f, id);
			report_session(r, &f.session);
			if (id == 1000)
				before = bytes_in_use();
		}
		assert_true(bytes_in_use() <= before + 3 * 1024 * 1024); /* places of the spool */
		assert_true(report_finish(r, &c, NULL, 0, &v, &e));
		report_free(r);
		fclose(o.out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_by_number),
		cmocka_unit_test(an_empty_spool_has_nothing),
		cmocka_unit_test(many_records_keep_their_order_of_arrival),
		cmocka_unit_test(a_missing_directory_is_said),
		cmocka_unit_test(memory_stays_flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
