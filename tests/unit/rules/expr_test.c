/* Conditions: what they mean over facts that are there or absent, and how mistakes in them are reported. */
#include "fixture.h"

#include "base/limits.h"
#include "rules/regex.h"

static const struct expr_scope session_scope = { 1U << SCOPE_SESSION, false, "a session" };
static const struct expr_scope group_scope = { 1U << SCOPE_SESSION, true, "a group of sessions" };

/* Absent: smtp.greeting.code, smtp.ehlo.name. */
static struct session *
known(void)
{
	struct session *s = session_new(1, "192.0.2.10", "2001:db8::25");

	set_number(s, FACT_ID_CONNECT_SYNS, 3);
	set_number(s, FACT_ID_SERVER_PORT, 25);
	set_number(s, FACT_ID_SMTP_SIZE_OFFERED, 10000000);
	set_truth(s, FACT_ID_CONNECT_UNANSWERED);
	facts_set_bool(s->facts, FACT_ID_CONNECT_ESTABLISHED, false, at(2));
	facts_set_seconds(s->facts, FACT_ID_CONNECT_WATCHED, 3.5, at(3));
	set_text(s, FACT_ID_SMTP_GREETING_TEXT, "Mx.Example \"ready\" \\o/");
	set_text(s, FACT_ID_TCP_CLOSED_BY, "client");
	return s;
}

static const struct {
	const char *text;
	bool holds;
} meanings[] = {
	/* numbers */
	{ "connect.syns == 3", true },
	{ "connect.syns != 3", false },
	{ "connect.syns < 3", false },
	{ "connect.syns <= 3", true },
	{ "connect.syns > 2", true },
	{ "connect.syns >= 4", false },
	{ "connect.syns eq 3 and connect.syns ne 4 and connect.syns lt 4", true },
	{ "connect.syns le 2 or connect.syns gt 3 or connect.syns ge 4", false },
	{ "connect.syns == -3", false },
	{ "smtp.size.offered == 10MB", true },
	{ "smtp.size.offered > 9.5MiB", true },
	{ "smtp.size.offered == 10MiB", false },
	{ "connect.syns < server.port", true },
	{ "server.port <= connect.syns", false },
	/* a number alone: is it known? */
	{ "connect.syns", true },
	{ "smtp.greeting.code", false },
	/* truths */
	{ "connect.unanswered", true },
	{ "connect.established", false },
	{ "connect.established == false", true },
	{ "connect.unanswered != false", true },
	/* times */
	{ "connect.watched >= 3s", true },
	{ "connect.watched == 3500ms", true },
	{ "connect.watched < 1min && connect.watched < 1h", true },
	{ "connect.watched > 3.5", false },
	/* text */
	{ "tcp.closed_by == \"client\"", true },
	{ "tcp.closed_by != \"client\"", false },
	{ "tcp.closed_by == \"Client\"", false },
	{ "smtp.greeting.text contains \"Example\"", true },
	{ "smtp.greeting.text contains \"example\"", false },
	{ "smtp.greeting.text contains \"\"", true },
	{ "smtp.greeting.text contains \"o/ \"", false },
	{ "smtp.greeting.text matches \"^mx\\.example\"", true },
	{ "smtp.greeting.text ~ \"^mx.$\"", false },
	{ "smtp.greeting.text contains \"\\\"ready\\\"\"", true },
	{ "smtp.greeting.text contains \"\\\\o\"", true },
	/* addresses */
	{ "client.address == 192.0.2.10", true },
	{ "client.address != 192.0.2.10", false },
	{ "client.address == 192.0.2.0/24", true },
	{ "client.address == 192.0.2.0/29", false },
	{ "client.address == 0.0.0.0/0", true },
	{ "client.address == ::/0", false },
	{ "server.address == 2001:db8::/32", true },
	{ "server.address == 2001:db9::/32", false },
	{ "client.address == server.address", false },
	{ "client.address == client.address && server.address == server.address", true },
	{ "client.address in {198.51.100.0/24, 192.0.2.8/29}", true },
	{ "client.address in {198.51.100.0/24}", false },
	/* sets */
	{ "connect.syns in {1, 3}", true },
	{ "connect.syns in {1 2}", false },
	{ "connect.syns in {2..4}", true },
	{ "connect.syns in {3..3}", true },
	{ "connect.syns in {-1..3}", true },
	{ "connect.syns in {-3..-1}", false },
	{ "connect.syns in {0..2, 4..9}", false },
	{ "connect.watched in {3s..4s}", true },
	{ "tcp.closed_by in {\"server\", \"client\"}", true },
	{ "!(tcp.closed_by in {\"server\", \"both\"})", true },
	/* "and" binds tighter than "or", "not" tightest */
	{ "connect.unanswered || connect.established && connect.established", true },
	{ "(connect.unanswered || connect.established) && connect.established", false },
	{ "connect.established && connect.established || connect.unanswered", true },
	{ "!connect.established && connect.established", false },
	{ "!(connect.established && connect.established)", true },
	{ "!(connect.unanswered || connect.established)", false },
	{ "!(connect.unanswered && !(connect.established || !connect.unanswered))", false },
	{ "!!connect.unanswered", true },
	{ "not not not connect.unanswered", false },
	{ "! connect.syns == 3", false },
	{ "((connect.syns == 3))", true },
	/* what is absent makes a comparison false, whichever it is; and turned around, true */
	{ "smtp.greeting.code == 554", false },
	{ "smtp.greeting.code != 554", false },
	{ "smtp.greeting.code < 554 || smtp.greeting.code >= 554", false },
	{ "!(smtp.greeting.code == 554)", true },
	{ "!(smtp.greeting.code != 554)", true },
	{ "smtp.ehlo.name == tcp.closed_by", false },
	{ "tcp.closed_by == smtp.ehlo.name", false },
	{ "!(tcp.closed_by == smtp.ehlo.name)", true },
	{ "smtp.ehlo.name contains \"\"", false },
	{ "smtp.ehlo.name matches \"\"", false },
	{ "smtp.greeting.code in {0..999}", false },
	{ "!smtp.greeting.code && !smtp.ehlo.name && connect.syns", true },
};

static void
conditions_mean_what_people_read(void **state UNUSED)
{
	struct session *s = known();

	for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
		struct expr_error e;
		struct expr *x = expr_new(bytes_str(meanings[i].text), &session_scope, &e);

		if (!x)
			fail_msg("%s: %s", meanings[i].text, e.text);
		if (expr_holds(x, s->facts, NULL) != meanings[i].holds)
			fail_msg("%s is %s", meanings[i].text, meanings[i].holds ? "false" : "true");
		/* the quick look before must never rule out what holds */
		if (meanings[i].holds && !facts_cover(facts_present(s->facts), x->need))
			fail_msg("%s needs what it does not need", meanings[i].text);
		assert_bytes(x->text, meanings[i].text);
		expr_free(x);
	}
	session_free(s);
}

static const struct {
	const char *text;
	bool needs_code; /* smtp.greeting.code */
} needs[] = {
	{ "smtp.greeting.code == 554", true },
	{ "!(smtp.greeting.code == 554)", false },
	{ "!!(smtp.greeting.code == 554)", true },
	{ "smtp.greeting.code == 554 && connect.unanswered", true },
	{ "smtp.greeting.code == 554 || connect.unanswered", false },
	{ "smtp.greeting.code == 554 || smtp.greeting.code == 521", true },
	{ "connect.syns < smtp.greeting.code", true },
	{ "connect.unanswered && (smtp.greeting.code in {554} || smtp.greeting.code < connect.syns)", true },
};

static void
a_condition_knows_what_it_cannot_do_without(void **state UNUSED)
{
	size_t id = FACT_ID_SMTP_GREETING_CODE;

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		struct expr_error e;
		struct expr *x = expr_new(bytes_str(needs[i].text), &session_scope, &e);

		assert_non_null(x);
		if ((x->need[id / 64] >> (id % 64) & 1U) != needs[i].needs_code)
			fail_msg("%s", needs[i].text);
		expr_free(x);
	}
}

static const struct {
	const char *text;
	const char *touched; /* numbers of the tests, from 0 */
} touches[] = {
	{ "connect.unanswered", "0" },
	{ "connect.established", "" },
	{ "connect.unanswered && connect.syns == 3", "01" },
	{ "connect.unanswered || connect.syns == 3", "0" },
	{ "connect.established || connect.syns == 3", "1" },
	{ "connect.unanswered && (connect.established || connect.syns == 3) && !smtp.greeting.code", "023" },
	{ "connect.unanswered && connect.established", "" },
};

static void
the_tests_that_made_it_true_are_known(void **state UNUSED)
{
	struct session *s = known();

	for (size_t i = 0; i < ARRAY_LEN(touches); i++) {
		struct expr_error e;
		struct expr *x = expr_new(bytes_str(touches[i].text), &session_scope, &e);
		uint16_t tests[8];
		char text[9] = "";
		size_t n;

		assert_non_null(x);
		n = expr_touched(x, s->facts, NULL, tests, 8);
		for (size_t k = 0; k < n; k++)
			text[k] = (char)('0' + tests[k]);
		assert_string_equal(text, touches[i].touched);
		expr_free(x);
	}
	session_free(s);
}

static const struct {
	const char *text;
	size_t offset;
	const char *message;
} mistakes[] = {
	{ "", 0, "a fact is missing here" },
	{ "   ", 3, "a fact is missing here" },
	{ "connect.syn == 3", 0, "unknown fact connect.syn; did you mean connect.syns?" },
	{ "connect.unanswered && smtp.greting.code", 22, "did you mean smtp.greeting.code?" },
	{ "zzzzzzzzzzzz.qqqqqqqqqqqqqqq", 0, "unknown fact zzzzzzzzzzzz.qqqqqqqqqqqqqqq" },
	{ "connect.syns == \"3\"", 16, "connect.syns is a number; \"3\" is text" },
	{ "connect.syns == three", 16, "connect.syns is a number; three is not" },
	{ "connect.syns == 1234567890123456789", 16, "connect.syns is a number" },
	{ "connect.syns == 3s", 16, "connect.syns is a number" },
	{ "connect.syns == 1.5", 16, "connect.syns is a number" },
	{ "connect.watched == 3MB", 19, "connect.watched is a time" },
	{ "connect.unanswered == maybe", 22, "connect.unanswered is true or false" },
	{ "connect.unanswered > false", 19, "connect.unanswered is true or false and cannot be compared with >" },
	{ "tcp.closed_by == client", 17, "tcp.closed_by is text: write \"client\" with quotes" },
	{ "tcp.closed_by < \"client\"", 14, "cannot be compared with <" },
	{ "connect.syns contains \"3\"", 13, "cannot be compared with contains" },
	{ "client.address matches \"1\"", 15, "cannot be compared with matches" },
	{ "client.address == 300.1.2.3", 18, "client.address is an address; 300.1.2.3 is not" },
	{ "client.address == 192.0.2.0/33", 18, "client.address is an address" },
	{ "client.address == 192.0.2.0/", 18, "client.address is an address" },
	{ "client.address == server.port", 15, "client.address is an address, but the right side is a number" },
	{ "smtp.greeting.text matches \"(\"", 27, "bad regular expression" },
	{ "smtp.greeting.text matches x", 27, "matches needs a regular expression in quotes" },
	{ "smtp.greeting.text == \"x", 22, "the text has no closing \"" },
	{ "(connect.unanswered", 0, "this ( is never closed" },
	{ "connect.syns && (connect.unanswered", 16, "this ( is never closed" },
	{ "connect.unanswered)", 18, "this ) was never opened" },
	{ "connect.unanswered connect.established", 19, "&& or || is missing here" },
	{ "connect.unanswered &&", 21, "a fact is missing here" },
	{ "&& connect.unanswered", 0, "a fact is missing here" },
	{ "!", 1, "a fact is missing here" },
	{ "connect.syns ==", 15, "a value is missing here" },
	{ "3 == connect.syns", 0, "unknown fact 3" },
	{ "\"x\" == tcp.closed_by", 0, "a comparison begins with a fact" },
	{ "connect.syns in {}", 17, "the set is empty" },
	{ "connect.syns in 3", 16, "a set is missing here" },
	{ "connect.syns in {1, 2", 21, "a value is missing here" },
	{ "connect.syns == 1..3", 17, "a range stands in a set" },
	{ "tcp.closed_by in {\"a\"..\"b\"}", 21, "a range stands in a set" },
	{ "connect.syns in {4..2}", 20, "the range ends before it begins" },
	{ "connect.syns in {1..-1}", 20, "the range ends before it begins" },
	{ "connect.watched in {3s..2999ms}", 24, "the range ends before it begins" },
	{ "connect.unanswered in {true}", 19, "cannot be compared with in" },
	{ "connect.unanswered & connect.syns", 19, "unexpected character &" },
	{ "connect.unanswered \x01", 19, "unexpected character 0x01" },
	{ "count(connect.unanswered) >= 2", 0, "counting needs a rule over a group of sessions" },
	{ "smtp.reply.code == 550", 0, "the fact smtp.reply.code belongs to a reply, but a session is judged here" },
	{ "capture.packets > 1", 0, "belongs to the capture, but a session is judged here" },
};

static void
mistakes_are_named_with_their_place(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct expr_error e;
		struct expr *x = expr_new(bytes_str(mistakes[i].text), &session_scope, &e);

		if (x)
			fail_msg("accepted: %s", mistakes[i].text);
		if (!strstr(e.text, mistakes[i].message) || e.offset != mistakes[i].offset)
			fail_msg("%s\n%zu: %s\ninstead of %zu: %s", mistakes[i].text, e.offset, e.text,
				 mistakes[i].offset, mistakes[i].message);
	}
}

static const struct {
	const char *text, *message; /* message NULL: good */
} counting[] = {
	{ "count(connect.unanswered && server.port == 25) >= 2", NULL },
	{ "distinct(server.address, connect.unanswered) > 1 && first(time, connect.syns) < last(time, connect.syns)",
	  NULL },
	{ "count((connect.unanswered)) == count(connect.established)", NULL },
	{ "count(connect.unanswered)", "compare count with something" },
	{ "count(count(connect.syns) > 1) > 1", "counting needs a rule over a group" },
	{ "count connect.syns > 1", "a ( is missing here" },
	{ "count(connect.syns > 1", "a closing ) is missing here" },
	{ "first(connect.unanswered) > 1", "write first(time, ...)" },
	{ "distinct(\"x\", connect.syns) > 1", "write distinct(FACT, ...)" },
	{ "distinct(server.adress, connect.syns) > 1", "did you mean server.address?" },
	{ "distinct(server.address) > 1", "a comma is missing here" },
	{ "count(connect.syns > 1) == \"x\"", "count is a number" },
	{ "count(connect.syns) < first(time, connect.syns)", "the right side is a time" },
};

static void
counters_have_a_syntax_of_their_own(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(counting); i++) {
		struct expr_error e;
		struct expr *x = expr_new(bytes_str(counting[i].text), &group_scope, &e);

		if ((x != NULL) != (counting[i].message == NULL))
			fail_msg("%s: %s", counting[i].text, e.text);
		if (!x && !strstr(e.text, counting[i].message))
			fail_msg("%s: %s, instead of %s", counting[i].text, e.text, counting[i].message);
		expr_free(x);
	}
}

static struct expr *
repeated(const char *begin, const char *part, size_t n, const char *end, struct expr_error *e)
{
	struct expr *x;
	struct buf text;

	buf_init(&text, RULE_FILE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, begin);
	buf_add_str(&text, "connect.unanswered");
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, part);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, end);
	x = expr_new(buf_bytes(&text), &session_scope, e);
	buf_fini(&text);
	return x;
}

static void
depth_and_length_have_limits(void **state UNUSED)
{
	struct expr_error e;
	struct expr *x = repeated("(", "", EXPRESSION_DEPTH_MAX, ")", &e);

	assert_non_null(x);
	expr_free(x);
	assert_null(repeated("(", "", EXPRESSION_DEPTH_MAX + 1, ")", &e));
	assert_string_equal(e.text, "nested too deeply");
	assert_null(repeated("!", "", EXPRESSION_DEPTH_MAX + 1, "", &e));
	assert_string_equal(e.text, "nested too deeply");
	x = repeated("", " || !connect.syns && connect.syns", EXPRESSION_TESTS_MAX / 2 - 1, "", &e);
	assert_non_null(x);
	assert_int_equal(x->n_tests, EXPRESSION_TESTS_MAX - 1);
	expr_free(x);
	assert_null(repeated("", " || connect.syns", EXPRESSION_TESTS_MAX, "", &e));
	assert_string_equal(e.text, "too many comparisons in one condition");
}

static void
a_hostile_pattern_ends(void **state UNUSED)
{
	char message[200];
	uint8_t text[1000];
	size_t offset;
	struct regex *r = regex_new(bytes_str("^(a+)+$"), message, sizeof(message), &offset);

	assert_non_null(r);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	assert_false(regex_matches(r, bytes_of(text, sizeof(text))));
	regex_free(r);
	/* it would match, after some hundred thousand steps; that much effort counts as no match */
	r = regex_new(bytes_str("^(a?){18}a{18}$"), message, sizeof(message), &offset);
	assert_non_null(r);
	assert_false(regex_matches(r, bytes_of(text, 18)));
	assert_true(regex_matches(r, bytes_of(text, 36)));
	regex_free(r);
}

static void
a_lone_condition_tells_where_it_is_wrong(void **state UNUSED)
{
	struct session *s = known();
	struct err e = { "" };
	struct condition *c = condition_new("connect.syns > 2 && !smtp.greeting.code", &e);

	assert_non_null(c);
	assert_true(condition_holds(c, s->facts));
	set_number(s, FACT_ID_SMTP_GREETING_CODE, 554);
	assert_false(condition_holds(c, s->facts));
	facts_clear_scope(s->facts, SCOPE_SESSION);
	assert_false(condition_holds(c, s->facts));
	condition_free(c);
	assert_null(condition_new("connect.syns > 2 && smtp.greting.code", &e));
	assert_string_equal(e.text, "condition, character 21, at 'smtp.greting.code': unknown fact smtp.greting.code; "
				    "did you mean smtp.greeting.code?");
	assert_null(condition_new("connect.syns >", &e));
	assert_string_equal(e.text, "condition ends too early: a value is missing here");
	condition_free(NULL);
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_mean_what_people_read),
		cmocka_unit_test(a_condition_knows_what_it_cannot_do_without),
		cmocka_unit_test(the_tests_that_made_it_true_are_known),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(counters_have_a_syntax_of_their_own),
		cmocka_unit_test(depth_and_length_have_limits),
		cmocka_unit_test(a_hostile_pattern_ends),
		cmocka_unit_test(a_lone_condition_tells_where_it_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
