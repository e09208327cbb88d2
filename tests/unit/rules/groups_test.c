/* Rules over groups of sessions: what they count, which sessions they name, and that they are bounded. */
#include "fixture.h"

#include "base/limits.h"

#define A "192.0.2.1"
#define B "192.0.2.2"
#define MX "198.51.100.25"
#define MX2 "198.51.100.26"

static struct judge *
judge_with(struct rules **r, const char *yaml)
{
	*r = rules_of(yaml);
	return judge_new(*r);
}

static void
end(struct judge *j, struct rules *r)
{
	judge_free(j);
	rules_free(r);
}

/* One attempt on a port; what: the fact that is true of it. */
static void
attempt(struct judge *j, uint64_t id, const char *client, const char *server, int port, enum fact_id what)
{
	struct session *s = session_new(id, client, server);

	set_number(s, FACT_ID_SERVER_PORT, port);
	set_truth(s, what);
	judge_session(j, s);
	session_free(s);
}

#define SILENT FACT_ID_CONNECT_UNANSWERED
#define OPEN FACT_ID_CONNECT_ESTABLISHED

static const char blocked[] =
    "- id: blocked\n  over: [client.address, server.address]\n"
    "  when: count(connect.unanswered && server.port == 25) >= 2 &&\n"
    "    count(connect.established && server.port != 25) >= 1\n"
    "  certainty: proven\n  severity: error\n  fault: path\n  title: \"{client.address} to {server.address}\"\n"
    "  means: m\n  not_proven: n\n  remedy: r\n  detail: [server.address]\n  explains: [silent]\n"
    "- id: silent\n  over: session\n  when: connect.unanswered\n  certainty: proven\n  severity: error\n"
    "  fault: unknown\n" TEXTS;

static void
sessions_that_share_the_facts_are_counted_together(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, blocked);
	const struct finding *f;
	size_t n;

	attempt(j, 1, A, MX, 25, SILENT);
	attempt(j, 2, B, MX, 25, SILENT);  /* another client */
	attempt(j, 3, A, MX2, 25, SILENT); /* another server */
	attempt(j, 4, A, MX, 587, OPEN);
	attempt(j, 5, A, MX, 465, SILENT); /* not counted */
	attempt(j, 6, A, MX, 25, SILENT);
	attempt(j, 7, B, MX, 587, OPEN);
	end_capture(j);
	f = judge_findings(j, &n);
	assert_int_equal(n, 2);
	f = finding_of(j, "blocked");
	assert_bytes(f->title, A " to " MX);
	assert_string_equal(f->fault, "path");
	assert_bytes(f->detail[0].value, MX);
	/* those that the first counter counts; the others are for comparison */
	assert_int_equal(f->n_sessions, 2);
	assert_int_equal(f->sessions[0], 1);
	assert_int_equal(f->sessions[1], 6);
	assert_int_equal(f->first.packet, 10);
	assert_int_equal(f->last.packet, 69);
	assert_bytes(f->filter, "tcp.stream in {0, 3, 5} or frame.number in {10, 40, 60}");
	assert_true(has_evidence(f, 10, "port that was connected to: 25"));
	assert_true(has_evidence(f, 60, "no SYN-ACK, no reset and no ICMP error came for the SYN"));
	assert_true(has_evidence(f, 40, "port that was connected to: 587"));
	/* sessions 2, 3 and 5 are still without an explanation */
	assert_int_equal(finding_of(j, "silent")->caused_by, 0);
	end(j, r);
}

static void
what_a_group_explains_is_caused_by_it(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, blocked);

	attempt(j, 1, A, MX, 587, OPEN);
	attempt(j, 2, A, MX, 25, SILENT);
	attempt(j, 3, A, MX, 25, SILENT);
	end_capture(j);
	assert_int_equal(finding_of(j, "silent")->caused_by, finding_of(j, "blocked")->id);
	/* the one that came first is not what the finding is about */
	assert_int_equal(finding_of(j, "blocked")->n_sessions, 2);
	assert_int_equal(finding_of(j, "blocked")->sessions[0], 2);
	assert_int_equal(finding_of(j, "blocked")->first.packet, 20);
	end(j, r);
}

static const struct {
	const char *when;
	bool holds;
} counting[] = {
	/* four attempts of A: 25 silent, 25 silent, 587 open, 465 silent; they start at 10, 20, 30 and 40 s */
	{ "count(connect.unanswered) == 3", true },
	{ "count(connect.unanswered) > 3", false },
	{ "count(connect.refused) == 0", true },
	{ "count(connect.refused) == 0 && count(connect.unanswered) > 5", false },
	{ "count(server.port == 25) > count(connect.established)", true },
	{ "distinct(server.port, connect.unanswered) == 2", true },
	{ "distinct(server.port, server.port) == 3", true },
	{ "distinct(server.address, server.port) == 2", true },
	{ "distinct(tcp.closed_by, server.port) == 0", true },
	{ "first(time, connect.established) > first(time, connect.unanswered)", true },
	{ "first(time, connect.established) > last(time, connect.unanswered)", false },
	{ "last(time, server.port == 25) < first(time, connect.established)", true },
	{ "first(time, connect.unanswered) == 1700000010", true },
	{ "last(time, connect.unanswered) == 1700000040", true },
	/* nothing was counted: there is no first one */
	{ "first(time, connect.refused) > 0", false },
	{ "first(time, connect.refused) <= 0 || last(time, connect.refused) != 0", false },
	{ "'!(first(time, connect.refused) > 0)'", true },
};

static void
counters_count_what_they_say(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(counting); i++) {
		char yaml[500];
		struct rules *r;
		struct judge *j;

		snprintf(yaml, sizeof(yaml), RULE("a", "[client.address]", "%s", PROVEN_ERROR), counting[i].when);
		j = judge_with(&r, yaml);
		attempt(j, 4, A, MX, 465, SILENT); /* they end in another order */
		attempt(j, 1, A, MX, 25, SILENT);
		attempt(j, 3, A, MX2, 587, OPEN);
		attempt(j, 2, A, MX, 25, SILENT);
		end_capture(j);
		if (!finding_of(j, "a") == counting[i].holds)
			fail_msg("%s is %s", counting[i].when, counting[i].holds ? "false" : "true");
		end(j, r);
	}
}

static void
a_group_of_what_never_happened_names_all_its_sessions(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(
	    &r, RULE("never", "[server.address]", "count(connect.established) == 0", PROVEN_ERROR)
		    RULE("only", "[server.address]", "count(connect.established) == 0 && count(connect.refused) > 0",
			 PROVEN_ERROR));

	attempt(j, 1, A, MX, 25, SILENT);
	attempt(j, 2, A, MX, 25, FACT_ID_CONNECT_REFUSED);
	attempt(j, 3, A, MX2, 25, SILENT);
	attempt(j, 4, A, MX2, 25, OPEN);
	end_capture(j);
	assert_int_equal(count_findings(j), 2);
	assert_int_equal(finding_of(j, "never")->n_sessions, 2);
	assert_int_equal(finding_of(j, "only")->n_sessions, 1);
	assert_int_equal(finding_of(j, "only")->sessions[0], 2);
	end(j, r);
}

static void
a_session_without_the_facts_is_in_no_group(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[auth.user]", "count(connect.syns) >= 1", PROVEN_ERROR));
	struct session *s = session_new(1, A, MX);

	set_number(s, FACT_ID_CONNECT_SYNS, 1);
	judge_session(j, s);
	session_free(s);
	end_capture(j);
	assert_int_equal(count_findings(j), 0);
	end(j, r);
}

/* "ab","c" and "a","bc" must not be the same group; nor empty and absent. */
static void
keys_do_not_run_together(void **state UNUSED)
{
	static const char *const pairs[][2] = { { "ab", "c" }, { "a", "bc" }, { "abc", "" }, { "", "abc" } };
	struct rules *r;
	struct judge *j = judge_with(
	    &r, RULE("a", "[smtp.ehlo.name, auth.user]", "count(tcp.stream >= 0) >= 2", PROVEN_ERROR));

	for (uint64_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct session *s = session_new(i + 1, A, MX);

		set_text(s, FACT_ID_SMTP_EHLO_NAME, pairs[i][0]);
		set_text(s, FACT_ID_AUTH_USER, pairs[i][1]);
		judge_session(j, s);
		session_free(s);
	}
	end_capture(j);
	assert_int_equal(count_findings(j), 0);
	end(j, r);
}

static void
every_type_of_fact_makes_a_key(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(
	    &r, "- id: a\n  over: [connect.syns, tcp.closed_by, connect.refused, connect.rtt, client.address]\n"
		"  when: count(tcp.stream >= 0) >= 2\n  certainty: proven\n  severity: error\n  fault: server\n"
		"  title: \"{connect.syns} {tcp.closed_by} {connect.refused} {connect.rtt} {client.address}\"\n"
		"  means: m\n  not_proven: n\n  remedy: r\n");

	for (uint64_t i = 0; i < 3; i++) {
		struct session *s = session_new(i + 1, "2001:db8::1", MX);

		set_number(s, FACT_ID_CONNECT_SYNS, -7);
		set_text(s, FACT_ID_TCP_CLOSED_BY, "both");
		set_truth(s, FACT_ID_CONNECT_REFUSED);
		facts_set_seconds(s->facts, FACT_ID_CONNECT_RTT, i == 1 ? 0.5 : 0.25, at(1));
		judge_session(j, s);
		session_free(s);
	}
	end_capture(j);
	assert_int_equal(count_findings(j), 1);
	assert_bytes(finding_of(j, "a")->title, "-7 both yes 250 ms 2001:db8::1");
	assert_int_equal(finding_of(j, "a")->n_sessions, 2);
	end(j, r);
}

static void
distinct_stops_at_its_limit(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(
	    &r, RULE("a", "[client.address]", "distinct(server.port, server.port) == 64", PROVEN_ERROR));

	assert_int_equal(DISTINCT_MAX, 64);
	for (int i = 1; i <= 2 * DISTINCT_MAX; i++)
		attempt(j, (uint64_t)i, A, MX, i, OPEN);
	end_capture(j);
	assert_non_null(finding_of(j, "a"));
	end(j, r);
}

/* Evidence is shared out: the first counter counts first and a lot, and still the second one has a say. */
static void
each_counter_shows_some_evidence(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[client.address]",
					      "count(connect.unanswered && server.port == 25 && tcp.stream >= 0) > 1 "
					      "&& count(connect.established) > 0",
					      PROVEN_ERROR "  evidence: {server.address: \"to {server.address}\"}\n"));

	for (uint64_t i = 1; i <= 20; i++)
		attempt(j, i, A, MX, 25, SILENT);
	attempt(j, 21, A, MX2, 587, OPEN);
	end_capture(j);
	assert_true(has_evidence(finding_of(j, "a"), 10, "to " MX));
	assert_true(has_evidence(finding_of(j, "a"), 210, "to " MX2));
	assert_true(has_evidence(finding_of(j, "a"), 210,
				 "the three-way handshake was completed, or the connection was in use when the capture "
				 "began"));
	assert_true(finding_of(j, "a")->n_evidence <= EVIDENCE_MAX);
	end(j, r);
}

static const char *
client_number(unsigned i, char text[ADDRESS_TEXT_MAX])
{
	snprintf(text, ADDRESS_TEXT_MAX, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
	return text;
}

/* The idlest group goes when there are too many, but what it already showed is not lost. */
static void
the_idlest_group_is_judged_and_goes(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[client.address]", "count(connect.unanswered) >= 2",
					      PROVEN_ERROR "  detail: [client.address]\n"));
	char text[ADDRESS_TEXT_MAX];
	uint64_t id = 1;
	size_t n;

	attempt(j, id++, A, MX, 25, SILENT); /* shows it, then goes */
	attempt(j, id++, A, MX, 25, SILENT);
	attempt(j, id++, B, MX, 25, SILENT); /* goes between its two attempts */
	attempt(j, id++, "192.0.2.3", MX, 25, SILENT);
	for (unsigned i = 0; i < GROUPS_MAX; i++) {
		attempt(j, id++, client_number(i, text), MX, 25, SILENT);
		if (i == GROUPS_MAX / 2)
			attempt(j, id++, "192.0.2.4", MX, 25, SILENT); /* stays: it is not idle for long enough */
	}
	attempt(j, id++, B, MX, 25, SILENT);
	attempt(j, id++, "192.0.2.4", MX, 25, SILENT);
	end_capture(j);
	judge_findings(j, &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		assert_false(bytes_eq_str(judge_findings(j, &n)[i].detail[0].value, B));
	end(j, r);
}

/* A group that was judged when it went, and came back, is one finding. */
static void
a_group_that_comes_back_is_the_same_finding(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[client.address]", "count(connect.unanswered) >= 2", PROVEN_ERROR));
	char text[ADDRESS_TEXT_MAX];
	uint64_t id = 1;

	attempt(j, id++, A, MX, 25, SILENT);
	attempt(j, id++, A, MX, 25, SILENT);
	for (unsigned i = 0; i < GROUPS_MAX; i++)
		attempt(j, id++, client_number(i, text), MX, 25, SILENT);
	attempt(j, id++, A, MX, 25, SILENT);
	attempt(j, id++, A, MX, 25, SILENT);
	end_capture(j);
	assert_int_equal(count_findings(j), 1);
	assert_int_equal(finding_of(j, "a")->n_sessions, 4);
	end(j, r);
}

/* Long keys: the bytes run out long before the number of groups does. */
static void
groups_are_bounded_in_bytes(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[smtp.ehlo.name]", "count(tcp.stream >= 0) >= 2", PROVEN_ERROR));
	char name[FACT_TEXT_MAX + 1];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true((GROUPS_MAX - 1) * FACT_TEXT_MAX > GROUPS_BYTES_MAX);
	for (unsigned i = 0; i < GROUPS_MAX; i++) {
		struct session *s = session_new(i + 1, A, MX);
		unsigned number = i == GROUPS_MAX - 1 ? 0 : i; /* the first one again */

		snprintf(name, 10, "%09u", number);
		name[9] = 'x';
		set_text(s, FACT_ID_SMTP_EHLO_NAME, name);
		judge_session(j, s);
		session_free(s);
	}
	end_capture(j);
	assert_int_equal(count_findings(j), 0);
	end(j, r);
}

static void
session_numbers_are_bounded(void **state UNUSED)
{
	struct rules *r;
	struct judge *j = judge_with(&r, RULE("a", "[client.address]", "count(connect.unanswered) > 1", PROVEN_ERROR));
	struct session *s = session_new(1, A, MX);

	set_truth(s, SILENT);
	for (; s->id <= FINDING_SESSIONS_MAX + 10; s->id++)
		judge_session(j, s);
	session_free(s);
	end_capture(j);
	assert_int_equal(finding_of(j, "a")->n_sessions, FINDING_SESSIONS_MAX);
	assert_int_equal(finding_of(j, "a")->n_sessions_dropped, 10);
	end(j, r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_that_share_the_facts_are_counted_together),
		cmocka_unit_test(what_a_group_explains_is_caused_by_it),
		cmocka_unit_test(counters_count_what_they_say),
		cmocka_unit_test(a_group_of_what_never_happened_names_all_its_sessions),
		cmocka_unit_test(a_session_without_the_facts_is_in_no_group),
		cmocka_unit_test(keys_do_not_run_together),
		cmocka_unit_test(every_type_of_fact_makes_a_key),
		cmocka_unit_test(distinct_stops_at_its_limit),
		cmocka_unit_test(each_counter_shows_some_evidence),
		cmocka_unit_test(the_idlest_group_is_judged_and_goes),
		cmocka_unit_test(a_group_that_comes_back_is_the_same_finding),
		cmocka_unit_test(groups_are_bounded_in_bytes),
		cmocka_unit_test(session_numbers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
