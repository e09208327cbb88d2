#include "fixture.h"

#include "base/limits.h"

static const struct report_options text = { .format = "text" };

static void
check_lines(const struct sink *s, size_t width)
{
	size_t column = 0;

	for (size_t i = 0; i < s->len; i++) {
		assert_true((s->text[i] >= ' ' && s->text[i] <= '~') || s->text[i] == '\n');
		column = s->text[i] == '\n' ? 0 : column + 1;
		assert_true(column <= width);
	}
}

static void
report_refused(struct sink *s, struct report_options o)
{
	static const uint64_t ids[] = { 1 };
	struct evidence evidence[] = { { at(10, 100), bytes_str("550 5.1.1 No such user") } };
	struct finding findings[] = { fixture_finding(1, ids, 1, evidence, 1),
				      fixture_finding(2, ids, 1, evidence, 1) };
	struct verdict v = { .text = bytes_str("Mail was refused."),
			     .result = SEVERITY_ERROR,
			     .n_attempts = 2,
			     .n_delivered = 1,
			     .n_failed = 1 };
	struct fixture f[2];

	findings[1].rule = "credentials-in-clear";
	findings[1].severity = SEVERITY_WARNING;
	findings[1].title = bytes_str("A password crossed the network in clear");
	fixture_refused(&f[0], 1, bytes_str("No such user"));
	fixture_delivered(&f[1], 2);
	fixture_report(s, o, f, 2, findings, 2, &v);
}

static void
check_order(const char *in, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *found = strstr(in, parts[i]);

		if (!found)
			fail_msg("'%s' is missing or too early in:\n%s", parts[i], in);
		in = found;
	}
}

static void
sections_come_in_order(void **state)
{
	static const char *const parts[] = {
		"PROBLEM: Mail was refused.",
		"2 attempts: 1 delivered, 1 failed.",
		"The server does not know the recipient",
		"[recipient-unknown] proven by the packets.",
		"packet 10, 22:13:20.000000: 550 5.1.1 No such user",
		"filter: tcp.stream eq 0",
		"What it means",
		"What it does not prove",
		"What to do",
		"Also found",
		"warning: A password crossed the network in clear",
		"Attempts",
		"192.0.2.10  198.51.100.25:25",
		"550 5.1.1 No such user",
		"What this capture cannot show",
		"Since when?",
		"bob@Example.net (1 of 2 refused)",
		"example.net (1 of 2 refused)",
		"antivirus",
	};
	struct sink s;

	(void)state;
	report_refused(&s, text);
	check_order(s.text, parts, ARRAY_LEN(parts));
	check_lines(&s, 80);
	sink_close(&s);
}

static void
quiet_is_verdict_and_diagnosis(void **state)
{
	struct report_options o = text;
	struct sink s;

	(void)state;
	o.is_quiet = true;
	report_refused(&s, o);
	assert_non_null(strstr(s.text, "What to do"));
	assert_null(strstr(s.text, "Also found"));
	assert_null(strstr(s.text, "Attempts"));
	assert_null(strstr(s.text, "Since when"));
	sink_close(&s);
}

static void
colour_only_when_asked_for(void **state)
{
	struct report_options o = text;
	struct sink s;

	(void)state;
	report_refused(&s, o);
	assert_null(memchr(s.text, 0x1b, s.len));
	sink_close(&s);
	o.use_colour = true;
	report_refused(&s, o);
	assert_non_null(strstr(s.text, "\033[1;31mPROBLEM:\033[0m"));
	sink_close(&s);
}

static void
hostile_bytes_stay_within_the_lines(void **state)
{
	const uint64_t ids[] = { 1 };
	struct evidence evidence[] = { { at(10, 100), hostile() } };
	struct finding finding = fixture_finding(1, ids, 1, evidence, 1);
	struct verdict v = { .text = hostile() };
	const char *name = "\033]0;\xff.pcap";
	struct report_options o = { .format = "text", .files = &name, .n_files = 1 };

	(void)state;
	finding.title = finding.means = finding.not_proven = finding.remedy = finding.filter = hostile();
	for (int verbose = 0; verbose < 2; verbose++) {
		struct fixture f;
		struct sink s;

		o.is_verbose = verbose == 1;
		fixture_refused(&f, 1, hostile());
		f.recipients[0].address = f.transaction.mail_from = hostile();
		fixture_report(&s, o, &f, 1, &finding, 1, &v);
		check_lines(&s, 80);
		sink_close(&s);
	}
}

static void
long_addresses_take_two_lines(void **state)
{
	struct verdict v = { .text = bytes_str("Failed.") };
	struct fixture f;
	struct sink s;

	(void)state;
	fixture_unanswered(&f, 1);
	assert_true(address_parse("2001:db8:1111:2222:3333:4444:5555:6666", &f.tcp.end[0].address));
	assert_true(address_parse("2001:db8:1111:2222:3333:4444:5555:7777", &f.tcp.end[1].address));
	fixture_report(&s, text, &f, 1, NULL, 0, &v);
	check_lines(&s, 80);
	assert_non_null(strstr(s.text, "no answer to the SYN"));
	sink_close(&s);
}

/* Failures come first into the list, however many good attempts went before. */
static void
attempts_are_bounded(void **state)
{
	size_t n = REPORT_ATTEMPTS_MAX + 50;
	struct verdict v = { .text = bytes_str("Mixed.") };
	struct fixture *f = calloc(n, sizeof(*f));
	struct report_options o = text;
	struct sink s;

	(void)state;
	for (size_t i = 0; i + 1 < n; i++)
		fixture_delivered(&f[i], i + 1);
	fixture_refused(&f[n - 1], n, bytes_str("the last one"));
	fixture_report(&s, o, f, n, NULL, 0, &v);
	assert_non_null(strstr(s.text, "the last one"));
	assert_non_null(strstr(s.text, "and 50 more: 50 delivered (-v lists them all)"));
	sink_close(&s);
	o.is_verbose = true;
	fixture_report(&s, o, f, n, NULL, 0, &v);
	assert_null(strstr(s.text, "-v lists them all"));
	sink_close(&s);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_come_in_order),        cmocka_unit_test(quiet_is_verdict_and_diagnosis),
		cmocka_unit_test(colour_only_when_asked_for),    cmocka_unit_test(hostile_bytes_stay_within_the_lines),
		cmocka_unit_test(long_addresses_take_two_lines), cmocka_unit_test(attempts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
