#include "fixture.h"

#include "report/index.h"

static void
sessions_find_their_findings(void **state)
{
	const uint64_t a[] = { 1, 4, 9 }, b[] = { 4 };
	struct finding findings[] = { fixture_finding(7, a, 3, NULL, 0), fixture_finding(2, b, 1, NULL, 0),
				      fixture_finding(5, NULL, 0, NULL, 0) };
	struct finding_index *x = finding_index_new(findings, 3);
	const struct index_entry *entries;

	(void)state;
	assert_int_equal(finding_index_get(x, 4, &entries), 2);
	assert_int_equal(entries[0].finding, 7); /* by importance, not by id */
	assert_int_equal(entries[1].finding, 2);
	assert_int_equal(finding_index_get(x, 9, &entries), 1);
	assert_int_equal(finding_index_get(x, 0, &entries), 0);
	assert_int_equal(finding_index_get(x, 5, &entries), 0);
	assert_int_equal(finding_index_get(x, 10, &entries), 0);
	finding_index_free(x);
}

static void
no_findings_no_entries(void **state)
{
	struct finding_index *x = finding_index_new(NULL, 0);
	const struct index_entry *entries;

	(void)state;
	assert_int_equal(finding_index_get(x, 1, &entries), 0);
	finding_index_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_find_their_findings),
		cmocka_unit_test(no_findings_no_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
