/* Rules over sessions, replies, recipients, messages and the capture: when they fire, and what becomes of it. */
#include "fixture.h"

#include "base/limits.h"

#define REPLIES "provider\tcode\tenhanced\tregex\tcause_id\tcause\tremedy\tsource\tverified\n"

/* Judges one session with some SYNs. */
static void
judge_syns(struct judge *j, uint64_t id, int64_t n_syns)
{
	struct session *s = session_new(id, "192.0.2.10", "198.51.100.25");

	set_number(s, FACT_ID_CONNECT_SYNS, n_syns);
	judge_session(j, s);
	session_free(s);
}

static void
judge_reply(struct judge *j, uint64_t id, unsigned code, const char *text)
{
	struct session *s = session_new(id, "192.0.2.10", "198.51.100.25");

	set_reply(s, code, "", text, "rcpt");
	judge_scope(j, s, SCOPE_REPLY);
	session_free(s);
}

static const char signs[] = RULE("signs", "session", "connect.syns >= 1",
				 "  signs:\n"
				 "    - {weight: 2, if: connect.syns >= 2, say: \"{connect.syns} SYNs\"}\n"
				 "    - {weight: 4, if: connect.syns >= 3}\n"
				 "    - {weight: -5, if: connect.syns >= 4, say: more than three}\n"
				 "    - {weight: 100, if: connect.refused}\n"
				 "  certainty: {proven: 6, likely: 2, possible: 1}\n  severity: error\n");

static void
signs_add_up_to_certainty(void **state UNUSED)
{
	static const int expected[] = { -1, -1, CERTAINTY_LIKELY, CERTAINTY_PROVEN, CERTAINTY_POSSIBLE };

	for (int64_t n = 0; n < 5; n++) {
		struct rules *r = rules_of(signs);
		struct judge *j = judge_new(r);
		const struct finding *f;

		judge_syns(j, 1, n);
		end_capture(j);
		f = finding_of(j, "signs");
		assert_int_equal(f ? (int)f->certainty : -1, expected[n]);
		if (n == 4) {
			assert_true(has_evidence(f, 10, "4 SYNs"));
			assert_true(has_evidence(f, 10, "more than three"));
			assert_true(has_evidence(f, 10, "SYNs that the client sent: 4"));
			assert_int_equal(f->n_evidence, 3);
		}
		judge_free(j);
		rules_free(r);
	}
}

static void
severity_and_fault_may_depend(void **state UNUSED)
{
	struct rules *r = rules_of("- id: a\n  over: session\n  when: connect.syns\n  certainty: likely\n" TEXTS
				   "  severity:\n    - {if: connect.syns > 5, then: error}\n"
				   "    - {if: connect.syns > 1, then: warning}\n    - then: info\n"
				   "  fault: [{if: connect.refused, then: server}, {then: path}]\n"
				   "  merge_by: [connect.syns]\n");
	struct judge *j = judge_new(r);
	size_t n;
	const struct finding *f;

	judge_syns(j, 1, 1);
	judge_syns(j, 2, 2);
	judge_syns(j, 3, 6);
	end_capture(j);
	f = judge_findings(j, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(f[i].severity, SEVERITY_ERROR - i);
	assert_string_equal(f[0].fault, "path");
	assert_int_equal(f[0].certainty, CERTAINTY_LIKELY);
	judge_free(j);
	rules_free(r);
}

static void
what_is_absent_proves_nothing(void **state UNUSED)
{
	struct rules *r = rules_of(
	    RULE("needs", "session", "connect.refused == false || connect.rtt < 1s", PROVEN_ERROR)
		RULE("asks", "session", "'!connect.refused && connect.syns == 1'", PROVEN_ERROR));
	struct judge *j = judge_new(r);

	judge_syns(j, 1, 1);
	end_capture(j);
	assert_null(finding_of(j, "needs"));
	assert_non_null(finding_of(j, "asks"));
	judge_free(j);
	rules_free(r);
}

static void
each_scope_has_its_rules(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("on-reply", "reply", "smtp.reply.code == 550", PROVEN_ERROR)
				       RULE("on-recipient", "recipient", "smtp.reply.code == 550", PROVEN_ERROR)
					   RULE("on-message", "message", "smtp.reply.code == 550", PROVEN_ERROR)
					       RULE("on-session", "session", "connect.syns", PROVEN_ERROR));
	static const char *const ids[] = { "on-reply", "on-recipient", "on-message", "on-session" };
	static const enum fact_scope scopes[] = { SCOPE_REPLY, SCOPE_RECIPIENT, SCOPE_MESSAGE, SCOPE_SESSION };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct judge *j = judge_new(r);
		struct session *s = session_new(7, "192.0.2.10", "198.51.100.25");

		set_number(s, FACT_ID_CONNECT_SYNS, 1);
		set_reply(s, 550, "", "no", "rcpt");
		if (scopes[i] == SCOPE_SESSION)
			judge_session(j, s);
		else
			judge_scope(j, s, scopes[i]);
		end_capture(j);
		assert_int_equal(count_findings(j), 1);
		assert_non_null(finding_of(j, ids[i]));
		assert_int_equal(finding_of(j, ids[i])->sessions[0], 7);
		session_free(s);
		judge_free(j);
	}
	rules_free(r);
}

static void
tables_are_asked_before_replies_are_judged(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("caused", "reply", "smtp.reply.cause == \"size.limit\"", PROVEN_ERROR));
	struct session *s = session_new(1, "192.0.2.10", "198.51.100.25");
	const struct finding *f;
	struct judge *j;

	add_table(r, REPLIES "generic\t552\t*\ttoo big\tsize.limit\tm\tr\ts\tv\n");
	j = judge_new(r);
	facts_set_int(s->facts, FACT_ID_SMTP_REPLY_CODE, 552, at(14));
	facts_set_text(s->facts, FACT_ID_SMTP_REPLY_TEXT, bytes_str("too big"), at(14));
	facts_set_text(s->facts, FACT_ID_SMTP_REPLY_FAILURE, bytes_str("permanent"), at(14));
	judge_scope(j, s, SCOPE_REPLY);
	session_free(s);
	end_capture(j);
	f = finding_of(j, "caused");
	assert_non_null(f);
	/* our reading of the reply is no evidence, the reply is */
	assert_int_equal(f->n_evidence, 1);
	assert_true(has_evidence(f, 14, "the server answers 552 too big"));
	assert_int_equal(f->first.packet, 14);
	judge_free(j);
	rules_free(r);
}

static void
rules_about_failures_do_not_see_other_replies(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("failure", "reply", "smtp.reply.failure", PROVEN_ERROR)
				       RULE("any", "reply", "smtp.reply.code", PROVEN_ERROR));
	struct judge *j = judge_new(r);

	judge_reply(j, 1, 250, "ok");
	judge_reply(j, 2, 550, "no");
	judge_reply(j, 3, 250, "ok");
	end_capture(j);
	assert_int_equal(finding_of(j, "failure")->n_sessions, 1);
	assert_int_equal(finding_of(j, "failure")->sessions[0], 2);
	assert_int_equal(finding_of(j, "any")->n_sessions, 3);
	judge_free(j);
	rules_free(r);
}

#define LAST_RESORT                                                                                                    \
	RULE("last", "reply", "smtp.reply.failure", PROVEN_ERROR "  last_resort: true\n")                              \
	RULE("wrong", "reply", "smtp.reply.text == \"a\"", "  certainty: possible\n  severity: warning\n")             \
	RULE("context", "reply", "smtp.reply.text == \"b\"", "  certainty: proven\n  severity: info\n")                \
	RULE("weak", "reply", "smtp.reply.text == \"c\"",                                                              \
	     "  severity: error\n  signs: [{weight: 1, if: connect.refused}]\n  certainty: {proven: 1}\n")             \
	RULE("elsewhere", "session", "connect.syns", PROVEN_ERROR)                                                     \
	RULE("last-of-sessions", "session", "tcp.stream", PROVEN_ERROR "  last_resort: true\n")

static void
a_last_resort_waits_for_the_others(void **state UNUSED)
{
	struct rules *r = rules_of(LAST_RESORT);
	struct judge *j = judge_new(r);

	judge_syns(j, 1, 1);         /* "elsewhere" is wrong here, with a session */
	judge_reply(j, 2, 550, "a"); /* "wrong" */
	judge_reply(j, 3, 550, "b"); /* only context */
	judge_reply(j, 4, 550, "c"); /* not certain enough */
	judge_reply(j, 5, 550, "d"); /* nobody knows */
	judge_reply(j, 6, 250, "d"); /* no failure */
	end_capture(j);
	assert_int_equal(finding_of(j, "wrong")->n_sessions, 1);
	assert_int_equal(finding_of(j, "context")->n_sessions, 1);
	assert_null(finding_of(j, "weak"));
	assert_int_equal(finding_of(j, "last")->n_sessions, 3);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(finding_of(j, "last")->sessions[i], i + 3);
	assert_null(finding_of(j, "last-of-sessions"));
	judge_free(j);
	rules_free(r);
}

static void
the_same_finding_in_many_sessions_is_one(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("a", "session", "connect.syns", PROVEN_ERROR));
	struct judge *j = judge_new(r);
	const struct finding *f;

	judge_syns(j, 4, 1); /* sessions come as they end, not as they begin */
	judge_syns(j, 2, 2);
	judge_syns(j, 9, 3);
	judge_syns(j, 2, 4);
	end_capture(j);
	assert_int_equal(count_findings(j), 1);
	f = finding_of(j, "a");
	assert_int_equal(f->n_sessions, 3);
	assert_int_equal(f->sessions[0], 2);
	assert_int_equal(f->sessions[1], 4);
	assert_int_equal(f->sessions[2], 9);
	assert_int_equal(f->first.packet, 20);
	assert_int_equal(f->last.packet, 99);
	assert_bytes(f->filter, "tcp.stream in {3, 1, 8}");
	/* of the first EVIDENCE_SESSIONS_MAX, in the order of packets */
	assert_int_equal(f->n_evidence, EVIDENCE_SESSIONS_MAX);
	assert_int_equal(f->evidence[0].when.packet, 20);
	assert_int_equal(f->evidence[2].when.packet, 90);
	assert_bytes(f->evidence[2].text, "SYNs that the client sent: 3");
	judge_free(j);
	rules_free(r);
}

static void
a_merged_finding_is_as_bad_and_as_sure_as_its_worst(void **state UNUSED)
{
	struct rules *r = rules_of("- id: a\n  over: session\n  when: connect.syns\n" TEXTS
				   "  signs: [{weight: 1, if: connect.syns == 2}]\n"
				   "  certainty: {proven: 1, possible: 0}\n"
				   "  severity: [{if: connect.syns == 3, then: error}, {then: warning}]\n"
				   "  fault: [{if: connect.syns == 3, then: server}, {then: path}]\n");
	struct judge *j = judge_new(r);
	const struct finding *f;

	judge_syns(j, 1, 1);
	judge_syns(j, 2, 2);
	judge_syns(j, 3, 3);
	judge_syns(j, 4, 1);
	end_capture(j);
	f = finding_of(j, "a");
	assert_int_equal(f->n_sessions, 4);
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_int_equal(f->certainty, CERTAINTY_PROVEN);
	assert_string_equal(f->fault, "server"); /* of what makes it an error */
	judge_free(j);
	rules_free(r);
}

static void
merge_by_tells_findings_apart(void **state UNUSED)
{
	struct rules *r = rules_of(
	    "- id: a\n  over: session\n  when: tcp.stream\n  certainty: proven\n  severity: error\n"
	    "  fault: path\n  title: \"{connect.syns} SYNs\"\n  means: m\n  not_proven: n\n"
	    "  remedy: r\n  merge_by: [connect.syns]\n  detail: [connect.rtt, connect.syns]\n");
	struct judge *j = judge_new(r);
	const struct finding *f;
	size_t n;

	judge_syns(j, 1, 1);
	judge_syns(j, 2, 2);
	judge_syns(j, 3, 1);
	judge_syns(j, 4, 12);
	judge_syns(j, 5, 2);
	judge_syns(j, 6, 2);
	end_capture(j);
	f = judge_findings(j, &n);
	assert_int_equal(n, 3);
	assert_bytes(f[0].title, "2 SYNs"); /* most attempts */
	assert_int_equal(f[0].n_sessions, 3);
	assert_bytes(f[1].title, "1 SYNs");
	assert_int_equal(f[1].n_sessions, 2);
	assert_bytes(f[2].filter, "tcp.stream eq 3");
	assert_int_equal(f[2].n_detail, 1);
	assert_string_equal(f[2].detail[0].key, "connect.syns");
	assert_bytes(f[2].detail[0].value, "12");
	assert_true(f[2].detail[0].is_number);
	judge_free(j);
	rules_free(r);
}

#define EXPLAINED                                                                                                      \
	RULE("effect", "session", "connect.syns", PROVEN_ERROR)                                                        \
	RULE("cause", "session", "connect.syns > 1",                                                                   \
	     "  certainty: likely\n  severity: warning\n"                                                              \
	     "  explains: [effect]\n")

static void
an_effect_is_caused_when_all_its_sessions_are(void **state UNUSED)
{
	struct rules *r = rules_of(EXPLAINED);
	struct judge *j = judge_new(r);
	size_t n;

	judge_syns(j, 1, 2);
	judge_syns(j, 2, 3);
	end_capture(j);
	assert_int_equal(finding_of(j, "effect")->caused_by, finding_of(j, "cause")->id);
	assert_int_equal(finding_of(j, "cause")->caused_by, 0);
	/* what is explained comes last, however bad it is */
	assert_string_equal(judge_findings(j, &n)[0].rule, "cause");
	judge_free(j);

	j = judge_new(r);
	judge_syns(j, 1, 2);
	judge_syns(j, 2, 1); /* the cause is not here */
	end_capture(j);
	assert_int_equal(finding_of(j, "effect")->caused_by, 0);
	assert_string_equal(judge_findings(j, &n)[0].rule, "effect");
	judge_free(j);
	rules_free(r);
}

static void
what_is_only_possible_explains_nothing_worse(void **state UNUSED)
{
	struct rules *r = rules_of(
	    RULE("proven", "session", "connect.syns", PROVEN_ERROR)
		RULE("worse", "session", "connect.syns", "  certainty: likely\n  severity: error\n")
		    RULE("alike", "session", "connect.syns", "  certainty: likely\n  severity: warning\n")
			RULE("guess", "session", "connect.syns",
			     "  certainty: possible\n  severity: warning\n"
			     "  explains: [proven, worse, alike]\n"));
	struct judge *j = judge_new(r);

	judge_syns(j, 1, 2);
	end_capture(j);
	assert_int_equal(finding_of(j, "proven")->caused_by, 0);
	assert_int_equal(finding_of(j, "worse")->caused_by, 0);
	assert_int_equal(finding_of(j, "alike")->caused_by, finding_of(j, "guess")->id);
	judge_free(j);
	rules_free(r);
}

static void
several_causes_can_share_an_effect(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("effect", "session", "connect.syns", PROVEN_ERROR) RULE(
	    "one", "session", "connect.syns == 1", PROVEN_ERROR "  explains: [effect]\n")
				       RULE("two", "session", "connect.syns == 2",
					    "  certainty: likely\n  severity: error\n"
					    "  explains: [effect]\n"));
	struct judge *j = judge_new(r);

	judge_syns(j, 1, 2);
	judge_syns(j, 2, 1);
	judge_syns(j, 3, 2);
	end_capture(j);
	/* the more certain of the two */
	assert_int_equal(finding_of(j, "effect")->caused_by, finding_of(j, "one")->id);
	judge_free(j);
	rules_free(r);
}

static void
findings_are_ordered_by_importance(void **state UNUSED)
{
	static const char *const expected[] = { "g-proven-error", "e-likely-error", "d-twice",
						"b-early",        "c-late",         "a-info" };
	struct rules *r = rules_of(
	    RULE("a-info", "session", "connect.syns", "  certainty: proven\n  severity: info\n")
		RULE("c-late", "session", "connect.syns == 2", "  certainty: proven\n  severity: warning\n")
		    RULE("b-early", "session", "connect.syns == 1", "  certainty: proven\n  severity: warning\n")
			RULE("d-twice", "session", "connect.syns", "  certainty: proven\n  severity: warning\n") RULE(
			    "e-likely-error", "session", "connect.syns", "  certainty: likely\n  severity: error\n")
			    RULE("g-proven-error", "session", "connect.syns == 2", PROVEN_ERROR));
	struct judge *j = judge_new(r);
	const struct finding *f;
	size_t n;

	judge_syns(j, 2, 2); /* ends first */
	judge_syns(j, 1, 1);
	end_capture(j);
	f = judge_findings(j, &n);
	assert_int_equal(n, ARRAY_LEN(expected));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(f[i].rule, expected[i]);
	judge_free(j);
	rules_free(r);
}

static void
sentences_of_the_rule_are_the_evidence(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("a", "session",
					"connect.syns && tcp.closed_by == \"server\" && !connect.rtt && !(tcp.stream "
					"== 9) && connect.refused == false",
					PROVEN_ERROR
					"  evidence:\n    connect.syns: \"\"\n"
					"    server.port: port {server.port}\n    connect.watched: never\n"));
	struct session *s = session_new(1, "192.0.2.10", "198.51.100.25");
	struct judge *j = judge_new(r);
	const struct finding *f;

	facts_set_int(s->facts, FACT_ID_CONNECT_SYNS, 2, at(11));
	facts_set_int(s->facts, FACT_ID_SERVER_PORT, 25, at(12));
	facts_set_bool(s->facts, FACT_ID_CONNECT_REFUSED, false, at(13)); /* its sentence would be a lie */
	facts_set_text(s->facts, FACT_ID_TCP_CLOSED_BY, bytes_str("server"), at(11));
	judge_session(j, s);
	session_free(s);
	end_capture(j);
	f = finding_of(j, "a");
	assert_int_equal(f->n_evidence, 2);
	assert_bytes(f->evidence[0].text, "the side that ended the connection first: server");
	assert_true(has_evidence(f, 12, "port 25"));
	judge_free(j);
	rules_free(r);
}

static void
a_finding_without_a_packet_shows_where_the_attempt_begins(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("a", "session", "'!connect.rtt'", PROVEN_ERROR));
	struct judge *j = judge_new(r);

	judge_syns(j, 3, 1);
	end_capture(j);
	assert_int_equal(finding_of(j, "a")->n_evidence, 1);
	assert_true(has_evidence(finding_of(j, "a"), 30, "the attempt begins here"));
	judge_free(j);
	rules_free(r);
}

static void
the_capture_is_judged_once(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("cut", "capture", "capture.cut_packets > 0", PROVEN_ERROR)
				       RULE("whole", "capture", "capture.cut_packets == 0", PROVEN_ERROR));
	struct facts *f = facts_new();
	struct judge *j = judge_new(r);

	facts_set_int(f, FACT_ID_CAPTURE_CUT_PACKETS, 3, at(5));
	judge_capture(j, f);
	assert_int_equal(count_findings(j), 1);
	assert_int_equal(finding_of(j, "cut")->n_sessions, 0);
	assert_bytes(finding_of(j, "cut")->filter, "frame.number eq 5");
	assert_int_equal(finding_of(j, "cut")->n_evidence, 1);
	facts_free(f);
	judge_free(j);
	judge_free(NULL);
	rules_free(r);
}

static void
there_is_an_end_to_findings(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("a", "session", "connect.syns", PROVEN_ERROR "  merge_by: [connect.syns]\n"));
	struct judge *j = judge_new(r);

	for (uint64_t i = 1; i <= FINDINGS_MAX + 100; i++)
		judge_syns(j, i, (int64_t)i);
	judge_syns(j, FINDINGS_MAX + 101, 1);
	end_capture(j);
	assert_int_equal(count_findings(j), FINDINGS_MAX);
	assert_int_equal(finding_of(j, "a")->n_sessions, 2);
	judge_free(j);
	rules_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_add_up_to_certainty),
		cmocka_unit_test(severity_and_fault_may_depend),
		cmocka_unit_test(what_is_absent_proves_nothing),
		cmocka_unit_test(each_scope_has_its_rules),
		cmocka_unit_test(tables_are_asked_before_replies_are_judged),
		cmocka_unit_test(rules_about_failures_do_not_see_other_replies),
		cmocka_unit_test(a_last_resort_waits_for_the_others),
		cmocka_unit_test(the_same_finding_in_many_sessions_is_one),
		cmocka_unit_test(a_merged_finding_is_as_bad_and_as_sure_as_its_worst),
		cmocka_unit_test(merge_by_tells_findings_apart),
		cmocka_unit_test(an_effect_is_caused_when_all_its_sessions_are),
		cmocka_unit_test(what_is_only_possible_explains_nothing_worse),
		cmocka_unit_test(several_causes_can_share_an_effect),
		cmocka_unit_test(findings_are_ordered_by_importance),
		cmocka_unit_test(sentences_of_the_rule_are_the_evidence),
		cmocka_unit_test(a_finding_without_a_packet_shows_where_the_attempt_begins),
		cmocka_unit_test(the_capture_is_judged_once),
		cmocka_unit_test(there_is_an_end_to_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
