#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/selection.h"

static void
numbers_are_remembered(void **state)
{
	struct selection *s = selection_new();

	(void)state;
	assert_false(selection_has(s, 1));
	selection_add(s, 1);
	selection_add(s, 64);
	selection_add(s, 100000);
	selection_add(s, 63);
	assert_true(selection_has(s, 1));
	assert_true(selection_has(s, 63));
	assert_true(selection_has(s, 64));
	assert_true(selection_has(s, 100000));
	assert_false(selection_has(s, 2));
	assert_false(selection_has(s, 65));
	assert_false(selection_has(s, 99999));
	assert_false(selection_has(s, 10000000));
	selection_free(s);
}

static void
memory_is_bounded(void **state)
{
	struct selection *s = selection_new();

	(void)state;
	selection_add(s, UINT64_MAX);
	selection_add(s, SELECTION_MAX);
	selection_add(s, SELECTION_MAX - 1);
	assert_false(selection_has(s, UINT64_MAX));
	assert_false(selection_has(s, SELECTION_MAX));
	assert_true(selection_has(s, SELECTION_MAX - 1));
	assert_false(selection_covers(SELECTION_MAX));
	selection_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_remembered),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
