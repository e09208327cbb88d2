#include "fixture.h"

/* What hostile text becomes in the formats whose readers obey markup. */

static void
report_refusal(struct sink *s, const char *format, struct bytes text)
{
	struct report_options o = { .format = format };
	struct evidence evidence[] = { { at(10, 100), text } };
	const uint64_t ids[] = { 1 };
	struct finding finding = fixture_finding(1, ids, 1, evidence, 1);
	struct verdict v = { .text = bytes_str("Failed."), .result = SEVERITY_ERROR };
	struct fixture f;

	finding.title = text;
	fixture_refused(&f, 1, text);
	f.session.greeting = text;
	f.transaction.mail_from = text;
	fixture_report(s, o, &f, 1, &finding, 1, &v);
}

static void
html_has_no_element_of_a_stranger(void **state)
{
	static const char *const never[] = { "<b><i", "<i a=", "\"x'", "&lt;<", "\033", "\x7f", "\xe2" };
	struct sink s;

	(void)state;
	report_refusal(&s, "html", bytes_str("<b><i a=\"x' &lt;\033\x7f\xe2\x80\xae"));
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_null(strstr(s.text, never[i]));
	assert_non_null(strstr(s.text, "&lt;b&gt;&lt;i a=&quot;x&#39; &amp;lt;\\x1b\\x7f\\xe2\\x80\\xae"));
	sink_close(&s);
}

static void
csv_has_no_formula(void **state)
{
	static const char *const formulas[] = { "=1+1", "+1", "-1", "@SUM(1)", "  =1", "\t=1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formulas); i++) {
		char wanted[64];
		struct sink s;

		report_refusal(&s, "csv", bytes_str(formulas[i]));
		snprintf(wanted, sizeof(wanted), ",\"'%s%s\",", formulas[i][0] == '\t' ? "\\x09" : "",
			 formulas[i] + (formulas[i][0] == '\t'));
		assert_non_null(strstr(s.text, wanted));
		sink_close(&s);
	}
}

static void
csv_doubles_quotes(void **state)
{
	struct sink s;

	(void)state;
	report_refusal(&s, "csv", bytes_str("a \"b\",\nc"));
	assert_non_null(strstr(s.text, ",\"a \"\"b\"\",\\x0ac\","));
	sink_close(&s);
}

static void
markdown_has_fences_longer_than_those_inside(void **state)
{
	struct sink s;

	(void)state;
	report_refusal(&s, "markdown", bytes_str("a ``` b @c [d](http://e) <f>"));
	assert_non_null(strstr(s.text, ": ```` a ``` b @c [d](http://e) <f> ````"));
	assert_non_null(strstr(s.text, "### a \\`\\`\\` b &#64;c \\[d\\]\\(http&#58;//e\\) &#60;f\\>"));
	sink_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_has_no_element_of_a_stranger),
		cmocka_unit_test(csv_has_no_formula),
		cmocka_unit_test(csv_doubles_quotes),
		cmocka_unit_test(markdown_has_fences_longer_than_those_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
