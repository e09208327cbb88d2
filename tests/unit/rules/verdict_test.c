/* One honest sentence, whatever was found and whatever could not be seen. */
#include "fixture.h"

#include "rules/verdict.h"

#define FOUND(fault_, severity_, title_)                                                                               \
	{                                                                                                              \
		.fault = fault_, .severity = severity_, .title = {(const uint8_t *)title_, sizeof(title_) - 1 }        \
	}

static const struct finding refused = FOUND("sender", SEVERITY_ERROR, "The server refuses the sender.");
static const struct finding slow = FOUND("server", SEVERITY_WARNING, "The greeting is slow");
static const struct finding context = FOUND("recipient", SEVERITY_INFO, "The server accepted the mail");
static const struct finding lossy = FOUND("capture", SEVERITY_WARNING, "Packets are missing");
static const struct finding broken = FOUND("capture", SEVERITY_ERROR, "The file is damaged");

static const struct {
	struct outcomes outcomes;
	const struct finding *found[3];
	enum severity result;
	uint64_t n_attempts, n_delivered, n_failed, n_unknown;
	const char *text;
} verdicts[] = {
	/* no mail at all is not "all is well" */
	{ { { 0 } },
	  { NULL },
	  SEVERITY_WARNING,
	  0,
	  0,
	  0,
	  0,
	  "No attempt to deliver mail was seen, so nothing can be said about mail." },
	{ { { 0 } },
	  { &lossy },
	  SEVERITY_WARNING,
	  0,
	  0,
	  0,
	  0,
	  "No attempt to deliver mail was seen, so nothing can be said about mail." },
	{ { { 0 } }, { &refused }, SEVERITY_ERROR, 0, 0, 0, 0, "The server refuses the sender." },
	/* delivered */
	{ { { [OUTCOME_DELIVERED] = 1 } },
	  { NULL },
	  SEVERITY_INFO,
	  1,
	  1,
	  0,
	  0,
	  "The attempt delivered mail; nothing wrong was found." },
	{ { { [OUTCOME_DELIVERED] = 3 } },
	  { &context },
	  SEVERITY_INFO,
	  3,
	  3,
	  0,
	  0,
	  "All 3 attempts delivered mail; nothing wrong was found." },
	{ { { [OUTCOME_DELIVERED] = 3 } },
	  { &slow, &context },
	  SEVERITY_WARNING,
	  3,
	  3,
	  0,
	  0,
	  "All 3 attempts delivered mail, but there is a problem: The greeting is slow." },
	/* what the capture lacks is not the fault of the mail */
	{ { { [OUTCOME_DELIVERED] = 2 } },
	  { &broken, &lossy },
	  SEVERITY_INFO,
	  2,
	  2,
	  0,
	  0,
	  "All 2 attempts delivered mail; nothing wrong was found, but the capture is flawed: The file is damaged." },
	/* unseen */
	{ { { [OUTCOME_UNKNOWN] = 1 } },
	  { NULL },
	  SEVERITY_INFO,
	  1,
	  0,
	  0,
	  1,
	  "The capture does not show whether the attempt delivered mail; nothing wrong was found." },
	{ { { [OUTCOME_UNKNOWN] = 2, [OUTCOME_NO_MAIL] = 1 } },
	  { NULL },
	  SEVERITY_INFO,
	  3,
	  0,
	  0,
	  3,
	  "1 of 3 attempts sent no mail, for 2 of 3 attempts the capture does not show whether mail was delivered; "
	  "nothing wrong was found." },
	{ { { [OUTCOME_UNKNOWN] = 4 } },
	  { NULL },
	  SEVERITY_INFO,
	  4,
	  0,
	  0,
	  4,
	  "For 4 of 4 attempts the capture does not show whether mail was delivered; nothing wrong was found." },
	{ { { [OUTCOME_DELIVERED] = 1, [OUTCOME_UNKNOWN] = 1 } },
	  { &slow },
	  SEVERITY_WARNING,
	  2,
	  1,
	  0,
	  1,
	  "1 of 2 attempts delivered mail, for 1 of 2 attempts the capture does not show whether mail was delivered, "
	  "but there is a problem: The greeting is slow." },
	/* failed */
	{ { { [OUTCOME_REFUSED] = 1 } },
	  { &refused },
	  SEVERITY_ERROR,
	  1,
	  0,
	  1,
	  0,
	  "The attempt failed; the main diagnosis: The server refuses the sender." },
	{ { { [OUTCOME_DELIVERED] = 1,
	      [OUTCOME_DEFERRED] = 1,
	      [OUTCOME_REFUSED] = 1,
	      [OUTCOME_FAILED] = 1,
	      [OUTCOME_CUT] = 1,
	      [OUTCOME_PARTLY_DELIVERED] = 1,
	      [OUTCOME_UNKNOWN] = 1,
	      [OUTCOME_NO_MAIL] = 1 } },
	  { &broken, &refused, &slow },
	  SEVERITY_ERROR,
	  8,
	  1,
	  5,
	  2,
	  "1 of 8 attempts delivered to some of the recipients only, 4 of 8 attempts failed; the main diagnosis: The "
	  "server refuses the sender." },
	/* a failure that no rule knows is not "ok" */
	{ { { [OUTCOME_CUT] = 2 } },
	  { &context },
	  SEVERITY_WARNING,
	  2,
	  0,
	  2,
	  0,
	  "All 2 attempts failed, and no rule knows why." },
	{ { { [OUTCOME_CUT] = 1, [OUTCOME_DELIVERED] = 1 } },
	  { &lossy },
	  SEVERITY_WARNING,
	  2,
	  1,
	  1,
	  0,
	  "1 of 2 attempts failed, and no rule knows why, but the capture is flawed: Packets are missing." },
	{ { { [OUTCOME_CUT] = 1, [OUTCOME_DELIVERED] = 1 } },
	  { &slow },
	  SEVERITY_WARNING,
	  2,
	  1,
	  1,
	  0,
	  "1 of 2 attempts failed, for no reason that a rule knows; besides: The greeting is slow." },
};

static void
the_sentence_says_what_was_seen(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		struct finding found[3];
		struct verdict v;
		struct buf text;
		size_t n = 0;

		for (; n < 3 && verdicts[i].found[n]; n++)
			found[n] = *verdicts[i].found[n];
		buf_init(&text, 1000);
		v = verdict_on(&verdicts[i].outcomes, found, n, &text);
		assert_bytes(v.text, verdicts[i].text);
		assert_int_equal(v.result, verdicts[i].result);
		assert_int_equal(v.n_attempts, verdicts[i].n_attempts);
		assert_int_equal(v.n_delivered, verdicts[i].n_delivered);
		assert_int_equal(v.n_failed, verdicts[i].n_failed);
		assert_int_equal(v.n_unknown, verdicts[i].n_unknown);
		buf_fini(&text);
	}
}

static void
the_judge_counts_outcomes(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("a", "session", "connect.syns > 1", PROVEN_ERROR));
	struct judge *j = judge_new(r);
	struct session *s = session_new(1, "192.0.2.1", "192.0.2.2");

	s->outcome = OUTCOME_DELIVERED;
	judge_session(j, s);
	s->outcome = OUTCOME_REFUSED;
	set_number(s, FACT_ID_CONNECT_SYNS, 2);
	judge_session(j, s);
	session_free(s);
	end_capture(j);
	assert_bytes(judge_verdict(j)->text, "1 of 2 attempts failed; the main diagnosis: t.");
	assert_int_equal(judge_verdict(j)->result, SEVERITY_ERROR);
	assert_int_equal(judge_verdict(j)->n_attempts, 2);
	judge_free(j);
	rules_free(r);
}

static void
every_side_has_a_name(void **state UNUSED)
{
	for (size_t i = 0; fault_names[i]; i++) {
		struct finding f = { .fault = fault_names[i] };

		assert_true(strlen(fault_side(&f)) > 0);
		if (strcmp(fault_names[i], "unknown") != 0)
			assert_string_not_equal(fault_side(&f), "not known from this capture");
	}
	assert_string_equal(fault_side(&(struct finding){ .fault = "path" }), "a device on the path");
	assert_string_equal(severity_name(SEVERITY_ERROR), "error");
	assert_string_equal(certainty_name(CERTAINTY_LIKELY), "likely");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentence_says_what_was_seen),
		cmocka_unit_test(the_judge_counts_outcomes),
		cmocka_unit_test(every_side_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
