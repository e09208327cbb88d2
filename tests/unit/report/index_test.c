#include "fixture.h"

#include "report/index.h"
#include "report/tally.h"

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

static void
tally_counts_and_sorts(void **state)
{
	struct tally t = { 0 };

	(void)state;
	tally_add(&t, bytes_str("a"), TALLY_GOOD);
	tally_add(&t, bytes_str("b"), TALLY_BAD);
	tally_add(&t, bytes_str("c"), TALLY_BAD);
	tally_add(&t, bytes_str("c"), TALLY_BAD);
	tally_add(&t, bytes_of(NULL, 0), TALLY_BAD);
	tally_sort(&t);
	assert_int_equal(t.n, 3);
	assert_true(bytes_eq_str(tally_key(&t.rows[0]), "c"));
	assert_int_equal(t.rows[0].n_bad, 2);
	assert_true(bytes_eq_str(tally_key(&t.rows[2]), "a"));
}

static void
tally_is_bounded(void **state)
{
	struct tally t = { 0 };
	char key[200];

	(void)state;
	memset(key, 'k', sizeof(key));
	for (unsigned i = 0; i < 1000; i++) {
		key[0] = (char)('a' + i % 26);
		key[1] = (char)('a' + i / 26);
		tally_add(&t, bytes_of(key, sizeof(key)), TALLY_GOOD);
	}
	assert_int_equal(t.n, REPORT_TALLY_MAX);
	assert_int_equal(t.n_uncounted, 1000 - REPORT_TALLY_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_find_their_findings),
		cmocka_unit_test(no_findings_no_entries),
		cmocka_unit_test(tally_counts_and_sorts),
		cmocka_unit_test(tally_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
