/* What failures share: counts, chance, what cannot be told apart, own domains, and what is kept of a long capture. */
#include "fixture.h"

#include <math.h>

#include "rules/chance.h"
#include "rules/scope.h"
#include "rules/settings.h"

struct one { /* a session with one recipient */
	struct session session;
	struct tcp_facts tcp;
	struct transaction transaction;
	struct recipient recipient;
	char address[32];
};

/* Session number n from 192.0.2.10 to a server, for a recipient of that domain; refused or accepted. */
static void
add(struct census *c, uint64_t n, const char *server, const char *domain, bool is_refused)
{
	struct one o = { 0 };

	snprintf(o.address, sizeof(o.address), "u%u@%s", (unsigned)n, domain);
	assert_true(address_parse("192.0.2.10", &o.tcp.end[SIDE_CLIENT].address));
	assert_true(address_parse(server, &o.tcp.end[SIDE_SERVER].address));
	o.tcp.end[SIDE_SERVER].port = 25;
	o.recipient = (struct recipient){ .address = bytes_str(o.address),
					  .reply = { .when = at(10 * n + 5), .code = is_refused ? 550 : 250 } };
	o.transaction = (struct transaction){ .mail_from = bytes_str("alice@example.com"),
					      .recipients = &o.recipient,
					      .n_recipients = 1,
					      .is_accepted = !is_refused };
	o.session = (struct session){ .id = n,
				      .tcp = &o.tcp,
				      .started = at(10 * n),
				      .phase = PHASE_QUIT,
				      .outcome = is_refused ? OUTCOME_REFUSED : OUTCOME_DELIVERED,
				      .transactions = &o.transaction,
				      .n_transactions = 1 };
	census_add(c, &o.session);
}

static struct scope_mark
mark(uint64_t n, const char *domain)
{
	char address[32];

	snprintf(address, sizeof(address), "u%u@%s", (unsigned)n, domain);
	return (struct scope_mark){ n, census_key_of(10 * n + 5, 550, bytes_str(address)) };
}

static struct scope_question
about(const struct scope_mark *marks, size_t n)
{
	return (struct scope_question){ .marks = marks, .n_marks = n, .is_about_rcpt = true };
}

static void
chance_is_fishers(void **state UNUSED)
{
	assert_true(fabs(chance_of_overlap(10, 5, 5, 5) - 1.0 / 252) < 1e-6);
	assert_true(fabs(chance_of_overlap(10, 5, 5, 4) - 26.0 / 252) < 1e-6);
	assert_true(fabs(chance_of_overlap(40, 20, 40, 20) - 1.0) < 1e-6);
	assert_true(chance_of_overlap(300, 12, 12, 12) < 1e-15);
	assert_true(chance_of_overlap(65536, 30000, 30000, 30000) < 1e-300);
	assert_true(fabs(chance_of_run(5, 2) - 0.4) < 1e-6);
	assert_true(fabs(chance_of_run(5, 5) - 1.0) < 1e-6);
}

static void
one_domain_is_told_with_its_counts(void **state UNUSED)
{
	static const char *const others[] = { "example.com", "example.org", "example.edu" };
	struct census *c = census_new();
	struct scope *s = scope_new(c);
	struct scope_mark marks[6];
	struct scope_question q = about(marks, 6);
	const struct scope_answer *a;

	for (uint64_t n = 0; n < 30; n++)
		add(c, n, "198.51.100.25", n % 5 == 0 ? "EXAMPLE.net" : others[n % 3], n % 5 == 0);
	for (size_t i = 0; i < 6; i++)
		marks[i] = mark(5 * i, "EXAMPLE.net");
	assert_int_equal(scope_find(s, &q, &a), 1);
	assert_int_equal(a->dimension, DIMENSION_DOMAIN);
	assert_bytes(buf_bytes(&a->value), "example.net");
	assert_string_equal(a->unit, "recipients");
	assert_int_equal(a->failing, 6);
	assert_int_equal(a->tried, 6);
	assert_int_equal(a->failing_elsewhere, 0);
	assert_int_equal(a->tried_elsewhere, 24);
	assert_int_equal(a->n_others, 3);
	scope_free(s);
	census_free(c);
}

static void
what_cannot_be_told_apart_comes_along(void **state UNUSED)
{
	struct census *c = census_new();
	struct scope *s = scope_new(c);
	struct scope_mark marks[6];
	struct scope_question q = about(marks, 6);
	const struct scope_answer *a;

	for (uint64_t n = 0; n < 30; n++)
		add(c, n, n % 5 == 0 ? "2001:db8::25" : "198.51.100.25", n % 5 == 0 ? "example.net" : "example.org",
		    n % 5 == 0);
	for (size_t i = 0; i < 6; i++)
		marks[i] = mark(5 * i, "example.net");
	assert_int_equal(scope_find(s, &q, &a), 3);
	assert_int_equal(a[0].dimension, DIMENSION_DOMAIN);
	assert_int_equal(a[1].dimension, DIMENSION_SERVER);
	assert_bytes(buf_bytes(&a[1].value), "2001:db8::25");
	assert_int_equal(a[2].dimension, DIMENSION_FAMILY);
	assert_bytes(buf_bytes(&a[2].value), "IPv6");
	scope_free(s);
	census_free(c);
}

static struct settings *
settings_of(const char *yaml)
{
	struct err e;
	struct settings *s = settings_read_text("own.yaml", bytes_str(yaml), &e);

	assert_non_null(s);
	return s;
}

/* Asks about refusals to three domains, of which two are own; returns the dimension and puts the value into value. */
static size_t
ask_about_sides(const char *const *refusing, bool has_own, char value[16])
{
	static const char *const domains[] = { "example.com", "mail.Example.org", "example.net", "example.edu" };
	struct settings *own = settings_of("server: mx.example.edu\nown_domains: [Example.COM, example.org]\n");
	struct census *c = census_new();
	struct scope *s = scope_new(c);
	struct scope_mark marks[40];
	struct scope_question q = about(marks, 0);
	const struct scope_answer *a;
	size_t n_answers;

	if (has_own)
		scope_set_own(s, own);
	for (uint64_t n = 0; n < 40; n++) {
		const char *domain = domains[n % 4];
		bool is_refused = strcmp(domain, refusing[0]) == 0 || strcmp(domain, refusing[1]) == 0;

		add(c, n, "198.51.100.25", domain, is_refused);
		if (is_refused)
			marks[q.n_marks++] = mark(n, domain);
	}
	n_answers = scope_find(s, &q, &a);
	snprintf(value, 16, "%.*s", n_answers > 0 ? (int)a->value.len : 0,
		 n_answers > 0 ? (const char *)a->value.p : "");
	if (n_answers > 0)
		assert_int_equal(a->dimension, DIMENSION_SIDE);
	scope_free(s);
	census_free(c);
	settings_free(own);
	return n_answers;
}

static void
own_domains_part_inside_from_outside(void **state UNUSED)
{
	static const char *const outside[] = { "example.net", "example.edu" };
	static const char *const inside[] = { "example.com", "mail.Example.org" };
	static const char *const both[] = { "example.com", "example.net" };
	char value[16];

	assert_int_equal(ask_about_sides(outside, true, value), 1);
	assert_string_equal(value, "external");
	assert_int_equal(ask_about_sides(inside, true, value), 1);
	assert_string_equal(value, "internal");
	assert_int_equal(ask_about_sides(both, true, value), 0);
	assert_int_equal(ask_about_sides(outside, false, value), 0);
}

static void
own_domains_reach_the_scope_of_findings(void **state UNUSED)
{
	struct rules *r = rules_of(
	    RULE("refused", "reply", "smtp.reply.code == 550",
		 PROVEN_ERROR) "- id: out\n  over: finding\n  when: scope.value == \"external\"\n  certainty: proven\n"
			       "  severity: info\n  fault: unknown\n  title: \"{scope.failing} of {scope.tried}\"\n"
			       "  means: m\n  not_proven: n\n  remedy: r\n");
	struct settings *own = settings_of("server: mx.example.edu\nown_domains: example.com\n");
	struct judge *j = judge_new(r);
	const struct finding *f;

	judge_expect(j, own);
	for (uint64_t n = 1; n <= 40; n++) {
		struct session *s = session_new(n, "192.0.2.10", "198.51.100.25");
		bool is_out = n % 4 == 0;
		char address[32];
		struct recipient to = { .address = bytes_of(address, 0) };
		struct transaction t = { .mail_from = bytes_str("a@example.com"),
					 .recipients = &to,
					 .n_recipients = 1 };

		snprintf(address, sizeof(address), "u@%s",
			 n % 8 == 0 ? "example.net"
			 : is_out   ? "example.org"
				    : "example.com");
		to.address = bytes_str(address);
		to.reply = (struct reply){ .when = s->started, .code = is_out ? 550 : 250 };
		t.is_accepted = !is_out;
		s->transactions = &t;
		s->n_transactions = 1;
		s->outcome = is_out ? OUTCOME_REFUSED : OUTCOME_DELIVERED;
		set_text(s, FACT_ID_RECIPIENT_ADDRESS, address);
		set_reply(s, to.reply.code, "", "no", "rcpt");
		judge_scope(j, s, SCOPE_REPLY);
		judge_session(j, s);
		session_free(s);
	}
	end_capture(j);
	f = finding_of(j, "refused");
	assert_int_equal(f->n_scope, 1);
	assert_string_equal(f->scope[0].rule, "out");
	assert_bytes(f->scope[0].text, "10 of 10");
	judge_free(j);
	rules_free(r);
	settings_free(own);
}

static void
nothing_is_said_without_a_comparison(void **state UNUSED)
{
	struct census *c = census_new();
	struct scope *s = scope_new(c);
	struct scope_mark marks[10];
	struct scope_question q = about(marks, 10), none = about(marks, 0);
	const struct scope_answer *a;

	assert_int_equal(scope_find(s, &none, &a), 0);
	scope_free(s);
	s = scope_new(c);
	for (uint64_t n = 0; n < 10; n++) {
		add(c, n, "198.51.100.25", "example.net", true);
		marks[n] = mark(n, "example.net");
	}
	assert_int_equal(scope_find(s, &q, &a), 0);
	scope_free(s);
	census_free(c);
}

static void
memory_is_bounded(void **state UNUSED)
{
	struct census *c = census_new();
	uint64_t n_all = CENSUS_FAILURES_MAX;

	for (uint64_t n = 0; n < n_all; n++)
		add(c, n, "198.51.100.25", "example.net", true);
	assert_int_equal(c->of[CENSUS_RECIPIENT].n, CENSUS_ROWS_MAX);
	assert_int_equal(c->of[CENSUS_RECIPIENT].n_uncounted, n_all - CENSUS_ROWS_MAX);
	assert_int_equal(c->of[CENSUS_DOMAIN].rows[0].luck[LUCK_BAD], n_all);
	assert_int_equal(census_n_failures(c), CENSUS_FAILURES_MAX);
	assert_int_equal(c->n_failures, 2 * n_all);
	census_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chance_is_fishers),
		cmocka_unit_test(one_domain_is_told_with_its_counts),
		cmocka_unit_test(what_cannot_be_told_apart_comes_along),
		cmocka_unit_test(own_domains_part_inside_from_outside),
		cmocka_unit_test(own_domains_reach_the_scope_of_findings),
		cmocka_unit_test(nothing_is_said_without_a_comparison),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
